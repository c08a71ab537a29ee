// SPDX-License-Identifier: MIT
// What a program for Linux on riscv64 needs that has no library: system calls, text on standard
// output, the way in and out. Included by each program once.
#ifndef TABLEWALK_TESTSUITE_LINUX_BARE_H
#define TABLEWALK_TESTSUITE_LINUX_BARE_H

enum { CALL_WRITE = 64, CALL_EXIT = 93, CALL_MMAP = 222 };

static long call(long number, long a, long b, long c, long d, long e, long f) {
    register long a0 __asm__("a0") = a;
    register long a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c;
    register long a3 __asm__("a3") = d;
    register long a4 __asm__("a4") = e;
    register long a5 __asm__("a5") = f;
    register long a7 __asm__("a7") = number;
    __asm__ volatile("ecall"
                     : "+r"(a0)
                     : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7)
                     : "memory");
    return a0;
}

static void print(const char *text) {
    long length = 0;
    while (text[length]) length++;
    call(CALL_WRITE, 1, (long)text, length, 0, 0, 0);
}

static void print_number(unsigned long number) {
    char digits[24];
    int at = sizeof digits - 1;
    digits[at] = 0;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    print(digits + at);
}

static _Noreturn void leave(int code) {
    for (;;) call(CALL_EXIT, code, 0, 0, 0, 0, 0);
}

// The program: stack[0] arguments, whose addresses follow.
_Noreturn void begin(const long *stack);

// The kernel enters with the arguments on the stack.
__asm__(".globl _start\n"
        "_start:\n"
        ".option push\n.option norelax\n"
        "    la gp, __global_pointer$\n"
        ".option pop\n"
        "    mv a0, sp\n"
        "    andi sp, sp, -16\n"
        "    call begin\n");

#endif
