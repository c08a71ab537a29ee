// SPDX-License-Identifier: MIT
// The runner behind guest.h: console, ways out, machine state before each case, checks.
#include "guest.h"

#include "vm.h"

#define UART_BASE     UINT64_C(0x10000000)
#define FINISHER      UINT64_C(0x100000)
#define FINISHER_PASS 0x5555u
#define FINISHER_FAIL 0x3333u

extern volatile uint64_t tohost;
extern const struct case_group cases_begin[], cases_end[];
void run_asm(struct outcome *out, uint64_t mstatus, uint64_t pc, const uint64_t args[8],
             uint64_t sp);
void guest_main(void);
void guest_unexpected_trap(uint64_t cause, uint64_t epc, uint64_t tval);

uint8_t pages[PAGES][PAGE] __attribute__((aligned(65536)));
static uint8_t lower_stack[8192] __attribute__((aligned(16)));

// The case in progress.
static struct {
    const char *name;
    uint64_t number;        // from 1
    uint64_t failed_checks; // in this case
} now;

// gcc calls these for the structs and arrays of the tests.
void *memset(void *to, int byte, size_t n) {
    for (volatile uint8_t *p = to; n--; p++) *p = (uint8_t)byte;
    return to;
}
void *memcpy(void *to, const void *from, size_t n) {
    volatile uint8_t *p = to;
    for (const uint8_t *q = from; n--; p++, q++) *p = *q;
    return to;
}

void print(const char *text) {
    volatile uint8_t *uart = (volatile uint8_t *)UART_BASE;
    uint8_t modem = uart[4];
    uart[4] = modem & 0xf; // not in loopback
    for (; *text; text++) {
        while (!(uart[5] & 0x20)) continue; // LSR: transmitter holding register empty
        uart[0] = (uint8_t)*text;
    }
    uart[4] = modem;
}

void print_hex(uint64_t value) {
    char text[19] = "0x";
    int digits = 1;
    while (digits < 16 && value >> (4 * digits)) digits++;
    for (int i = 0; i < digits; i++) {
        text[2 + i] = "0123456789abcdef"[(value >> (4 * (digits - 1 - i))) & 15];
    }
    text[2 + digits] = 0;
    print(text);
}

// HTIF first; a machine that knows no HTIF takes no notice and gets the finisher. One that has no
// finisher has ended by then, or ends while we wait.
_Noreturn void guest_exit(uint64_t code) {
    csr_write("mie", 0);
    tohost = code << 1 | 1;
    for (volatile int i = 0; i < 100000; i++) continue;
    *(volatile uint32_t *)FINISHER = code ? (uint32_t)code << 16 | FINISHER_FAIL : FINISHER_PASS;
    for (;;) continue;
}

void guest_unexpected_trap(uint64_t cause, uint64_t epc, uint64_t tval) {
    print("FAIL ");
    print(now.name ? now.name : "(start)");
    print(": unexpected trap in the test itself, cause ");
    print_hex(cause);
    print(" epc ");
    print_hex(epc);
    print(" tval ");
    print_hex(tval);
    print("\n");
    guest_exit(now.number ? now.number : 127);
}

struct outcome run_with(enum priv p, uint64_t status, const void *code, const uint64_t args[8]) {
    struct outcome o;
    vm_let_run(p);
    uint64_t before = csr_read("mstatus");
    status |= MSTATUS_MPP(p);
    uint64_t sp = (uint64_t)(lower_stack + sizeof lower_stack);
    run_asm(&o, status, (uint64_t)code, args, sp);
    csr_write("mstatus", before);
    if (o.epc == (uint64_t)return_ecall && o.cause >= ECALL_U && o.cause <= ECALL_M) {
        o.cause = NO_TRAP;
    }
    return o;
}

struct s_trap s_trap_of(const struct outcome *o) {
    extern const char s_trap_ecall[];
    bool taken = o->cause == ECALL_S && o->epc == (uint64_t)s_trap_ecall;
    return (struct s_trap){taken, o->a[0], o->a[1], o->a[2], o->a[3]};
}

static void complain(const char *file, int line, const char *what) {
    if (!now.failed_checks++) {
        print("FAIL ");
        print(now.name);
        print("\n");
    }
    print("  ");
    print(file);
    print(":");
    char digits[8];
    int n = 0;
    for (; line; line /= 10) digits[n++] = (char)('0' + line % 10);
    while (n) print((char[2]){digits[--n], 0});
    print(": ");
    print(what);
}

enum { COMPLAINTS_PRINTED = 4 };

void check_equal(const char *file, int line, const char *what, uint64_t got, uint64_t want) {
    if (got == want) return;
    if (now.failed_checks >= COMPLAINTS_PRINTED) return;
    complain(file, line, what);
    print(" is ");
    print_hex(got);
    print(", should be ");
    print_hex(want);
    print("\n");
}

void check_trap(const char *file, int line, const char *what, const struct outcome *o,
                uint64_t cause, uint64_t tval) {
    if (o->cause == cause && (cause == NO_TRAP || o->tval == tval)) return;
    if (now.failed_checks >= COMPLAINTS_PRINTED) return;
    complain(file, line, what);
    print(": cause ");
    print_hex(o->cause);
    print(" tval ");
    print_hex(o->tval);
    print(" epc ");
    print_hex(o->epc);
    print(", should be cause ");
    print_hex(cause);
    print(" tval ");
    print_hex(tval);
    print("\n");
}

// pmpcfg0 and pmpcfg2 hold eight entries each.
uint64_t pmp_cfg(unsigned index) {
    uint64_t all = index < 8 ? csr_read("pmpcfg0") : csr_read("pmpcfg2");
    return all >> (8 * (index % 8)) & 0xff;
}

static void write_pmpaddr(unsigned index, uint64_t addr) {
#define ROW(n)                                                                                     \
    case n: csr_write("pmpaddr" #n, addr); break;
    switch (index) {
        // clang-format off
        ROW(0) ROW(1) ROW(2) ROW(3) ROW(4) ROW(5) ROW(6) ROW(7)
        ROW(8) ROW(9) ROW(10) ROW(11) ROW(12) ROW(13) ROW(14) ROW(15)
            // clang-format on
            default : break;
    }
#undef ROW
}

void pmp_set(unsigned index, uint64_t cfg, uint64_t addr) {
    unsigned shift = 8 * (index % 8);
    write_pmpaddr(index, addr);
    if (index < 8) {
        csr_write("pmpcfg0", (csr_read("pmpcfg0") & ~(UINT64_C(0xff) << shift)) | cfg << shift);
    } else {
        csr_write("pmpcfg2", (csr_read("pmpcfg2") & ~(UINT64_C(0xff) << shift)) | cfg << shift);
    }
    __asm__ volatile("sfence.vma" ::: "memory"); // PMP results may be cached in translations
}

bool wait_pending(uint64_t mask) {
    for (int i = 0; i < 20000000; i++) {
        if ((csr_read("mip") & mask) == mask) return true;
    }
    return false;
}

// The state every case starts from: bare addressing, nothing delegated, no interrupt enabled,
// everything allowed to everyone that can be allowed.
static void reset_state(void) {
    csr_write("mtvec", trap_entry);
    csr_write("mie", 0);
    csr_write("mip", 0);
    csr_write("medeleg", 0);
    csr_write("mideleg", 0);
    csr_write("satp", 0);
    csr_write("mcounteren", ~UINT64_C(0));
    csr_write("scounteren", ~UINT64_C(0));
    csr_write("mcountinhibit", 0);
    csr_write(CSR_MENVCFG, MENVCFG_ADUE);
    csr_write("mstatus", MSTATUS_FS(1));
    csr_write("stvec", s_trap_entry);
    for (unsigned i = 0; i < PMP_ENTRIES - 1; i++) pmp_set(i, 0, 0);
    pmp_set(PMP_ENTRIES - 1, PMP_R | PMP_W | PMP_X | PMP_NAPOT, ~UINT64_C(0) >> 10);
    for (uint64_t *p = (uint64_t *)pages; p < (uint64_t *)(pages + PAGES); p++) *p = 0;
    vm_reset();
    __asm__ volatile("fence.i\n sfence.vma" ::: "memory");
}

static void run_group(const struct case_group *g, uint64_t *first_failed) {
    for (size_t i = 0; i < g->count; i++) {
        const char *row = (const char *)g->rows + i * g->size;
        now.name = g->name ? g->name : *(const char *const *)row;
        now.number++;
        now.failed_checks = 0;
        reset_state();
        g->body(g->rows ? row : NULL);
        if (now.failed_checks && !*first_failed) *first_failed = now.number;
    }
}

void guest_main(void) {
    uint64_t first_failed = 0;
    for (const struct case_group *g = cases_begin; g < cases_end; g++) run_group(g, &first_failed);
    guest_exit(first_failed);
}
