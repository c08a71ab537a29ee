// SPDX-License-Identifier: MIT
// A: atomic read-modify-write, load reserved and store conditional (unprivileged manual, `"A"
// Extension for Atomic Instructions`). All are naturally aligned; whatever is wrong with an AMO or
// SC is a store's fault. Harts take turns, so an access is atomic as it is. Included by each
// engine.

// Changes the memory at host and sets rd to its old value, sign-extended. unsigned_type says the
// size; va_ is the address; result is computed of `old` and `operand`, which `sold` and `soperand`
// are as signed numbers.
#define AMO_CHANGE(host, unsigned_type, signed_type, result)                                       \
    do {                                                                                           \
        unsigned_type old;                                                                         \
        memcpy(&old, (host), sizeof old);                                                          \
        const unsigned_type operand = (unsigned_type)RS2;                                          \
        const signed_type sold = (signed_type)old, soperand = (signed_type)operand;                \
        const unsigned_type new_ = (result);                                                       \
        (void)soperand;                                                                            \
        memcpy((host), &new_, sizeof new_);                                                        \
        ACCESSED(ACCESS_LOAD, va_, sizeof old, old);                                               \
        ACCESSED(ACCESS_STORE, va_, sizeof new_, new_);                                            \
        SET_RD((uint64_t)(int64_t)sold);                                                           \
    } while (0)
#define AMO(unsigned_type, signed_type, result)                                                    \
    do {                                                                                           \
        const uint64_t va_ = RS1;                                                                  \
        const struct access_entry *entry_ = STORE_ENTRY(va_);                                      \
        if (ACCESS_HIT(entry_, va_, sizeof(unsigned_type))) {                                      \
            uint8_t *const host_ = (uint8_t *)(uintptr_t)(va_ + entry_->offset);                   \
            AMO_CHANGE(host_, unsigned_type, signed_type, result);                                 \
            NEXT;                                                                                  \
        }                                                                                          \
        SLOW_PATH;                                                                                 \
        SYNC;                                                                                      \
        uint64_t pa_;                                                                              \
        uint8_t *const host_ =                                                                     \
            mmu_atomic(&h->mmu, va_, sizeof(unsigned_type), ACCESS_STORE, &pa_);                   \
        if (host_ == NULL) FAULT;                                                                  \
        HOOK_ACCESS(va_, true);                                                                    \
        AMO_CHANGE(host_, unsigned_type, signed_type, result);                                     \
        mmu_atomic_wrote(&h->mmu, pa_, sizeof(unsigned_type));                                     \
        NEXT_IF_QUIET;                                                                             \
    } while (0)
#define AMO_BODIES(name, result)                                                                   \
    BODY(name##_w) { AMO(uint32_t, int32_t, result); }                                             \
    BODY(name##_d) { AMO(uint64_t, int64_t, result); }

AMO_BODIES(amoswap, operand)
AMO_BODIES(amoadd, old + operand)
AMO_BODIES(amoxor, old ^ operand)
AMO_BODIES(amoand, (old & operand))
AMO_BODIES(amoor, old | operand)
AMO_BODIES(amomin, sold < soperand ? old : operand)
AMO_BODIES(amomax, sold > soperand ? old : operand)
AMO_BODIES(amominu, old < operand ? old : operand)
AMO_BODIES(amomaxu, old > operand ? old : operand)

// The reservation set is the RESERVATION_BYTES of physical memory around the address.
#define RESERVATION_SET(pa) ((pa) & ~(uint64_t)(RESERVATION_BYTES - 1))

#define LOAD_RESERVED(type)                                                                        \
    do {                                                                                           \
        SYNC;                                                                                      \
        uint64_t pa_;                                                                              \
        const uint8_t *host_ = mmu_atomic(&h->mmu, RS1, sizeof(type), ACCESS_LOAD, &pa_);          \
        if (host_ == NULL) FAULT;                                                                  \
        HOOK_ACCESS(RS1, false);                                                                   \
        type value;                                                                                \
        memcpy(&value, host_, sizeof value);                                                       \
        ACCESSED(ACCESS_LOAD, RS1, sizeof value, (uint64_t)value);                                 \
        h->reservation = RESERVATION_SET(pa_);                                                     \
        SET_RD((uint64_t)(int64_t)value);                                                          \
        NEXT_IF_QUIET;                                                                             \
    } while (0)
BODY(lr_w) { LOAD_RESERVED(int32_t); }
BODY(lr_d) { LOAD_RESERVED(int64_t); }

// The address is checked before the reservation is looked at: an SC that is going to fail can still
// fault. An SC that is executed drops the reservation, whether it stores or not.
#define STORE_CONDITIONAL(type)                                                                    \
    do {                                                                                           \
        SYNC;                                                                                      \
        uint64_t pa_;                                                                              \
        uint8_t *host_ = mmu_atomic(&h->mmu, RS1, sizeof(type), ACCESS_STORE, &pa_);               \
        if (host_ == NULL) FAULT;                                                                  \
        HOOK_ACCESS(RS1, true);                                                                    \
        const bool reserved_ = h->reservation == RESERVATION_SET(pa_);                             \
        h->reservation = NO_RESERVATION;                                                           \
        if (reserved_) {                                                                           \
            const type value = (type)RS2;                                                          \
            memcpy(host_, &value, sizeof value);                                                   \
            mmu_atomic_wrote(&h->mmu, pa_, sizeof value);                                          \
            ACCESSED(ACCESS_STORE, RS1, sizeof value, (uint64_t)value);                            \
        }                                                                                          \
        SET_RD(!reserved_);                                                                        \
        NEXT_IF_QUIET;                                                                             \
    } while (0)
BODY(sc_w) { STORE_CONDITIONAL(uint32_t); }
BODY(sc_d) { STORE_CONDITIONAL(uint64_t); }
