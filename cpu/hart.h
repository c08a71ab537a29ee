// SPDX-License-Identifier: MIT
// A hart: registers, CSRs, its MMU, and the engine that runs it. All of a hart's state is in struct
// hart; two harts share nothing but the physical address map. The hart knows no device: interrupt
// lines arrive through hart_set_interrupt, and time through the platform's callback.
#ifndef TABLEWALK_CPU_HART_H
#define TABLEWALK_CPU_HART_H

#include "cpu/counter.h"
#include "cpu/fp.h"
#include "cpu/isa.h"
#include "mmu/mmu.h"

// Interrupt numbers = bits of mip and mie (privileged manual).
enum interrupt {
    IRQ_SSI = 1,
    IRQ_MSI = 3,
    IRQ_STI = 5,
    IRQ_MTI = 7,
    IRQ_SEI = 9,
    IRQ_MEI = 11,
    IRQ_LCOFI = 13, // a counter has overflowed (Sscofpmf)
};

// Exceptions that are not an access's own (those are in mmu/walk.h).
enum cause {
    CAUSE_ILLEGAL = 2,
    CAUSE_BREAKPOINT = 3,
    CAUSE_ECALL_U = 8,
    CAUSE_ECALL_S = 9,
    CAUSE_ECALL_M = 11,
    CAUSES = 64, // of exceptions: bits of medeleg
};
#define CAUSE_INTERRUPT (UINT64_C(1) << 63)

// Fields of mstatus (privileged manual, "Machine Status Registers").
#define MSTATUS_SIE  (UINT64_C(1) << 1)
#define MSTATUS_MIE  (UINT64_C(1) << 3)
#define MSTATUS_SPIE (UINT64_C(1) << 5)
#define MSTATUS_UBE  (UINT64_C(1) << 6)
#define MSTATUS_MPIE (UINT64_C(1) << 7)
#define MSTATUS_SPP  (UINT64_C(1) << 8)
#define MSTATUS_VS   (UINT64_C(3) << 9)
#define MSTATUS_MPP  (UINT64_C(3) << 11)
#define MSTATUS_FS   (UINT64_C(3) << 13)
#define MSTATUS_XS   (UINT64_C(3) << 15)
#define MSTATUS_MPRV (UINT64_C(1) << 17)
#define MSTATUS_SUM  (UINT64_C(1) << 18)
#define MSTATUS_MXR  (UINT64_C(1) << 19)
#define MSTATUS_TVM  (UINT64_C(1) << 20)
#define MSTATUS_TW   (UINT64_C(1) << 21)
#define MSTATUS_TSR  (UINT64_C(1) << 22)
#define MSTATUS_UXL  (UINT64_C(3) << 32)
#define MSTATUS_SXL  (UINT64_C(3) << 34)
#define MSTATUS_SD   (UINT64_C(1) << 63)
#define MPP_SHIFT    11
#define SPP_SHIFT    8

// What of mstatus S-mode sees and writes as sstatus; UXL and SD it can only read.
#define SSTATUS_WRITABLE                                                                           \
    (MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_FS | MSTATUS_SUM | MSTATUS_MXR)

#define MENVCFG_FIOM          (UINT64_C(1) << 0)
#define MENVCFG_CBIE          (UINT64_C(3) << 4)
#define MENVCFG_CBIE_RESERVED (UINT64_C(2) << 4)
#define MENVCFG_CBCFE         (UINT64_C(1) << 6)
#define MENVCFG_CBZE          (UINT64_C(1) << 7)
#define MENVCFG_ADUE          (UINT64_C(1) << 61)
#define MENVCFG_PBMTE         (UINT64_C(1) << 62)
#define MENVCFG_STCE          (UINT64_C(1) << 63)

enum { SINK = 32, RESERVATION_BYTES = 64, JUMP_CACHE_SIZE = 16384 };

struct csr_state {
    uint64_t mstatus, medeleg, mideleg, mie;
    uint64_t mip; // what software wrote: SSIP, SEIP, and STIP while stimecmp does not drive it;
                  // LCOFIP, which counters set
    uint64_t mip_line; // what wires hold: MSIP, MTIP, MEIP, SEIP; STIP by stimecmp
    uint64_t mtvec, mscratch, mepc, mcause, mtval;
    uint64_t stvec, sscratch, sepc, scause, stval;
    uint64_t satp, stimecmp, menvcfg, senvcfg;
    uint64_t mcounteren, scounteren, mcountinhibit;
    // What to add to the hart's own count; while mcountinhibit holds the counter, its value.
    uint64_t cycle_base, instret_base;
    struct hpm_counter hpm[HPM_COUNTERS];
    uint64_t hpm_look;                // the cycle at which events are looked at that nobody notices
    uint32_t hpm_filtered, hpm_armed; // bit n: hpm[n] depends on the mode, may overflow
    uint32_t fflags;
    uint8_t
        rounding[8]; // by an instruction's rm field: the rounding mode it means; [FP_DYN] is frm
};

// How and why hart_run came back.
enum hart_exit {
    EXIT_BUDGET, // the instructions asked for were executed
    EXIT_WFI,    // WFI executed and nothing pends: the hart waits
    EXIT_STOP,   // hart_stop was called, by a device the hart wrote to or by a breakpoint
};

// What the machine offers to a hart.
struct platform {
    void *machine;
    uint64_t (*mtime)(void *machine);        // ticks, for the time CSR and Sstc
    void (*deadline_changed)(void *machine); // stimecmp was written
};

// The faults of memory accesses that a hart took last, kept in every run: what `explain` tells of.
enum { FAULT_RING = 64 };
struct fault_record {
    uint64_t number; // 1: the hart's first
    uint64_t cycle;  // the hart's, when it was taken
    uint64_t pc, cause, tval, satp;
    enum privilege from, to; // the mode that was left, and the one that got the trap
    struct mmu_fault fault;  // the rule that was broken
    struct failed_walk walk; // where fault.walked is set
};

struct hart;

// Whoever wants to see a hart at work, beside its MMU's observer. Functions may be NULL. An
// observer changes nothing of the guest's.
struct hart_observer {
    void *context;
    // The instruction at pc comes next. true: not now; hart_run comes back with EXIT_STOP. Asked
    // only when hart_watch() was told `every`, and so is the next one.
    bool (*before)(void *context, struct hart *h, uint64_t pc);
    // Bytes at va were read or written by an instruction; of those of cbo.zero, 8 at a time.
    void (*accessed)(void *context, struct hart *h, enum access access, uint64_t va, unsigned size,
                     uint64_t value);
    // A trap is about to be taken at h->pc, and the hart's state is still what was found there.
    void (*trapping)(void *context, struct hart *h, uint64_t cause);
    // A trap was taken, with CAUSE_INTERRUPT in cause or not; h->pc is the handler's.
    void (*trapped)(void *context, struct hart *h, uint64_t cause, uint64_t tval, uint64_t epc);
};

// Who wants to know where instructions and cycles go. While there is one the hart runs an engine
// that tells it of each block; hart_cycles and hart_executed are exact within these calls.
struct hart_profiler {
    void *context;
    // The block at pc comes next, of so many instructions; hart_block_shape describes it. Those of
    // the block before were all executed unless hart_executed says otherwise.
    void (*entered)(void *context, struct hart *h, uint64_t pc, unsigned insns);
    // The instruction at pc, of the block entered last, waited: cycles beyond its own one.
    void (*stalled)(void *context, struct hart *h, uint64_t pc, uint64_t cycles);
    // A trap was taken from the instruction at epc; h->pc is the handler's.
    void (*trapped)(void *context, struct hart *h, uint64_t epc);
};

// Who wants to know when the mode or the address space changes: called when it may have.
struct hart_ledger {
    void *context;
    void (*changed)(void *context, const struct hart *h);
};

struct engine;
struct record;
struct block;
struct block_cache;
struct native;
struct core;
struct timing;

struct hart {
    uint64_t x[33]; // x[SINK] takes the writes to x0
    uint64_t f[32]; // raw bits, singles boxed
    uint64_t pc;    // valid outside the engine
    struct mmu mmu;

    // Run control. Cycles so far = limit - left; while the engine runs it holds its own `left`.
    int64_t left;
    uint64_t limit; // cycle of the hart at which the current run ends
    uint64_t begun; // instructions, with a timing core; without one those are the cycles
    uint64_t
        unretired;  // instructions that retired nothing: instructions that ended in an exception
    bool attention; // look for interrupts, or stop, before the next instruction
    bool stop;      // hart_stop
    bool waiting;   // in WFI
    enum privilege privilege;

    uint64_t reservation; // address of LR's reservation set, or NO_RESERVATION
    struct csr_state csr;
    unsigned id; // mhartid
    extension_set extensions;
    bool forget;        // before each instruction, translations, the access tables and decoded code
    unsigned asid_bits; // of satp
    bool adue_at_reset; // A and D are set by hardware unless menvcfg.ADUE says otherwise
    bool host_has_fma;  // fp_host_has_fma()
    struct platform platform;

    // The engine's own (cpu/engine.h, cpu/block.h).
    const struct engine *engine;
    struct block_cache *blocks;
    struct timing *timing;   // NULL: no timing core
    struct native *native;   // NULL: no native code on this host
    uint8_t native_heat;     // how often a block is entered before it becomes native code
    struct block *block;     // the one under way
    const struct record *at; // the record that called out (SYNC), or NULL
    uint64_t raise_cause, raise_tval;
    uint64_t loop_pc; // the loop engine's registers
    int64_t loop_left;
    struct jump_entry {
        uint64_t pc, key;
        struct block *block;
        uintptr_t enter; // the handler that enters it (native_entry)
    } jump[JUMP_CACHE_SIZE];

    struct hart_stats {
        uint64_t exceptions[CAUSES], interrupts[CAUSES];
    } stats;

    const struct hart_observer *observer; // NULL: nobody watches
    bool observes_every;                  // the observer sees every instruction
    const struct hart_profiler *profiler; // NULL: nobody counts
    const struct hart_ledger *ledger;     // the same
    uint64_t faults;                      // taken so far: the number of the last one
    struct fault_record fault_ring[FAULT_RING];
};

// Where in the cache of jump targets an address belongs. Programs of some size would crowd each
// other out if their low bits alone decided.
static inline uint64_t jump_index(uint64_t pc) { return (pc >> 1 ^ pc >> 14) % JUMP_CACHE_SIZE; }

#define NO_RESERVATION UINT64_MAX

struct hart_config {
    unsigned id;
    extension_set extensions;
    bool adue;               // A and D by hardware after reset
    bool interpret;          // never use native code
    bool eager;              // native code at a block's first entry: to test much of it
    bool forget;             // the plainest way, to compare with: see struct hart
    const struct core *core; // NULL: an instruction takes a cycle
    struct platform platform;
};

// NULL: out of host memory.
struct hart *hart_create(const struct hart_config *config, struct phys *phys);
void hart_destroy(struct hart *h);
void hart_reset(struct hart *h, uint64_t pc);

// Runs for `cycles` (more than 0) and says why it came back. *executed: cycles that it took.
// Without a timing core it is no more than was asked for. With one it may be, but at most `cycles`
// instructions were executed.
enum hart_exit hart_run(struct hart *h, uint64_t cycles, uint64_t *executed);
// To be called while hart_run runs, by what an instruction reached (a device): come back before the
// next instruction.
void hart_stop(struct hart *h);

// Cycles this hart has run since it was made (WFI's waiting not included), and instructions it has
// retired; exact within a run too, after SYNC. Without a timing core an instruction takes one
// cycle, and so does an instruction that ends in an exception, which does not retire.
uint64_t hart_cycles(const struct hart *h);
// Instructions begun, retired or not.
uint64_t hart_executed(const struct hart *h);
uint64_t hart_retired(const struct hart *h);

// Hangs an observer into the hart, or takes it off with NULL. every: it is to see every instruction
// and access, for which the hart changes to the observed engine. Not while the hart runs.
void hart_watch(struct hart *h, const struct hart_observer *observer, bool every);

// Hangs a profiler into the hart, or takes it off with NULL. Not while the hart runs.
void hart_profile(struct hart *h, const struct hart_profiler *profiler);

// The block that a profiler was just told of: where its instructions start, in bytes from its
// first, and the last of them.
enum { SHAPE_INSNS = 64 };
struct block_shape {
    unsigned insns;
    uint8_t start[SHAPE_INSNS];
    struct insn last;
};
void hart_block_shape(struct hart *h, struct block_shape *shape);

// The fault with this number, while the ring still has it, or NULL.
const struct fault_record *hart_fault(const struct hart *h, uint64_t number);

// FENCE.I.
void hart_fence_i(struct hart *h);

// A wire changed: line is one of IRQ_MSI, IRQ_MTI, IRQ_SEI, IRQ_MEI.
void hart_set_interrupt(struct hart *h, enum interrupt line, bool level);

// --- Traps: cpu/trap.c

// Takes an exception at h->pc, or an interrupt: sets the CSRs, the mode and h->pc (privileged
// manual, "Machine Trap Delegation Registers"). cause is without CAUSE_INTERRUPT.
void trap_exception(struct hart *h, uint64_t cause, uint64_t tval);
void trap_interrupt(struct hart *h, int number);
// The number of the interrupt that is to be taken now, or -1.
int trap_pending(const struct hart *h);
// MRET and SRET. false: illegal in this mode (TSR, U-mode), nothing was changed.
bool trap_mret(struct hart *h) MUST_CHECK;
bool trap_sret(struct hart *h) MUST_CHECK;
// Mode, mstatus, satp, menvcfg or what decides on interrupts changed: the MMU hears of it, and
// h->attention is set when an interrupt is to be taken.
void hart_context_changed(struct hart *h);

// What cpu/trap.def says of a value of mcause or scause. NULL: nothing.
struct trap_row {
    const char *name, *text; // "LOAD_PAGE", "load page fault"
    uint64_t cause;          // CAUSE_INTERRUPT included
    bool delegatable;
};
const struct trap_row *trap_row(uint64_t cause);
// The rows' delegatable causes as bits of mideleg (interrupts) or medeleg.
uint64_t trap_delegatable(bool interrupts);

// --- CSRs: cpu/csr.c (numbers in cpu/csr.h)

enum csr_op { CSR_READ, CSR_WRITE, CSR_SET, CSR_CLEAR };
// One CSR instruction: reads the old value into *old and, unless op is CSR_READ, writes `value`
// (CSR_SET, CSR_CLEAR: the bits). does_read = false for csrrw with rd = x0, which has no read side
// effect. false: illegal instruction, nothing was changed. Call it after SYNC, before the
// instruction counts in hart_retired: instret reads as the number of instructions before this one.
bool csr_access(struct hart *h, unsigned number, enum csr_op op, bool does_read, uint64_t value,
                uint64_t *old) MUST_CHECK;
void csr_reset(struct hart *h);
// For tools: value without checks and side effects. false: no such CSR on this hart.
bool csr_peek(const struct hart *h, unsigned number, uint64_t *value);
const char *csr_name(unsigned number);  // NULL: unknown
const char *csr_title(unsigned number); // what it is, in a few words. NULL: unknown
// stimecmp against the present: sets or clears STIP (called by the machine when time has moved).
void csr_update_timer(struct hart *h);
// mip as software reads it: wires and software's bits.
uint64_t csr_mip(const struct hart *h);
// The tick of mtime at which stimecmp will raise STIP, or UINT64_MAX when it won't or has done so.
uint64_t csr_next_timer(const struct hart *h);

// mstatus.FS becomes Dirty: a floating point register or flag was written.
static inline void hart_dirty_fp(struct hart *h) { h->csr.mstatus |= MSTATUS_FS | MSTATUS_SD; }

#endif
