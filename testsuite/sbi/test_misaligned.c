// SPDX-License-Identifier: MIT
// Misaligned loads and stores: whoever performs them, hart or firmware, S-mode does not notice.
// Each instruction that there is, at each address of eight, once in a page and once across two.
#include "firmware/lib/memory.h"
#include "testsuite/sbi/harness.h"

// A row: an instruction that loads into or stores from a1 (fa1) at 0(a0), what it does to a value.
// The compressed ones with sp have it hold the address meanwhile.
#define INTEGER(name, instruction)                                                                 \
    uint64_t do_##name(void *address, uint64_t value);                                             \
    __asm__(".text\n.balign 4\n.option push\n.option arch, +c, +d\n.globl do_" #name "\n"          \
            "do_" #name ":\n" instruction "\nmv a0, a1\nret\n.option pop\n");
#define FLOATING(name, instruction)                                                                \
    uint64_t do_##name(void *address, uint64_t value);                                             \
    __asm__(".text\n.balign 4\n.option push\n.option arch, +c, +d\n.globl do_" #name "\n"          \
            "do_" #name ":\nfmv.d.x fa1, a1\n" instruction                                         \
            "\nfmv.x.d a0, fa1\nret\n.option pop\n");
#define BY_SP(instruction) "mv t0, sp\nmv sp, a0\n" instruction "\nmv sp, t0"
#define WHOLE(instruction) ".option push\n.option norvc\n" instruction "\n.option pop"
INTEGER(lh, "lh a1, 0(a0)")
INTEGER(lhu, "lhu a1, 0(a0)")
INTEGER(lw, WHOLE("lw a1, 0(a0)"))
INTEGER(lwu, "lwu a1, 0(a0)")
INTEGER(ld, WHOLE("ld a1, 0(a0)"))
INTEGER(sh, "sh a1, 0(a0)")
INTEGER(sw, WHOLE("sw a1, 0(a0)"))
INTEGER(sd, WHOLE("sd a1, 0(a0)"))
INTEGER(c_lw, "c.lw a1, 0(a0)")
INTEGER(c_ld, "c.ld a1, 0(a0)")
INTEGER(c_sw, "c.sw a1, 0(a0)")
INTEGER(c_sd, "c.sd a1, 0(a0)")
INTEGER(c_lwsp, BY_SP("c.lwsp a1, 0(sp)"))
INTEGER(c_ldsp, BY_SP("c.ldsp a1, 0(sp)"))
INTEGER(c_swsp, BY_SP("c.swsp a1, 0(sp)"))
INTEGER(c_sdsp, BY_SP("c.sdsp a1, 0(sp)"))
FLOATING(flw, "flw fa1, 0(a0)")
FLOATING(fld, WHOLE("fld fa1, 0(a0)"))
FLOATING(fsw, "fsw fa1, 0(a0)")
FLOATING(fsd, WHOLE("fsd fa1, 0(a0)"))
FLOATING(c_fld, "c.fld fa1, 0(a0)")
FLOATING(c_fsd, "c.fsd fa1, 0(a0)")
FLOATING(c_fldsp, BY_SP("c.fldsp fa1, 0(sp)"))
FLOATING(c_fsdsp, BY_SP("c.fsdsp fa1, 0(sp)"))

enum kind { LOAD, LOAD_UNSIGNED, LOAD_BOXED, STORE };
static const struct {
    const char *name;
    uint64_t (*run)(void *address, uint64_t value);
    unsigned size;
    enum kind kind;
} rows[] = {
#define ROW(name, size, kind) {#name, do_##name, size, kind},
    ROW(lh, 2, LOAD) ROW(lhu, 2, LOAD_UNSIGNED) ROW(lw, 4, LOAD) ROW(lwu, 4, LOAD_UNSIGNED)
        ROW(ld, 8, LOAD) ROW(sh, 2, STORE) ROW(sw, 4, STORE) ROW(sd, 8, STORE) ROW(c_lw, 4, LOAD)
            ROW(c_ld, 8, LOAD) ROW(c_sw, 4, STORE) ROW(c_sd, 8, STORE) ROW(c_lwsp, 4, LOAD)
                ROW(c_ldsp, 8, LOAD) ROW(c_swsp, 4, STORE) ROW(c_sdsp, 8, STORE)
                    ROW(flw, 4, LOAD_BOXED) ROW(fld, 8, LOAD) ROW(fsw, 4, STORE) ROW(fsd, 8, STORE)
                        ROW(c_fld, 8, LOAD) ROW(c_fsd, 8, STORE) ROW(c_fldsp, 8, LOAD)
                            ROW(c_fsdsp, 8, STORE)
#undef ROW
};
enum { ROWS = sizeof rows / sizeof rows[0], BYTES = 24 };

static uint8_t pattern(uint64_t i) { return (uint8_t)(0x83 + 0x15 * i); }

static uint64_t bytes_at(const uint8_t *p, unsigned size) {
    uint64_t value = 0;
    for (unsigned i = size; i-- > 0;) value = value << 8 | p[i];
    return value;
}

static uint64_t extended(uint64_t value, unsigned size, enum kind kind) {
    const unsigned unused = 64 - 8 * size;
    if (kind == LOAD_BOXED) return value | ~UINT64_C(0) << 32;
    return kind == LOAD ? (uint64_t)((int64_t)(value << unused) >> unused) : value;
}

static bool row_holds(unsigned row, uint8_t *area, unsigned offset) {
    const uint64_t stored = UINT64_C(0xfedcba9876543210);
    uint8_t want[BYTES];
    for (unsigned i = 0; i < BYTES; i++) area[i] = want[i] = pattern(i);
    if (rows[row].kind == STORE) {
        rows[row].run(area + offset, stored);
        for (unsigned i = 0; i < rows[row].size; i++) want[offset + i] = (uint8_t)(stored >> 8 * i);
    } else {
        const uint64_t got = rows[row].run(area + offset, stored);
        const uint64_t bytes = bytes_at(want + offset, rows[row].size);
        if (got != extended(bytes, rows[row].size, rows[row].kind)) return false;
    }
    for (unsigned i = 0; i < BYTES; i++)
        if (area[i] != want[i]) return false;
    return true;
}

static void try_all(struct test *t, uint8_t *area) {
    for (unsigned row = 0; row < ROWS; row++) {
        for (unsigned offset = 0; offset < 8; offset++) {
            const bool holds = row_holds(row, area, offset);
            if (!holds) say("  %s, offset %u\n", rows[row].name, offset);
            EXPECT(holds);
        }
    }
}

static uint8_t pages[2 * PAGE_SIZE] __attribute__((aligned(4096)));

void test_misaligned_accesses(struct test *t) { try_all(t, pages); }

void test_misaligned_across_pages(struct test *t) { try_all(t, pages + PAGE_SIZE - 8); }

void test_misaligned_translated(struct test *t) {
    map_frame(0);
    translation_on(0);
    try_all(t, (uint8_t *)MAPPED + 64);
    translation_off();
}

// The floating point unit notices that a register was loaded.
void test_misaligned_dirties_fs(struct test *t) {
    csr_clear(sstatus, MSTATUS_FS);
    csr_set(sstatus, FS_INITIAL);
    do_fld(pages + 1, 0);
    EXPECT((csr_read(sstatus) & MSTATUS_FS) == MSTATUS_FS);
}

static void load_last(void *address) { do_ld(address, 0); }
static void store_last(void *address) { do_sd(address, 0); }

// The second half lies in a page that is not there: the fault is the caller's own.
void test_misaligned_faults(struct test *t) {
    map_frame(0);
    translation_on(0);
    for (uint64_t last = 1; last < 8; last++) {
        EXPECT(trapped_with(t, load_last, (void *)(UNMAPPED - last), CAUSE_LOAD_PAGE));
        EXPECT(t->hart.tval == UNMAPPED);
        EXPECT(t->hart.epc == (uint64_t)do_ld);
        EXPECT(trapped_with(t, store_last, (void *)(UNMAPPED - last), CAUSE_STORE_PAGE));
        EXPECT(t->hart.tval == UNMAPPED);
    }
    translation_off();
}

static void add_misaligned(void *address) {
    __asm__ volatile("amoadd.d zero, zero, (%0)" : : "r"(address) : "memory");
}

// Nobody can do these byte by byte.
void test_misaligned_atomics(struct test *t) {
    EXPECT(trapped_with(t, add_misaligned, pages + 4, CAUSE_STORE_MISALIGNED));
    EXPECT(t->hart.tval == (uint64_t)pages + 4);
}
