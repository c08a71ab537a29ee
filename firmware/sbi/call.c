// SPDX-License-Identifier: MIT
// Finds the handler of an SBI call, and the BASE extension, which tells what can be found.
#include "firmware/lib/riscv.h"
#include "firmware/sbi/sbi.h"
#include <stddef.h>

struct sbi_function {
    uint64_t extension, function;
    bool is_legacy; // any function number; the result is in a0 alone
    sbi_handler handler;
};

static const struct sbi_function functions[] = {
#define SBI_FUNCTION(extension, function, name) {extension, function, false, sbi_##name},
#define SBI_LEGACY(extension, name)             {extension, 0, true, sbi_##name},
#include "firmware/sbi/functions.def"
#undef SBI_FUNCTION
#undef SBI_LEGACY
};

enum { FUNCTIONS = sizeof functions / sizeof functions[0], ECALL_SIZE = 4 };

static const struct sbi_function *find(uint64_t extension, uint64_t function) {
    for (unsigned i = 0; i < FUNCTIONS; i++)
        if (functions[i].extension == extension &&
            (functions[i].is_legacy || functions[i].function == function))
            return &functions[i];
    return NULL;
}

// a7 = extension, a6 = function, a0 to a5 = arguments; error in a0 and value in a1 afterwards, all
// other registers as before (SBI 2.0, chapter 3).
void sbi_call(struct hart *self, struct frame *frame) {
    const struct sbi_function *f = find(argument(frame, 7), argument(frame, 6));
    struct sbiret result = {SBI_ERR_NOT_SUPPORTED, 0};
    if (f != NULL) result = f->handler(self, frame);
    if (result.error == SBI_REDIRECTED) return;
    frame->x[10] = (uint64_t)result.error;
    if (f == NULL || !f->is_legacy) frame->x[11] = result.value;
    frame->mepc += ECALL_SIZE;
}

// ---- BASE (SBI 2.0, chapter 4): none of these can fail. ----

enum {
    SPEC_VERSION = 2 << 24,  // 2.0
    IMPLEMENTATION = 0x5457, // "TW"; not one of the registered numbers
    IMPLEMENTATION_VERSION = 1
};

#define BASE_VALUE(name, expression)                                                               \
    struct sbiret sbi_##name(struct hart *self, struct frame *frame) {                             \
        (void)self, (void)frame;                                                                   \
        return (struct sbiret){SBI_SUCCESS, expression};                                           \
    }
BASE_VALUE(get_spec_version, SPEC_VERSION)
BASE_VALUE(get_impl_id, IMPLEMENTATION)
BASE_VALUE(get_impl_version, IMPLEMENTATION_VERSION)
BASE_VALUE(get_mvendorid, csr_read(mvendorid))
BASE_VALUE(get_marchid, csr_read(marchid))
BASE_VALUE(get_mimpid, csr_read(mimpid))

struct sbiret sbi_probe_extension(struct hart *self, struct frame *frame) {
    (void)self;
    for (unsigned i = 0; i < FUNCTIONS; i++)
        if (functions[i].extension == argument(frame, 0)) return (struct sbiret){SBI_SUCCESS, 1};
    return (struct sbiret){SBI_SUCCESS, 0};
}
