// SPDX-License-Identifier: MIT
// Physical memory protection (see pmp.h). The granularity is 4 bytes, so every address mode can be
// chosen. Each write works the ranges out anew; a check then only compares.
#include "mmu/pmp.h"

#include <string.h>

// A pmpcfg byte: L 0 0 A A X W R.
enum {
    CFG_R = 1,
    CFG_W = 2,
    CFG_X = 4,
    CFG_A = 3 << 3,
    CFG_OFF = 0 << 3,
    CFG_TOR = 1 << 3,
    CFG_NA4 = 2 << 3,
    CFG_NAPOT = 3 << 3,
    CFG_L = 1 << 7,
    CFG_WRITABLE = CFG_L | CFG_A | CFG_X | CFG_W | CFG_R,
    CFG_PER_REGISTER = 8,
};

// The bytes that entry i matches. TOR reaches from the address register below, whatever that
// entry's mode is, to this one's own.
static struct range entry_range(const struct pmp *p, unsigned i) {
    uint64_t addr = p->addr[i] << 2;
    switch (p->cfg[i] & CFG_A) {
    case CFG_TOR: {
        uint64_t base = i > 0 ? p->addr[i - 1] << 2 : 0;
        return base < addr ? (struct range){base, addr - base} : (struct range){0, 0};
    }
    case CFG_NA4: return (struct range){addr, 4};
    case CFG_NAPOT: {
        // yyyy0111 (n ones) is base yyyy0000 and size 2^(n + 3).
        uint64_t ones = p->addr[i] & ~(p->addr[i] + 1);
        return (struct range){(p->addr[i] & ~ones) << 2, (ones + 1) << 3};
    }
    default: return (struct range){0, 0};
    }
}

static void update(struct pmp *p) {
    p->in_use = 0;
    for (unsigned i = 0; i < PMP_ENTRIES; i++) {
        p->match[i] = entry_range(p, i);
        if ((p->cfg[i] & CFG_A) != CFG_OFF) p->in_use = i + 1;
    }
}

void pmp_reset(struct pmp *p) { memset(p, 0, sizeof *p); }

uint64_t pmp_read_cfg(const struct pmp *p, unsigned index) {
    uint64_t value = 0;
    for (unsigned i = 0; i < CFG_PER_REGISTER; i++) {
        value |= (uint64_t)p->cfg[index * CFG_PER_REGISTER + i] << 8 * i;
    }
    return value;
}

// "Locked PMP entries remain locked until the hart is reset." W without R is reserved; such a write
// gets no W.
void pmp_write_cfg(struct pmp *p, unsigned index, uint64_t value) {
    for (unsigned i = 0; i < CFG_PER_REGISTER; i++) {
        uint8_t *cfg = &p->cfg[index * CFG_PER_REGISTER + i];
        if (*cfg & CFG_L) continue;
        *cfg = (uint8_t)(value >> 8 * i) & CFG_WRITABLE;
        if (!(*cfg & CFG_R)) *cfg &= (uint8_t)~CFG_W;
    }
    update(p);
}

// A locked entry's address is locked too, and so is the one that a locked TOR entry starts from.
static bool addr_locked(const struct pmp *p, unsigned entry) {
    if (p->cfg[entry] & CFG_L) return true;
    return entry + 1 < PMP_ENTRIES && (p->cfg[entry + 1] & (CFG_L | CFG_A)) == (CFG_L | CFG_TOR);
}

void pmp_write_addr(struct pmp *p, unsigned entry, uint64_t value) {
    if (addr_locked(p, entry)) return;
    p->addr[entry] = value & ((UINT64_C(1) << PMP_ADDR_BITS) - 1);
    update(p);
}

// An access that the entry holds only in part fails whatever the entry permits, in M-mode too.
bool pmp_allows(const struct pmp *p, uint64_t pa, uint64_t len, enum access access,
                enum privilege privilege) {
    static const uint8_t needs[] = {
        [ACCESS_FETCH] = CFG_X, [ACCESS_LOAD] = CFG_R, [ACCESS_STORE] = CFG_W};
    for (unsigned i = 0; i < p->in_use; i++) {
        if (!range_meets(p->match[i], pa, len)) continue;
        if (!range_holds(p->match[i], pa, len)) return false;
        if (privilege == PRIV_M && !(p->cfg[i] & CFG_L)) return true;
        return (p->cfg[i] & needs[access]) != 0;
    }
    return privilege == PRIV_M;
}

bool pmp_is_uniform(const struct pmp *p, uint64_t pa, uint64_t len) {
    for (unsigned i = 0; i < PMP_ENTRIES; i++) {
        const struct range *r = &p->match[i];
        if (range_meets(*r, pa, len) && !range_holds(*r, pa, len)) return false;
    }
    return true;
}
