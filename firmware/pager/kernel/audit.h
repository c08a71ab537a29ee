// SPDX-License-Identifier: MIT
//
// Do the books balance? Every frame's and every swap slot's count is compared with what is found in
// the page tables.
#ifndef TABLEWALK_PAGER_AUDIT_H
#define TABLEWALK_PAGER_AUDIT_H

#include "kernel/lib.h"

struct kernel;

// How many frames and slots have a wrong count; each is reported.
uint64_t audit(struct kernel *kernel);

#endif
