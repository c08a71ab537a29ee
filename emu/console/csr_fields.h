// SPDX-License-Identifier: MIT
// The fields of CSRs by name: what cpu/csr_fields.def says.
#ifndef TABLEWALK_EMU_CONSOLE_CSR_FIELDS_H
#define TABLEWALK_EMU_CONSOLE_CSR_FIELDS_H

#include "cpu/hart.h"

struct csr_field {
    unsigned csr;
    const char *name;
    unsigned low, width; // bits
    const char *values;  // "0=U 1=S 3=M", or ""
    const char *text;
};

// The n-th field of a CSR, from the upper bits down, or NULL.
const struct csr_field *csr_field(unsigned csr, unsigned n);
// What a field's value is called, or "".
const char *csr_field_meaning(const struct csr_field *f, uint64_t value, char *text, size_t bytes);
// "satp.ASID". false: there is none.
bool csr_field_read(const struct hart *h, const char *name, uint64_t *value) MUST_CHECK;
// The number of a CSR by its name, or -1.
int csr_number_of(const char *name);

#endif
