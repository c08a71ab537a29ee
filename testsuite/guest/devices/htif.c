// SPDX-License-Identifier: MIT
// HTIF, the host's interface of riscv-tests: the write call with its answer in fromhost. (QEMU has
// no such thing.) That tohost ends a run with its exit code, every other test shows; exit.c shows
// that the code is the guest's.
#include "guest.h"

extern volatile uint64_t tohost, fromhost;

// A system call: number, three arguments; the answer comes into the first word.
static volatile uint64_t call[8] __attribute__((aligned(64)));

static bool host_call(uint64_t number, uint64_t a, uint64_t b, uint64_t c) {
    call[0] = number;
    call[1] = a;
    call[2] = b;
    call[3] = c;
    fromhost = 0;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    tohost = (uint64_t)call;
    for (int i = 0; i < 10000000; i++) {
        if (fromhost) {
            fromhost = 0;
            return true;
        }
    }
    return false;
}

enum { SYS_WRITE = 64 };

CASE(write_call) {
    static const char text[] = "written by HTIF\n";
    CHECK(host_call(SYS_WRITE, 1, (uint64_t)text, sizeof text - 1));
    CHECK_EQ(call[0], sizeof text - 1);
}

CASE(write_of_nothing) {
    CHECK(host_call(SYS_WRITE, 1, (uint64_t)call, 0));
    CHECK_EQ(call[0], 0);
}

// tohost is taken: it reads as 0 afterwards.
CASE(tohost_is_taken) {
    CHECK(host_call(SYS_WRITE, 1, (uint64_t)"", 0));
    CHECK_EQ(tohost, 0);
}
