// SPDX-License-Identifier: MIT
// Control and status registers (see hart.h): what the rows of cpu/csr.def name. Here stand the
// conditions on an access (permit_), what of a written value sticks (legal_), and the registers
// that are more than a field (read_, write_). Sections are the privileged manual's.
#include "cpu/csr.h"

#include <stddef.h>
#include <string.h>

#include "cpu/fp_host.h"
#include "cpu/hart.h"

static bool has(const struct hart *h, enum extension e) { return h->extensions & EXT_BIT(e); }

// value, with the bits outside mask taken from old.
static uint64_t merge(uint64_t old, uint64_t value, uint64_t mask) {
    return (old & ~mask) | (value & mask);
}

// The functions that rows name. Most serve one CSR and have no use for its number.
#define UNUSED       __attribute__((unused))
#define PERMIT(name) static bool permit_##name(const struct hart *h UNUSED, unsigned number UNUSED)
#define LEGAL(name)                                                                                \
    static uint64_t legal_##name(const struct hart *h UNUSED, uint64_t old UNUSED, uint64_t value)
#define READ(name)  static uint64_t read_##name(const struct hart *h, unsigned number UNUSED)
#define WRITE(name) static void write_##name(struct hart *h, unsigned number UNUSED, uint64_t value)

// --- Conditions on an access

PERMIT(always) { return true; }

// "When an extension's status is set to Off, any instruction that attempts to read or write the
// corresponding state will cause an illegal-instruction exception."
PERMIT(fp_on) { return (h->csr.mstatus & MSTATUS_FS) != 0; }

// "Machine Counter-Enable Register", "Counter-Enable Register": both count in U-mode.
PERMIT(counter) {
    uint64_t bit = UINT64_C(1) << (number & 31);
    if (h->privilege == PRIV_U && has(h, EXT_s) && !(h->csr.scounteren & bit)) return false;
    return h->privilege == PRIV_M || (h->csr.mcounteren & bit);
}

// stimecmp is M-mode's alone until menvcfg.STCE and mcounteren.TM let S-mode have it.
PERMIT(timer) {
    uint64_t tm = UINT64_C(1) << (CSR_time & 31);
    return h->privilege == PRIV_M || ((h->csr.menvcfg & MENVCFG_STCE) && (h->csr.mcounteren & tm));
}

PERMIT(no_tvm) { return h->privilege == PRIV_M || !(h->csr.mstatus & MSTATUS_TVM); }

// --- What sticks

LEGAL(any) { return value; }

LEGAL(word) { return (uint32_t)value; }

// "The low bit of mepc is always zero. On implementations that support only IALIGN=32, the two low
// bits are always zero."
LEGAL(pc) { return value & ~(has(h, EXT_c) ? UINT64_C(1) : UINT64_C(3)); }

// Mode 0 is Direct, 1 Vectored; with a reserved mode the old one stays.
LEGAL(tvec) { return value & 2 ? merge(old, value, ~UINT64_C(3)) : value; }

LEGAL(medeleg) { return value & trap_delegatable(false); }

#define IRQ_BIT(number) (UINT64_C(1) << (number))
#define M_INTERRUPTS    (IRQ_BIT(IRQ_MSI) | IRQ_BIT(IRQ_MTI) | IRQ_BIT(IRQ_MEI))
#define S_INTERRUPTS    (IRQ_BIT(IRQ_SSI) | IRQ_BIT(IRQ_STI) | IRQ_BIT(IRQ_SEI))

LEGAL(mideleg) {
    const uint64_t absent = has(h, EXT_sscofpmf) ? 0 : IRQ_BIT(IRQ_LCOFI);
    return value & trap_delegatable(true) & ~absent;
}

// Those of S-mode that this hart has.
static uint64_t s_interrupts(const struct hart *h) {
    if (!has(h, EXT_s)) return 0;
    return S_INTERRUPTS | (has(h, EXT_sscofpmf) ? IRQ_BIT(IRQ_LCOFI) : 0);
}

LEGAL(mie) { return value & (M_INTERRUPTS | s_interrupts(h)); }

// "If satp is written with an unsupported MODE, the entire write has no effect."
LEGAL(satp) {
    uint64_t mode = value >> 60;
    uint64_t asids = (UINT64_C(1) << ASID_BITS) - (UINT64_C(1) << h->asid_bits);
    value &= ~(asids << SATP_ASID_SHIFT); // bits of an ASID that this hart does not have
    return mode == 0 || mode == SATP_SV39 ? value : old;
}

// The bits of menvcfg that senvcfg has too. CBIE = 2 is reserved: the old one stays then.
LEGAL(senvcfg) {
    uint64_t mask = has(h, EXT_s) ? MENVCFG_FIOM : 0;
    if (has(h, EXT_zicbom)) mask |= MENVCFG_CBCFE;
    if (has(h, EXT_zicbom) && (value & MENVCFG_CBIE) != MENVCFG_CBIE_RESERVED) mask |= MENVCFG_CBIE;
    if (has(h, EXT_zicboz)) mask |= MENVCFG_CBZE;
    return merge(old, value, mask);
}

LEGAL(menvcfg) {
    uint64_t mask = 0;
    if (has(h, EXT_svadu)) mask |= MENVCFG_ADUE;
    if (has(h, EXT_svpbmt)) mask |= MENVCFG_PBMTE;
    if (has(h, EXT_sstc)) mask |= MENVCFG_STCE;
    return merge(legal_senvcfg(h, old, value), value, mask);
}

// --- Identity

READ(mhartid) { return h->id; }

READ(misa) {
    static const char *const names[] = {
#define ROW(name, ...) #name,
#include "cpu/extension.def"
#undef ROW
    };
    uint64_t misa = UINT64_C(2) << 62; // MXL: 64
    for (unsigned e = 0; e < EXTENSIONS; e++) {
        if (has(h, e) && names[e][1] == '\0') misa |= UINT64_C(1) << (names[e][0] - 'a');
    }
    return misa;
}

// --- Status

// Fields that exist. UXL and SXL are read-only, VS, XS and the endianness bits read-only zero.
static uint64_t mstatus_writable(const struct hart *h) {
    uint64_t mask = MSTATUS_MIE | MSTATUS_MPIE;
    if (has(h, EXT_u)) mask |= MSTATUS_MPRV | MSTATUS_TW;
    if (has(h, EXT_f)) mask |= MSTATUS_FS;
    if (has(h, EXT_s)) mask |= SSTATUS_WRITABLE & ~MSTATUS_FS;
    if (has(h, EXT_s)) mask |= MSTATUS_TVM | MSTATUS_TSR;
    return mask;
}

static bool mode_exists(const struct hart *h, uint64_t mode) {
    return mode == PRIV_M || (mode == PRIV_S && has(h, EXT_s)) || (mode == PRIV_U && has(h, EXT_u));
}

WRITE(mstatus) {
    uint64_t mask = mstatus_writable(h);
    if (mode_exists(h, (value & MSTATUS_MPP) >> MPP_SHIFT)) mask |= MSTATUS_MPP;
    uint64_t status = merge(h->csr.mstatus, value, mask) & ~MSTATUS_SD;
    if ((status & MSTATUS_FS) == MSTATUS_FS) status |= MSTATUS_SD;
    h->csr.mstatus = status;
}

READ(sstatus) { return h->csr.mstatus & (SSTATUS_WRITABLE | MSTATUS_UXL | MSTATUS_SD); }

WRITE(sstatus) { write_mstatus(h, number, merge(h->csr.mstatus, value, SSTATUS_WRITABLE)); }

// --- Interrupts

// Does stimecmp drive STIP? Then software doesn't.
static bool stimecmp_active(const struct hart *h) { return h->csr.menvcfg & MENVCFG_STCE; }

uint64_t csr_mip(const struct hart *h) {
    uint64_t software = h->csr.mip;
    if (stimecmp_active(h)) software &= ~IRQ_BIT(IRQ_STI);
    return software | h->csr.mip_line;
}

READ(mip) { return csr_mip(h); }

WRITE(mip) {
    uint64_t mask = s_interrupts(h);
    if (stimecmp_active(h)) mask &= ~IRQ_BIT(IRQ_STI);
    h->csr.mip = merge(h->csr.mip, value, mask);
}

// sip and sie are mip and mie as far as interrupts are delegated; of sip, SSIP and LCOFIP are
// writable.
READ(sip) { return csr_mip(h) & h->csr.mideleg; }

WRITE(sip) {
    const uint64_t writable = (IRQ_BIT(IRQ_SSI) | IRQ_BIT(IRQ_LCOFI)) & h->csr.mideleg;
    h->csr.mip = merge(h->csr.mip, value, writable);
}

READ(sie) { return h->csr.mie & h->csr.mideleg; }

WRITE(sie) { h->csr.mie = merge(h->csr.mie, value, h->csr.mideleg); }

// --- Timer (Sstc)

READ(time) { return h->platform.mtime(h->platform.machine); }

void csr_update_timer(struct hart *h) {
    uint64_t bit = IRQ_BIT(IRQ_STI);
    bool due = stimecmp_active(h) && read_time(h, CSR_time) >= h->csr.stimecmp;
    if (due && !(h->csr.mip_line & bit)) h->attention = true;
    h->csr.mip_line = due ? h->csr.mip_line | bit : h->csr.mip_line & ~bit;
}

uint64_t csr_next_timer(const struct hart *h) {
    bool raised = h->csr.mip_line & IRQ_BIT(IRQ_STI);
    return stimecmp_active(h) && !raised ? h->csr.stimecmp : UINT64_MAX;
}

static void timer_changed(struct hart *h) {
    csr_update_timer(h);
    h->platform.deadline_changed(h->platform.machine);
}

WRITE(stimecmp) {
    h->csr.stimecmp = value;
    if (stimecmp_active(h)) timer_changed(h);
}

WRITE(menvcfg) {
    uint64_t old = h->csr.menvcfg;
    h->csr.menvcfg = legal_menvcfg(h, old, value);
    if ((h->csr.menvcfg ^ old) & MENVCFG_STCE) timer_changed(h);
}

// --- Counters ("Hardware Performance Monitor", "Machine Counter-Inhibit Register")

enum { INHIBIT_CY = 1, INHIBIT_IR = 4, COUNTER_NUMBER = 31 }; // of a CSR's number

// A counter follows a count of the hart's that nothing stops, at the distance of `base`; while it
// is inhibited, base is its value.
static uint64_t read_counter(const struct hart *h, unsigned inhibit, uint64_t base,
                             uint64_t count) {
    return h->csr.mcountinhibit & inhibit ? base : base + count;
}

// "Any CSR write takes effect after the writing instruction has otherwise completed": the next one
// reads what was written, and the writing one itself is not counted, so count is one ahead there.
static uint64_t write_counter(const struct hart *h, unsigned inhibit, uint64_t count,
                              uint64_t value) {
    return h->csr.mcountinhibit & inhibit ? value : value - (count + 1);
}

READ(mcycle) { return read_counter(h, INHIBIT_CY, h->csr.cycle_base, hart_cycles(h)); }

WRITE(mcycle) { h->csr.cycle_base = write_counter(h, INHIBIT_CY, hart_cycles(h), value); }

READ(minstret) { return read_counter(h, INHIBIT_IR, h->csr.instret_base, hart_retired(h)); }

WRITE(minstret) { h->csr.instret_base = write_counter(h, INHIBIT_IR, hart_retired(h), value); }

// Counters keep their values. The writing instruction is still subject to the old setting: a
// counter that stops has counted it, one that starts again has not.
WRITE(mcountinhibit) {
    uint64_t old = h->csr.mcountinhibit;
    uint64_t cycle = read_mcycle(h, CSR_mcycle) + !(old & INHIBIT_CY);
    uint64_t instret = read_minstret(h, CSR_minstret) + !(old & INHIBIT_IR);
    h->csr.mcountinhibit = value & (INHIBIT_CY | INHIBIT_IR | HPM_MASK);
    write_mcycle(h, CSR_mcycle, cycle);
    write_minstret(h, CSR_minstret, instret);
    counters_inhibited(h);
}

READ(hpmcounter) { return counter_read(h, number & COUNTER_NUMBER); }
WRITE(hpmcounter) { counter_write(h, number & COUNTER_NUMBER, value); }

READ(hpmevent) { return h->csr.hpm[(number & COUNTER_NUMBER) - HPM_FIRST].event; }
WRITE(hpmevent) { counter_select(h, number & COUNTER_NUMBER, value); }

// Below M-mode, bits of counters that mcounteren keeps back read as zero.
READ(scountovf) {
    const uint64_t overflowed = counters_overflowed(h);
    return h->privilege == PRIV_M ? overflowed : overflowed & h->csr.mcounteren;
}

// --- Floating point (csr_access has collected the flags)

READ(fflags) { return h->csr.fflags; }

READ(frm) { return h->csr.rounding[FP_DYN]; }

READ(fcsr) { return read_frm(h, number) << 5 | h->csr.fflags; }

WRITE(fcsr) {
    h->csr.fflags = value & 0x1f;
    h->csr.rounding[FP_DYN] = (uint8_t)(value >> 5 & 7);
    hart_dirty_fp(h);
}

WRITE(fflags) { write_fcsr(h, number, merge(read_fcsr(h, number), value, 0x1f)); }

WRITE(frm) { write_fcsr(h, number, merge(read_fcsr(h, number), value << 5, 7 << 5)); }

// --- Physical memory protection

READ(pmpcfg) { return pmp_read_cfg(&h->mmu.pmp, (number - CSR_pmpcfg0) / 2); }

WRITE(pmpcfg) {
    pmp_write_cfg(&h->mmu.pmp, (number - CSR_pmpcfg0) / 2, value);
    mmu_forget(&h->mmu);
}

READ(pmpaddr) { return h->mmu.pmp.addr[number - CSR_pmpaddr0]; }

WRITE(pmpaddr) {
    pmp_write_addr(&h->mmu.pmp, number - CSR_pmpaddr0, value);
    mmu_forget(&h->mmu);
}

// --- The table

enum effect { NO_EFFECT = 0, TIMER = 1, CONTEXT = 2, FLAGS = 4 };

struct csr_row {
    const char *name, *title;
    bool (*permit)(const struct hart *h, unsigned number);
    uint64_t (*read)(const struct hart *h, unsigned number); // NULL: the field, or 0
    void (*write)(struct hart *h, unsigned number, uint64_t value);
    uint64_t (*legal)(const struct hart *h, uint64_t old, uint64_t value); // to write the field
    bool has_field;
    size_t field; // offset in struct csr_state, bytes
    uint16_t number;
    uint8_t extension, effect;
};

static const struct csr_row rows[] = {
#define PLACE(name)        .has_field = true, .field = offsetof(struct csr_state, name)
#define FIELD(name, check) PLACE(name), .legal = legal_##check
#define WRITTEN(name)      PLACE(name), .write = write_##name
#define FUNCTIONS(name)    .read = read_##name, .write = write_##name
#define COMPUTED(name)     .read = read_##name
#define ZERO               .has_field = false
#define CSR(number_, name_, extension_, condition, kind_, effect_, title_)                         \
    {.number = (number_),                                                                          \
     .name = #name_,                                                                               \
     .extension = EXT_##extension_,                                                                \
     .permit = permit_##condition,                                                                 \
     kind_,                                                                                        \
     .effect = (effect_),                                                                          \
     .title = (title_)},
#include "cpu/csr.def"
#undef CSR
};

enum { NUMBERS = 4096, PRIV_SHIFT = 8, ACCESS_SHIFT = 10, READ_ONLY = 3 };

// The row of a number: its index + 1.
enum row_index {
#define CSR(number, name, ...) ROW_##name,
#include "cpu/csr.def"
#undef CSR
};
static const uint8_t row_of[NUMBERS] = {
#define CSR(number, name, ...) [number] = ROW_##name + 1,
#include "cpu/csr.def"
#undef CSR
};

static const struct csr_row *find(unsigned number) {
    return number < NUMBERS && row_of[number] ? &rows[row_of[number] - 1] : NULL;
}

static enum privilege lowest_mode(const struct csr_row *row) {
    return (enum privilege)(row->number >> PRIV_SHIFT & 3);
}

static bool exists(const struct hart *h, const struct csr_row *row) {
    return row && has(h, row->extension) && (lowest_mode(row) != PRIV_S || has(h, EXT_s));
}

static uint64_t read_row(const struct hart *h, const struct csr_row *row) {
    if (row->read) return row->read(h, row->number);
    uint64_t value = 0;
    if (row->has_field) memcpy(&value, (const char *)&h->csr + row->field, sizeof value);
    return value;
}

static void write_row(struct hart *h, const struct csr_row *row, uint64_t value) {
    if (row->write) row->write(h, row->number, value);
    if (!row->legal) return; // a write function has done it, or nothing sticks
    value = row->legal(h, read_row(h, row), value);
    memcpy((char *)&h->csr + row->field, &value, sizeof value);
}

// What CSR_SET and CSR_CLEAR start from. "Only the software-writable SEIP bit participates in the
// read-modify-write sequence": the PLIC's line would be caught in mip otherwise.
static uint64_t modify(const struct hart *h, const struct csr_row *row, enum csr_op op,
                       uint64_t old, uint64_t value) {
    uint64_t base = row->number == CSR_mip ? h->csr.mip : old;
    switch (op) {
    case CSR_SET: return base | value;
    case CSR_CLEAR: return base & ~value;
    default: return value;
    }
}

// No CSR of ours changes by being read, so does_read makes no difference.
bool csr_access(struct hart *h, unsigned number, enum csr_op op, bool does_read, uint64_t value,
                uint64_t *old) {
    (void)does_read;
    const struct csr_row *row = find(number);
    if (!exists(h, row) || h->privilege < lowest_mode(row)) return false;
    if (op != CSR_READ && number >> ACCESS_SHIFT == READ_ONLY) return false;
    if (!row->permit(h, number)) return false;
    if (row->effect & TIMER) csr_update_timer(h);
    if (row->effect & FLAGS) h->csr.fflags |= fp_host_flags();
    *old = read_row(h, row);
    if (op == CSR_READ) return true;
    write_row(h, row, modify(h, row, op, *old, value));
    if (row->effect & CONTEXT) hart_context_changed(h);
    return true;
}

bool csr_peek(const struct hart *h, unsigned number, uint64_t *value) {
    const struct csr_row *row = find(number);
    if (!exists(h, row)) return false;
    *value = read_row(h, row);
    return true;
}

const char *csr_name(unsigned number) {
    const struct csr_row *row = find(number);
    return row ? row->name : NULL;
}

const char *csr_title(unsigned number) {
    const struct csr_row *row = find(number);
    return row ? row->title : NULL;
}

// Wires keep their levels: whoever holds them is reset by itself.
void csr_reset(struct hart *h) {
    uint64_t wires = h->csr.mip_line & ~IRQ_BIT(IRQ_STI);
    h->csr = (struct csr_state){.mip_line = wires};
    for (unsigned rm = 0; rm < FP_DYN; rm++) h->csr.rounding[rm] = (uint8_t)rm;
    if (has(h, EXT_u)) h->csr.mstatus |= UINT64_C(2) << 32;
    if (has(h, EXT_s)) h->csr.mstatus |= UINT64_C(2) << 34;
    if (!has(h, EXT_u)) h->csr.mstatus |= MSTATUS_MPP;
    if (has(h, EXT_svadu) && h->adue_at_reset) h->csr.menvcfg = MENVCFG_ADUE;
    h->csr.cycle_base = 0 - hart_cycles(h);
    h->csr.instret_base = 0 - hart_retired(h);
}
