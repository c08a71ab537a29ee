// SPDX-License-Identifier: MIT
// The forms of --help that have a file of their own. All are made from the tables: options.def,
// examples.def, keys.def, exit_codes.def and the console's commands.def.
#ifndef TABLEWALK_EMU_HELP_H
#define TABLEWALK_EMU_HELP_H

#include <stdio.h>

// The manual page tablewalk(1), for man.
void help_man(FILE *to);
// Its part about the debug console.
void help_man_commands(FILE *to);

// Completion of the command line, as the shell's own completions are written.
void help_bash(FILE *to);
void help_zsh(FILE *to);
void help_fish(FILE *to);

#endif
