// SPDX-License-Identifier: MIT
// The goldfish real-time clock: nanoseconds since 1970, driven by virtual time from a start date,
// and one alarm.
#ifndef TABLEWALK_DEVICES_GOLDFISH_RTC_H
#define TABLEWALK_DEVICES_GOLDFISH_RTC_H

#include "devices/device.h"

enum { GOLDFISH_RTC_BYTES = 0x1000, GOLDFISH_RTC_IRQ = 11 };

// start: the date at virtual time 0, in nanoseconds since 1970-01-01 00:00 UTC. NULL: out of host
// memory, or no event slot is left.
struct device *goldfish_rtc_create(const struct device_place *place, uint64_t start);

#endif
