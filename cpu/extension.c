// SPDX-License-Identifier: MIT
// Names of sets of extensions: the ISA string of the unprivileged manual's naming chapter, with the
// letters S and U for the modes, as emulators accept it.
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "cpu/isa.h"
#include "cpu/text.h"

// A name and what it adds: an extension and what that implies, or a group of them.
struct extension_row {
    const char *name;
    bool is_default;
    extension_set adds;
};

static const struct extension_row NAMED[] = {
#define ROW(name, is_default, implies) {#name, is_default, EXT_BIT(EXT_##name) | (implies)},
#include "cpu/extension.def"
#undef ROW
    {"g", false,
     EXT_BIT(EXT_i) | EXT_BIT(EXT_m) | EXT_BIT(EXT_a) | EXT_BIT(EXT_f) | EXT_BIT(EXT_d) |
         EXT_BIT(EXT_zicsr) | EXT_BIT(EXT_zifencei)},
    {"b", false, EXT_BIT(EXT_zba) | EXT_BIT(EXT_zbb) | EXT_BIT(EXT_zbs)},
};
enum { NAMES = sizeof NAMED / sizeof *NAMED };

// What every hart has, whether the string says so or not: CSRs, and the counters, which belonged to
// RV64I before they became extensions.
static const extension_set ALWAYS =
    EXT_BIT(EXT_i) | EXT_BIT(EXT_zicsr) | EXT_BIT(EXT_zicntr) | EXT_BIT(EXT_zihpm);
static const extension_set MODES = EXT_BIT(EXT_s) | EXT_BIT(EXT_u);

static extension_set with_implied(extension_set set) {
    extension_set before;
    do {
        before = set;
        for (unsigned e = 0; e < EXTENSIONS; e++)
            if ((set & EXT_BIT(e)) != 0) set |= NAMED[e].adds;
    } while (set != before);
    return set;
}

// Skips a version: digits, or digits with a `p` between them.
static const char *skip_version(const char *p) {
    while (isdigit((unsigned char)*p)) p++;
    if (tolower((unsigned char)p[0]) == 'p' && isdigit((unsigned char)p[1]) &&
        isdigit((unsigned char)p[-1]))
        for (p++; isdigit((unsigned char)*p);) p++;
    return p;
}

// The end of name, and of its version, at p; NULL if p does not begin with it. Only a single letter
// may be followed by something else than the end or `_`.
static const char *match(const char *p, const char *name) {
    const size_t length = strlen(name);
    if (strncasecmp(p, name, length) != 0) return NULL;
    const char *end = skip_version(p + length);
    return length == 1 || *end == '\0' || *end == '_' ? end : NULL;
}

// Adds what the name at p adds. Returns its end, or NULL. Long names are tried first: `sstc` is no
// `s`.
static const char *parse_name(const char *p, extension_set *set) {
    const char *end = NULL;
    for (unsigned i = NAMES; i-- > 0 && end == NULL;) {
        end = match(p, NAMED[i].name);
        if (end != NULL) *set |= NAMED[i].adds;
    }
    return end;
}

bool isa_parse(const char *string, extension_set *extensions, const char **error) {
    static const char prefix[] = "rv64";
    const size_t prefix_length = sizeof prefix - 1;
    extension_set set = 0;
    *error = string;
    if (strncasecmp(string, prefix, prefix_length) != 0) return false;
    const char *p = *error = string + prefix_length;
    if (strchr("iIgG", *p) == NULL || *p == '\0') return false; // the base comes first
    while (*p != '\0') {
        *error = p;
        p = *p == '_' ? p + 1 : parse_name(p, &set);
        if (p == NULL) return false;
    }
    if ((set & MODES) == 0) set |= MODES; // strings that compilers understand do not speak of modes
    *extensions = with_implied(set | ALWAYS);
    return true;
}

extension_set isa_default(void) {
    extension_set set = ALWAYS;
    for (unsigned e = 0; e < EXTENSIONS; e++)
        if (NAMED[e].is_default) set |= EXT_BIT(e);
    return with_implied(set);
}

size_t isa_string(extension_set extensions, char *text, size_t size) {
    struct text out = {text, size, 0};
    text_add(&out, "rv64");
    for (unsigned e = 0; e < EXTENSIONS; e++)
        if ((extensions & ~MODES & EXT_BIT(e)) != 0)
            text_add(&out, "%s%s", NAMED[e].name[1] == '\0' ? "" : "_", NAMED[e].name);
    return out.length;
}

const char *isa_extension_name(enum extension e) { return e < EXTENSIONS ? NAMED[e].name : NULL; }
