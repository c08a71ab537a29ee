// SPDX-License-Identifier: MIT
// Where start.S finds the fields it uses; harness.c checks them.
#ifndef TABLEWALK_TESTSUITE_SBI_OFFSETS_H
#define TABLEWALK_TESTSUITE_SBI_OFFSETS_H

#define HART_RECOVER_SP 0 // in struct test_hart
#define JOB_STACK       0 // in struct job
#define JOB_A0          8
#define JOB_SATP        16
#define JOB_SSTATUS     24

#endif
