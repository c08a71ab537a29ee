// SPDX-License-Identifier: MIT
// What C does not say of RISC-V: CSR access, fences, the bits of the CSRs and the numbers of the
// traps, as the privileged manual names them. For code that runs inside the emulator only.
#ifndef TABLEWALK_FIRMWARE_LIB_RISCV_H
#define TABLEWALK_FIRMWARE_LIB_RISCV_H

#include <stdbool.h>
#include <stdint.h>

// CSRs that the assembler may be too old, or told too little, to know by name.
#define MENVCFG       0x30a
#define MCOUNTINHIBIT 0x320
#define STIMECMP      0x14d

// A CSR's name as text, after one of the names above has become its number.
#define CSR_TEXT(csr)  CSR_TEXT_(csr)
#define CSR_TEXT_(csr) #csr

// clang-format off
#define csr_read(csr) \
    ({ uint64_t csr_value_; __asm__ volatile("csrr %0, " CSR_TEXT(csr) : "=r"(csr_value_) : : "memory"); csr_value_; })
#define csr_write(csr, value) \
    __asm__ volatile("csrw " CSR_TEXT(csr) ", %0" : : "r"((uint64_t)(value)) : "memory")
#define csr_set(csr, bits) \
    __asm__ volatile("csrs " CSR_TEXT(csr) ", %0" : : "r"((uint64_t)(bits)) : "memory")
#define csr_clear(csr, bits) \
    __asm__ volatile("csrc " CSR_TEXT(csr) ", %0" : : "r"((uint64_t)(bits)) : "memory")

// Sets bits of a CSR that this hart may not have; true when it has. For the time of one instruction
// mtvec points just behind that instruction, so that a trap merely skips "li 1". Spoils mepc,
// mcause, mtval and mstatus.MPP: for M-mode, while nothing has been entered yet.
#define csr_try_set(csr, bits)                                                                    \
    ({                                                                                            \
        uint64_t csr_there_, csr_vector_;                                                         \
        __asm__ volatile("la %1, 1f\n\t"                                                          \
                         "csrrw %1, mtvec, %1\n\t"                                                \
                         "li %0, 0\n\t"                                                           \
                         "csrs " CSR_TEXT(csr) ", %2\n\t"                                                  \
                         "li %0, 1\n\t"                                                           \
                         ".balign 4\n"                                                            \
                         "1: csrw mtvec, %1"                                                      \
                         : "=&r"(csr_there_), "=&r"(csr_vector_)                                  \
                         : "r"((uint64_t)(bits))                                                  \
                         : "memory");                                                             \
        csr_there_ != 0;                                                                          \
    })
// clang-format on

#define MSTATUS_SIE  (UINT64_C(1) << 1)
#define MSTATUS_MIE  (UINT64_C(1) << 3)
#define MSTATUS_SPIE (UINT64_C(1) << 5)
#define MSTATUS_MPIE (UINT64_C(1) << 7)
#define MSTATUS_SPP  (UINT64_C(1) << 8)
#define MSTATUS_MPP  (UINT64_C(3) << 11)
#define MPP_S        (UINT64_C(1) << 11)
#define MPP_M        (UINT64_C(3) << 11)
#define MSTATUS_FS   (UINT64_C(3) << 13) // all ones: Dirty
#define FS_INITIAL   (UINT64_C(1) << 13)
#define MSTATUS_MPRV (UINT64_C(1) << 17)
#define MSTATUS_SUM  (UINT64_C(1) << 18)
#define MSTATUS_MXR  (UINT64_C(1) << 19)
#define MSTATUS_TVM  (UINT64_C(1) << 20)
#define MSTATUS_TW   (UINT64_C(1) << 21)
#define MSTATUS_TSR  (UINT64_C(1) << 22)

#define SSTATUS_SIE MSTATUS_SIE

// Interrupts: bit numbers of mip and mie, and mcause without its top bit.
enum {
    IRQ_S_SOFT = 1,
    IRQ_M_SOFT = 3,
    IRQ_S_TIMER = 5,
    IRQ_M_TIMER = 7,
    IRQ_S_EXTERNAL = 9,
    IRQ_COUNTER_OVERFLOW = 13
};
#define IRQ_BIT(number)  (UINT64_C(1) << (number))
#define CAUSE_IS_IRQ     (UINT64_C(1) << 63)
#define CAUSE_BIT(cause) (UINT64_C(1) << (cause))

// Exceptions: mcause and scause.
enum {
    CAUSE_FETCH_MISALIGNED = 0,
    CAUSE_FETCH_ACCESS = 1,
    CAUSE_ILLEGAL = 2,
    CAUSE_BREAKPOINT = 3,
    CAUSE_LOAD_MISALIGNED = 4,
    CAUSE_LOAD_ACCESS = 5,
    CAUSE_STORE_MISALIGNED = 6,
    CAUSE_STORE_ACCESS = 7,
    CAUSE_ECALL_U = 8,
    CAUSE_ECALL_S = 9,
    CAUSE_FETCH_PAGE = 12,
    CAUSE_LOAD_PAGE = 13,
    CAUSE_STORE_PAGE = 15,
};

// menvcfg: what S-mode may do without asking.
#define MENVCFG_CBIE_INVAL (UINT64_C(3) << 4)
#define MENVCFG_CBCFE      (UINT64_C(1) << 6)
#define MENVCFG_CBZE       (UINT64_C(1) << 7)
#define MENVCFG_PBMTE      (UINT64_C(1) << 62)
#define MENVCFG_STCE       (UINT64_C(1) << 63)

// mhpmevent (Sscofpmf): has overflowed; the modes in which the event is not counted.
#define HPM_OF   (UINT64_C(1) << 63)
#define HPM_MINH (UINT64_C(1) << 62)
#define HPM_SINH (UINT64_C(1) << 61)
#define HPM_UINH (UINT64_C(1) << 60)

// pmpcfg: one byte an entry.
#define PMP_R     0x01
#define PMP_W     0x02
#define PMP_X     0x04
#define PMP_NAPOT 0x18

static inline void wait_for_interrupt(void) { __asm__ volatile("wfi" : : : "memory"); }
// Zihintpause: says that a loop waits for another hart. An ordinary fence where it is not known.
static inline void pause_hint(void) { __asm__ volatile(".word 0x0100000f" : : : "memory"); }
static inline void fence_all(void) { __asm__ volatile("fence" : : : "memory"); }
static inline void fence_i(void) { __asm__ volatile("fence.i" : : : "memory"); }

static inline void sfence_vma_all(void) { __asm__ volatile("sfence.vma" : : : "memory"); }
static inline void sfence_vma_page(uint64_t va) {
    __asm__ volatile("sfence.vma %0, x0" : : "r"(va) : "memory");
}
static inline void sfence_vma_asid(uint64_t asid) {
    __asm__ volatile("sfence.vma x0, %0" : : "r"(asid) : "memory");
}
static inline void sfence_vma_page_asid(uint64_t va, uint64_t asid) {
    __asm__ volatile("sfence.vma %0, %1" : : "r"(va), "r"(asid) : "memory");
}

// Device registers: each access happens, once, in this width and in program order.
static inline uint8_t mmio_read8(uint64_t pa) { return *(volatile uint8_t *)pa; }
static inline uint32_t mmio_read32(uint64_t pa) { return *(volatile uint32_t *)pa; }
static inline void mmio_write8(uint64_t pa, uint8_t v) { *(volatile uint8_t *)pa = v; }
static inline void mmio_write32(uint64_t pa, uint32_t v) { *(volatile uint32_t *)pa = v; }
static inline void mmio_write64(uint64_t pa, uint64_t v) { *(volatile uint64_t *)pa = v; }

#endif
