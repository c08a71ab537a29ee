// SPDX-License-Identifier: MIT
// The test finisher (sifive,test0): a guest ends the run by writing one word, with success, with a
// failure code, or asking for a reset.
#ifndef TABLEWALK_DEVICES_FINISHER_H
#define TABLEWALK_DEVICES_FINISHER_H

#include "devices/device.h"

enum { FINISHER_BYTES = 0x1000 };

// The low half of the word that is written; the high half is the exit code of a failure.
enum finish { FINISH_FAIL = 0x3333, FINISH_PASS = 0x5555, FINISH_RESET = 0x7777 };

// code: 0..65535, 0 unless how is FINISH_FAIL. Called within the guest's store: it notes the end
// for the run loop.
typedef void (*finisher_fn)(void *listener, enum finish how, unsigned code);

// NULL: out of host memory.
struct device *finisher_create(const struct device_place *place, finisher_fn finish,
                               void *listener);

// The root's nodes `poweroff` and `reboot` (syscon-poweroff, syscon-reboot) that point at the
// finisher; to be written after its own node. 0 or a libfdt error.
int finisher_write_power_nodes(struct device *finisher, struct fdt_context *context);

#endif
