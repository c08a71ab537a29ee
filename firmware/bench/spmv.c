// SPDX-License-Identifier: MIT
// A sparse matrix times a vector, in double precision.
#include "bench.h"

enum { ROWS = 1000, PER_ROW = 24, ROUNDS = 5000 };
static double value[ROWS * PER_ROW], x[ROWS], y[ROWS];
static int32_t column[ROWS * PER_ROW];

int main(void) {
    uint64_t seed = 11;
    for (int i = 0; i < ROWS * PER_ROW; i++) {
        value[i] = (double)(draw(&seed) & 0xfff) / 1000;
        column[i] = (int32_t)(draw(&seed) % ROWS);
    }
    for (int i = 0; i < ROWS; i++) x[i] = 1.0 / (i + 1);
    for (int round = 0; round < ROUNDS; round++) {
        for (int row = 0; row < ROWS; row++) {
            double sum = 0;
            for (int k = row * PER_ROW; k < (row + 1) * PER_ROW; k++)
                sum += value[k] * x[column[k]];
            y[row] = sum;
        }
        x[round % ROWS] = y[round % ROWS] / 100;
    }
    return !(y[1] > 0);
}
