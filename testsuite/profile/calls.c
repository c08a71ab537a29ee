// SPDX-License-Identifier: MIT
// Who calls whom, in numbers that testsuite/profile/run knows.

volatile unsigned long sink;

__attribute__((noinline)) static void leaf(unsigned long n) {
    for (unsigned long i = 0; i < n; i++) {
        sink += i;
    }
}

__attribute__((noinline)) static void work(void) {
    leaf(100);
    leaf(300);
}

// Is its own caller, and as deep as it is told.
__attribute__((noinline)) static unsigned long recurse(unsigned long depth) {
    if (depth == 0) {
        leaf(1);
        return 0;
    }
    const unsigned long sum = recurse(depth - 1) + depth;
    __asm__ volatile("" ::: "memory"); // and no loop instead
    return sum;
}

__attribute__((noinline)) static void other(void) { sink = 1; }

// Ends in a jump to another function.
__attribute__((noinline)) static void tail(void) {
    sink = 2;
    other();
}

// Calls the trap handler in boot.S.
__attribute__((noinline)) static void asks(void) { __asm__ volatile("ecall" ::: "memory"); }

int main(void) {
    for (int i = 0; i < 5; i++) work();
    sink = recurse(6);
    for (int i = 0; i < 3; i++) tail();
    for (int i = 0; i < 4; i++) asks();
    return 0;
}
