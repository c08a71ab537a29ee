// SPDX-License-Identifier: MIT
// --help=bash, zsh, fish: completion of the command line. What can follow an option is read from
// the argument its row shows: "on|off" and "default|none|FILE" are words to choose from, and where
// an alternative is FILE, files are offered.
#include <stdbool.h>
#include <string.h>

#include "emu/help.h"
#include "emu/option_table.h"

enum { WORD_BYTES = 64 };

// A word that could follow: what of an alternative stands before the first capital letter. In
// "name=on|off" the second alternative is name=off.
struct choices {
    const char *at;
    char word[WORD_BYTES];
};

static struct choices choices_of(const struct option_row *row) {
    return (struct choices){.at = row->argument ? row->argument : ""};
}

static bool next_choice(struct choices *c) {
    while (*c->at) {
        if (*c->at == '[') c->at++;
        const size_t all = strcspn(c->at, "|]");
        const size_t fixed = strcspn(c->at, "|][,ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        const char *equals = strchr(c->word, '=');
        const size_t kept = equals && !memchr(c->at, '=', all) ? (size_t)(equals - c->word) + 1 : 0;
        const char *from = c->at;
        const bool whole = strchr("[,", from[fixed]) || fixed == all;
        c->at += all;
        c->at += strspn(c->at, "|]");
        // Alternatives end where something is put behind them.
        if (from[fixed] == ',' || from[fixed] == '[') c->at = "";
        if (!fixed || (!whole && !strchr("=:", from[fixed - 1]))) continue;
        snprintf(c->word + kept, sizeof c->word - kept, "%.*s", (int)fixed, from);
        return true;
    }
    return false;
}

static bool takes_file(const struct option_row *row) {
    const char *argument = row->argument ? row->argument : "";
    return strncmp(argument, "FILE", 4) == 0 || strstr(argument, "|FILE");
}

// The words of a row, each behind `before`. How many there were.
static unsigned print_choices(FILE *to, const struct option_row *row, const char *before) {
    struct choices c = choices_of(row);
    unsigned count = 0;
    for (; next_choice(&c); count++) fprintf(to, "%s%s", count ? " " : before, c.word);
    return count;
}

// Is it said with the value in the same word?
static bool wants_equals(const struct option_row *row) { return option_joint(row)[0] == '='; }

// Text within ' of a shell. zsh: ':' and brackets mean something to _arguments.
static void print_quoted(FILE *to, const char *text, const char *escaped) {
    for (; *text; text++) {
        if (strchr(escaped, *text)) fputc('\\', to);
        if (*text == '\'') {
            fputs("'\\''", to);
        } else {
            fputc(*text, to);
        }
    }
}

// --- bash ----------------------------------------------------------------------------------------

static void bash_row(FILE *to, const struct option_row *row) {
    const char *bare = option_bare_name(row->name);
    const struct option_row *full = option_canonical(row);
    if (!option_needs_argument(full)) return;
    if (bare[0] == '+') {
        fprintf(to, "    %s) ", bare);
    } else {
        fprintf(to, "    -%s | --%s) ", bare, bare);
    }
    if (print_choices(to, full, "words='")) fputs("' ", to);
    fprintf(to, "%s;;\n", takes_file(full) ? "files=yes " : "");
}

void help_bash(FILE *to) {
    fputs(
        "# bash completion for tablewalk; made by tablewalk --help=bash\n"
        "_tablewalk() {\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} words= files=\n"
        "    # '=' is a word of its own where it breaks words.\n"
        "    if [ \"$cur\" = '=' ]; then\n"
        "        cur=\n"
        "    elif [ \"$prev\" = '=' ]; then\n"
        "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
        "    fi\n"
        "    case $prev in\n",
        to);
    for (unsigned i = 0; i < option_count; i++) bash_row(to, &option_rows[i]);
    fputs("    --help) [ \"${COMP_WORDS[COMP_CWORD - 1]}\" = --help ] || words='all man bash zsh "
          "fish' ;;\n"
          "    --stats) [ \"${COMP_WORDS[COMP_CWORD - 1]}\" = --stats ] || words='json text' ;;\n"
          "    file) files=yes ;;\n"
          "    *)\n"
          "        files=yes\n"
          "        case $cur in\n"
          "        - | -* | +*)\n"
          "            files=\n"
          "            words='",
          to);
    for (unsigned i = 0; i < option_count; i++) {
        const struct option_row *row = &option_rows[i];
        const struct option_row *full = option_canonical(row);
        const bool equals = option_needs_argument(full) && wants_equals(full);
        fprintf(to, "%s%s%s", i ? " " : "", row->name, equals ? "=" : "");
    }
    fputs("'\n"
          "            ;;\n"
          "        esac\n"
          "        ;;\n"
          "    esac\n"
          "    mapfile -t COMPREPLY < <(\n"
          "        compgen -W \"$words\" -- \"$cur\"\n"
          "        [ -z \"$files\" ] || compgen -f -- \"$cur\"\n"
          "    )\n"
          "    case ${#COMPREPLY[@]}${COMPREPLY[0]} in\n"
          "    1*=) compopt -o nospace ;;\n"
          "    esac\n"
          "}\n"
          "complete -o filenames -F _tablewalk tablewalk\n",
          to);
}

// --- zsh -----------------------------------------------------------------------------------------

static void zsh_row(FILE *to, const struct option_row *row) {
    const struct option_row *full = option_canonical(row);
    // Some may be said more than once; then all may.
    fprintf(to, "    '*%s", row->name);
    if (full->argument) {
        fputs(!option_needs_argument(full) ? "=-" : wants_equals(full) ? "=" : "", to);
    }
    fputc('[', to);
    print_quoted(to, full->help, "[]\\");
    fputc(']', to);
    if (full->argument) {
        const bool optional = !option_needs_argument(full);
        fputs(optional ? "::" : ":", to);
        print_quoted(to, optional ? "form" : full->argument, ":[]\\");
        fputc(':', to);
        const bool files = takes_file(full);
        if (print_choices(to, full, files ? "_alternative \"words\\:word\\:(" : "(")) {
            fputs(files ? ")\" \"files\\:file\\:_files\"" : ")", to);
        } else if (files) {
            fputs("_files", to);
        }
    }
    fputs("' \\\n", to);
}

void help_zsh(FILE *to) {
    fputs("#compdef tablewalk\n# Made by tablewalk --help=zsh\n_arguments \\\n", to);
    for (unsigned i = 0; i < option_count; i++) zsh_row(to, &option_rows[i]);
    fputs("    '*:program:_files'\n", to);
}

// --- fish ----------------------------------------------------------------------------------------

static void fish_row(FILE *to, const struct option_row *row) {
    const struct option_row *full = option_canonical(row);
    const char *bare = option_bare_name(row->name);
    if (bare[0] == '+') {
        fprintf(to, "complete -c tablewalk -a '%s='", bare);
    } else {
        const char *kind = row->name[1] == '-' ? "l" : bare[1] ? "o" : "s";
        fprintf(to, "complete -c tablewalk -%s '%s'", kind, bare);
        if (option_needs_argument(full)) fputs(takes_file(full) ? " -r" : " -x", to);
        if (print_choices(to, full, " -a '")) fputc('\'', to);
    }
    fputs(" -d '", to);
    for (const char *c = full->help; *c; c++) fprintf(to, *c == '\'' ? "\\'" : "%c", *c);
    fputs("'\n", to);
}

void help_fish(FILE *to) {
    fputs("# fish completion for tablewalk; made by tablewalk --help=fish\n", to);
    for (unsigned i = 0; i < option_count; i++) fish_row(to, &option_rows[i]);
}
