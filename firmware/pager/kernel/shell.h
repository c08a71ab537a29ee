// SPDX-License-Identifier: MIT
//
// The prompt: commands of the kernel, chapters, and programs from the disk.
#ifndef TABLEWALK_PAGER_SHELL_H
#define TABLEWALK_PAGER_SHELL_H

#include "kernel/lib.h"

struct kernel;
struct process;

struct command {
    const char *name, *arguments, *text;
    void (*run)(struct kernel *kernel, int count, char **word); // word[0] is the name
};

// Carries out the kernel's arguments, then reads commands for ever.
void shell(struct kernel *kernel) __attribute__((noreturn));

// Carries out one line; it is cut up in doing so.
void shell_line(struct kernel *kernel, char *line);

// Runs the process in the foreground until it ends, stops or Ctrl-C ends it; its exit status. A
// status other than 0 makes the exit code of a script's run 1.
int shell_wait(struct kernel *kernel, struct process *process);

// How many commands, chapters and programs begin with the `length` bytes at `word`; what all of
// them begin with goes to `common`.
unsigned shell_complete(struct kernel *kernel, const char *word, size_t length, char *common,
                        size_t room);

#endif
