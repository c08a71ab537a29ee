// SPDX-License-Identifier: MIT
//
// Page faults: bring the page, or say which rule the program broke.
#ifndef TABLEWALK_PAGER_FAULT_H
#define TABLEWALK_PAGER_FAULT_H

#include "kernel/lib.h"

struct kernel;
struct process;

enum access { ACCESS_FETCH, ACCESS_LOAD, ACCESS_STORE };

// Why a fault cannot be served: X(name, is it the program's own fault, text)
#define FAULT_RULES(X)                                                                             \
    X(NONE, false, "the page is there now")                                                        \
    X(NULL_PAGE, true, "nothing is ever mapped at the null pointer's page")                        \
    X(NO_AREA, true, "the program has nothing there")                                              \
    X(KERNEL, true, "the page belongs to the kernel: its U bit is not set")                        \
    X(NO_READ, true, "the page may not be read: its R bit is not set")                             \
    X(NO_WRITE, true, "the page may not be written: its W bit is not set")                         \
    X(NO_EXECUTE, true, "the page may not be executed: its X bit is not set")                      \
    X(STACK_GUARD, true, "the stack has reached its guard page")                                   \
    X(MEMORY, false, "no memory and no swap are left")                                             \
    X(DISK, false, "the page cannot be read from disk")                                            \
    X(INSTRUCTION, true, "no such instruction, or not for a user program")                         \
    X(UNPROTECTED, true, "there is no memory at that address, and no paging to say so")            \
    X(ASKED, false, "it was asked for")

enum fault_rule {
#define X(name, own, text) RULE_##name,
    FAULT_RULES(X)
#undef X
};

const char *fault_rule_text(enum fault_rule rule);
bool fault_is_segmentation(enum fault_rule rule);
const char *access_text(enum access access);

// Makes the page at `address` usable for `access`. RULE_NONE when the program may go on.
enum fault_rule fault_serve(struct kernel *kernel, struct process *process, uint64_t address,
                            enum access access);

// Where the kernel finds the byte at a user address, after serving a fault if need be: at most up
// to the page's end. NULL when the program may not do that access.
void *fault_user_byte(struct kernel *kernel, struct process *process, uint64_t address,
                      enum access access);

// Copies between the kernel and a program. False when the program may not touch that memory.
bool user_read(struct kernel *kernel, struct process *process, void *to, uint64_t from,
               uint64_t bytes);
bool user_write(struct kernel *kernel, struct process *process, uint64_t to, const void *from,
                uint64_t bytes);

// Copies a string of less than `room` bytes out of a program.
bool user_read_text(struct kernel *kernel, struct process *process, char *to, uint64_t from,
                    uint64_t room);

#endif
