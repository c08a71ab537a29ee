// SPDX-License-Identifier: MIT
// The core-local interruptor (SiFive CLINT): for each hart a software interrupt (msip) and a timer
// interrupt (mtimecmp against the common mtime). mtime follows virtual time; writing it changes an
// offset.
#ifndef TABLEWALK_DEVICES_CLINT_H
#define TABLEWALK_DEVICES_CLINT_H

#include "devices/device.h"

enum { CLINT_BYTES = 0x10000, CLINT_MAX_HARTS = 4095 };

// The two wires to a hart: mip.MSIP and mip.MTIP.
struct clint_wires {
    struct irq_line msip, mtip;
};

struct clint_config {
    unsigned harts;                  // 1..CLINT_MAX_HARTS
    const struct clint_wires *wires; // one a hart; copied
    // mtime was written: whoever compares with it (stimecmp, Sstc) must look again. NULL: nobody.
    void (*mtime_written)(void *listener);
    void *listener;
};

// NULL: out of host memory, or no event slot is left for each hart.
struct device *clint_create(const struct device_place *place, const struct clint_config *config);

// The present mtime in ticks: what the time CSR reads.
uint64_t clint_mtime(const struct device *clint);

// The cycle at which mtime first reads `mtime` or more: the present when it already does, NEVER
// when that lies behind the end of virtual time.
uint64_t clint_cycle_of(const struct device *clint, uint64_t mtime);

#endif
