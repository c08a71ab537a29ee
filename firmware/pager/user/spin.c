// SPDX-License-Identifier: MIT
//
// spin: does nothing, for ever, without ever calling the kernel.
#include "user/user.h"

int main(int count, char **word) {
    (void)count;
    (void)word;
    for (;;) continue;
}
