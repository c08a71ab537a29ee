// SPDX-License-Identifier: MIT
//
// before: a program for the time before paging. It has pointers among its data, so it only works at
// the address it is made for, or after each of them has been adjusted: relocated.
//
// Mode 0: sums its table through the pointers and stops with the sum, again and again.
// Mode 1: writes zeros to 64 bytes at the address it is given, whosever they are.
#include "user/user.h"

#define ROWS 8

static struct {
    volatile uint64_t value[ROWS];
    volatile uint64_t *volatile row[ROWS];
} table = {{1, 2, 4, 8, 16, 32, 64, 128},
           {&table.value[0], &table.value[1], &table.value[2], &table.value[3], &table.value[4],
            &table.value[5], &table.value[6], &table.value[7]}};

void user_start(uint64_t mode, uint64_t address);
void user_start(uint64_t mode, uint64_t address) {
    for (uint64_t n = 0; mode == 1 && n < ROWS; n++) ((volatile uint64_t *)address)[n] = 0;
    for (;;) {
        uint64_t sum = 0;
        for (int n = 0; n < ROWS; n++) sum += *table.row[n];
        stop(sum);
    }
}
