// SPDX-License-Identifier: MIT
// Registers and CSRs by name, and the commands that show and change them.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/csr.h"
#include "emu/console/csr_fields.h"
#include "emu/console/debugger.h"

const char *const x_names[32] = {
    "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
    "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
    "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
};
const char *const f_names[32] = {
    "ft0", "ft1", "ft2", "ft3", "ft4",  "ft5",  "ft6", "ft7", "fs0",  "fs1",  "fa0",
    "fa1", "fa2", "fa3", "fa4", "fa5",  "fa6",  "fa7", "fs2", "fs3",  "fs4",  "fs5",
    "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
};

const char *privilege_name(enum privilege p) {
    static const char *const names[] = {"U", "S", "?", "M"};
    return names[p & 3];
}

// The number of "x12", "f3" or an ABI name; -1: none.
static int number_in(const char *const names[32], char letter, const char *name) {
    for (int i = 0; i < 32; i++) {
        if (strcmp(names[i], name) == 0) return i;
    }
    if (letter == 'x' && strcmp(name, "fp") == 0) return 8;
    if (name[0] != letter || name[1] < '0' || name[1] > '9' || strlen(name) > 3) return -1;
    char *end;
    const unsigned long n = strtoul(name + 1, &end, 10);
    return *end || n > 31 ? -1 : (int)n;
}

static bool has_f(const struct hart *h) { return h->extensions & EXT_BIT(EXT_f); }

bool register_read(const struct hart *h, const char *name, uint64_t *value) {
    const int x = number_in(x_names, 'x', name), f = number_in(f_names, 'f', name);
    if (x >= 0) return *value = h->x[x], true;
    if (f >= 0 && has_f(h)) return *value = h->f[f], true;
    if (strcmp(name, "pc") == 0) return *value = h->pc, true;
    if (strcmp(name, "priv") == 0) return *value = h->privilege, true;
    const int csr = csr_number_of(name);
    return csr >= 0 && csr_peek(h, (unsigned)csr, value);
}

// A CSR is written as M-mode's csrw would, WARL rules included.
static bool write_csr(struct hart *h, unsigned number, uint64_t value) {
    const enum privilege was = h->privilege;
    const uint64_t status = h->csr.mstatus;
    uint64_t old;
    h->privilege = PRIV_M;
    h->csr.mstatus |= MSTATUS_FS;
    const bool good = csr_access(h, number, CSR_WRITE, true, value, &old);
    const bool is_status = number == CSR_mstatus || number == CSR_sstatus;
    if (!(good && is_status)) h->csr.mstatus = status;
    h->privilege = was;
    hart_context_changed(h);
    return good;
}

bool register_write(struct hart *h, const char *name, uint64_t value) {
    const int x = number_in(x_names, 'x', name), f = number_in(f_names, 'f', name);
    if (x == 0) return true;
    if (x > 0) return h->x[x] = value, true;
    if (f >= 0 && has_f(h)) return h->f[f] = value, true;
    if (strcmp(name, "pc") == 0) return h->pc = value & ~UINT64_C(1), true;
    if (strcmp(name, "priv") == 0 && (value < 2 || value == PRIV_M)) {
        h->privilege = (enum privilege)value;
        hart_context_changed(h);
        return true;
    }
    const int csr = csr_number_of(name);
    return csr >= 0 && write_csr(h, (unsigned)csr, value);
}

// --- regs ----------------------------------------------------------------------------------------

static void show_register(struct debugger *d, const char *number, const char *name,
                          uint64_t value) {
    char suffix[SUFFIX_BYTES];
    const struct view view = view_of_hart(debugger_hart(d));
    symbol_suffix(d, value, view_space(&view), suffix);
    out_cell(&d->out, "register", -8, "%s", number);
    out_cell(&d->out, "name", -4, "%s", name);
    out_cell(&d->out, "value", 18, "0x%016" PRIx64, value);
    out_cell(&d->out, "symbol", 0, "%s", suffix[0] ? suffix + 1 : "");
    out_row(&d->out);
}

// As text, all registers fit a screen in four columns.
static void show_grid(struct debugger *d, const struct hart *h) {
    const struct view view = view_of_fetch(h);
    char suffix[SUFFIX_BYTES];
    out_say(&d->out, NULL, "hart %u  %s-mode  pc 0x%016" PRIx64 "%s", h->id,
            privilege_name(h->privilege), h->pc,
            symbol_suffix(d, h->pc, view_space(&view), suffix));
    for (unsigned row = 0; row < 8; row++) {
        char line[OUT_LINE];
        struct text text = {line, sizeof line, 0};
        for (unsigned column = 0; column < 4; column++) {
            const unsigned r = column * 8 + row;
            text_add(&text, "%s%-4s 0x%016" PRIx64, column ? "  " : "", x_names[r], h->x[r]);
        }
        out_say(&d->out, NULL, "%s", line);
    }
}

void command_regs(struct debugger *d, struct args *a) {
    const struct hart *h = debugger_hart(d);
    char number[8];
    uint64_t value;
    if (a->words) {
        if (!register_read(h, a->word[0], &value)) {
            out_fail(&d->out, "regs: no register %s", a->word[0]);
            return;
        }
        const struct view view = view_of_fetch(h);
        char suffix[SUFFIX_BYTES];
        out_say(&d->out, NULL, "%s 0x%016" PRIx64 "%s", a->word[0], value,
                symbol_suffix(d, value, view_space(&view), suffix));
        if (d->out.json) out_say(&d->out, "register", "%s", a->word[0]);
        out_hex(&d->out, "value", value);
        return;
    }
    const bool fp = args_option(a, "fp");
    if (!fp && !d->out.json) {
        show_grid(d, h);
        return;
    }
    out_list(&d->out, "registers");
    for (unsigned i = 0; i < 32; i++) {
        snprintf(number, sizeof number, "%c%u", fp ? 'f' : 'x', i);
        show_register(d, number, fp ? f_names[i] : x_names[i], fp ? h->f[i] : h->x[i]);
    }
    if (!fp) show_register(d, "pc", "pc", h->pc);
    out_list_end(&d->out);
}

// --- csr -----------------------------------------------------------------------------------------

static void show_fields(struct debugger *d, unsigned number, uint64_t value) {
    const struct csr_field *f;
    char meaning[32];
    out_list(&d->out, "fields");
    for (unsigned n = 0; (f = csr_field(number, n)); n++) {
        const uint64_t bits = value >> f->low & (UINT64_MAX >> (64 - f->width));
        out_cell(&d->out, "field", -10, "%s", f->name);
        if (f->width == 1) {
            out_cell(&d->out, "bits", -5, "%u", f->low);
        } else {
            out_cell(&d->out, "bits", -5, "%u-%u", f->low + f->width - 1, f->low);
        }
        out_cell(&d->out, "value", 13, bits > 9 ? "0x%" PRIx64 : "%" PRIu64, bits);
        out_cell(&d->out, "is", -8, "%s", csr_field_meaning(f, bits, meaning, sizeof meaning));
        out_cell(&d->out, "what", 0, "%s", f->text);
        out_row(&d->out);
    }
    out_list_end(&d->out);
}

static void show_csr(struct debugger *d, const char *name) {
    const int number = csr_number_of(name);
    uint64_t value;
    if (number < 0 || !csr_peek(debugger_hart(d), (unsigned)number, &value)) {
        out_fail(&d->out, "csr: no CSR %s on this hart", name);
        return;
    }
    out_say(&d->out, NULL, "%s (0x%03x, %s) = 0x%016" PRIx64, name, (unsigned)number,
            csr_title((unsigned)number), value);
    if (d->out.json) out_say(&d->out, "name", "%s", name);
    out_hex(&d->out, "number", (uint64_t)number);
    out_hex(&d->out, "value", value);
    const bool is_cause = number == CSR_mcause || number == CSR_scause;
    const struct trap_row *trap = is_cause ? trap_row(value) : NULL;
    if (trap) out_say(&d->out, "cause", "%s", trap->text);
    if (csr_field((unsigned)number, 0)) show_fields(d, (unsigned)number, value);
}

void command_csr(struct debugger *d, struct args *a) {
    if (a->words) {
        show_csr(d, a->word[0]);
        return;
    }
    out_list(&d->out, "csrs");
    for (unsigned i = 0; i < 4096; i++) {
        uint64_t value;
        const char *name = csr_name(i);
        // The many that are always zero say nothing.
        if (!name || strncmp(name, "mhpm", 4) == 0 || strncmp(name, "hpm", 3) == 0) continue;
        if (!csr_peek(debugger_hart(d), i, &value)) continue;
        out_cell(&d->out, "number", 6, "0x%03x", i);
        out_cell(&d->out, "name", -13, "%s", name);
        out_cell(&d->out, "value", 18, "0x%016" PRIx64, value);
        out_cell(&d->out, "what", 0, "%s", csr_title(i));
        out_row(&d->out);
    }
    out_list_end(&d->out);
}

// --- print, set ----------------------------------------------------------------------------------

void command_print(struct debugger *d, struct args *a) {
    uint64_t value;
    char text[LINE_BYTES], suffix[SUFFIX_BYTES];
    snprintf(text, sizeof text, "%s", a->rest);
    char *option = strstr(text, "--json");
    if (option) memset(option, ' ', strlen("--json"));
    if (!expr_word(d, text, &value)) return;
    const struct view view = view_of_hart(debugger_hart(d));
    out_say(&d->out, NULL, "0x%" PRIx64 " = %" PRId64 "%s", value, (int64_t)value,
            symbol_suffix(d, value, view_space(&view), suffix));
    out_hex(&d->out, "value", value);
}

// "u32[EXPRESSION]": bytes and address. 0: it is none.
static unsigned memory_target(struct debugger *d, const char *target, struct view *view,
                              uint64_t *address) {
    char inside[LINE_BYTES];
    const size_t length = strlen(target);
    if ((target[0] != 'u' && target[0] != 'p') || target[length - 1] != ']') return 0;
    char *end;
    const unsigned long bits = strtoul(target + 1, &end, 10);
    if (*end != '[' || (bits != 8 && bits != 16 && bits != 32 && bits != 64)) return 0;
    snprintf(inside, sizeof inside, "%.*s", (int)strlen(end) - 2, end + 1);
    *view = target[0] == 'p' ? (struct view){.bare = true} : view_of_hart(debugger_hart(d));
    return expr_word(d, inside, address) ? (unsigned)bits / 8 : 0;
}

void command_set(struct debugger *d, struct args *a) {
    uint64_t value, address;
    struct view view;
    if (a->words < 2) {
        out_fail(&d->out, "set: needs a target and a value: set a0 1, set u64[0x80000000] 2");
        return;
    }
    const bool equals = strcmp(a->word[1], "=") == 0;
    if (!expr_word(d, args_after(a, equals ? 2 : 1), &value)) return;
    const unsigned bytes = memory_target(d, a->word[0], &view, &address);
    if (d->out.failed) return;
    if (bytes) {
        if (!view_write(d, &view, address, &value, bytes)) {
            out_fail(&d->out, "set: no RAM at 0x%" PRIx64, address);
        }
    } else if (!register_write(debugger_hart(d), a->word[0], value)) {
        out_fail(&d->out, "set: %s is no register or CSR that can be written", a->word[0]);
    }
}
