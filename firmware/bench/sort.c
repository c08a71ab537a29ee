// SPDX-License-Identifier: MIT
// Quicksort of 64 Ki drawn integers, many times.
#include "bench.h"

enum { COUNT = 65536, ROUNDS = 60 };
static int32_t data[COUNT];

static void quicksort(int32_t *low, int32_t *high) {
    while (low < high) {
        int32_t pivot = low[(high - low) / 2], *i = low, *j = high;
        while (i <= j) {
            while (*i < pivot) i++;
            while (*j > pivot) j--;
            if (i > j) break;
            int32_t x = *i;
            *i++ = *j;
            *j-- = x;
        }
        quicksort(low, j);
        low = i;
    }
}

int main(void) {
    uint64_t seed = 7;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < COUNT; i++) data[i] = (int32_t)draw(&seed);
        quicksort(data, data + COUNT - 1);
        for (int i = 1; i < COUNT; i++) {
            if (data[i - 1] > data[i]) return 1;
        }
    }
    return 0;
}
