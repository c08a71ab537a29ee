// SPDX-License-Identifier: MIT
// Physical memory protection: 16 entries, matched in order (privileged manual, "Physical Memory
// Protection"). The registers' write rules (locks, TOR's lock of the entry below, reserved W
// without R) live here too, so that the CSR table only forwards.
#ifndef TABLEWALK_MMU_PMP_H
#define TABLEWALK_MMU_PMP_H

#include "mmu/walk.h"

enum { PMP_ENTRIES = 16, PMP_ADDR_BITS = 54 };

struct pmp {
    uint8_t cfg[PMP_ENTRIES];
    uint64_t addr[PMP_ENTRIES]; // pmpaddr registers: bits 55-2 of the address
    // Worked out whenever a register is written:
    unsigned in_use;                 // entries up to the last one that is not OFF
    struct range match[PMP_ENTRIES]; // bytes; size 0 for OFF and empty TOR
};

void pmp_reset(struct pmp *p);

// pmpcfg0 and pmpcfg2 hold eight entries each (RV64). index is 0 or 1 for them.
uint64_t pmp_read_cfg(const struct pmp *p, unsigned index);
void pmp_write_cfg(struct pmp *p, unsigned index, uint64_t value);
void pmp_write_addr(struct pmp *p, unsigned entry, uint64_t value);

// Do the same entries match all len bytes at pa?
bool pmp_is_uniform(const struct pmp *p, uint64_t pa, uint64_t len);

// May this access touch all len bytes at pa? The lowest entry that matches any byte decides, and
// must hold them all. len is at most a page.
bool pmp_allows(const struct pmp *p, uint64_t pa, uint64_t len, enum access access,
                enum privilege privilege);

#endif
