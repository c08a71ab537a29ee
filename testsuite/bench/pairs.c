// SPDX-License-Identifier: MIT
// Which instructions follow one another? Runs bare-metal programs and samples them: every 1009th
// instruction and the one executed after it are counted, compressed ones as what they stand for.
// Prints the pairs in the order of their frequency, in percent of all samples of all programs; each
// program has the same weight.
//   pairs PROGRAM.bin...     raw images for the start of RAM (objcopy -O binary)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cpu/hart.h"

#define RAM       UINT64_C(0x80000000)
#define RAM_BYTES (UINT64_C(256) << 20)
enum { STEP = 1008, SAMPLES = 100000, SHOWN = 40 };

struct counts {
    uint32_t count[OPS][OPS];
};

struct pair {
    uint16_t first, second;
    uint32_t count;
};

static uint64_t no_time(void *context) { return (uint64_t)(context != NULL); }
static void no_deadline(void *context) { (void)context; }

static _Noreturn void fail(const char *what, const char *name) {
    fprintf(stderr, "pairs: %s: %s\n", name, what);
    exit(2);
}

static void load(const char *name, uint8_t *ram) {
    FILE *file = fopen(name, "rb");
    if (!file) fail("cannot be read", name);
    size_t got = fread(ram, 1, RAM_BYTES, file);
    fclose(file);
    if (!got) fail("is empty", name);
}

// What the hart is going to execute. Reading it now is reading it a moment too early, no more.
static unsigned next_op(struct hart *h) {
    uint64_t pa;
    bool whole;
    uint32_t bits = 0;
    if (!mmu_fetch(&h->mmu, h->pc, &pa, &whole)) return OP_illegal;
    memcpy(&bits, phys_host(h->mmu.phys, pa, 4), 4);
    return isa_decode(bits, h->extensions).op;
}

static void sample(struct hart *h, struct counts *c) {
    uint64_t done;
    for (unsigned i = 0; i < SAMPLES; i++) {
        hart_run(h, STEP, &done);
        unsigned first = next_op(h);
        hart_run(h, 1, &done);
        // A program that has ended waits for a machine that is not there.
        if (h->csr.mcause == CAUSE_STORE_ACCESS) return;
        c->count[first][next_op(h)]++;
    }
}

static void run(const char *name, struct counts *c) {
    struct phys phys;
    phys_init(&phys);
    uint8_t *ram =
        mmap(NULL, RAM_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (ram == MAP_FAILED || !phys_add_memory(&phys, (struct range){RAM, RAM_BYTES}, ram, true))
        fail("out of memory", name);
    load(name, ram);
    struct hart_config config = {
        .extensions = isa_default(), .adue = true, .platform = {NULL, no_time, no_deadline}};
    struct hart *h = hart_create(&config, &phys);
    if (!h) fail("out of memory", name);
    h->pc = RAM;
    sample(h, c);
    hart_destroy(h);
    phys_free(&phys);
    munmap(ram, RAM_BYTES);
}

static int by_count(const void *a, const void *b) {
    const struct pair *p = a, *q = b;
    return (p->count < q->count) - (p->count > q->count);
}

int main(int arguments, char **names) {
    struct pair *pairs = calloc(OPS * OPS, sizeof *pairs);
    struct counts *c = calloc(1, sizeof *c);
    if (!pairs || !c) fail("out of memory", names[0]);
    uint64_t total = 0;
    unsigned n = 0;
    for (int i = 1; i < arguments; i++) run(names[i], c);
    for (uint16_t first = 0; first < OPS; first++) {
        for (uint16_t second = 0; second < OPS; second++) {
            if (!c->count[first][second]) continue;
            pairs[n++] = (struct pair){first, second, c->count[first][second]};
            total += c->count[first][second];
        }
    }
    qsort(pairs, n, sizeof *pairs, by_count);
    for (unsigned i = 0; i < n && i < SHOWN; i++) {
        printf("| `%s` `%s` | %.2f |\n", isa_op_name((enum op)pairs[i].first),
               isa_op_name((enum op)pairs[i].second), 100.0 * pairs[i].count / (double)total);
    }
    free(pairs);
    free(c);
}
