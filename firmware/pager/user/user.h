// SPDX-License-Identifier: MIT
//
// What a user program has: the system calls of kernel/abi.h, printing, and the kernel's own small
// library.
#ifndef TABLEWALK_PAGER_USER_H
#define TABLEWALK_PAGER_USER_H

#include "kernel/abi.h"
#include "kernel/lib.h"

#define PAGE 4096

static inline int64_t call4(enum system_call number, uint64_t a, uint64_t b, uint64_t c,
                            uint64_t d) {
    register uint64_t a0 __asm__("a0") = a;
    register uint64_t a1 __asm__("a1") = b;
    register uint64_t a2 __asm__("a2") = c;
    register uint64_t a3 __asm__("a3") = d;
    register uint64_t a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a7) : "memory");
    return (int64_t)a0;
}

static inline int64_t call1(enum system_call number, uint64_t a) {
    return call4(number, a, 0, 0, 0);
}

static inline void leave(int status) {
    call1(CALL_exit, (uint64_t)status);
    for (;;) continue;
}
static inline int fork(void) { return (int)call1(CALL_fork, 0); }
static inline int getpid(void) { return (int)call1(CALL_getpid, 0); }
static inline void step(void) { call1(CALL_step, 1); }
static inline void stop(uint64_t value) { call1(CALL_stop, value); }
static inline int wait(int *status) { return (int)call1(CALL_wait, (uint64_t)status); }
static inline uint8_t *more_memory(uint64_t bytes) { return (uint8_t *)call1(CALL_sbrk, bytes); }
static inline int64_t map_file(const char *name, uint64_t rights, bool shared) {
    return call4(CALL_map, (uint64_t)name, 0, rights, shared);
}

void print(const char *text, ...) __attribute__((format(printf, 1, 2)));

// Argument `n` as a number, or `otherwise`.
uint64_t argument(int count, char **word, int n, uint64_t otherwise);

int main(int count, char **word);

#endif
