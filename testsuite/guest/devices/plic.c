// SPDX-License-Identifier: MIT
// The PLIC from the guest's side (corner case 23), with the UART's transmitter as a level source:
// its interrupt is high from the moment THRE interrupts are enabled until IIR is read or the enable
// is taken away. Source 10 as on QEMU's virt board (Spike wires its UART to source 1).
#include "guest.h"

#define PLIC         UINT64_C(0xc000000)
#define REG(offset)  (*(volatile uint32_t *)(PLIC + (offset)))
#define PRIORITY(n)  REG(4 * (n))
#define PENDING(n)   REG(0x1000 + 4 * (n))
#define ENABLE(c, n) REG(0x2000 + 0x80 * (c) + 4 * (n))
#define THRESHOLD(c) REG(0x200000 + 0x1000 * (c))
#define CLAIM(c)     REG(0x200004 + 0x1000 * (c))

#define UART ((volatile uint8_t *)0x10000000)
enum { IER = 1, IIR = 2, IER_THRE = 2, SOURCE = 10, M_CONTEXT = 0, S_CONTEXT = 1 };
#define SOURCE_BIT (UINT32_C(1) << SOURCE)

static void line_high(void) { UART[IER] = IER_THRE; }
static void line_low(void) { UART[IER] = 0; }
static bool is_pending(void) { return PENDING(0) & SOURCE_BIT; }
static bool mei(void) { return csr_read("mip") & BIT(MEI); }
static bool sei(void) { return csr_read("mip") & BIT(SEI); }

static void calm(void) {
    line_low();
    for (unsigned c = M_CONTEXT; c <= S_CONTEXT; c++) {
        // Drop what an earlier case left: claim it and complete it.
        ENABLE(c, 0) = SOURCE_BIT;
        THRESHOLD(c) = 0;
        PRIORITY(SOURCE) = 1;
        CLAIM(c) = SOURCE;
        uint32_t left = CLAIM(c);
        if (left) CLAIM(c) = left;
        for (unsigned i = 0; i < 3; i++) ENABLE(c, i) = 0;
    }
    PRIORITY(SOURCE) = 0;
}

static void ready(unsigned context) {
    calm();
    PRIORITY(SOURCE) = 1;
    ENABLE(context, 0) = SOURCE_BIT;
}

CASE(pending_is_readable) {
    ready(M_CONTEXT);
    CHECK(!is_pending());
    line_high();
    CHECK(is_pending());
    CHECK(mei());
    calm();
}

CASE(each_context_has_its_wire) {
    ready(M_CONTEXT);
    line_high();
    CHECK(mei() && !sei());
    ready(S_CONTEXT);
    line_high();
    CHECK(sei() && !mei());
    calm();
}

CASE(claim_takes_the_interrupt_away) {
    ready(M_CONTEXT);
    line_high();
    CHECK_EQ(CLAIM(M_CONTEXT), SOURCE);
    CHECK(!is_pending());
    CHECK(!mei());
    CHECK_EQ(CLAIM(M_CONTEXT), 0); // not claimed twice
    line_low();
    CLAIM(M_CONTEXT) = SOURCE;
    CHECK(!is_pending());
    calm();
}

CASE(level_still_high_pends_again) {
    ready(M_CONTEXT);
    line_high();
    CHECK_EQ(CLAIM(M_CONTEXT), SOURCE);
    CHECK(!mei());
    CLAIM(M_CONTEXT) = SOURCE;
    CHECK(mei());
    CHECK_EQ(CLAIM(M_CONTEXT), SOURCE);
    line_low();
    CLAIM(M_CONTEXT) = SOURCE;
    CHECK(!mei());
    calm();
}

// A driver that never reads IIR, as xv6's did until 2024, is not interrupted for ever: reading LSR
// tells it enough. Enabling the interrupt anew asks again.
CASE(driver_that_reads_lsr_alone) {
    enum { LSR = 5 };
    ready(M_CONTEXT);
    line_high();
    CHECK_EQ(CLAIM(M_CONTEXT), SOURCE);
    CHECK_EQ(UART[LSR] & 0x20, 0x20);
    CLAIM(M_CONTEXT) = SOURCE;
    CHECK(!is_pending());
    CHECK_EQ(UART[IIR] & 0xf, 2);
    line_low();
    line_high();
    CHECK(is_pending());
    calm();
}

// A completion by a context that does not have the source enabled is ignored.
CASE(completion_of_a_disabled_source_is_ignored) {
    ready(M_CONTEXT);
    line_high();
    CHECK_EQ(CLAIM(M_CONTEXT), SOURCE);
    CLAIM(S_CONTEXT) = SOURCE;
    CHECK(!is_pending());
    CLAIM(M_CONTEXT) = SOURCE;
    CHECK(is_pending());
    calm();
}

CASE(claim_without_enable_is_zero) {
    ready(M_CONTEXT);
    ENABLE(M_CONTEXT, 0) = 0;
    line_high();
    CHECK(is_pending());
    CHECK(!mei());
    CHECK_EQ(CLAIM(M_CONTEXT), 0);
    ENABLE(M_CONTEXT, 0) = SOURCE_BIT; // re-evaluated by the write
    CHECK(mei());
    calm();
}

CASE(priority_0_never_interrupts) {
    ready(M_CONTEXT);
    PRIORITY(SOURCE) = 0;
    line_high();
    CHECK(is_pending());
    CHECK(!mei());
    CHECK_EQ(CLAIM(M_CONTEXT), 0);
    PRIORITY(SOURCE) = 1;
    CHECK(mei());
    calm();
}

CASE(threshold_masks_the_wire) {
    ready(M_CONTEXT);
    THRESHOLD(M_CONTEXT) = 1;
    line_high();
    CHECK(!mei());
    THRESHOLD(M_CONTEXT) = 0;
    CHECK(mei());
    THRESHOLD(M_CONTEXT) = 7;
    CHECK(!mei());
    PRIORITY(SOURCE) = 7;
    CHECK(!mei());
    THRESHOLD(M_CONTEXT) = 6;
    CHECK(mei());
    calm();
}

// The specification: a claim is not bound by the threshold. (QEMU 7.2 gives 0.)
CASE(claim_works_under_the_threshold) {
    ready(M_CONTEXT);
    THRESHOLD(M_CONTEXT) = 7;
    line_high();
    CHECK(!mei());
    CHECK_EQ(CLAIM(M_CONTEXT), SOURCE);
    CLAIM(M_CONTEXT) = SOURCE;
    calm();
}

CASE(registers_keep_what_is_written) {
    calm();
    PRIORITY(SOURCE) = 5;
    CHECK_EQ(PRIORITY(SOURCE), 5);
    THRESHOLD(S_CONTEXT) = 3;
    CHECK_EQ(THRESHOLD(S_CONTEXT), 3);
    CHECK_EQ(THRESHOLD(M_CONTEXT), 0);
    ENABLE(S_CONTEXT, 0) = SOURCE_BIT | 2;
    CHECK_EQ(ENABLE(S_CONTEXT, 0), SOURCE_BIT | 2);
    CHECK_EQ(ENABLE(M_CONTEXT, 0), 0);
    calm();
}

CASE(source_0_does_not_exist) {
    calm();
    PRIORITY(0) = 7;
    CHECK_EQ(PRIORITY(0), 0);
    PENDING(0) = ~UINT32_C(0); // pending bits are read-only
    CHECK_EQ(PENDING(0), 0);
}

SNIPPET(spin, "li t0, 1000\n 1: addi t0, t0, -1\n bnez t0, 1b");

CASE(external_interrupt_in_m) {
    ready(M_CONTEXT);
    line_high();
    csr_write("mie", BIT(MEI));
    struct outcome o = run_status(M, MSTATUS_MPIE, spin, 0);
    CHECK_TRAP("interrupt", o, INTERRUPT(MEI), 0);
    csr_write("mie", 0);
    calm();
}

CASE(external_interrupt_in_s) {
    ready(S_CONTEXT);
    line_high();
    csr_write("mideleg", BIT(SEI));
    csr_write("mie", BIT(SEI));
    struct outcome o = run_status(S, MSTATUS_SIE, spin, 0);
    struct s_trap s = s_trap_of(&o);
    CHECK(s.taken);
    CHECK_EQ(s.cause, INTERRUPT(SEI));
    csr_write("mie", 0);
    calm();
}

// SEIP is the OR of the wire and of software's bit; clearing that bit does not hide the wire.
CASE(seip_is_wire_or_software) {
    ready(S_CONTEXT);
    csr_write("mip", BIT(SEI));
    CHECK(sei());
    csr_write("mip", 0);
    CHECK(!sei());
    line_high();
    CHECK(sei());
    csr_write("mip", 0);
    CHECK(sei());
    calm();
}

// A read-modify-write of mip must not make the wire's bit software's (privileged manual, "mip").
CASE(csrrs_does_not_latch_the_wire) {
    ready(S_CONTEXT);
    line_high();
    CHECK(sei());
    csr_set("mip", BIT(SSI));
    calm();
    CHECK(!sei());
    csr_write("mip", 0);
}
