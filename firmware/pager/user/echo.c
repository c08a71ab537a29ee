// SPDX-License-Identifier: MIT
//
// echo: reads characters until Enter and prints them.
#include "user/user.h"

int main(int count, char **word) {
    (void)count;
    (void)word;
    char c = 0;
    print("echo> ");
    while (c != '\n') {
        call4(CALL_read, 0, (uint64_t)&c, 1, 0);
        print("%c", c);
    }
    return 0;
}
