// SPDX-License-Identifier: MIT
// A command line out of a text.
#ifndef TABLEWALK_TESTSUITE_UNIT_SPLIT_H
#define TABLEWALK_TESTSUITE_UNIT_SPLIT_H

#include <string.h>

// Adds the words of a text, which blanks and line ends separate and which it is cut into, to
// `count` words; there is room for `room` and a NULL behind them. Returns how many there are then.
static inline int split_words(char *text, char **word, int count, int room) {
    char *rest = NULL;
    for (char *w = strtok_r(text, " \n", &rest); w && count < room;
         w = strtok_r(NULL, " \n", &rest))
        word[count++] = w;
    word[count] = NULL;
    return count;
}

#endif
