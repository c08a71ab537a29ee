// SPDX-License-Identifier: MIT
//
// hello: the smallest program. It prints its arguments.
#include "user/user.h"

int main(int count, char **word) {
    print("hello from pid %d, whose main is at 0x%lx\n", getpid(), (uint64_t)main);
    for (int n = 1; n < count; n++) print("  argument %d: %s\n", n, word[n]);
    return 0;
}
