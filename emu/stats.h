// SPDX-License-Identifier: MIT
// What a run did, in numbers: instructions, time, translation, faults, disks.
#ifndef TABLEWALK_EMU_STATS_H
#define TABLEWALK_EMU_STATS_H

#include <stdio.h>

#include "emu/ledger.h"
#include "emu/machine.h"

// The host's time when something began.
struct stopwatch {
    double wall, cpu; // seconds
};

struct stopwatch stopwatch_start(void);

// Prints the counts of a machine that ran since the watch was started, as text or as one JSON
// object. emu/stats.def has a row a number.
void stats_print(FILE *to, struct machine *m, const struct stopwatch *since, struct ledger *ledger,
                 bool json);

// Its part about the clock, where there is a timing core: in JSON, members with a comma behind.
void stats_print_clock(FILE *to, const struct machine *m, bool json);
// Its part about modes and address spaces, in the same form.
void stats_print_ledger(FILE *to, const struct machine *m, struct ledger *ledger, bool json);

#endif
