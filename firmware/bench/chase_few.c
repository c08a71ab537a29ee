// SPDX-License-Identifier: MIT
// S-mode, Sv39, 4 KiB pages: a chain of pointers, one in each of 256 pages, in drawn order.
#define PAGES 256
#define STEPS 300000000
#include "chase.h"
