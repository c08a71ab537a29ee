// SPDX-License-Identifier: MIT
// Step 5 of the translation process: may this access use this leaf? One row a kind of leaf, with
// the accesses that succeed; every other access is a page fault of its own type. Each row holds at
// all three levels, for S- and U-mode and for M-mode with MPRV.
#include "vm.h"

struct row {
    const char *name;
    uint64_t flags;
    // Accesses that succeed: as S with none, SUM, MXR, SUM and MXR set; as U with none, MXR.
    const char *s[4], *u[2];
};

static const struct row rows[] = {
    {"R is for S to load", PTE_R, {"l", "l", "l", "l"}, {"", ""}},
    {"RW is for S to load and store", PTE_RW, {"ls", "ls", "ls", "ls"}, {"", ""}},
    {"X is for S to fetch, with MXR to load", PTE_X, {"f", "f", "lf", "lf"}, {"", ""}},
    {"RX is for S to load and fetch", PTE_R | PTE_X, {"lf", "lf", "lf", "lf"}, {"", ""}},
    {"RWX is for S to do all", PTE_RWX, {"lsf", "lsf", "lsf", "lsf"}, {"", ""}},
    {"R U needs SUM from S", PTE_R | PTE_U, {"", "l", "", "l"}, {"l", "l"}},
    {"RW U needs SUM from S", PTE_RW | PTE_U, {"", "ls", "", "ls"}, {"ls", "ls"}},
    {"X U is never for S to fetch", PTE_X | PTE_U, {"", "", "", "l"}, {"f", "lf"}},
    {"RX U is never for S to fetch", PTE_R | PTE_X | PTE_U, {"", "l", "", "l"}, {"lf", "lf"}},
    {"RWX U is never for S to fetch", PTE_RWX | PTE_U, {"", "ls", "", "ls"}, {"lsf", "lsf"}},
    {"W without R is reserved", PTE_W, {"", "", "", ""}, {"", ""}},
    {"WX without R is reserved", PTE_W | PTE_X, {"", "", "", ""}, {"", ""}},
    {"W U without R is reserved", PTE_W | PTE_U, {"", "", "", ""}, {"", ""}},
    {"WX U without R is reserved", PTE_W | PTE_X | PTE_U, {"", "", "", ""}, {"", ""}},
};

static const uint64_t s_status[4] = {0, MSTATUS_SUM, MSTATUS_MXR, MSTATUS_SUM | MSTATUS_MXR};
static const uint64_t u_status[2] = {0, MSTATUS_MXR};

static void check_row(const void *v) {
    const struct row *row = v;
    for (int level = 0; level <= 2; level++) {
        struct mapping m = vm_simple(level, row->flags | PTE_V | PTE_AD);
        for (int i = 0; i < 4; i++) {
            vm_expect_kinds(who_name[BY_S], &m, BY_S, s_status[i], row->s[i]);
            vm_expect_kinds(who_name[BY_MPRV_S], &m, BY_MPRV_S, s_status[i], row->s[i]);
        }
        for (int i = 0; i < 2; i++) {
            vm_expect_kinds(who_name[BY_U], &m, BY_U, u_status[i], row->u[i]);
            vm_expect_kinds(who_name[BY_MPRV_U], &m, BY_MPRV_U, u_status[i], row->u[i]);
        }
    }
}
CASE_ROWS(rows, check_row);
