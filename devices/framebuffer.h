// SPDX-License-Identifier: MIT
// The simplest display: memory on the bus whose words are pixels, for bare-metal programs and
// whoever knows the device tree's "simple-framebuffer". There is nothing to set up; the guest
// stores, and the picture is taken from the memory when somebody looks.
#ifndef TABLEWALK_DEVICES_FRAMEBUFFER_H
#define TABLEWALK_DEVICES_FRAMEBUFFER_H

#include "devices/device.h"
#include "devices/screen.h"

#define FRAMEBUFFER_BASE UINT64_C(0x50000000)

// A framebuffer of width by height pixels (SCREEN_MIN_SIDE..SCREEN_MAX_SIDE each) of 0x00RRGGBB,
// at place.base. NULL: out of host memory.
struct device *framebuffer_create(const struct device_place *place, uint32_t width,
                                  uint32_t height);

// Puts the pixels into the memory map. false: no room in it.
bool framebuffer_attach(struct device *d, struct phys *phys) MUST_CHECK;

struct screen *framebuffer_screen(struct device *d);

// Brings the screen up to date with the memory, and its damage.
void framebuffer_refresh(struct device *d);

#endif
