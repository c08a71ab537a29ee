// SPDX-License-Identifier: MIT
// The numbers of the CSRs, by their names in the manual: CSR_mstatus and so on.
#ifndef TABLEWALK_CPU_CSR_H
#define TABLEWALK_CPU_CSR_H

enum csr_number {
#define CSR(number, name, ...) CSR_##name = (number),
#include "cpu/csr.def"
#undef CSR
};

#endif
