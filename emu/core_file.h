// SPDX-License-Identifier: MIT
// Where cores come from: built in (cpu/cores/), or a file of the user's.
#ifndef TABLEWALK_EMU_CORE_FILE_H
#define TABLEWALK_EMU_CORE_FILE_H

#include "cpu/core.h"
#include "emu/message.h"

// Loads what --core says: a name or a file, and single values behind it ("rocket,mem_latency=20").
// false: message.
bool core_load(struct core *core, char *value, struct message *message);

#endif
