// SPDX-License-Identifier: MIT
// The frame of every guest test: named cases with checks, and run(), which executes a function in
// any privilege mode until the first trap and tells what the trap was. A test file is a list of
// CASE(name) { ... } bodies and tables of rows; the program's exit code is the number (from 1) of
// the first case that failed, and its console says what was wrong. The same image runs on
// Tablewalk, on Spike (tohost) and on QEMU's virt board with -bios none (test finisher).
#ifndef TABLEWALK_TESTSUITE_GUEST_H
#define TABLEWALK_TESTSUITE_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum priv { U = 0, S = 1, M = 3 };

// Causes (privileged manual, "mcause"). NO_TRAP: the function returned.
enum cause {
    FETCH_MISALIGNED = 0,
    FETCH_ACCESS = 1,
    ILLEGAL = 2,
    BREAKPOINT = 3,
    LOAD_MISALIGNED = 4,
    LOAD_ACCESS = 5,
    STORE_MISALIGNED = 6,
    STORE_ACCESS = 7,
    ECALL_U = 8,
    ECALL_S = 9,
    ECALL_M = 11,
    FETCH_PAGE = 12,
    LOAD_PAGE = 13,
    STORE_PAGE = 15,
};
#define NO_TRAP      UINT64_MAX
#define INTERRUPT(n) (UINT64_C(1) << 63 | (n))
enum { SSI = 1, MSI = 3, STI = 5, MTI = 7, SEI = 9, MEI = 11 };

#define BIT(n)          (UINT64_C(1) << (n))
#define MSTATUS_SIE     BIT(1)
#define MSTATUS_MIE     BIT(3)
#define MSTATUS_SPIE    BIT(5)
#define MSTATUS_MPIE    BIT(7)
#define MSTATUS_SPP     BIT(8)
#define MSTATUS_MPP(p)  ((uint64_t)(p) << 11)
#define MSTATUS_FS(s)   ((uint64_t)(s) << 13)
#define MSTATUS_MPRV    BIT(17)
#define MSTATUS_SUM     BIT(18)
#define MSTATUS_MXR     BIT(19)
#define MSTATUS_TVM     BIT(20)
#define MSTATUS_TW      BIT(21)
#define MSTATUS_TSR     BIT(22)
#define MSTATUS_SD      BIT(63)
#define MENVCFG_CBIE(n) ((uint64_t)(n) << 4)
#define MENVCFG_CBCFE   BIT(6)
#define MENVCFG_CBZE    BIT(7)
#define MENVCFG_ADUE    BIT(61)
#define MENVCFG_PBMTE   BIT(62)
#define MENVCFG_STCE    BIT(63)

#define CSR_STIMECMP "0x14d"
#define CSR_MENVCFG  "0x30a"

#define csr_read(csr)                                                                              \
    ({                                                                                             \
        uint64_t v_;                                                                               \
        __asm__ volatile("csrr %0, " csr : "=r"(v_)::"memory");                                    \
        v_;                                                                                        \
    })
#define csr_write(csr, v) __asm__ volatile("csrw " csr ", %0" ::"r"((uint64_t)(v)) : "memory")
#define csr_set(csr, v)   __asm__ volatile("csrs " csr ", %0" ::"r"((uint64_t)(v)) : "memory")
#define csr_clear(csr, v) __asm__ volatile("csrc " csr ", %0" ::"r"((uint64_t)(v)) : "memory")

// A few instructions as a function of its own: args in a0.., result in a0. Its first instruction is
// the one under test, so that its address is the epc to expect. Every extension is allowed in it.
#define SNIPPET(name, text)                                                                        \
    extern const char name[];                                                                      \
    __asm__(".text\n.balign 8\n.globl " #name "\n" #name ":\n.option push\n"                       \
            ".option arch, +f, +d, +zba, +zbb, +zbc, +zbs, +zicbom, +zicboz, +svinval, "           \
            "+zihintpause\n" text "\nret\n.option pop\n")

// How a run ended.
struct outcome {
    uint64_t a[8]; // registers a0..a7 at the trap
    uint64_t cause, tval, epc;
    uint64_t mstatus; // after the trap: MPP and MPIE tell where it came from
};

// Executes code in a mode until it returns or traps. `status` holds the other mstatus bits of the
// run; MPIE is the MIE that M-mode code will see. With Sv39 on, the current root's identity mapping
// of RAM is made executable for the mode (see vm.h).
struct outcome run_with(enum priv p, uint64_t status, const void *code, const uint64_t args[8]);
#define run_status(p, status, code, ...)                                                           \
    run_with(p, status, (const void *)(code), (const uint64_t[8]){__VA_ARGS__})
#define run(p, code, ...) run_status(p, MSTATUS_FS(1), code, __VA_ARGS__)

// What S-mode's handler saw, when the trap was delegated and stvec is s_trap_entry.
struct s_trap {
    bool taken;
    uint64_t cause, tval, epc, sstatus;
};
struct s_trap s_trap_of(const struct outcome *o);
extern const char s_trap_entry[], trap_entry[], return_ecall[];

// Cases. They run in the order in which they stand in the file, each from the same machine state.
struct case_group {
    const char *name; // of a single case; NULL: each row starts with its name
    const void *rows; // NULL: a single case
    size_t size, count;
    void (*body)(const void *row);
};
#define CASE_GROUP_ __attribute__((section(".cases"), used, aligned(8)))
#define CASE(ident)                                                                                \
    static void case_##ident(const void *unused);                                                  \
    static const struct case_group group_##ident CASE_GROUP_ = {#ident, NULL, 0, 1, case_##ident}; \
    static void case_##ident(__attribute__((unused)) const void *unused)
// One case a row; `table` is an array of structs whose first member is const char *name.
#define CASE_ROWS(table, function)                                                                 \
    static const struct case_group group_##table CASE_GROUP_ = {                                   \
        NULL, table, sizeof(table)[0], sizeof(table) / sizeof(table)[0], function}

// A check that fails is printed with what it was about and fails its case; the case goes on.
void check_equal(const char *file, int line, const char *what, uint64_t got, uint64_t want);
#define CHECK_EQ(got, want) check_equal(__FILE__, __LINE__, #got, (uint64_t)(got), (uint64_t)(want))
#define CHECK(condition)    check_equal(__FILE__, __LINE__, #condition, (condition) ? 1 : 0, 1)
#define CHECK_NAMED(what, got, want)                                                               \
    check_equal(__FILE__, __LINE__, what, (uint64_t)(got), (uint64_t)(want))
// Cause and tval of an outcome at once.
void check_trap(const char *file, int line, const char *what, const struct outcome *o,
                uint64_t cause, uint64_t tval);
#define CHECK_TRAP(what, o, cause, tval) check_trap(__FILE__, __LINE__, what, &(o), cause, tval)

void print(const char *text);
void print_hex(uint64_t value);

// Ordinary memory for tests, zero before each case: PAGES pages of 4 KiB. pages[0] is 64 KiB
// aligned.
enum { PAGES = 64, PAGE = 4096 };
extern uint8_t pages[PAGES][PAGE];

// PMP: entry `index` of 16; the catch-all that lets everyone at everything is entry 15.
enum { PMP_R = 1, PMP_W = 2, PMP_X = 4, PMP_OFF = 0, PMP_TOR = 8, PMP_NA4 = 16, PMP_NAPOT = 24 };
enum { PMP_LOCKED = 128, PMP_ENTRIES = 16 };
void pmp_set(unsigned index, uint64_t cfg, uint64_t addr);
uint64_t pmp_cfg(unsigned index);
// pmpaddr of a naturally aligned power-of-two region of `size` >= 8 bytes.
static inline uint64_t pmp_napot(uint64_t base, uint64_t size) {
    return (base >> 2) | ((size >> 3) - 1);
}

// Waits until interrupt `bit` of mip is pending, for a bounded time.
bool wait_pending(uint64_t mask);

// What harts other than 0 run, over and over, once it is set (with -smp).
extern void (*volatile secondary_go)(uint64_t hart);

_Noreturn void guest_exit(uint64_t code);

#endif
