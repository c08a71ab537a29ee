// SPDX-License-Identifier: MIT
// The CLINT as QEMU's virt board has it: msip, mtimecmp, mtime, and the time CSR.
#include "guest.h"

#define MSIP     ((volatile uint32_t *)0x2000000)
#define MTIMECMP ((volatile uint64_t *)0x2004000)
#define MTIME    ((volatile uint64_t *)0x200bff8)

CASE(msip_makes_msi_pending) {
    *MSIP = 1;
    CHECK(wait_pending(BIT(MSI)));
    CHECK_EQ(*MSIP, 1);
    *MSIP = 0;
    CHECK_EQ(csr_read("mip") & BIT(MSI), 0);
}

CASE(msip_has_one_bit) {
    *MSIP = 0xfffffffe;
    CHECK_EQ(*MSIP, 0);
    CHECK_EQ(csr_read("mip") & BIT(MSI), 0);
    *MSIP = 0xffffffff;
    CHECK_EQ(*MSIP, 1);
    *MSIP = 0;
}

CASE(mtimecmp_in_the_past_is_pending) {
    *MTIMECMP = 0;
    CHECK(wait_pending(BIT(MTI)));
    *MTIMECMP = ~UINT64_C(0);
    CHECK_EQ(csr_read("mip") & BIT(MTI), 0);
}

// MTIP is read-only: only mtimecmp takes it away.
CASE(mtip_is_not_writable) {
    *MTIMECMP = 0;
    CHECK(wait_pending(BIT(MTI)));
    csr_write("mip", 0);
    CHECK_EQ(csr_read("mip") & BIT(MTI), BIT(MTI));
    *MTIMECMP = ~UINT64_C(0);
}

CASE(mtimecmp_in_the_future) {
    *MTIMECMP = *MTIME + 1000;
    uint64_t when = *MTIMECMP;
    CHECK(wait_pending(BIT(MTI)));
    CHECK(*MTIME >= when);
    *MTIMECMP = ~UINT64_C(0);
}

CASE(mtimecmp_by_halves) {
    volatile uint32_t *half = (volatile uint32_t *)MTIMECMP;
    *MTIMECMP = ~UINT64_C(0);
    half[0] = 0x12345678;
    half[1] = 0x7abcdef0;
    CHECK_EQ(*MTIMECMP, UINT64_C(0x7abcdef012345678));
    CHECK_EQ(half[0], 0x12345678);
    CHECK_EQ(half[1], 0x7abcdef0);
    *MTIMECMP = ~UINT64_C(0);
}

CASE(mtime_advances) {
    uint64_t before = *MTIME;
    for (int i = 0; i < 1000000 && *MTIME == before; i++) continue;
    CHECK(*MTIME > before);
}

CASE(time_csr_is_mtime) {
    uint64_t a = *MTIME, b = csr_read("time"), c = *MTIME;
    CHECK(a <= b);
    CHECK(b <= c);
}

CASE(mtime_by_halves) {
    volatile uint32_t *half = (volatile uint32_t *)MTIME;
    uint64_t whole = *MTIME;
    uint32_t upper = half[1];
    CHECK(upper == whole >> 32 || upper == (whole >> 32) + 1);
}

// WFI with a timer: virtual time moves on to it.
CASE(wfi_until_the_timer) {
    csr_write("mie", BIT(MTI));
    *MTIMECMP = *MTIME + 50000;
    __asm__ volatile("wfi");
    CHECK(wait_pending(BIT(MTI)));
    *MTIMECMP = ~UINT64_C(0);
    csr_write("mie", 0);
}
