// SPDX-License-Identifier: MIT
//
// trespass WHAT [ADDRESS]: does one thing that a program must not do. It should never get to the
// end; status 77 if it does.
#include "user/user.h"

static uint32_t instructions[] = {0x00008067}; // ret

static void read_at(uint64_t address) { (void)*(volatile uint64_t *)address; }
static void write_at(uint64_t address) { *(volatile uint64_t *)address = 1; }

static void execute(const void *code) {
    void (*function)(void);
    memcpy(&function, &code, sizeof function);
    function();
}

static void overrun(void) {
    volatile uint8_t *buffer = more_memory(PAGE);
    for (uint64_t n = 0;; n++) buffer[n] = 'x'; // forgets to stop at the page's end
}

int main(int count, char **word) {
    const char *what = count > 1 ? word[1] : "";
    uint64_t address = argument(count, word, 2, 0);
    if (!strcmp(what, "read"))
        read_at(address);
    else if (!strcmp(what, "write"))
        write_at(address);
    else if (!strcmp(what, "code"))
        write_at((uint64_t)main);
    else if (!strcmp(what, "execute"))
        execute(instructions);
    else if (!strcmp(what, "null"))
        write_at(0);
    else if (!strcmp(what, "jump"))
        execute(NULL);
    else if (!strcmp(what, "overrun"))
        overrun();
    else if (!strcmp(what, "privileged"))
        __asm__ volatile("csrr t0, satp" ::: "t0");
    else if (!strcmp(what, "call"))
        return call4(CALL_write, 1, address, 64, 0) == ERROR_ADDRESS ? 0 : 77;
    else
        print("trespass read|write ADDRESS, code, execute, null, jump, overrun, privileged, call "
              "ADDRESS\n");
    return 77;
}
