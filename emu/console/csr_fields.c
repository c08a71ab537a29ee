// SPDX-License-Identifier: MIT
// CSRs by name, and their fields (see csr_fields.h).
#include "emu/console/csr_fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/csr.h"

static const struct csr_field fields[] = {
#define FIELD(csr, name, high, low, values, text)                                                  \
    {CSR_##csr, #name, low, (high) - (low) + 1, values, text},
#include "cpu/csr_fields.def"
#undef FIELD
};
enum { FIELDS = sizeof fields / sizeof *fields, CSR_NUMBERS = 4096 };

// How many fields of the same CSR lie above f.
static unsigned rank(const struct csr_field *f) {
    unsigned above = 0;
    for (unsigned i = 0; i < FIELDS; i++)
        above += fields[i].csr == f->csr && fields[i].low > f->low;
    return above;
}

const struct csr_field *csr_field(unsigned csr, unsigned n) {
    for (unsigned i = 0; i < FIELDS; i++) {
        if (fields[i].csr == csr && rank(&fields[i]) == n) return &fields[i];
    }
    return NULL;
}

const char *csr_field_meaning(const struct csr_field *f, uint64_t value, char *text, size_t bytes) {
    text[0] = 0;
    for (const char *at = f->values; *at;) {
        char *end;
        const uint64_t known = strtoull(at, &end, 10);
        const int length = (int)strcspn(end, " ");
        if (known == value) {
            snprintf(text, bytes, "%.*s", length - 1, end + 1);
            break;
        }
        at = end + length;
        at += strspn(at, " ");
    }
    return text;
}

int csr_number_of(const char *name) {
    for (unsigned i = 0; i < CSR_NUMBERS; i++) {
        const char *known = csr_name(i);
        if (known && strcmp(known, name) == 0) return (int)i;
    }
    return -1;
}

static uint64_t cut(uint64_t value, const struct csr_field *f) {
    return f->width == 64 ? value : value >> f->low & ((UINT64_C(1) << f->width) - 1);
}

bool csr_field_read(const struct hart *h, const char *name, uint64_t *value) {
    char csr[32];
    const char *dot = strchr(name, '.');
    if (!dot || (size_t)(dot - name) >= sizeof csr) return false;
    snprintf(csr, sizeof csr, "%.*s", (int)(dot - name), name);
    const int number = csr_number_of(csr);
    uint64_t whole;
    if (number < 0 || !csr_peek(h, (unsigned)number, &whole)) return false;
    for (unsigned i = 0; i < FIELDS; i++) {
        if (fields[i].csr != (unsigned)number || strcmp(fields[i].name, dot + 1) != 0) continue;
        *value = cut(whole, &fields[i]);
        return true;
    }
    return false;
}
