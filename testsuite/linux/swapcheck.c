// SPDX-License-Identifier: MIT
// A program for Linux on riscv64 that needs nothing but the kernel: fills memory page by page, then
// reads it back and compares, twice with different contents. With more pages than the machine has,
// each of them goes to the swap disk and comes back.
//   swapcheck [MiB]     (160)

#include "bare.h"

enum { PAGE = 4096, WORDS = PAGE / 8, ROUNDS = 2, DEFAULT_MIB = 160 };
enum { PROT_READ_WRITE = 3, MAP_PRIVATE_ANONYMOUS = 0x22 };

// What word `word` of page `page` holds in a round: no two words of memory are the same, so a page
// that comes back in another's place, or an old one, is noticed.
static unsigned long content(unsigned long round, unsigned long page, unsigned long word) {
    unsigned long x = (round << 56) ^ (page * WORDS + word) * 0x9e3779b97f4a7c15UL;
    return x ^ x >> 29;
}

static unsigned long wrong_words(unsigned long *memory, unsigned long pages, unsigned long round) {
    unsigned long wrong = 0;
    for (unsigned long page = 0; page < pages; page++) {
        for (unsigned long word = 0; word < WORDS; word++) {
            wrong += memory[page * WORDS + word] != content(round, page, word);
        }
    }
    return wrong;
}

static unsigned long number_of(const char *text) {
    unsigned long number = 0;
    for (; *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (unsigned long)(*text - '0');
    return number;
}

_Noreturn void begin(const long *stack) {
    const long argc = stack[0];
    const unsigned long mib = argc > 1 ? number_of((const char *)stack[2]) : DEFAULT_MIB;
    const unsigned long pages = (mib << 20) / PAGE;
    const long mapped =
        call(CALL_MMAP, 0, (long)(mib << 20), PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
    if (mapped <= 0 || pages == 0) {
        print("swapcheck: no memory\n");
        leave(1);
    }
    unsigned long *memory = (unsigned long *)mapped;
    for (unsigned long round = 1; round <= ROUNDS; round++) {
        for (unsigned long page = 0; page < pages; page++) {
            for (unsigned long word = 0; word < WORDS; word++) {
                memory[page * WORDS + word] = content(round, page, word);
            }
        }
        const unsigned long wrong = wrong_words(memory, pages, round);
        print("swapcheck: round ");
        print_number(round);
        print(", ");
        print_number(pages);
        print(" pages written and read back, ");
        print_number(wrong);
        print(" words wrong\n");
        if (wrong) leave(1);
    }
    print("swapcheck: all is well\n");
    leave(0);
}
