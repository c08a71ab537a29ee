// SPDX-License-Identifier: MIT
// Several harts: interrupts between them by the CLINT, atomics, reservations and each hart's own
// registers. Needs two harts (see harts.args); on Spike -p2.
#include "guest.h"

#define MSIP ((volatile uint32_t *)0x2000000)

static volatile uint64_t answer, counter, go;

// Waits, for a bounded time, until *word is value.
static bool becomes(const volatile uint64_t *word, uint64_t value) {
    for (int i = 0; i < 20000000; i++) {
        if (*word == value) return true;
    }
    return false;
}

// One job for the second hart: it runs once, and answers.
static void (*volatile job)(void);
static void secondary(uint64_t hart) {
    if (hart != 1 || !go) return;
    go = 0;
    job();
    __atomic_store_n(&answer, 1, __ATOMIC_SEQ_CST);
}
static void start_second(void (*what)(void)) {
    job = what;
    answer = 0;
    __atomic_store_n(&go, 1, __ATOMIC_SEQ_CST);
    secondary_go = secondary;
}

static volatile uint64_t hart_id;
static void tell_hart_id(void) { hart_id = csr_read("mhartid"); }
CASE(second_hart_has_its_id) {
    hart_id = 99;
    start_second(tell_hart_id);
    CHECK(becomes(&answer, 1));
    CHECK_EQ(hart_id, 1);
    CHECK_EQ(csr_read("mhartid"), 0);
}

static void wait_for_ipi(void) {
    csr_write("mie", BIT(MSI));
    while (!(csr_read("mip") & BIT(MSI))) __asm__ volatile("wfi");
    MSIP[1] = 0;
    csr_write("mie", 0);
}
CASE(ipi_wakes_the_second_hart) {
    start_second(wait_for_ipi);
    for (volatile int i = 0; i < 10000; i++) continue;
    CHECK_EQ(answer, 0);
    MSIP[1] = 1;
    CHECK(becomes(&answer, 1));
    CHECK_EQ(csr_read("mip") & BIT(MSI), 0);
}

static void send_ipi(void) { MSIP[0] = 1; }
CASE(ipi_from_the_second_hart) {
    start_second(send_ipi);
    csr_write("mie", BIT(MSI));
    CHECK(wait_pending(BIT(MSI)));
    MSIP[0] = 0;
    csr_write("mie", 0);
    CHECK(becomes(&answer, 1));
}

enum { ROUNDS = 20000 };
static void count_by_amo(void) {
    for (int i = 0; i < ROUNDS; i++) __atomic_fetch_add(&counter, 1, __ATOMIC_SEQ_CST);
}
CASE(amo_is_atomic_between_harts) {
    counter = 0;
    start_second(count_by_amo);
    count_by_amo();
    CHECK(becomes(&answer, 1));
    CHECK_EQ(counter, 2 * ROUNDS);
}

static void count_by_lr_sc(void) {
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t t, failed;
        __asm__ volatile("1: lr.d %0, (%2)\n addi %0, %0, 1\n sc.d %1, %0, (%2)\n bnez %1, 1b"
                         : "=&r"(t), "=&r"(failed)
                         : "r"(&counter)
                         : "memory");
    }
}
CASE(lr_sc_is_atomic_between_harts) {
    counter = 0;
    start_second(count_by_lr_sc);
    count_by_lr_sc();
    CHECK(becomes(&answer, 1));
    CHECK_EQ(counter, 2 * ROUNDS);
}

// Another hart's store to the reserved bytes makes the SC fail.
static void store_to_counter(void) { counter = 7; }
CASE(store_of_another_hart_breaks_a_reservation) {
    counter = 1;
    job = store_to_counter;
    answer = 0;
    secondary_go = secondary;
    uint64_t failed, old, waited;
    __asm__ volatile("lr.d %1, (%3)\n"
                     "li %0, 1\n sd %0, (%4)\n" // go
                     "li %2, 20000000\n"
                     "1: addi %2, %2, -1\n beqz %2, 2f\n ld %0, (%5)\n beqz %0, 1b\n"
                     "2: sc.d %0, %1, (%3)"
                     : "=&r"(failed), "=&r"(old), "=&r"(waited)
                     : "r"(&counter), "r"(&go), "r"(&answer)
                     : "memory");
    CHECK(waited != 0);
    CHECK(failed != 0);
    CHECK_EQ(counter, 7);
}

static void set_scratch(void) {
    csr_write("sscratch", 0x1111);
    csr_write("mie", BIT(SSI));
    csr_write("mie", 0);
}
CASE(registers_are_each_harts_own) {
    csr_write("sscratch", 0x2222);
    start_second(set_scratch);
    CHECK(becomes(&answer, 1));
    CHECK_EQ(csr_read("sscratch"), 0x2222);
}

// Code that one hart writes, the other runs after its own FENCE.I.
static volatile uint64_t code_result;
static void run_code(void) {
    __asm__ volatile("fence.i");
    uint64_t (*code)(void) = (uint64_t (*)(void))(uintptr_t)pages[0];
    code_result = code();
}
CASE(code_of_another_hart) {
    for (uint32_t n = 1; n < 8; n++) {
        *(volatile uint32_t *)pages[0] = 0x80824501 | n << 2; // c.li a0, n; c.jr ra
        start_second(run_code);
        CHECK(becomes(&answer, 1));
        CHECK_EQ(code_result, n);
    }
}
