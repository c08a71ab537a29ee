// SPDX-License-Identifier: MIT
// A command line becomes words and options; the command's row says which options there are.
#include <stdlib.h>
#include <string.h>

#include "emu/console/debugger.h"
#include "emu/words.h"

const struct command commands[] = {
#define COMMAND(name, alias, arguments, section, help)                                             \
    {#name, alias, arguments, section, command_##name, help},
#include "emu/console/commands.def"
#undef COMMAND
};
const unsigned command_count = sizeof commands / sizeof *commands;

const struct command *command_find(const char *name, bool *several) {
    const struct command *found = NULL;
    const size_t length = strlen(name);
    *several = false;
    for (unsigned i = 0; i < command_count; i++) {
        const struct command *c = &commands[i];
        if (strcmp(c->name, name) == 0 || (c->alias[0] && strcmp(c->alias, name) == 0)) {
            *several = false;
            return c;
        }
        if (strncmp(c->name, name, length) != 0) continue;
        *several = found != NULL;
        if (found) continue;
        found = c;
    }
    if (*several || !length) return NULL;
    return found;
}

static const char *next_command(void *context) {
    unsigned *at = context;
    return *at < command_count ? commands[(*at)++].name : NULL;
}

static bool unknown_command(const char *name, bool several, struct message *message) {
    if (several) {
        char list[200] = "";
        for (unsigned i = 0; i < command_count; i++) {
            const size_t used = strlen(list);
            if (strncmp(commands[i].name, name, strlen(name)) != 0) continue;
            snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", commands[i].name);
        }
        return complain(message, "%.40s could be %s", name, list);
    }
    unsigned at = 0;
    const char *near = word_nearest(name, next_command, &at);
    return near ? complain(message, "%.40s: unknown command; did you mean %s?", name, near)
                : complain(message, "%.40s: unknown command; help lists them all", name);
}

// The option of the row that `name`, or an unambiguous beginning, means. Every command can answer
// in JSON. *value: it needs one. false: none, or several.
static bool find_option(const struct command *c, const char *name, char full[static OPTION_BYTES],
                        bool *value) {
    const size_t length = strlen(name);
    unsigned found = 0;
    snprintf(full, OPTION_BYTES, "json");
    *value = false;
    if (strcmp(name, "json") == 0) return true;
    for (const char *at = c->arguments; (at = strstr(at, "[--")); at++) {
        const int bytes = (int)strcspn(at + 3, "=]");
        const bool exact = (size_t)bytes == length;
        if (strncmp(at + 3, name, length) != 0 || (found++ && !exact)) continue;
        snprintf(full, OPTION_BYTES, "%.*s", bytes, at + 3);
        *value = at[3 + bytes] == '=';
        if (exact) return true;
    }
    return found == 1;
}

// The next word of *at: up to a blank, or what stands in quotes. NULL: there is none.
static char *cut_word(char **at) {
    *at += strspn(*at, " \t");
    if (!**at) return NULL;
    char *word = *at, *to = word;
    bool quoted = false;
    while (**at && (quoted || !strchr(" \t", **at))) {
        if (**at == '"') {
            quoted = !quoted;
        } else {
            *to++ = **at;
        }
        ++*at;
    }
    if (**at) ++*at;
    *to = 0;
    return word;
}

// Takes --word; a value may be the next word, which is cut off *at then.
static bool take_option(struct args *a, char *word, char **at, struct message *message) {
    const char *name = a->command->name;
    if (a->options == MAX_OPTIONS) return complain(message, "%s: too many options", name);
    char *value = strchr(word, '='), *full = a->option[a->options].name;
    bool needed = false;
    if (value) *value++ = 0;
    if (!find_option(a->command, word + 2, full, &needed)) {
        return complain(message, "%s: no option %.40s; it is %s %s", name, word, name,
                        a->command->arguments);
    }
    if (!needed && value) return complain(message, "%s: %.40s takes no value", name, word);
    if (needed && !value) value = cut_word(at);
    if (needed && !value) return complain(message, "%s: %.40s needs a value", name, word);
    a->option[a->options++].value = value ? value : "";
    return true;
}

bool args_parse(struct args *a, const char *line, struct message *message) {
    char name[LINE_BYTES];
    bool several;
    *a = (struct args){0};
    if (strlen(line) >= sizeof a->line) {
        return complain(message, "a line has at most %d bytes", LINE_BYTES - 1);
    }
    line += strspn(line, " \t");
    strcpy(a->line, line);
    char *at = a->line, *first = cut_word(&at);
    if (!first) return complain(message, "a command is needed");
    strcpy(a->rest, line + (at - a->line));
    // A format may stand right behind its command: x/4xg.
    char *slash = strchr(first, '/');
    const size_t length = slash ? (size_t)(slash - first) : strlen(first); // within the line
    memcpy(name, first, length);
    name[length] = 0;
    a->command = command_find(name, &several);
    if (!a->command) return unknown_command(name, several, message);
    if (strstr(a->command->arguments, "TEXT")) return true; // it is not cut
    if (slash) a->word[a->words++] = slash;
    for (char *word = cut_word(&at); word; word = cut_word(&at)) {
        if (strncmp(word, "--", 2) == 0 && word[2]) {
            if (!take_option(a, word, &at, message)) return false;
        } else if (a->words == MAX_WORDS) {
            return complain(message, "more than %d words", MAX_WORDS);
        } else {
            a->word[a->words++] = word;
        }
    }
    return true;
}

const char *args_option(const struct args *a, const char *name) {
    for (unsigned i = 0; i < a->options; i++) {
        if (strcmp(a->option[i].name, name) == 0) return a->option[i].value;
    }
    return NULL;
}

const char *args_word(const struct args *a, unsigned n) { return n < a->words ? a->word[n] : NULL; }

const char *args_after(const struct args *a, unsigned n) {
    const char *at = a->rest + strspn(a->rest, " \t");
    while (n-- > 0) {
        at += strcspn(at, " \t");
        at += strspn(at, " \t");
    }
    return at;
}
