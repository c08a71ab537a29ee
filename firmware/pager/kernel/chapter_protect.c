// SPDX-License-Identifier: MIT
//
// Chapter 8, protection. A program does one thing after the other that it must not do; each time it
// ends, with the reason, and nothing else is touched.
#include "kernel/area.h"
#include "kernel/chapter.h"
#include "kernel/kernel.h"
#include "kernel/lab.h"

struct crime {
    const char *what, *command;
    enum fault_rule rule;
    enum access access;
};

static void commit(struct kernel *kernel, const struct crime *crime, uint64_t address) {
    char command[COMMAND_BYTES];
    text_format(command, sizeof command, "trespass %s 0x%lx", crime->command, address);
    say(kernel, "\nA program %s:\n", crime->what);
    struct process *process = lab_start(kernel, command);
    if (!process) return;
    expect(kernel, "it was ended for that reason",
           process->state == PROCESS_ZOMBIE && process->ended_by == crime->rule);
    if (crime->rule != RULE_INSTRUCTION)
        expect(kernel, "the access is named", process->fault_access == crime->access);
    if (address) expect_equal(kernel, "the address is named", process->fault_address, address);
    process_forget(kernel, process);
}

void chapter_protect(struct kernel *kernel) {
    struct process *bystander = lab_start(kernel, "same 99");
    if (!bystander) return;
    uint64_t others = area_of_kind(bystander, AREA_HEAP)->end - PAGE_BYTES;
    uint64_t kernels = kernel->frames.base, secret = (uint64_t)kernel;
    say(kernel, "Program `same` (pid %d) keeps a value and looks on.\n", bystander->pid);
    const struct {
        struct crime crime;
        uint64_t address; // 0: whatever the program finds
    } crimes[] = {
        {{"reads where the other program has a page", "read", RULE_NO_AREA, ACCESS_LOAD}, others},
        {{"writes there", "write", RULE_NO_AREA, ACCESS_STORE}, others},
        {{"reads the kernel's code", "read", RULE_KERNEL, ACCESS_LOAD}, kernels},
        {{"writes the kernel's data", "write", RULE_KERNEL, ACCESS_STORE}, secret},
        {{"reads the UART", "read", RULE_KERNEL, ACCESS_LOAD},
         DEVICE_WINDOW + kernel->machine.uart.base},
        {{"writes to its own code", "code", RULE_NO_WRITE, ACCESS_STORE}, 0},
        {{"jumps into its own data", "execute", RULE_NO_EXECUTE, ACCESS_FETCH}, 0},
        {{"writes through a null pointer", "null", RULE_NULL_PAGE, ACCESS_STORE}, 0},
        {{"calls a null pointer", "jump", RULE_NULL_PAGE, ACCESS_FETCH}, 0},
        {{"writes past the end of its buffer and its page", "overrun", RULE_NO_AREA, ACCESS_STORE},
         0},
        {{"reads satp", "privileged", RULE_INSTRUCTION, ACCESS_FETCH}, 0},
    };
    for (size_t n = 0; n < sizeof crimes / sizeof *crimes; n++)
        commit(kernel, &crimes[n].crime, crimes[n].address);

    say(kernel, "\nA program asks the kernel to print the kernel's memory for it:\n");
    char command[COMMAND_BYTES];
    text_format(command, sizeof command, "trespass call 0x%lx", secret);
    expect_equal(kernel, "the call fails, the program goes on: status",
                 (uint64_t)lab_run(kernel, command), 0);
    say(kernel, "\nAnd program `same`?\n");
    expect_equal(kernel, "it still has its value, doubled", lab_go(kernel, bystander), 198);
    lab_go(kernel, bystander);
    expect_equal(kernel, "nothing of its memory has changed: status", (uint64_t)bystander->status,
                 0);
}
