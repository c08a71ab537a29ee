// SPDX-License-Identifier: MIT
// What boots when nothing is named to run: the pager, our demand-paging kernel, with the disks that
// it expects. Both live in memory and are forgotten at the end of the run.
#ifndef TABLEWALK_EMU_BUILTIN_H
#define TABLEWALK_EMU_BUILTIN_H

#include "devices/disk.h"
#include "emu/machine.h"
#include "emu/roms.h"

// The kernel, or NULL where something else runs: a kernel was named, or firmware that brings its
// own.
const struct rom *builtin_kernel(const struct machine_config *config);

// The n-th disk of the built-in kernel: its programs, then, unless the user has named a disk of his
// own, a blank one of 16 MiB to swap to. *disk is NULL behind the last. false: message.
bool builtin_disk(const struct machine_config *config, unsigned n, struct disk **disk,
                  struct message *message);

#endif
