// SPDX-License-Identifier: MIT
//
// reader FILE: maps a file shared, and stops with the number in its first 8 bytes, again and again.
#include "user/user.h"

int main(int count, char **word) {
    int64_t at = count > 1 ? map_file(word[1], MAP_READ, true) : ERROR_NO_FILE;
    if (at < 0) return 1;
    for (;;) stop(*(volatile uint64_t *)at);
}
