// SPDX-License-Identifier: MIT
//
// The few machine instructions that C cannot say: control registers, fences, waiting for an
// interrupt, calling the firmware. Section numbers are those of the RISC-V privileged manual.
#ifndef TABLEWALK_PAGER_RISCV_H
#define TABLEWALK_PAGER_RISCV_H

#include <stdint.h>

#define csr_read(name)                                                                             \
    ({                                                                                             \
        uint64_t value_;                                                                           \
        __asm__ volatile("csrr %0, " #name : "=r"(value_)::"memory");                              \
        value_;                                                                                    \
    })
#define csr_write(name, value)                                                                     \
    __asm__ volatile("csrw " #name ", %0" ::"r"((uint64_t)(value)) : "memory")

#define SSTATUS_SPP  (1ull << 8)  // the mode sret returns to: 0 is U
#define SSTATUS_SPIE (1ull << 5)  // interrupts after sret
#define SSTATUS_FS   (3ull << 13) // floating point: off, so nobody has to save it

#define SIE_TIMER    (1ull << 5)
#define SIE_EXTERNAL (1ull << 9)

#define CAUSE_INTERRUPT          (1ull << 63)
#define CAUSE_TIMER              (CAUSE_INTERRUPT | 5)
#define CAUSE_EXTERNAL           (CAUSE_INTERRUPT | 9)
#define CAUSE_ECALL              8
#define CAUSE_FETCH_ACCESS_FAULT 1
#define CAUSE_LOAD_ACCESS_FAULT  5
#define CAUSE_STORE_ACCESS_FAULT 7
#define CAUSE_FETCH_PAGE_FAULT   12
#define CAUSE_LOAD_PAGE_FAULT    13
#define CAUSE_STORE_PAGE_FAULT   15

#define SATP_SV39 (8ull << 60)

static inline uint64_t satp_value(uint64_t root_address, uint64_t asid) {
    return SATP_SV39 | asid << 44 | root_address >> 12;
}

// Forget every translation (section 4.2.1).
static inline void tlb_flush_all(void) { __asm__ volatile("sfence.vma zero, zero" ::: "memory"); }

// Forget one page of one address space.
static inline void tlb_flush_page(uint64_t address, uint64_t asid) {
    __asm__ volatile("sfence.vma %0, %1" ::"r"(address), "r"(asid) : "memory");
}

// Forget one address space; global entries stay.
static inline void tlb_flush_space(uint64_t asid) {
    __asm__ volatile("sfence.vma zero, %0" ::"r"(asid) : "memory");
}

// Later instruction fetches see what was stored before.
static inline void code_written(void) { __asm__ volatile("fence.i" ::: "memory"); }

static inline void memory_fence(void) { __asm__ volatile("fence iorw, iorw" ::: "memory"); }

// Sleep until an interrupt that sie enables is pending. The kernel runs with sstatus.SIE clear, so
// it wakes without being interrupted and looks for itself what has happened.
static inline void wait_for_interrupt(void) { __asm__ volatile("wfi" ::: "memory"); }

static inline uint64_t time_now(void) { return csr_read(time); }

struct sbi_result {
    int64_t error;
    uint64_t value;
};

#define SBI_TIME 0x54494d45
#define SBI_SRST 0x53525354

static inline struct sbi_result sbi_call(uint64_t extension, uint64_t function, uint64_t argument0,
                                         uint64_t argument1) {
    register uint64_t a0 __asm__("a0") = argument0;
    register uint64_t a1 __asm__("a1") = argument1;
    register uint64_t a6 __asm__("a6") = function;
    register uint64_t a7 __asm__("a7") = extension;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
    return (struct sbi_result){(int64_t)a0, a1};
}

// Asks for a timer interrupt at the given time (in ticks of `time`); UINT64_MAX asks for none.
static inline void timer_set(uint64_t when) { sbi_call(SBI_TIME, 0, when, 0); }

#endif
