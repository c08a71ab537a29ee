// SPDX-License-Identifier: MIT
// --help=man: the manual page, in the words of man(7).
#include <stdbool.h>
#include <string.h>

#include "emu/help.h"
#include "emu/option_table.h"

// Text as troff takes it: no command at the beginning of a line, no hyphen for a minus.
static void print_text(FILE *to, const char *text) {
    if (*text == '.' || *text == '\'') fputs("\\&", to);
    for (; *text; text++) {
        switch (*text) {
        case '\\': fputs("\\e", to); break;
        case '-': fputs("\\-", to); break;
        case '\'': fputs("\\(aq", to); break;
        case '`': fputs("\\(ga", to); break;
        case '^': fputs("\\(ha", to); break;
        case '~': fputs("\\(ti", to); break;
        default: fputc(*text, to);
        }
    }
}

// A heading of a list, bold, and what may follow it, in italics.
static void print_term(FILE *to, const char *name, const char *joint, const char *argument) {
    fputs(".TP\n\\fB", to);
    print_text(to, name);
    print_text(to, joint);
    fputs("\\fR", to);
    if (*argument) {
        fputs("\\fI", to);
        print_text(to, argument);
        fputs("\\fR", to);
    }
    fputc('\n', to);
}

static void print_line(FILE *to, const char *text) {
    print_text(to, text);
    fputc('\n', to);
}

static void print_options(FILE *to) {
    fputs(".SH OPTIONS\nOne dash or two are the same, and so are\n.BI \\-\\-name= value\nand\n"
          ".BI \\-\\-name \" value\"\\fR.\n",
          to);
    for (unsigned section = 0; section < OPTION_SECTIONS; section++) {
        fprintf(to, ".SS %s\n", option_section_titles[section]);
        for (unsigned i = 0; i < option_count; i++) {
            const struct option_row *row = &option_rows[i];
            if (row->section != section || !row->help) continue;
            print_term(to, row->name, option_joint(row),
                       !row->argument               ? ""
                       : option_needs_argument(row) ? row->argument
                                                    : row->argument + 1);
            print_line(to, row->help);
        }
    }
}

static void print_keys(FILE *to) {
    fputs(".SH KEYS\nAt the terminal:\n", to);
#define KEY(keys, text)                                                                            \
    print_term(to, keys, "", "");                                                                  \
    print_line(to, text);
#include "emu/keys.def"
#undef KEY
}

static void print_entry(FILE *to, const char *name, const char *arguments, const char *text) {
    print_term(to, name, *arguments ? " " : "", arguments);
    print_line(to, text);
}

void help_man_commands(FILE *to) {
    static const struct {
        const char *name, *alias, *arguments, *section, *help;
    } commands[] = {
#define COMMAND(name, alias, arguments, section, help) {#name, alias, arguments, section, help},
#include "emu/console/commands.def"
#undef COMMAND
    };
    const char *section = "";
    fputs(".SH DEBUG CONSOLE\nOpened by\n.BR \\-S ,\nby Ctrl\\-A C, or by a script. Any beginning "
          "of a command that no other one shares will do.\n",
          to);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(section, commands[i].section) != 0) {
            section = commands[i].section;
            fprintf(to, ".SS %s\n", section);
        }
        print_entry(to, commands[i].name, commands[i].arguments, commands[i].help);
        if (*commands[i].alias) fprintf(to, "(short: %s)\n", commands[i].alias);
    }
    fputs(".SS What break can stop at beside addresses\n", to);
#define EVENT(name, argument, text, ...) print_entry(to, #name, argument, text);
#include "emu/console/events.def"
#undef EVENT
    fputs(".SS What trace \\-\\-what= can show\n", to);
#define TRACE(name, text) print_entry(to, #name, "", text);
#include "emu/console/traces.def"
#undef TRACE
}

static void print_exit_codes(FILE *to) {
    fputs(".SH EXIT STATUS\nWhere the guest ends the run itself, its own code; else:\n", to);
#define ROW(name, code, text)                                                                      \
    print_term(to, #code, "", "");                                                                 \
    print_line(to, text);
#include "emu/exit_codes.def"
#undef ROW
}

struct surrounding {
    const char *name, *text;
};

static void print_surroundings(FILE *to, const struct surrounding *row) {
    for (; row->name; row++) {
        print_term(to, row->name, "", "");
        print_line(to, row->text);
    }
}

static void print_environment(FILE *to) {
    static const struct surrounding variables[] = {
        {"TMPDIR", "where what is written to a drive with snapshot=on is kept, in a file without a "
                   "name (/tmp)"},
        {"TERM", "the terminal, for the line editor of the debug console"},
        {"SDL_VIDEODRIVER", "how SDL opens the window of -display sdl; dummy opens none"},
        {NULL, NULL},
    };
    static const struct surrounding files[] = {
        {"*.core", "a core for --core: cache and TLB geometry and latencies, a value a line"},
        {"*.conf", "options for --config: a name, or a name and its value, a line"},
        {"*.img", "raw disk images; one that is in use is locked"},
        {NULL, NULL},
    };
    fputs(".SH ENVIRONMENT\n", to);
    print_surroundings(to, variables);
    fputs(".SH FILES\nNone is read that no option names: there are no settings in the home "
          "directory, and the firmware, the pager, its disks and the cores rocket, small and large "
          "are part of the program.\n",
          to);
    print_surroundings(to, files);
}

static void print_examples(FILE *to) {
    fputs(".SH EXAMPLES\n", to);
#define EXAMPLE(words, text)                                                                       \
    print_term(to, "tablewalk ", "", words);                                                       \
    print_line(to, text);
#include "emu/examples.def"
#undef EXAMPLE
}

void help_man(FILE *to) {
    fputs(".\\\" Made by tablewalk --help=man from its tables of options and commands.\n"
          ".TH TABLEWALK 1 " TABLEWALK_DATE " \"tablewalk " TABLEWALK_VERSION
          "\" \"User Commands\"\n"
          ".SH NAME\ntablewalk \\- RV64GC machine whose page walks can be watched\n"
          ".SH SYNOPSIS\n.B tablewalk\n[\\fIOPTION\\fR...] [\\fIPROGRAM\\fR]\n"
          ".SH DESCRIPTION\n"
          "Emulates an RV64GC computer with a Sv39 MMU: QEMU\\(aqs virt board, in QEMU\\(aqs "
          "words. Without a program and without\n.B \\-kernel\n"
          "it boots the pager, a small demand\\-paging kernel that explains virtual memory. "
          "A \\fIPROGRAM\\fR is a bare\\-metal ELF program.\n"
          ".PP\n"
          "The same inputs give the same run. Of each page fault it knows which rule of the "
          "privileged manual was broken; the debug console shows page tables, the TLB, faults "
          "and what would have let them pass.\n",
          to);
    print_options(to);
    print_keys(to);
    help_man_commands(to);
    print_exit_codes(to);
    print_environment(to);
    print_examples(to);
    fputs(".SH SEE ALSO\n.BR qemu\\-system\\-riscv64 (1),\n.BR gdb (1)\n.PP\n"
          "The pages in /usr/share/doc/tablewalk, where it is installed as a package.\n",
          to);
}
