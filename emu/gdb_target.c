// SPDX-License-Identifier: MIT
// The target description (see gdb_target.h; the features' names are in gdb's manual, "RISC-V
// Features").
#include "emu/gdb_target.h"

#include <string.h>

static bool has_f(const struct hart *h) { return h->extensions & EXT_BIT(EXT_f); }

const char *gdb_register_name(const struct hart *h, uint64_t number, char text[static 24]) {
    uint64_t value;
    if (number < GDB_PC) {
        snprintf(text, 24, "x%u", (unsigned)number);
    } else if (number == GDB_PC) {
        strcpy(text, "pc");
    } else if (number < GDB_CSR0) {
        if (!has_f(h)) return NULL;
        snprintf(text, 24, "f%u", (unsigned)number - GDB_F0);
    } else if (number == GDB_PRIV) {
        strcpy(text, "priv");
    } else {
        const unsigned csr = (unsigned)(number - GDB_CSR0);
        if (number > GDB_PRIV || !csr_peek(h, csr, &value)) return NULL;
        snprintf(text, 24, "%s", csr_name(csr));
    }
    return text;
}

static void feature(FILE *to, const char *name) { fprintf(to, "<feature name=\"%s\">", name); }

static void reg(FILE *to, const char *name, unsigned number, const char *type) {
    fprintf(to, "<reg name=\"%s\" bitsize=\"64\" regnum=\"%u\" type=\"%s\"/>", name, number, type);
}

void gdb_describe(const struct hart *h, FILE *to) {
    static const char *const x[] = {"zero", "ra", "sp",  "gp",  "tp", "t0", "t1", "t2",
                                    "fp",   "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
                                    "a6",   "a7", "s2",  "s3",  "s4", "s5", "s6", "s7",
                                    "s8",   "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
    char name[24];
    fputs("<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target "
          "version=\"1.0\"><architecture>riscv:rv64</architecture>",
          to);
    feature(to, "org.gnu.gdb.riscv.cpu");
    for (unsigned i = 0; i < 32; i++) {
        const bool pointer = i == 2 || i == 3 || i == 4 || i == 8;
        reg(to, x[i], i, i == 1 ? "code_ptr" : pointer ? "data_ptr" : "int");
    }
    reg(to, "pc", GDB_PC, "code_ptr");
    fputs("</feature>", to);
    if (has_f(h)) {
        feature(to, "org.gnu.gdb.riscv.fpu");
        for (unsigned i = 0; i < 32; i++) {
            snprintf(name, sizeof name, "f%u", i);
            reg(to, name, GDB_F0 + i, "ieee_double");
        }
        fputs("</feature>", to);
    }
    feature(to, "org.gnu.gdb.riscv.virtual");
    reg(to, "priv", GDB_PRIV, "int");
    fputs("</feature>", to);
    feature(to, "org.gnu.gdb.riscv.csr");
    for (unsigned i = 0; i < 4096; i++) {
        uint64_t value;
        if (csr_peek(h, i, &value)) reg(to, csr_name(i), GDB_CSR0 + i, "int");
    }
    fputs("</feature></target>", to);
}
