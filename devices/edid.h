// SPDX-License-Identifier: MIT
// What a monitor says of itself: a block of VESA's Extended Display Identification Data, release
// 1.4, with a preferred mode, and usual ones that a guest falls back to when the monitor grows
// beyond the memory that it has set aside for its picture, as Linux's console does.
#ifndef TABLEWALK_DEVICES_EDID_H
#define TABLEWALK_DEVICES_EDID_H

#include <stdint.h>

enum { EDID_BYTES = 128 };

// Fills block for a monitor whose preferred mode is width by height pixels, 1 to 4095 each, at 60
// Hz or as near to it as the format's pixel clock goes.
void edid_fill(uint8_t block[EDID_BYTES], uint32_t width, uint32_t height);

#endif
