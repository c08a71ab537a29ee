// SPDX-License-Identifier: MIT
// The host-target interface (see htif.h). A command word has a device in bits 63-56, a command in
// bits 55-48 and a payload below; what a hostile program can do with it is end the run or print.
#include "emu/htif.h"

#include "emu/machine.h"

enum { DEVICE_SYSCALL = 0, DEVICE_CONSOLE = 1, CONSOLE_PUT = 1 };

// Call numbers of Linux, which the proxy kernel's calls use too.
enum { SYS_WRITE = 64, SYS_EXIT = 93, ENOSYS_NUMBER = 38, EBADF_NUMBER = 9, EFAULT_NUMBER = 14 };

// The block of eight words that a call's payload points to: number, then arguments; the first word
// takes the result.
enum { CALL_WORDS = 8 };

// More is not written at once: the result says how much was.
enum { WRITE_MAX_BYTES = 1 << 20 };

static int64_t write_call(struct machine *m, uint64_t fd, uint64_t buffer, uint64_t bytes) {
    if (fd != 1 && fd != 2) return -EBADF_NUMBER;
    const uint8_t *text = phys_host(&m->phys, buffer, bytes);
    if (!text) return -EFAULT_NUMBER;
    if (bytes > WRITE_MAX_BYTES) bytes = WRITE_MAX_BYTES;
    for (uint64_t i = 0; i < bytes; i++) m->console.put(m->console.context, text[i]);
    return (int64_t)bytes;
}

static void system_call(struct machine *m, uint64_t block) {
    uint64_t word[CALL_WORDS];
    if (!phys_dma_read(&m->phys, block, word, sizeof word)) return;
    int64_t result = -ENOSYS_NUMBER;
    if (word[0] == SYS_EXIT) {
        machine_finish(m, END_CODE, (int)(word[1] & 0xff));
        return;
    }
    if (word[0] == SYS_WRITE) result = write_call(m, word[1], word[2], word[3]);
    if (!phys_dma_write(&m->phys, block, &result, sizeof result)) return;
    const uint64_t done = 1;
    if (m->htif.fromhost && !phys_dma_write(&m->phys, m->htif.fromhost, &done, sizeof done)) return;
}

static bool tohost_hit(void *machine, uint64_t pa, uint64_t len) {
    const struct htif *htif = &((struct machine *)machine)->htif;
    return htif->present && range_meets((struct range){htif->tohost + 4, 4}, pa, len);
}

static void tohost_written(void *machine, uint64_t page) {
    struct machine *m = machine;
    if (m->running && page == (m->htif.tohost & ~PAGE_MASK)) hart_stop(m->running);
}

static void nothing_decoded(void *machine, uint64_t page) { (void)machine, (void)page; }

bool htif_attach(struct machine *m) {
    const struct phys_code_listener listener = {tohost_hit, tohost_written, nothing_decoded, m};
    return phys_add_listener(&m->phys, listener);
}

static void obey(struct machine *m, uint64_t command) {
    const uint64_t device = command >> 56, payload = command << 16 >> 16;
    if (device == DEVICE_SYSCALL && payload & 1) {
        const uint64_t code = payload >> 1;
        machine_finish(m, END_CODE, code > 255 ? 255 : (int)code);
    } else if (device == DEVICE_SYSCALL) {
        system_call(m, payload);
    } else if (device == DEVICE_CONSOLE && (command >> 48 & 0xff) == CONSOLE_PUT) {
        m->console.put(m->console.context, (uint8_t)payload);
    }
}

void htif_poll(struct machine *m) {
    uint64_t command = 0;
    const uint64_t nothing = 0;
    if (phys_dma_read(&m->phys, m->htif.tohost, &command, sizeof command) && command != 0 &&
        phys_dma_write(&m->phys, m->htif.tohost, &nothing, sizeof nothing)) {
        obey(m, command);
    }
    phys_mark_code(&m->phys, m->htif.tohost + 4, 4);
}
