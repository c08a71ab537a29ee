// SPDX-License-Identifier: MIT
// The EDID block of our monitor (see edid.h). Section numbers are those of E-EDID, release A2.
#include "devices/edid.h"

#include <string.h>

enum {
    IDENTIFICATION = 8,  // section 3.4
    SCREEN = 20,         // section 3.6
    CHROMATICITY = 25,   // section 3.7
    ESTABLISHED = 35,    // section 3.8
    STANDARD_MODES = 38, // section 3.9
    DESCRIPTORS = 54,    // section 3.10, four of DESCRIPTOR_BYTES
    DESCRIPTOR_BYTES = 18,
    CHECKSUM = 127,
    REFRESH_HZ = 60,
    CLOCK_UNIT_HZ = 10000,
    CLOCK_MAX = 65535, // units
    DOTS_PER_INCH = 100,
};

// Blanking around the picture: a plausible one, since nothing scans the lines out.
enum { H_BLANK = 160, H_FRONT = 48, H_SYNC = 32, V_BLANK = 40, V_FRONT = 3, V_SYNC = 6 };

// Usual modes: a byte of width / 8 - 31, then the shape and 60 Hz.
enum shape { SHAPE_16_10 = 0, SHAPE_4_3 = 0x40, SHAPE_5_4 = 0x80, SHAPE_16_9 = 0xc0 };
#define MODE(width, shape) (width) / 8 - 31, (shape)
static const uint8_t standard_modes[] = {
    MODE(1920, SHAPE_16_9),  MODE(1680, SHAPE_16_10), MODE(1600, SHAPE_16_9),
    MODE(1440, SHAPE_16_10), MODE(1280, SHAPE_5_4),   MODE(1280, SHAPE_16_10),
    MODE(1280, SHAPE_16_9),  MODE(1152, SHAPE_4_3),
};
_Static_assert(STANDARD_MODES + sizeof standard_modes == DESCRIPTORS, "eight of them");
// 640 by 480 and 800 by 600; 1024 by 768: all at 60 Hz.
static const uint8_t established_modes[] = {0x21, 0x08};

static uint32_t millimetres(uint32_t pixels) { return pixels * 254 / (DOTS_PER_INCH * 10); }

static void put_timing(uint8_t *d, uint32_t width, uint32_t height) {
    const uint64_t hertz = (uint64_t)(width + H_BLANK) * (height + V_BLANK) * REFRESH_HZ;
    const uint64_t units = hertz / CLOCK_UNIT_HZ;
    const uint16_t clock = (uint16_t)(units > CLOCK_MAX ? CLOCK_MAX : units);
    const uint32_t wide = millimetres(width), high = millimetres(height);
    const uint8_t timing[DESCRIPTOR_BYTES] = {
        (uint8_t)clock,
        (uint8_t)(clock >> 8),
        (uint8_t)width,
        H_BLANK,
        (uint8_t)(width >> 8 << 4),
        (uint8_t)height,
        V_BLANK,
        (uint8_t)(height >> 8 << 4),
        H_FRONT,
        H_SYNC,
        V_FRONT << 4 | V_SYNC,
        0,
        (uint8_t)wide,
        (uint8_t)high,
        (uint8_t)(wide >> 8 << 4 | high >> 8),
        0,
        0,
        0x18, // digital, separate sync
    };
    memcpy(d, timing, sizeof timing);
}

// Descriptors of text and of no meaning (section 3.10.3): a tag, then 13 bytes.
static void put_text(uint8_t *d, uint8_t tag, const char *text) {
    d[3] = tag;
    memset(d + 5, ' ', DESCRIPTOR_BYTES - 5);
    for (unsigned i = 0; text[i]; i++) d[5 + i] = (uint8_t)text[i];
}

void edid_fill(uint8_t block[EDID_BYTES], uint32_t width, uint32_t height) {
    static const uint8_t header[] = {0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0};
    // The colours of sRGB.
    static const uint8_t chromaticity[] = {0xee, 0x91, 0xa3, 0x54, 0x4c,
                                           0x99, 0x26, 0x0f, 0x50, 0x54};
    // "TWK" as three letters of five bits, product 1, no serial number, week 1 of 2026, EDID 1.4.
    static const uint8_t identification[] = {0x52, 0xeb, 1, 0, 0, 0, 0, 0, 1, 36, 1, 4};
    memset(block, 0, EDID_BYTES);
    memcpy(block, header, sizeof header);
    memcpy(block + IDENTIFICATION, identification, sizeof identification);
    block[SCREEN] = 0xa5; // digital, eight bits a colour, DisplayPort
    block[SCREEN + 1] = (uint8_t)(millimetres(width) / 10);
    block[SCREEN + 2] = (uint8_t)(millimetres(height) / 10);
    block[SCREEN + 3] = 120;  // gamma 2.2
    block[SCREEN + 4] = 0x06; // sRGB; the first descriptor is the preferred mode
    memcpy(block + CHROMATICITY, chromaticity, sizeof chromaticity);
    memcpy(block + ESTABLISHED, established_modes, sizeof established_modes);
    memcpy(block + STANDARD_MODES, standard_modes, sizeof standard_modes);
    put_timing(block + DESCRIPTORS, width, height);
    put_text(block + DESCRIPTORS + DESCRIPTOR_BYTES, 0xfc, "Tablewalk\n");
    put_text(block + DESCRIPTORS + 2 * DESCRIPTOR_BYTES, 0xfe, "\n");
    put_text(block + DESCRIPTORS + 3 * DESCRIPTOR_BYTES, 0xfe, "\n");
    uint8_t sum = 0;
    for (unsigned i = 0; i < CHECKSUM; i++) sum = (uint8_t)(sum + block[i]);
    block[CHECKSUM] = (uint8_t)-sum;
}
