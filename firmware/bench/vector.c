// SPDX-License-Identifier: MIT
// Vector addition, and the median of three neighbours, over arrays that fit the first cache.
#include "bench.h"

enum { COUNT = 1024, ROUNDS = 60000 };
static int32_t x[COUNT], y[COUNT], z[COUNT];

static __attribute__((noinline)) void add(const int32_t *a, const int32_t *b, int32_t *sum) {
    for (int i = 0; i < COUNT; i++) sum[i] = a[i] + b[i];
}

static __attribute__((noinline)) void median(const int32_t *in, int32_t *out) {
    for (int i = 1; i < COUNT - 1; i++) {
        int32_t a = in[i - 1], b = in[i], c = in[i + 1];
        out[i] = a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
    }
}

int main(void) {
    uint64_t seed = 3;
    for (int i = 0; i < COUNT; i++)
        x[i] = (int32_t)(draw(&seed) & 0xffff), y[i] = (int32_t)(draw(&seed) & 0xfff);
    for (int round = 0; round < ROUNDS; round++) {
        add(x, y, z);
        if (round % 4 == 0) median(z, y);
    }
    return z[5] == 0;
}
