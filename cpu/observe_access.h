// SPDX-License-Identifier: MIT
// How an observed engine tells of accesses. Included by cpu/engine.h, where ENGINE_OBSERVED is
// defined.
static inline void tell_access(struct hart *h, enum access access, uint64_t va, unsigned size,
                               uint64_t value) {
    const struct hart_observer *o = h->observer;
    if (size < sizeof value) value &= (UINT64_C(1) << 8 * size) - 1;
    if (o->accessed) o->accessed(o->context, h, access, va, size, value);
}

// What cbo.zero cleared.
static inline void tell_block(struct hart *h, uint64_t va) {
    enum { BLOCK = 64, PIECE = 8 };
    const uint64_t base = va & ~(uint64_t)(BLOCK - 1);
    for (unsigned at = 0; at < BLOCK; at += PIECE) {
        tell_access(h, ACCESS_STORE, base + at, PIECE, 0);
    }
}

#define ACCESSED(access, va, size, value) tell_access(h, access, va, size, value)
#define ACCESSED_BLOCK(va)                tell_block(h, va)
