// SPDX-License-Identifier: MIT
// Comparing two harts (see state.h).
#include "testsuite/diff/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cpu/csr.h"

static const uint16_t csrs[] = {
#define CSR(number, ...) number,
#include "cpu/csr.def"
#undef CSR
};
enum { CSRS = sizeof csrs / sizeof *csrs };

// What is neither a register nor a CSR.
struct rest {
    uint64_t pc, privilege, waiting, reservation, cycles, retired;
};
static const char *const rest_names[] = {"pc",          "privilege", "waiting",
                                         "reservation", "cycles",    "retired"};
enum { RESTS = sizeof(struct rest) / sizeof(uint64_t) };

static struct rest rest_of(const struct hart *h) {
    return (struct rest){h->pc,          h->privilege,   h->waiting,
                         h->reservation, hart_cycles(h), hart_retired(h)};
}

static bool memory_equal(const struct side *a, const struct side *b) {
    return memcmp(a->ram, b->ram, RAM_BYTES) == 0 &&
           memcmp(a->tables, b->tables, TABLE_PAGES * PAGE_SIZE) == 0;
}

// Of the CSRs the fields first, which are most of them; those that are more than a field follow.
bool state_equal(const struct side *a, const struct side *b, bool memory) {
    const struct hart *g = a->h, *h = b->h;
    const struct rest of_a = rest_of(g), of_b = rest_of(h);
    if (memcmp(g->x, h->x, 32 * sizeof *g->x) != 0 || memcmp(g->f, h->f, sizeof g->f) != 0 ||
        memcmp(&of_a, &of_b, sizeof of_a) != 0)
        return false;
    for (unsigned i = 0; i < CSRS; i++) {
        uint64_t v = 0, w = 0;
        if (csr_peek(g, csrs[i], &v) != csr_peek(h, csrs[i], &w) || v != w) return false;
    }
    return !memory || memory_equal(a, b);
}

static void print_value(const char *name, unsigned index, uint64_t a, uint64_t b) {
    if (a == b) return;
    printf("  %s", name);
    if (index < 32) printf("%u", index);
    printf(": 0x%016" PRIx64 " 0x%016" PRIx64 "\n", a, b);
}

static void print_memory(const uint8_t *a, const uint8_t *b, uint64_t base, uint64_t bytes) {
    unsigned shown = 0;
    for (uint64_t i = 0; i < bytes && shown < 8; i += 8) {
        if (memcmp(a + i, b + i, 8) == 0) continue;
        uint64_t v, w;
        memcpy(&v, a + i, 8);
        memcpy(&w, b + i, 8);
        printf("  memory at 0x%" PRIx64 ": 0x%016" PRIx64 " 0x%016" PRIx64 "\n", base + i, v, w);
        shown++;
    }
}

void state_print(const struct side *a, const struct side *b, const char *const names[2]) {
    printf("  what differs: %s, %s\n", names[0], names[1]);
    for (unsigned i = 0; i < 32; i++) print_value("x", i, a->h->x[i], b->h->x[i]);
    for (unsigned i = 0; i < 32; i++) print_value("f", i, a->h->f[i], b->h->f[i]);
    const struct rest of_a = rest_of(a->h), of_b = rest_of(b->h);
    uint64_t v[RESTS], w[RESTS];
    memcpy(v, &of_a, sizeof v);
    memcpy(w, &of_b, sizeof w);
    for (unsigned i = 0; i < RESTS; i++) print_value(rest_names[i], 32, v[i], w[i]);
    for (unsigned i = 0; i < CSRS; i++) {
        uint64_t of_g = 0, of_h = 0;
        (void)csr_peek(a->h, csrs[i], &of_g);
        (void)csr_peek(b->h, csrs[i], &of_h);
        print_value(csr_name(csrs[i]), 32, of_g, of_h);
    }
    print_memory(a->ram, b->ram, RAM, RAM_BYTES);
    print_memory(a->tables, b->tables, TABLES, TABLE_PAGES * PAGE_SIZE);
}
