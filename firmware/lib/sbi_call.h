// SPDX-License-Identifier: MIT
// Calling the firmware from S-mode: one ecall, as chapter 3 of the SBI specification lays it down,
// and the numbers of the calls that programs here use.
#ifndef TABLEWALK_FIRMWARE_LIB_SBI_CALL_H
#define TABLEWALK_FIRMWARE_LIB_SBI_CALL_H

#include <stdint.h>

enum sbi_error {
    SBI_SUCCESS = 0,
    SBI_ERR_FAILED = -1,
    SBI_ERR_NOT_SUPPORTED = -2,
    SBI_ERR_INVALID_PARAM = -3,
    SBI_ERR_INVALID_ADDRESS = -5,
    SBI_ERR_ALREADY_AVAILABLE = -6,
    SBI_ERR_ALREADY_STARTED = -7,
    SBI_ERR_ALREADY_STOPPED = -8
};

enum sbi_extension {
    EXT_LEGACY_PUTCHAR = 1,
    EXT_LEGACY_GETCHAR = 2,
    EXT_BASE = 0x10,
    EXT_TIME = 0x54494d45,
    EXT_IPI = 0x735049,
    EXT_RFENCE = 0x52464e43,
    EXT_HSM = 0x48534d,
    EXT_SRST = 0x53525354,
    EXT_DBCN = 0x4442434e,
    EXT_PMU = 0x504d55
};

struct sbiret {
    int64_t error;
    uint64_t value;
};

static inline struct sbiret sbi_call5(uint64_t extension, uint64_t function, uint64_t arg0,
                                      uint64_t arg1, uint64_t arg2, uint64_t arg3, uint64_t arg4) {
    register uint64_t a0 __asm__("a0") = arg0;
    register uint64_t a1 __asm__("a1") = arg1;
    register uint64_t a2 __asm__("a2") = arg2;
    register uint64_t a3 __asm__("a3") = arg3;
    register uint64_t a4 __asm__("a4") = arg4;
    register uint64_t a6 __asm__("a6") = function;
    register uint64_t a7 __asm__("a7") = extension;
    __asm__ volatile("ecall"
                     : "+r"(a0), "+r"(a1)
                     : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7)
                     : "memory");
    return (struct sbiret){(int64_t)a0, a1};
}

static inline struct sbiret sbi_call(uint64_t extension, uint64_t function, uint64_t arg0,
                                     uint64_t arg1, uint64_t arg2) {
    return sbi_call5(extension, function, arg0, arg1, arg2, 0, 0);
}

#endif
