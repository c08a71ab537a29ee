// SPDX-License-Identifier: MIT
// Tablewalk's firmware: what runs in M-mode, below the operating system.
//
// How a machine boots
// -------------------
// 1. Reset. Every hart starts in the boot ROM, in M-mode, without translation. The boot ROM is a
//    few instructions long: it loads a0 = number of this hart, a1 = address of the device tree,
//    a2 = address of a struct fw_dynamic_info, and jumps to 0x80000000, where the program given by
//    -bios was loaded: this one, or OpenSBI, which is started in the same way.
// 2. start.S gives each hart a stack and calls boot() below. One hart goes on (the one that
//    fw_dynamic_info names), the others sleep in wfi.
// 3. The boot hart reads the device tree (platform.c): which harts there are, where RAM is, where
//    the console, the timer (CLINT) and the switch-off (test finisher) are. Nothing is assumed.
// 4. It writes its own memory into the tree as reserved (reserve.c), since the next program
//    will take all memory that the tree offers.
// 5. Each hart prepares the ground for S-mode (hart.c): PMP hides the firmware's memory; traps that
//    S-mode can handle itself (page faults above all) are delegated and never get here.
// 6. The boot hart executes mret, which drops to S-mode at fw_dynamic_info.next_addr: the
//    kernel, with a0 = its number and a1 = the device tree. The other harts wait until the kernel
//    asks for them with hart_start (hsm.c).
//
// And after that
// --------------
// The firmware sleeps until something traps to M-mode (start.S, trap.c):
//   - ecall from S-mode: an SBI call. functions.def is the list of all, call.c looks a call up.
//   - a software interrupt (CLINT msip): another hart wants something; ipi.c.
//   - a timer interrupt, on harts that have no Sstc; time.c hands it on to S-mode.
//   - a misaligned load or store, on harts that do not perform them: misaligned.c does.
//   - another exception that is not delegated: trap.c gives it to S-mode.
// The firmware never runs threads and never takes an interrupt while it runs: each entry does its
// work and leaves. Harts talk to each other through atomic words in struct hart alone.
#include "firmware/lib/riscv.h"
#include "firmware/lib/text.h"
#include "firmware/sbi/sbi.h"

// The protocol between boot ROM and firmware, as OpenSBI's fw_dynamic defines it.
struct fw_dynamic_info {
    uint64_t magic, version;
    uint64_t next_addr, next_mode; // next_mode: 1 = S
    uint64_t options;
    uint64_t boot_hart; // from version 2 on; all ones: any hart may boot
};

enum { DYNAMIC_MAGIC = 0x4942534f, DYNAMIC_VERSION = 2, NEXT_MODE_S = 1, OPTION_QUIET = 1 };

// The one thing that changes. start.S hands its address to boot().
struct firmware firmware_state __attribute__((section(".data.firmware")));

_Static_assert(sizeof(struct frame) == FRAME_SIZE, "start.S saves a struct frame");

static bool info_is_sound(const struct fw_dynamic_info *info) {
    return info != NULL && ((uintptr_t)info & 7) == 0 && info->magic == DYNAMIC_MAGIC &&
           info->version >= 1 && info->version <= DYNAMIC_VERSION;
}

// The boot ROM may name the hart that boots. Where it does not, the first to arrive does.
static bool is_boot_hart(struct firmware *firmware, const struct fw_dynamic_info *info,
                         uint64_t hartid) {
    if (info_is_sound(info) && info->version >= 2 && info->boot_hart < MAX_HARTS)
        return hartid == info->boot_hart;
    return atomic_fetch_add(&firmware->boot_lottery, 1) == 0;
}

static _Noreturn void refuse(const struct platform *platform, const char *why) {
    print(platform, "tablewalk-sbi: %s; stopped\n", why);
    stop_forever();
}

static void print_banner(const struct platform *p, uint64_t hartid, bool sstc) {
    unsigned harts = 0;
    for (unsigned i = 0; i < MAX_HARTS; i++) harts += p->harts >> i & 1;
    print(p, "\nTablewalk firmware, SBI 2.0, booted by hart %lu of %u\n", hartid, harts);
    for (unsigned i = 0; i < p->ram_regions; i++)
        print(p, "  RAM       0x%lx..0x%lx\n", p->ram[i].base, p->ram[i].base + p->ram[i].size - 1);
    print(p, "  firmware  0x%lx..0x%lx, closed by PMP entry 0\n", (uint64_t)FIRMWARE_BASE,
          (uint64_t)FIRMWARE_BASE + FIRMWARE_SIZE - 1);
    print(p, "  timer     %s\n", sstc ? "Sstc (stimecmp)" : "CLINT (mtimecmp)");
    if (p->ignored_harts)
        print(p, "  %u harts above number %u are not served\n", p->ignored_harts, MAX_HARTS - 1);
}

static _Noreturn void boot_first(struct hart *self, void *device_tree,
                                 const struct fw_dynamic_info *info) {
    struct firmware *firmware = self->firmware;
    struct platform *platform = &firmware->platform;
    bool tree_is_sound = platform_discover(platform, device_tree);
    console_init(platform);
    if (!tree_is_sound) refuse(platform, "the device tree (a1) is missing or broken");
    if (!info_is_sound(info))
        refuse(platform, "no fw_dynamic_info of version 1 or 2 at a2, so nothing to boot");
    if (info->next_mode != NEXT_MODE_S || !platform_owns(platform, info->next_addr, 4))
        refuse(platform, "fw_dynamic_info asks for another mode than S, or an address that is no "
                         "free RAM");
    struct fw_dynamic_info next = *info; // the kernel may be loaded over it later
    for (unsigned i = 0; i < MAX_HARTS; i++) {
        firmware->hart[i].firmware = firmware;
        firmware->hart[i].id = i;
        atomic_store(&firmware->hart[i].state, STOPPED);
    }
    atomic_store(&self->state, STARTED);
    hart_init(self);
    if (!(next.options & OPTION_QUIET)) print_banner(platform, self->id, self->has_sstc);
    if (!dt_reserve(platform, device_tree, FIRMWARE_BASE, FIRMWARE_SIZE))
        print(platform, "tablewalk-sbi: no room to reserve the firmware in the device tree\n");

    atomic_store(&firmware->ready, 1);
    for (unsigned i = 0; i < MAX_HARTS; i++)
        if (platform->harts >> i & 1 && i != self->id) ipi_raise(&firmware->hart[i]);
    hart_enter(self, next.next_addr, (uint64_t)device_tree);
}

// Called by start.S on each hart, on its own stack.
_Noreturn void boot(uint64_t hartid, void *device_tree, const struct fw_dynamic_info *info,
                    struct firmware *firmware);

_Noreturn void boot(uint64_t hartid, void *device_tree, const struct fw_dynamic_info *info,
                    struct firmware *firmware) {
    struct hart *self = &firmware->hart[hartid];
    self->firmware = firmware;
    self->id = hartid;
    *hart_stack_top(hartid) = self;
    if (is_boot_hart(firmware, info, hartid)) boot_first(self, device_tree, info);

    csr_set(mie, IRQ_BIT(IRQ_M_SOFT)); // ends wfi, is not taken
    while (!atomic_load(&firmware->ready)) wait_for_interrupt();
    hart_init(self);
    hart_wait_for_start(self);
}
