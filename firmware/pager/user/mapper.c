// SPDX-License-Identifier: MIT
//
// mapper FILE shared|private: maps a file, and stops with the number in its first 8 bytes. Then,
// each time it is let go: adds one; writes the mapping to disk; ends.
#include "user/user.h"

int main(int count, char **word) {
    bool shared = count > 2 && !strcmp(word[2], "shared");
    int64_t at = count > 1 ? map_file(word[1], MAP_READ | MAP_WRITE, shared) : ERROR_NO_FILE;
    if (at < 0) {
        print("mapper: the file cannot be mapped: error %ld\n", at);
        return 1;
    }
    volatile uint64_t *number = (volatile uint64_t *)at;
    stop(*number);
    ++*number;
    stop(*number);
    stop(call1(CALL_sync, (uint64_t)at) != 0);
    stop(*number);
    return 0;
}
