// SPDX-License-Identifier: MIT
// Lines from a terminal, with editing, history and completion (libedit).
#ifndef TABLEWALK_EMU_CONSOLE_EDITOR_H
#define TABLEWALK_EMU_CONSOLE_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

struct debugger;
struct editor;

struct editor *
editor_create(const struct debugger *d); // NULL: out of host memory, or the terminal can't do it
void editor_destroy(struct editor *e);   // NULL does nothing
// The next line without its newline. false: the end of the input.
bool editor_read(struct editor *e, char *line, size_t bytes);

#endif
