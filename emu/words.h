// SPDX-License-Identifier: MIT
// Pieces of the command line: numbers, sizes, dates, lists of key=value, and the word that somebody
// may have meant.
#ifndef TABLEWALK_EMU_WORDS_H
#define TABLEWALK_EMU_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "emu/message.h"

// A decimal or 0x number as a whole. false: it is none, or is more than max.
bool word_number(const char *word, uint64_t max, uint64_t *number);

// Bytes: a number and K, M, G or T, in either case; without one it counts `unit` bytes.
bool word_size(const char *word, uint64_t unit, uint64_t *bytes);

// on, yes, true, 1; off, no, false, 0.
bool word_switch(const char *word, bool *on);

// Nanoseconds since 1970 of "utc" (the host's present), "YYYY-MM-DD" or "YYYY-MM-DDTHH:MM:SS".
bool word_date(const char *word, uint64_t *nanoseconds);

// The candidate nearest to `word`, if one is near enough to have been meant; else NULL. next()
// gives the candidates, then NULL.
const char *word_nearest(const char *word, const char *(*next)(void *context), void *context);

// A key of a list like "file=x,readonly=on". One of the three says where the value goes.
struct word_key {
    const char *name;
    char **text;      // the value
    bool *flag;       // on or off
    const char *only; // the values that are accepted, separated by '|'; with flag: the last is on
};

// Cuts up such a list. A comma in a value is written twice. `what` names the option in a complaint.
bool word_list(char *list, const char *what, const struct word_key *keys, size_t count,
               struct message *message);

#endif
