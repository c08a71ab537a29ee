// SPDX-License-Identifier: MIT
//
// The commands of the prompt: one table.
#ifndef TABLEWALK_PAGER_COMMANDS_H
#define TABLEWALK_PAGER_COMMANDS_H

#include "kernel/shell.h"

unsigned command_count(void);
const struct command *command_at(unsigned n);
const struct command *command_find(const char *name);

#endif
