// SPDX-License-Identifier: MIT
// S-mode, Sv39, 4 KiB pages: a chain of pointers, one in each of 16384 pages, in drawn order.
#define PAGES 16384
#define STEPS 20000000
#include "chase.h"
