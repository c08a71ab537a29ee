// SPDX-License-Identifier: MIT
// Files of options. A line is the name of an option without its dashes and, where it takes one, its
// value behind '=' or a blank; blanks around both are left out, and a line that begins with '#' is
// a comment. So no value begins or ends with a blank, or has a line break in it.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "emu/option_table.h"

static const char blanks[] = " \t\r\n";

// The text without the blanks around it, in place.
static char *stripped(char *text) {
    text += strspn(text, blanks);
    size_t length = strlen(text);
    while (length && strchr(blanks, text[length - 1])) text[--length] = 0;
    return text;
}

// Cuts `line` into its name, which is returned, and *value (NULL: there is none).
static char *cut_line(char *line, char **value) {
    char *name = stripped(line);
    char *end = name + strcspn(name, " \t=");
    *value = NULL;
    if (!*end) return name;
    const bool equals = *end == '=';
    *end++ = 0;
    end += strspn(end, blanks);
    if (!equals && *end == '=') end++;
    *value = stripped(end);
    return name;
}

static bool take_line(struct options *o, char *line, struct message *message) {
    char *value, *word = cut_line(line, &value);
    if (!*word || *word == '#') return true;
    const char *dashless = option_bare_name(word);
    const struct option_row *row = option_find(word, dashless ? dashless : word, message);
    if (!row) return false;
    if (row->set == set_config) {
        return complain(message, "%s: a file of options can't name another one", word);
    }
    return option_apply(o, row, word, value, message);
}

enum { CONFIG_LINE = 16384 };

bool set_config(struct options *o, char *value, struct message *message) {
    FILE *file = fopen(value, "r");
    if (!file) return complain(message, "--config: %s: %s", value, strerror(errno));
    char line[CONFIG_LINE];
    bool good = true;
    for (unsigned number = 1; good && fgets(line, sizeof line, file); number++) {
        struct message what;
        const size_t length = strlen(line);
        const bool whole = length > 0 && (line[length - 1] == '\n' || feof(file));
        good = whole ? take_line(o, line, &what)
                     : complain(&what, "a line is text of less than %d bytes", CONFIG_LINE);
        if (!good) complain(message, "%s:%u: %s", value, number, what.text);
    }
    if (good && ferror(file)) good = complain(message, "--config: %s: %s", value, strerror(errno));
    fclose(file);
    return good;
}

// --- --print-config ------------------------------------------------------------------------------

// Is it for the run, and not about the options themselves?
static bool belongs_in_file(const struct option_row *row) { return row->section != SECTION_INFO; }

static bool print_said(FILE *to, const struct option_said *said, struct message *message) {
    const char *name = option_bare_name(option_canonical(said->row)->name);
    const char *value = said->value;
    if (!value) {
        fprintf(to, "%s\n", name);
        return true;
    }
    const size_t length = strlen(value);
    if (strpbrk(value, "\r\n") || !length || strchr(blanks, value[0]) ||
        strchr(blanks, value[length - 1])) {
        return complain(message,
                        "--print-config: %s: a value that is empty, has a line break in it or a "
                        "blank at an end can't stand in a file of options",
                        said->row->name);
    }
    fprintf(to, "%s = %s\n", name, value);
    return true;
}

static bool was_said(const struct options *o, const struct option_row *row) {
    for (unsigned i = 0; i < o->said_count; i++) {
        if (option_canonical(o->said[i].row) == row) return true;
    }
    return false;
}

bool options_print_config(FILE *to, const struct options *o, struct message *message) {
    fputs("# Options of tablewalk, for --config: NAME or NAME = VALUE.\n", to);
    for (unsigned i = 0; i < o->said_count; i++) {
        const struct option_said *said = &o->said[i];
        if (belongs_in_file(said->row) && !print_said(to, said, message)) return false;
    }
    for (unsigned i = 0; i < option_count; i++) {
        const struct option_row *row = &option_rows[i];
        if (!belongs_in_file(row) || !row->help || was_said(o, row)) continue;
        const char *argument = row->argument ? row->argument : "";
        fprintf(to, "\n# %s\n# %s%s%s\n", row->help, option_bare_name(row->name),
                *argument ? " = " : "", argument);
    }
    return true;
}
