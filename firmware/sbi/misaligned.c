// SPDX-License-Identifier: MIT
// Misaligned loads and stores, for harts that trap on them: the instruction is decoded and its
// bytes are moved one by one, as whoever executed it would have. Where a byte faults, that is the
// trap of the instruction, with the address of that byte; a store has then written the bytes before
// it, and writes them once more when it is executed again. Atomic instructions are not done: their
// trap is handed on.
#include "firmware/lib/memory.h"
#include "firmware/lib/riscv.h"
#include "firmware/sbi/sbi.h"
#include <stddef.h>

enum kind { LOAD, LOAD_UNSIGNED, STORE, LOAD_FP, STORE_FP };
enum { LONG_FIELD = 31, SHORT_FIELD = 7, SHORT_FIRST = 8 }; // a register in 5 bits, or 3: x8 to x15

// The instructions by their bits, one a row (unprivileged manual, "RV32/64G Instruction Set
// Listings" and "RVC Instruction Set Listings").
struct instruction {
    uint32_t mask, match;
    uint8_t size; // bytes of the access
    uint8_t kind;
    uint8_t shift, field; // where the register is named that is loaded or stored
};
static const struct instruction instructions[] = {
    {0x707f, 0x3003, 8, LOAD, 7, LONG_FIELD},          // ld
    {0x707f, 0x2003, 4, LOAD, 7, LONG_FIELD},          // lw
    {0x707f, 0x6003, 4, LOAD_UNSIGNED, 7, LONG_FIELD}, // lwu
    {0x707f, 0x1003, 2, LOAD, 7, LONG_FIELD},          // lh
    {0x707f, 0x5003, 2, LOAD_UNSIGNED, 7, LONG_FIELD}, // lhu
    {0x707f, 0x3007, 8, LOAD_FP, 7, LONG_FIELD},       // fld
    {0x707f, 0x2007, 4, LOAD_FP, 7, LONG_FIELD},       // flw
    {0x707f, 0x3023, 8, STORE, 20, LONG_FIELD},        // sd
    {0x707f, 0x2023, 4, STORE, 20, LONG_FIELD},        // sw
    {0x707f, 0x1023, 2, STORE, 20, LONG_FIELD},        // sh
    {0x707f, 0x3027, 8, STORE_FP, 20, LONG_FIELD},     // fsd
    {0x707f, 0x2027, 4, STORE_FP, 20, LONG_FIELD},     // fsw
    {0xe003, 0x6000, 8, LOAD, 2, SHORT_FIELD},         // c.ld
    {0xe003, 0x4000, 4, LOAD, 2, SHORT_FIELD},         // c.lw
    {0xe003, 0x2000, 8, LOAD_FP, 2, SHORT_FIELD},      // c.fld
    {0xe003, 0xe000, 8, STORE, 2, SHORT_FIELD},        // c.sd
    {0xe003, 0xc000, 4, STORE, 2, SHORT_FIELD},        // c.sw
    {0xe003, 0xa000, 8, STORE_FP, 2, SHORT_FIELD},     // c.fsd
    {0xe003, 0x6002, 8, LOAD, 7, LONG_FIELD},          // c.ldsp
    {0xe003, 0x4002, 4, LOAD, 7, LONG_FIELD},          // c.lwsp
    {0xe003, 0x2002, 8, LOAD_FP, 7, LONG_FIELD},       // c.fldsp
    {0xe003, 0xe002, 8, STORE, 2, LONG_FIELD},         // c.sdsp
    {0xe003, 0xc002, 4, STORE, 2, LONG_FIELD},         // c.swsp
    {0xe003, 0xa002, 8, STORE_FP, 2, LONG_FIELD},      // c.fsdsp
};
enum { INSTRUCTIONS = sizeof instructions / sizeof instructions[0] };

static bool is_long(uint32_t bits) { return (bits & 3) == 3; }

// The instruction at pc, as it was fetched: a page may be executable without being readable, and
// the second half may lie in another page. false: it can't be read.
static bool fetch(uint64_t pc, uint32_t *bits) {
    const uint64_t status = MSTATUS_MPRV | MSTATUS_MXR;
    struct fault fault;
    uint16_t half[2] = {0, 0};
    if (!copy_from_caller(&half[0], pc, sizeof half[0], &fault, status)) return false;
    if (is_long(half[0]) &&
        !copy_from_caller(&half[1], pc + sizeof half[0], sizeof half[1], &fault, status))
        return false;
    *bits = (uint32_t)half[1] << 16 | half[0];
    return true;
}

static const struct instruction *decode(uint32_t bits) {
    for (unsigned i = 0; i < INSTRUCTIONS; i++)
        if ((bits & instructions[i].mask) == instructions[i].match) return &instructions[i];
    return NULL;
}

static unsigned register_of(const struct instruction *in, uint32_t bits) {
    const unsigned n = bits >> in->shift & in->field;
    return in->field == SHORT_FIELD ? n + SHORT_FIRST : n;
}

static void give_result(struct frame *frame, const struct instruction *in, unsigned n,
                        uint64_t value) {
    const int unused = 64 - 8 * in->size; // bits
    if (in->kind == LOAD_FP) {
        in->size == sizeof value ? fp_write_double(n, value) : fp_write_single(n, value);
        frame->mstatus |= MSTATUS_FS;
    } else if (n != 0) {
        const int64_t is_signed = (int64_t)(value << unused) >> unused;
        frame->x[n] = in->kind == LOAD ? (uint64_t)is_signed : value;
    }
}

static uint64_t stored_value(const struct frame *frame, const struct instruction *in, unsigned n) {
    if (in->kind == STORE) return n != 0 ? frame->x[n] : 0;
    return in->size == sizeof(uint64_t) ? fp_read_double(n) : fp_read_single(n);
}

void misaligned_access(struct hart *self, struct frame *frame, uint64_t cause, uint64_t tval) {
    uint32_t bits;
    const struct instruction *in = fetch(frame->mepc, &bits) ? decode(bits) : NULL;
    struct fault fault = {cause, tval};
    const bool stores = cause == CAUSE_STORE_MISALIGNED;
    bool done = false;
    pmu_note(self, stores ? FIRMWARE_MISALIGNED_STORE : FIRMWARE_MISALIGNED_LOAD);
    if (in != NULL && stores == (in->kind == STORE || in->kind == STORE_FP)) {
        const unsigned n = register_of(in, bits);
        uint64_t value = stores ? stored_value(frame, in, n) : 0;
        done = stores ? copy_to_caller(tval, &value, in->size, &fault, MSTATUS_MPRV)
                      : copy_from_caller(&value, tval, in->size, &fault, MSTATUS_MPRV);
        if (done && !stores) give_result(frame, in, n, value);
    }
    if (done)
        frame->mepc += is_long(bits) ? 4 : 2;
    else
        trap_redirect(frame, fault.cause, fault.tval);
}
