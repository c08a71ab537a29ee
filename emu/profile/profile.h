// SPDX-License-Identifier: MIT
// --profile: where instructions and cycles go, by calling context and instruction, with names and
// source lines when it is written. The counts are exact: they come from the engine itself
// (struct hart_profiler), not from samples. Two runs of the same inputs write the same bytes.
#ifndef TABLEWALK_EMU_PROFILE_PROFILE_H
#define TABLEWALK_EMU_PROFILE_PROFILE_H

#include <stdio.h>

#include "emu/console/symbols.h"
#include "emu/ledger.h"
#include "emu/machine.h"

// CALLGRIND: what KCachegrind and callgrind_annotate open. FOLDED: a line a stack, for
// flamegraph.pl and its kind.
enum profile_form { PROFILE_CALLGRIND, PROFILE_FOLDED };

// The file's name in "FORM:FILE" or "FILE", and *form: without one, a name that ends in .folded or
// .stacks is FOLDED.
const char *profile_file(const char *text, enum profile_form *form);

struct profile;

// Counts from now on. NULL: out of host memory.
struct profile *profile_create(struct machine *m, struct symbols *symbols,
                               const struct run_names *names);
// Writes what was counted. false: out of host memory.
bool profile_write(struct profile *p, FILE *to, enum profile_form form) MUST_CHECK;
void profile_destroy(struct profile *p); // NULL does nothing

#endif
