// SPDX-License-Identifier: MIT
// Event counters that overflow (Sscofpmf): the interrupt, where it is taken, OF, and filters by
// mode. Events are the hart's own choice; 2 is instructions, on every core.
#include "guest.h"

enum { LCOFI = 13, INSTRUCTIONS = 2 };
#define EVENT     "0x323" // mhpmevent3
#define COUNTER   "0xb03" // mhpmcounter3
#define SCOUNTOVF "0xda0"
#define OF        BIT(63)
#define MINH      BIT(62)
#define UINH      BIT(60)

SNIPPET(spin, "li t0, 1000\n 1: addi t0, t0, -1\n bnez t0, 1b");

// Counter 3 overflows after `left` instructions of the modes that `filter` leaves.
static void arm(uint64_t filter, uint64_t left) {
    csr_write(EVENT, 0);
    csr_write("mip", 0);
    csr_write(COUNTER, -left);
    csr_write(EVENT, INSTRUCTIONS | filter);
}

static void disarm(void) {
    csr_write(EVENT, 0);
    csr_write("mie", 0);
    csr_write("mideleg", 0);
    csr_clear("mip", BIT(LCOFI));
}

CASE(taken_in_m) {
    csr_write("mie", BIT(LCOFI));
    arm(0, 500);
    struct outcome o = run_status(M, MSTATUS_MPIE, spin, 0);
    CHECK_TRAP("overflow", o, INTERRUPT(LCOFI), 0);
    CHECK(csr_read(EVENT) & OF);
    CHECK(csr_read("mip") & BIT(LCOFI));
    CHECK(csr_read(COUNTER) < 500);
    disarm();
}

CASE(taken_in_s) {
    csr_write("mideleg", BIT(LCOFI));
    csr_write("mie", BIT(LCOFI));
    csr_write("mcounteren", BIT(3));
    arm(MINH, 500);
    struct outcome o = run_status(S, MSTATUS_SIE, spin, 0);
    struct s_trap s = s_trap_of(&o);
    CHECK(s.taken);
    CHECK_EQ(s.cause, INTERRUPT(LCOFI));
    CHECK(csr_read(SCOUNTOVF) & BIT(3));
    disarm();
}

// While OF stands, a further overflow is no interrupt.
CASE(not_again_while_of_stands) {
    arm(OF, 500);
    struct outcome o = run_status(M, 0, spin, 0);
    CHECK_EQ(o.cause, NO_TRAP);
    CHECK_EQ(csr_read("mip") & BIT(LCOFI), 0);
    disarm();
}

// The program runs 2,000 instructions in U, the frame fewer than 500 in M.
static const struct filter_row {
    const char *name;
    uint64_t filter;
    bool overflows;
} filter_rows[] = {
    {"no filter", 0, true},
    {"not in M", MINH, true},
    {"not in U", UINH, false},
    {"in neither", MINH | UINH, false},
};

static void check_filter(const void *v) {
    const struct filter_row *row = v;
    arm(row->filter, 1000);
    run(U, spin, 0);
    CHECK_EQ((csr_read(EVENT) & OF) != 0, row->overflows);
    disarm();
}
CASE_ROWS(filter_rows, check_filter);
