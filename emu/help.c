// SPDX-License-Identifier: MIT
// --help: a screen with examples; --help=all: every option.
#include "emu/help.h"

#include <string.h>

#include "emu/option_table.h"

static const char title[] = "Tablewalk, an RV64GC machine whose page walks can be watched.";

struct pair {
    const char *left, *text;
};
static const struct pair examples[] = {
#define EXAMPLE(words, text) {words, text},
#include "emu/examples.def"
#undef EXAMPLE
};
enum { EXAMPLES = sizeof examples / sizeof *examples };

// --- One screen: 80 columns, 24 lines with the prompt --------------------------------------------

static void help_short(FILE *to) {
    fprintf(to, "%s\n\nUsage: tablewalk [OPTION...] [PROGRAM]\n\n", title);
    for (unsigned i = 0; i < EXAMPLES; i++) {
        const struct pair *e = &examples[i];
        const char *blank = *e->left ? " " : "";
        const bool fits = strlen(e->left) < 26;
        fprintf(to, "  tablewalk%s%-*s", blank, fits ? 26 - (int)strlen(blank) : 0, e->left);
        fprintf(to, fits ? "%s\n" : "\n      %s\n", e->text);
    }
    fputs("\nAt the terminal Ctrl-A X ends the machine, Ctrl-A C opens the debug console.\n"
          "QEMU's -machine, -m, -smp, -bios, -kernel, -initrd, -append, -drive and -device\n"
          "mean the same here.\n\n",
          to);
    fputs("tablewalk --help=all        all options, keys and exit codes\n"
          "tablewalk --print-config    a file for --config, with all options as comments\n"
          "man tablewalk               the manual; where it is not installed --help=man\n",
          to);
}

// --- All of it -----------------------------------------------------------------------------------

enum { HELP_INDENT = 31, HELP_WIDTH = 96 };

// Prints text from the present column HELP_INDENT on, broken at blanks.
static void print_wrapped(FILE *to, const char *text) {
    int column = HELP_INDENT;
    const char *blank = "";
    while (*text) {
        const int word = (int)strcspn(text, " ");
        if (column + word > HELP_WIDTH) {
            fprintf(to, "\n%*s", HELP_INDENT, "");
            column = HELP_INDENT;
            blank = "";
        }
        fprintf(to, "%s%.*s", blank, word, text);
        column += word + 1;
        blank = " ";
        text += word;
        while (*text == ' ') text++;
    }
    fputc('\n', to);
}

static void print_row(FILE *to, const struct option_row *row) {
    const char *argument = row->argument ? row->argument : "";
    const bool optional = row->argument && !option_needs_argument(row);
    const int width = fprintf(to, "  %s%s%s", row->name, option_joint(row), argument + optional);
    if (width < HELP_INDENT) {
        fprintf(to, "%*s", HELP_INDENT - width, "");
    } else {
        fprintf(to, "\n%*s", HELP_INDENT, "");
    }
    print_wrapped(to, row->help);
}

static void help_all(FILE *to) {
    fprintf(to, "%s\n\n  tablewalk [OPTION...] [PROGRAM]\n", title);
    for (unsigned section = 0; section < OPTION_SECTIONS; section++) {
        fprintf(to, "\n%s\n", option_section_titles[section]);
        for (unsigned i = 0; i < option_count; i++) {
            const struct option_row *row = &option_rows[i];
            if (row->section == section && row->help) print_row(to, row);
        }
    }
    fputs("\nKeys at the terminal\n", to);
#define KEY(keys, text)                                                                            \
    fprintf(to, "  %-*s", HELP_INDENT - 2, keys);                                                  \
    print_wrapped(to, text);
#include "emu/keys.def"
#undef KEY
    fputs("\nExit codes\n", to);
#define ROW(name, code, text)                                                                      \
    fprintf(to, "  %-*d", HELP_INDENT - 2, code);                                                  \
    print_wrapped(to, text);
#include "emu/exit_codes.def"
#undef ROW
}

void options_help(FILE *to, enum help_form form) {
    switch (form) {
    case HELP_NONE: break;
    case HELP_SHORT: help_short(to); break;
    case HELP_ALL: help_all(to); break;
    case HELP_MAN: help_man(to); break;
    case HELP_BASH: help_bash(to); break;
    case HELP_ZSH: help_zsh(to); break;
    case HELP_FISH: help_fish(to); break;
    }
}
