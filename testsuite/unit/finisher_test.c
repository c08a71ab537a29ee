// SPDX-License-Identifier: MIT
// The test finisher: pass, failure code, reset, and nothing else.
#include "devices/finisher.h"
#include "testsuite/unit/wires.h"

struct end {
    enum finish how;
    unsigned code, times;
};

static void finished(void *listener, enum finish how, unsigned code) {
    struct end *e = listener;
    *e = (struct end){how, code, e->times + 1};
}

static struct device *create(struct end *e) {
    struct device *d = finisher_create(&(struct device_place){.base = 0x100000}, finished, e);
    cr_assert_not_null(d);
    return d;
}

Test(finisher, tells_how_the_guest_ends) {
    struct end e = {.times = 0};
    struct device *d = create(&e);
    put(d, 0, 4, 0x5555);
    cr_assert(e.how == FINISH_PASS && e.code == 0 && e.times == 1);
    put(d, 0, 4, 0xabcd3333);
    cr_assert(e.how == FINISH_FAIL && e.code == 0xabcd && e.times == 2);
    put(d, 0, 4, 0x7777);
    cr_assert(e.how == FINISH_RESET && e.code == 0 && e.times == 3);
    put(d, 0, 8, UINT64_C(0xffffffff00013333));
    cr_assert(e.how == FINISH_FAIL && e.code == 1 && e.times == 4);
    put(d, 0, 2, 0x5555);
    cr_assert(e.how == FINISH_PASS && e.times == 5);
    device_destroy(d);
}

Test(finisher, ignores_everything_else) {
    struct end e = {.times = 0};
    struct device *d = create(&e);
    put(d, 0, 4, 0x1234);
    put(d, 0, 1, 0x55);
    put(d, 4, 4, 0x5555);
    put(d, FINISHER_BYTES - 4, 4, 0x5555);
    cr_assert_eq(e.times, 0);
    cr_assert_eq(get(d, 0, 4), 0);
    device_destroy(d);
}
