// SPDX-License-Identifier: MIT
// What is said when something of the host's is wrong: one line that names the file or option, the
// fault, and what would be right. Functions that can fail return false and leave the line in a
// struct message; main prints it and exits with EXIT_CODE_USAGE.
#ifndef TABLEWALK_EMU_MESSAGE_H
#define TABLEWALK_EMU_MESSAGE_H

#include <stdbool.h>

struct message {
    char text[512];
};

// Writes the line (cut off where it is too long; unprintable bytes become '?') and returns false,
// so that a caller can say `return complain(m, ...)`.
bool complain(struct message *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Makes a line that somebody else wrote one line: unprintable bytes become '?'.
void message_clean(struct message *m);

#endif
