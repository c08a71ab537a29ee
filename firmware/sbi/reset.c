// SPDX-License-Identifier: MIT
// The ends of a machine, through the test finisher: its one register takes a command, with an exit
// code for the host in the upper half of the failure command.
#include "firmware/lib/riscv.h"
#include "firmware/sbi/sbi.h"

enum { FINISHER_FAIL = 0x3333, FINISHER_PASS = 0x5555, FINISHER_RESET = 0x7777, EXIT_CODE = 1 };

void machine_end(const struct platform *platform, enum machine_end how) {
    static const uint32_t command[] = {[MACHINE_POWEROFF] = FINISHER_PASS,
                                       [MACHINE_FAILURE] = FINISHER_FAIL | EXIT_CODE << 16,
                                       [MACHINE_REBOOT] = FINISHER_RESET};
    if (platform->finisher == 0) return;
    mmio_write32(platform->finisher, command[how]);
    stop_forever(); // the write may take a moment to have its effect
}

// SBI 2.0, chapter 10. Types and reasons that are not named there are reserved, or the platform's,
// which has none.
struct sbiret sbi_system_reset(struct hart *self, struct frame *frame) {
    enum { SHUTDOWN, COLD_REBOOT, WARM_REBOOT };
    enum { NO_REASON, SYSTEM_FAILURE };
    uint32_t type = (uint32_t)argument(frame, 0), reason = (uint32_t)argument(frame, 1);
    if (type > WARM_REBOOT || reason > SYSTEM_FAILURE)
        return (struct sbiret){SBI_ERR_INVALID_PARAM, 0};
    enum machine_end end = type != SHUTDOWN           ? MACHINE_REBOOT
                           : reason == SYSTEM_FAILURE ? MACHINE_FAILURE
                                                      : MACHINE_POWEROFF;
    machine_end(&self->firmware->platform, end);
    return (struct sbiret){SBI_ERR_NOT_SUPPORTED, 0};
}

struct sbiret sbi_legacy_shutdown(struct hart *self, struct frame *frame) {
    (void)frame;
    machine_end(&self->firmware->platform, MACHINE_POWEROFF);
    stop_forever();
}
