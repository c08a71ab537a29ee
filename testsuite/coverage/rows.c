// SPDX-License-Identifier: MIT
// Which rows of the tables of instructions, CSRs and trap causes were executed? Runs guest programs
// and random ones on harts that are watched, counts, and names each row that nothing has executed.
//   rows [--programs=N] ELF...
//     --programs   random programs (testsuite/diff) beside the ELFs; 20
// An ELF's options are in ELF.args, as for testsuite/run-elfs. An instruction counts when it did
// not end in an exception, but where that is its purpose. A line a table; ends in 'N passed, M
// failed', rows.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/csr.h"
#include "emu/options.h"
#include "testsuite/diff/nudge.h"
#include "testsuite/unit/nobody.h"
#include "testsuite/unit/random.h"
#include "testsuite/unit/split.h"

enum { CSR_NUMBERS = 4096, ARGS_BYTES = 1024, WORDS = 32, STRETCHES = 200, STRETCH = 200 };
#define MAX_INSNS UINT64_C(50000000)

struct counts {
    uint64_t row[ISA_ROWS], csr[CSR_NUMBERS], exception[CAUSES], interrupt[CAUSES];
};

// An instruction under way: it counts when the next one begins.
struct watch {
    struct counts *counts;
    struct insn insn;
};

// --- Counting ------------------------------------------------------------------------------------

static void count(struct watch *w) {
    const unsigned format = isa_row_info(w->insn.row)->format;
    w->counts->row[w->insn.row]++;
    if (format == FORMAT_CSR || format == FORMAT_CSRI) {
        w->counts->csr[(unsigned)w->insn.imm % CSR_NUMBERS]++;
    }
    w->insn = (struct insn){0};
}

static bool fetch(struct hart *h, uint64_t va, uint16_t *half) {
    uint64_t pa;
    if (!mmu_peek(&h->mmu, va, ACCESS_FETCH, &pa)) return false;
    const uint8_t *host = phys_host(h->mmu.phys, pa, 2);
    if (host) memcpy(half, host, 2);
    return host != NULL;
}

static bool before(void *context, struct hart *h, uint64_t pc) {
    struct watch *w = context;
    uint16_t low = 0, high = 0;
    count(w);
    if (fetch(h, pc, &low) && isa_is_long(low) && !fetch(h, pc + 2, &high)) return false;
    w->insn = isa_decode(low | (uint32_t)high << 16, h->extensions);
    return false;
}

static void trapped(void *context, struct hart *h, uint64_t cause, uint64_t tval, uint64_t epc) {
    struct watch *w = context;
    (void)h, (void)tval, (void)epc;
    if (cause & CAUSE_INTERRUPT) {
        w->counts->interrupt[cause % CAUSES]++;
        return;
    }
    w->counts->exception[cause % CAUSES]++;
    const bool meant = cause == CAUSE_BREAKPOINT || cause >= CAUSE_ECALL_U;
    if (!meant || !(isa_row_info(w->insn.row)->flags & INSN_SYSTEM)) w->insn = (struct insn){0};
}

// --- Guest programs ------------------------------------------------------------------------------

// The words of the file beside the ELF. Returns how many.
static int read_args(const char *elf, char text[static ARGS_BYTES], char **word, int words) {
    char path[512];
    snprintf(path, sizeof path, "%s.args", elf);
    FILE *file = fopen(path, "r");
    const size_t size = file ? fread(text, 1, ARGS_BYTES - 1, file) : 0;
    text[size] = 0;
    if (file) fclose(file);
    return split_words(text, word, words, WORDS);
}

static bool run_machine(const struct options *o, struct counts *counts, struct message *message) {
    struct watch watch[MACHINE_MAX_HARTS] = {0};
    const struct hart_observer observe = {.before = before, .trapped = trapped};
    struct hart_observer observer[MACHINE_MAX_HARTS];
    struct machine *m = machine_create(&o->machine, &nobody, message);
    bool good = m && machine_load(m, message);
    for (unsigned i = 0; good && i < o->machine.harts; i++) {
        watch[i].counts = counts;
        observer[i] = observe;
        observer[i].context = &watch[i];
        hart_watch(m->hart[i], &observer[i], true);
    }
    good = good && machine_run(m, message);
    machine_destroy(m);
    return good;
}

static bool run_elf(char *elf, struct counts *counts) {
    static struct options o; // large
    char text[ARGS_BYTES], *word[WORDS + 1] = {"rows"};
    struct message message = {""};
    int words = read_args(elf, text, word, 1);
    word[words++] = elf;
    bool good = options_parse(&o, words, word, &message);
    o.machine.max_insns = MAX_INSNS;
    good = good && run_machine(&o, counts, &message);
    if (!good) fprintf(stderr, "rows: %s\n", message.text);
    options_destroy(&o);
    return good;
}

// --- Random programs -----------------------------------------------------------------------------

static void run_random(uint64_t seed, struct counts *counts) {
    static struct program program; // large
    struct side s;
    struct watch watch = {.counts = counts};
    const struct hart_observer observer = {.context = &watch, .before = before, .trapped = trapped};
    uint64_t executed;
    seed = mix(seed);
    program_draw(&program, seed);
    side_create(&s, INTERPRETED, &program, seed);
    hart_watch(s.h, &observer, true);
    for (unsigned i = 0; i < STRETCHES; i++) {
        const bool waits = hart_run(s.h, STRETCH, &executed) == EXIT_WFI;
        const uint64_t interrupts = draw(&seed), elsewhere = draw(&seed);
        nudge_interrupts(&s, interrupts);
        if (waits && nudge_onward(&s, &program, elsewhere)) continue;
        nudge_elsewhere(&s, &program, elsewhere);
    }
    side_destroy(&s);
}

// Only a hart without compressed instructions finds a jump's target misaligned.
static void run_misaligned(struct counts *counts) {
    enum { JUMP_2 = 0x0020006f };
    struct phys phys;
    uint8_t *ram = calloc(1, PAGE_SIZE);
    struct watch watch = {.counts = counts};
    const struct hart_observer observer = {.context = &watch, .before = before, .trapped = trapped};
    const struct hart_config config = {.extensions = isa_default() & ~EXT_BIT(EXT_c)};
    const uint32_t jump = JUMP_2;
    uint64_t executed;
    phys_init(&phys);
    if (!ram || !phys_add_memory(&phys, (struct range){RAM, PAGE_SIZE}, ram, true)) exit(2);
    memcpy(ram, &jump, sizeof jump);
    struct hart *h = hart_create(&config, &phys);
    if (!h) exit(2);
    h->pc = RAM;
    hart_watch(h, &observer, true);
    (void)hart_run(h, 1, &executed);
    hart_destroy(h);
    phys_free(&phys);
    free(ram);
}

// --- The answer ----------------------------------------------------------------------------------

struct tally {
    unsigned rows, missing;
};

static void expect(struct tally *t, uint64_t count, const char *table, const char *name) {
    t->rows++;
    if (count) return;
    t->missing++;
    printf("%s: %s was never executed\n", table, name);
}

static struct tally finish(const char *table, struct tally t, struct tally *all) {
    printf("%s: %u of %u rows executed\n", table, t.rows - t.missing, t.rows);
    all->rows += t.rows;
    all->missing += t.missing;
    return (struct tally){0};
}

static unsigned report(const struct counts *c) {
    struct tally t = {0}, all = {0};
    for (unsigned row = 1; row < ISA_ROWS; row++)
        expect(&t, c->row[row], "instructions", isa_row_info((enum isa_row)row)->name);
    t = finish("instructions", t, &all);
#define CSR(number, name, ...) expect(&t, c->csr[number], "CSRs", #name);
#include "cpu/csr.def"
#undef CSR
    t = finish("CSRs", t, &all);
#define EXCEPTION(name, ...) expect(&t, c->exception[CAUSE_##name], "causes", #name);
#define INTERRUPT(name, ...) expect(&t, c->interrupt[IRQ_##name], "causes", #name);
#include "cpu/trap.def"
#undef EXCEPTION
#undef INTERRUPT
    (void)finish("causes", t, &all);
    printf("%u passed, %u failed\n", all.rows - all.missing, all.missing);
    return all.missing;
}

int main(int words, char **word) {
    static struct counts counts; // large
    unsigned programs = 20;
    for (int i = 1; i < words; i++) {
        if (strncmp(word[i], "--programs=", 11) == 0) {
            programs = (unsigned)strtoul(word[i] + 11, NULL, 0);
        } else if (!run_elf(word[i], &counts)) {
            return 2;
        }
    }
    for (unsigned seed = 1; seed <= programs; seed++) run_random(seed, &counts);
    run_misaligned(&counts);
    return report(&counts) ? 1 : 0;
}
