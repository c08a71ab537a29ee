// SPDX-License-Identifier: MIT
// Random programs (see program.h): a row of the table of instructions is drawn, then what the row
// leaves open, until the instruction keeps the rules; then branches get their targets.
#include "testsuite/diff/program.h"

#include <string.h>

#include "cpu/counter.h"
#include "cpu/csr.h"
#include "testsuite/unit/random.h"

#define SET(n) (UINT32_C(1) << (n))

// Registers for random use: no bases, no links (x1, x5), none of those that nudge.c uses (x28-x31).
static const uint32_t general = SET(3) | SET(4) | SET(6) | SET(7) | SET(10) | SET(11) | SET(12) |
                                SET(13) | SET(14) | SET(15) | SET(16) | SET(17) | SET(23) |
                                SET(24) | SET(25);
static const uint32_t bases = SET(X_SP) | SET(X_BASE) | SET(X_BASE + 1) | SET(X_FAR);
static const uint32_t links = SET(0) | SET(1) | SET(5);

// Pool loads, loops and slots are written as words; an instruction's fields by their places.
static uint32_t place(uint32_t opcode, unsigned rd, unsigned rs1, int32_t imm) {
    return opcode | rd << 7 | rs1 << 15 | (uint32_t)imm << 20;
}
static uint32_t ld(unsigned rd, unsigned rs1, int32_t imm) { return place(0x3003, rd, rs1, imm); }
static uint32_t lw(unsigned rd, unsigned rs1, int32_t imm) { return place(0x2003, rd, rs1, imm); }
static uint32_t addi(unsigned rd, unsigned rs1, int32_t imm) { return place(0x13, rd, rs1, imm); }
static uint32_t sw(unsigned rs2, unsigned rs1, uint32_t imm) {
    return 0x2023 | rs1 << 15 | rs2 << 20 | (imm >> 5) << 25 | (imm & 31) << 7;
}
enum { FENCE_I = 0x100f, BLT_0_COUNT = 0x4063 | X_COUNT << 20, JAL = 0x6f };

// --- Rules

static bool in_set(uint32_t set, unsigned reg) { return set >> reg & 1; }

// Entries come from the pool, links from jumps: nothing else is jumped to.
static bool jump_allowed(const struct insn *in, unsigned flags) {
    if (!in_set(links, in->rd)) return false;
    return !(flags & INSN_INDIRECT) ||
           (in_set(SET(1) | SET(5) | SET(X_ENTRY), in->rs1) && (in->imm == 0 || in->length == 2));
}

// menvcfg stays as it is: PBMTE wants a fence behind each change (nudge.c has them).
static bool csr_is_for_all(unsigned number) {
    return csr_name(number) != NULL && number != CSR_mtvec && number != CSR_stvec &&
           number != CSR_menvcfg && number != CSR_pmpcfg0 &&
           !(number > CSR_pmpaddr0 + 1 && number <= CSR_pmpaddr7);
}

static bool is_event(unsigned number) {
    return number >= CSR_mhpmevent3 && number < CSR_mhpmevent3 + HPM_COUNTERS;
}

// The events up to EVENT_LAST are counted alike by all harts; beyond them are those of TLBs and
// walks, of which a hart that forgets has more. None of the instructions allowed leads there.
static bool event_allowed(const struct insn *in) {
    if (in->op == OP_csrrc || in->op == OP_csrrci) return true;
    if (in->op == OP_csrrs) return in->rs1 == 0;
    return in->op != OP_csrrw && in->rs1 <= EVENT_LAST;
}

static bool csr_allowed(const struct insn *in) {
    unsigned number = (unsigned)in->imm;
    if (is_event(number)) return event_allowed(in);
    if (!csr_is_for_all(number)) return in->op == OP_csrrs && in->rs1 == 0;
    bool writes = in->op == OP_csrrw;
    if (number == CSR_satp) return writes && in->rs1 == X_SATP;
    if (number == CSR_mepc || number == CSR_sepc) return writes && in->rs1 == X_ENTRY;
    return true;
}

static bool is_csr(const struct insn *in) {
    return in->op == OP_csrrw || in->op == OP_csrrs || in->op == OP_csrrc || in->op == OP_csrrwi ||
           in->op == OP_csrrsi || in->op == OP_csrrci;
}

static bool is_allowed(const struct insn *in) {
    unsigned flags = isa_row_info(in->row)->flags;
    if (in->op == OP_illegal) return true;
    if (flags & (INSN_JUMP | INSN_INDIRECT)) return jump_allowed(in, flags);
    bool moves_sp = in->op == OP_addi && in->rd == X_SP && in->rs1 == X_SP;
    if (in->rd && !(flags & INSN_FD) && !in_set(general, in->rd) && !moves_sp) return false;
    if (is_csr(in) && !csr_allowed(in)) return false;
    if (flags & INSN_STORE) return in_set(bases | general, in->rs1);
    return (flags & INSN_FP) || (in->rs1 != X_SLOTS && in->rs2 != X_SLOTS);
}

// --- Drawing one instruction

enum kind { ALU, LOAD, STORE, BRANCH, JUMP, INDIRECT, FP, CSR, SYSTEM, KINDS };

static enum kind kind_of(const struct isa_row_info *row) {
    if (row->flags & INSN_BRANCH) return BRANCH;
    if (row->flags & INSN_JUMP) return JUMP;
    if (row->flags & INSN_INDIRECT) return INDIRECT;
    if (row->format == FORMAT_CSR || row->format == FORMAT_CSRI) return CSR;
    if (row->flags & INSN_SYSTEM) return SYSTEM;
    if (row->flags & INSN_STORE) return STORE;
    if (row->flags & INSN_LOAD) return LOAD;
    return row->flags & INSN_FP ? FP : ALU;
}

// Of 100 instructions.
static const uint8_t weight[KINDS] = {
    [ALU] = 38,     [LOAD] = 16, [STORE] = 13, [BRANCH] = 8, [JUMP] = 2,
    [INDIRECT] = 1, [FP] = 16,   [CSR] = 4,    [SYSTEM] = 2};

static enum kind draw_kind(uint64_t *seed) {
    unsigned n = draw_below(seed, 100), kind = 0;
    while (n >= weight[kind]) n -= weight[kind++];
    return (enum kind)kind;
}

// Half of what can be compressed is.
static enum isa_row draw_row(uint64_t *seed) {
    enum kind kind = draw_kind(seed);
    bool compressed = one_in(seed, 2);
    for (unsigned tries = 0; tries < 4000; tries++) {
        unsigned row = 1 + draw_below(seed, ISA_ROWS - 1);
        const struct isa_row_info *info = isa_row_info((enum isa_row)row);
        bool is_short = info->format >= FORMAT_C_ADDI4SPN;
        if (kind_of(info) == kind && (is_short == compressed || tries > 1000))
            return (enum isa_row)row;
    }
    return ROW_addi;
}

// The pattern's fixed bits, and random ones for the rest. *length in bits.
static uint32_t fill_pattern(const char *pattern, uint64_t random, unsigned *length) {
    uint32_t bits = 0;
    *length = 0;
    for (const char *c = pattern; *c; c++) {
        if (*c == ' ') continue;
        bits = bits << 1 | (*c == '1' || ((*c == '.' || *c == 'n') && (random & 1)));
        random >>= 1;
        ++*length;
    }
    return bits;
}

static uint32_t with_field(uint32_t bits, unsigned shift, uint32_t value) {
    return (bits & ~(UINT32_C(31) << shift)) | value << shift;
}

static unsigned draw_from(uint64_t *seed, uint32_t set) {
    unsigned reg = draw_below(seed, 32);
    while (!in_set(set, reg)) reg = (reg + 1) % 32;
    return reg;
}

static const uint16_t common_csr[] = {
    CSR_fflags,   CSR_frm,      CSR_fcsr,       CSR_cycle,    CSR_time,     CSR_instret,
    CSR_sstatus,  CSR_sie,      CSR_sip,        CSR_sscratch, CSR_sepc,     CSR_scause,
    CSR_stval,    CSR_senvcfg,  CSR_scounteren, CSR_satp,     CSR_stimecmp, CSR_mstatus,
    CSR_mie,      CSR_mip,      CSR_mscratch,   CSR_mcause,   CSR_mtval,    CSR_medeleg,
    CSR_mideleg,  CSR_menvcfg,  CSR_mcounteren, CSR_mcycle,   CSR_minstret, CSR_mcountinhibit,
    CSR_pmpaddr0, CSR_pmpaddr1, CSR_pmpcfg2,    CSR_pmpaddr8, CSR_scountovf};
// A counter's three, of which there are HPM_COUNTERS.
static const uint16_t counter_csr[] = {CSR_mhpmcounter3, CSR_mhpmevent3, CSR_hpmcounter3};

static uint32_t draw_csr(uint64_t *seed) {
    if (one_in(seed, 16)) return draw_below(seed, 4096);
    if (one_in(seed, 5)) return counter_csr[draw_below(seed, 3)] + draw_below(seed, HPM_COUNTERS);
    // The first are U-mode's.
    if (one_in(seed, 2)) return common_csr[draw_below(seed, 6)];
    return common_csr[draw_below(seed, sizeof common_csr / sizeof *common_csr)];
}

// Makes it likely that a 32-bit instruction keeps the rules.
static uint32_t guide(uint32_t bits, enum kind kind, uint64_t *seed) {
    switch (kind) {
    case LOAD:
    case STORE:
        bits = with_field(bits, 15, draw_from(seed, one_in(seed, 16) ? general : bases));
        break;
    case CSR: {
        uint32_t number = draw_csr(seed);
        bits = (bits & 0xfffff) | number << 20;
        if (number == CSR_satp) bits = with_field(bits, 15, X_SATP);
        if (number == CSR_sepc) bits = with_field(bits, 15, X_ENTRY);
        break;
    }
    case JUMP: return with_field(bits, 7, draw_from(seed, links));
    case INDIRECT:
        bits = with_field(bits & 0xfffff, 15, draw_from(seed, SET(1) | SET(5) | SET(X_ENTRY)));
        return with_field(bits, 7, draw_from(seed, links));
    default: break;
    }
    return kind == STORE || kind == BRANCH || kind == FP
               ? bits
               : with_field(bits, 7, draw_from(seed, general | 1));
}

// Immediates at which code changes its mind: all that are small, and those beside powers of two.
static uint32_t draw_immediate(uint64_t *seed) {
    if (one_in(seed, 2)) return (draw_below(seed, 256) - 128) & 0xfff;
    uint32_t power = UINT32_C(1) << draw_below(seed, 12);
    return (power + draw_below(seed, 3) - 1) & 0xfff;
}

// Half of the immediates of 12 bits are of those; the rest stays as it was drawn.
static uint32_t with_immediate(uint32_t bits, unsigned format, uint64_t *seed) {
    bool high = format == FORMAT_I || format == FORMAT_LOAD || format == FORMAT_FP_LOAD;
    bool split = format == FORMAT_STORE || format == FORMAT_FP_STORE;
    if ((!high && !split) || one_in(seed, 2)) return bits;
    uint32_t imm = draw_immediate(seed);
    if (high) return (bits & 0xfffff) | imm << 20;
    return with_field(bits & 0x1ffffff, 7, imm & 31) | imm >> 5 << 25;
}

// WFI, MRET and SRET end much of what could go on: they are rarer than their rows.
static bool is_too_common(const struct insn *in, uint64_t *seed) {
    bool ends = in->op == OP_wfi || in->op == OP_mret || in->op == OP_sret || in->op == OP_ecall;
    return ends && !one_in(seed, 4);
}

static struct insn draw_insn(uint64_t *seed) {
    extension_set all = isa_default();
    if (one_in(seed, 500)) return isa_decode(((uint32_t)draw(seed) & 0xfffff80) | 0xb, all);
    for (unsigned tries = 0; tries < 200; tries++) {
        enum isa_row row = draw_row(seed);
        const struct isa_row_info *info = isa_row_info(row);
        unsigned length;
        uint32_t bits = fill_pattern(info->pattern, draw(seed), &length);
        bool keeps_fields = info->flags & INSN_FD || info->format == FORMAT_SFENCE ||
                            info->format == FORMAT_FENCE || info->format == FORMAT_NONE;
        if (length == 32 && info->flags & (INSN_LOAD | INSN_STORE)) {
            bits = with_field(bits, 15, draw_from(seed, one_in(seed, 16) ? general : bases));
        } else if (length == 32 && !keeps_fields) {
            bits = guide(bits, kind_of(info), seed);
        }
        if (length == 32) bits = with_immediate(bits, info->format, seed);
        // Rounding modes 5 and 6 are illegal: most instructions get another.
        bool rounds =
            kind_of(info) == FP && length == 32 && strstr(info->pattern, "..... ... .....");
        if (rounds && (bits >> 12 & 7) > 4 && !one_in(seed, 16)) bits |= 7 << 12;
        struct insn in = isa_decode(bits, all);
        if (in.row == row && is_allowed(&in) && !is_too_common(&in, seed)) return in;
    }
    return isa_decode(addi(0, 0, 0), all);
}

// --- A program

static void add(struct program *p, uint32_t bits, bool goes_back) {
    struct insn in = isa_decode(bits, isa_default());
    p->item[p->items++] = (struct item){.bits = bits,
                                        .length = in.length,
                                        .goes_back = goes_back,
                                        .format = isa_row_info(in.row)->format};
}

// Instructions that belong together.
static void add_group(struct program *p, uint64_t *seed) {
    int32_t word = POOL_WORDS + 4 * (int32_t)draw_below(seed, 128);
    int32_t base = POOL_BASES + 8 * (int32_t)draw_below(seed, 64);
    int32_t entry = POOL_ENTRIES + 8 * (int32_t)draw_below(seed, ENTRIES);
    uint32_t slot = draw_below(seed, SLOT_COUNT);
    switch (draw_below(seed, 8)) {
    case 0: // writes a slot, and perhaps executes it
        add(p, lw(X_WORD, X_POOL, word), false);
        add(p, sw(X_WORD, X_SLOTS, 4 * slot), false);
        add(p, FENCE_I, false);
        if (one_in(seed, 2)) add(p, JAL | 1 << 7, false);
        break;
    case 1:
    case 2: // a loop
        add(p, addi(X_COUNT, X_COUNT, -1), false);
        add(p, BLT_0_COUNT, true);
        break;
    case 3: add(p, ld(X_ENTRY, X_POOL, entry), false); break;
    case 4: add(p, ld(X_SATP, X_POOL, POOL_SATP + (entry & 63)), false); break;
    default: add(p, ld(draw_from(seed, bases), X_POOL, base), false); break;
    }
}

// Bits of a value at other places: as pairs {bit of the value, bit of the instruction}.
static uint32_t scatter(int32_t value, const uint8_t (*pair)[2], unsigned pairs) {
    uint32_t bits = 0;
    for (unsigned i = 0; i < pairs; i++) bits |= ((uint32_t)value >> pair[i][0] & 1) << pair[i][1];
    return bits;
}

// Where the immediates of branches and jumps are (unprivileged manual), and how far they reach.
struct offset_field {
    uint32_t mask;
    int32_t reach; // bytes
    uint8_t pairs;
    uint8_t pair[20][2];
};
static const struct offset_field fields[ISA_FORMATS] = {
    [FORMAT_B] = {0xfe000f80,
                  4000,
                  12,
                  {{12, 31},
                   {11, 7},
                   {10, 30},
                   {9, 29},
                   {8, 28},
                   {7, 27},
                   {6, 26},
                   {5, 25},
                   {4, 11},
                   {3, 10},
                   {2, 9},
                   {1, 8}}},
    [FORMAT_J] = {0xfffff000, 100000, 20, {{20, 31}, {19, 19}, {18, 18}, {17, 17}, {16, 16},
                                           {15, 15}, {14, 14}, {13, 13}, {12, 12}, {11, 20},
                                           {10, 30}, {9, 29},  {8, 28},  {7, 27},  {6, 26},
                                           {5, 25},  {4, 24},  {3, 23},  {2, 22},  {1, 21}}},
    [FORMAT_C_BEQZ] = {0x1c7c,
                       240,
                       8,
                       {{8, 12}, {7, 6}, {6, 5}, {5, 2}, {4, 11}, {3, 10}, {2, 4}, {1, 3}}},
    [FORMAT_C_J] = {0x1ffc,
                    2000,
                    11,
                    {{11, 12},
                     {10, 8},
                     {9, 10},
                     {8, 9},
                     {7, 6},
                     {6, 7},
                     {5, 2},
                     {4, 11},
                     {3, 5},
                     {2, 4},
                     {1, 3}}},
};

static int32_t draw_offset(const struct program *p, const struct item *from, int32_t reach,
                           uint64_t *seed) {
    unsigned index = (unsigned)(from - p->item);
    unsigned near = one_in(seed, 2) ? 12 : (unsigned)reach / 4;
    if (near > p->items) near = p->items;
    unsigned step = draw_below(seed, near) + 1;
    // Jumps go back rarely: they would never end.
    bool jumps = from->format == FORMAT_J || from->format == FORMAT_C_J;
    bool back = from->goes_back || one_in(seed, jumps ? 40 : 6);
    unsigned target = back ? (index >= step ? index - step : 0) : index + step;
    if (target >= p->items) target = p->items - 1;
    int32_t offset = p->item[target].at - from->at;
    return offset > reach || offset < -reach ? 4 : offset;
}

static void aim(struct program *p, uint64_t *seed) {
    const uint32_t call = JAL | 1 << 7;
    for (unsigned i = 0; i < p->items; i++) {
        struct item *it = &p->item[i];
        const struct offset_field *f = &fields[it->format];
        if (!f->pairs) continue;
        int32_t offset = draw_offset(p, it, it->goes_back ? 100 : f->reach, seed);
        if (it->bits == call) {
            offset = SLOTS + 4 * (int32_t)draw_below(seed, SLOT_COUNT) - TEXT - it->at;
        }
        it->bits = (it->bits & ~f->mask) | scatter(offset, f->pair, f->pairs);
    }
}

// What may stand in a slot: 4 bytes that neither store, nor jump, nor know where they are.
static uint32_t draw_slot(uint64_t *seed) {
    for (;;) {
        struct insn in = draw_insn(seed);
        const struct isa_row_info *row = isa_row_info(in.row);
        enum kind kind = kind_of(row);
        if (in.length == 4 && in.op != OP_auipc && (kind == ALU || kind == FP || kind == LOAD))
            return in.bits;
    }
}

uint64_t draw_entry(const struct program *p, enum privilege mode, uint64_t *seed) {
    if (one_in(seed, 40)) return draw_base(mode, seed);
    return draw_view(mode, seed) + TEXT + p->item[draw_below(seed, p->items)].at;
}

static void fill_pool(struct program *p, uint64_t *seed) {
    uint64_t value;
    for (unsigned i = POOL_BASES; i < POOL_SATP; i += 8) {
        value = draw_base((enum privilege)draw_below(seed, 2), seed);
        memcpy(p->pool + i, &value, sizeof value);
    }
    for (unsigned i = POOL_SATP; i < POOL_ENTRIES; i += 8) {
        value = i == POOL_SATP ? 0 : space_satp(i / 8 % SPACES);
        memcpy(p->pool + i, &value, sizeof value);
    }
    for (unsigned i = POOL_ENTRIES; i < POOL_WORDS; i += 8) {
        value = draw_entry(p, (enum privilege)draw_below(seed, 2), seed);
        memcpy(p->pool + i, &value, sizeof value);
    }
    for (unsigned i = POOL_WORDS; i < POOL_END; i += 4) {
        uint32_t word = draw_slot(seed);
        memcpy(p->pool + i, &word, sizeof word);
    }
}

// Short programs are run often enough to become native code, long ones fill the tables.
void program_draw(struct program *p, uint64_t seed) {
    static const uint16_t sizes[] = {60, 150, 400, 1000, 4000};
    unsigned size = sizes[draw_below(&seed, 5)];
    p->items = 0;
    while (p->items < size) {
        if (one_in(&seed, 12)) {
            add_group(p, &seed);
        } else {
            add(p, draw_insn(&seed).bits, false);
        }
    }
    unsigned at = 0;
    for (unsigned i = 0; i < p->items; at += p->item[i++].length) p->item[i].at = (uint16_t)at;
    aim(p, &seed);
    for (unsigned i = 0; i < SLOT_COUNT; i++) p->slot[i] = draw_slot(&seed);
    fill_pool(p, &seed);
}

void program_load(const struct program *p, uint8_t *ram) {
    const uint32_t ret = 0x00008067, ecall = 0x00000073;
    unsigned end = 0;
    for (unsigned i = 0; i < p->items; end += p->item[i++].length) {
        memcpy(ram + TEXT + p->item[i].at, &p->item[i].bits, p->item[i].length);
    }
    memcpy(ram + TEXT + end, &ecall, sizeof ecall);
    memcpy(ram + SLOTS, p->slot, sizeof p->slot);
    memcpy(ram + SLOTS + sizeof p->slot, &ret, sizeof ret);
    memcpy(ram + POOL, p->pool, sizeof p->pool);
}
