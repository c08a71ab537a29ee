// SPDX-License-Identifier: MIT
// The 32-bit instructions once more, as the manuals lay them out: by major opcode, then by funct3,
// funct7 and what else tells them apart. Nothing here is taken from cpu/isa.def.
#ifndef TABLEWALK_TESTSUITE_DECODE_MANUAL_H
#define TABLEWALK_TESTSUITE_DECODE_MANUAL_H

#include <stdint.h>

// The mnemonic of bits, whose lowest two are 11, in RV64GC with Zba, Zbb, Zbc, Zbs, Zicbom, Zicboz,
// Zicsr, Zifencei, Zihintpause, Svinval and the privileged instructions; NULL: reserved. The same
// mnemonic is always the same pointer.
const char *manual_name(uint32_t bits);

#endif
