// SPDX-License-Identifier: MIT
// Completion (see complete.h). What may follow a command is read from its row of commands.def:
// words in small letters stand for themselves, FILE, COMMAND and N are what they say, options begin
// with
// --, and everything else is an expression.
#include "emu/console/complete.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "cpu/csr.h"
#include "emu/console/csr_fields.h"
#include "emu/console/debugger.h"

enum { CSR_NUMBERS = 4096 };

// Notes a name when it begins as the word does.
static void offer(struct completion *c, const char *word, const char *name) {
    if (strncmp(name, word, c->length) != 0 || strlen(name) >= COMPLETION_BYTES) return;
    for (unsigned i = 0; i < c->kept; i++) {
        if (strcmp(c->name[i], name) == 0) return;
    }
    if (c->kept < COMPLETION_NAMES) strcpy(c->name[c->kept++], name);
    if (!c->found++) {
        strcpy(c->common, name);
        return;
    }
    size_t same = 0;
    while (c->common[same] && c->common[same] == name[same]) same++;
    c->common[same] = 0;
}

static void offer_commands(struct completion *c, const char *word) {
    for (unsigned i = 0; i < command_count; i++) offer(c, word, commands[i].name);
}

// --- What a row says -----------------------------------------------------------------------------

static bool is_word(char ch) { return islower((unsigned char)ch) || isdigit((unsigned char)ch); }

// Of "[--format=tree|qemu]" from the word on: the names of options, or the values of one of them.
static void offer_options(struct completion *c, const char *word, const char *arguments) {
    char text[COMPLETION_BYTES];
    for (const char *at = arguments; (at = strstr(at, "[--")); at++) {
        const char *name = at + 1;
        const int length = (int)strcspn(name, "=]");
        const char *value = name + length + 1;
        const bool has_values = name[length] == '=', at_value = strchr(word, '=');
        snprintf(text, sizeof text, "%.*s%s", length, name, has_values ? "=" : "");
        if (!at_value) offer(c, word, text);
        while (at_value && has_values && is_word(*value)) {
            const int bytes = (int)strcspn(value, "|],");
            snprintf(text, sizeof text, "%.*s=%.*s", length, name, bytes, value);
            offer(c, word, text);
            value += bytes + (value[bytes] != ']');
        }
    }
}

// Words in small letters that are no options: "[stats|stale]", "save NAME".
static void offer_words(struct completion *c, const char *word, const char *arguments) {
    char text[COMPLETION_BYTES];
    for (const char *at = arguments; *at;) {
        const size_t length = strcspn(at, "[]| ");
        const bool option = strncmp(at, "--", 2) == 0;
        if (option) {
            at += strcspn(at, "]");
            continue;
        }
        snprintf(text, sizeof text, "%.*s", (int)length, at);
        if (length && is_word(*at) && !strchr(text, '/')) offer(c, word, text);
        at += length + (at[length] != 0);
    }
}

static void offer_events(struct completion *c, const char *word) {
    offer(c, word, "if");
#define EVENT(name, argument, text, ...)                                                           \
    offer(c, word, #name);                                                                         \
    offer_words(c, word, argument);
#include "emu/console/events.def"
#undef EVENT
}

// --- Files ---------------------------------------------------------------------------------------

static void offer_files(struct completion *c, const char *word) {
    char directory[LINE_BYTES], name[COMPLETION_BYTES];
    const char *slash = strrchr(word, '/');
    const int before = slash ? (int)(slash - word) + 1 : 0;
    snprintf(directory, sizeof directory, "%.*s", before, word);
    DIR *dir = opendir(before ? directory : ".");
    const struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        const bool hidden = entry->d_name[0] == '.' && word[before] != '.';
        const int length = snprintf(name, sizeof name, "%s%s%s", directory, entry->d_name,
                                    entry->d_type == DT_DIR ? "/" : "");
        if (!hidden && length < (int)sizeof name) offer(c, word, name);
    }
    if (dir) closedir(dir);
    // In a directory there is more to come.
    if (c->found == 1 && c->common[strlen(c->common) - 1] == '/') c->last = 0;
}

// --- Expressions ---------------------------------------------------------------------------------

static void offer_registers(struct completion *c, const char *word) {
    char name[COMPLETION_BYTES];
    const char *dot = strchr(word, '.');
    for (unsigned i = 0; i < 32; i++) {
        offer(c, word, x_names[i]);
        offer(c, word, f_names[i]);
    }
    offer(c, word, "pc");
    offer(c, word, "priv");
    for (unsigned i = 0; i < CSR_NUMBERS; i++) {
        const char *csr = csr_name(i);
        const struct csr_field *field;
        if (csr) offer(c, word, csr);
        for (unsigned n = 0; csr && dot && (field = csr_field(i, n)); n++) {
            snprintf(name, sizeof name, "%s.%s", csr, field->name);
            offer(c, word, name);
        }
    }
}

// Registers and CSRs; behind a $ nothing else, else symbols as well.
static void offer_values(const struct debugger *d, struct completion *c, const char *word,
                         bool only_registers) {
    offer_registers(c, word);
    for (unsigned i = 0; i < d->symbols.files && !only_registers; i++) {
        const struct symbol_file *f = &d->symbols.file[i];
        for (size_t n = 0; n < f->count; n++) offer(c, word, f->symbol[n].name);
    }
    c->last = 0;
}

static bool is_name(char ch) { return isalnum((unsigned char)ch) || ch == '_' || ch == '.'; }

// --- All of it -----------------------------------------------------------------------------------

void complete(const struct debugger *d, const char *line, struct completion *c) {
    char first[COMPLETION_BYTES];
    bool several;
    *c = (struct completion){.last = ' '};
    line += strspn(line, " \t");
    const size_t whole = strlen(line), length = strcspn(line, " \t/");
    const char *end = line + whole, *word = end, *name = end;
    while (word > line && !strchr(" \t", word[-1])) word--;
    while (name > word && is_name(name[-1])) name--;
    c->length = (size_t)(end - word);
    if (word == line) {
        offer_commands(c, word);
        return;
    }
    snprintf(first, sizeof first, "%.*s", (int)length, line);
    const struct command *command = command_find(first, &several);
    if (!command) return;
    if (strncmp(word, "--", 2) == 0) {
        offer_options(c, word, command->arguments);
        if (c->common[0] && c->common[strlen(c->common) - 1] == '=') c->last = 0;
        return;
    }
    if (strstr(command->arguments, "[COMMAND]")) offer_commands(c, word);
    if (command->run == command_break) offer_events(c, word);
    offer_words(c, word, command->arguments);
    if (c->found || !*command->arguments) return;
    if (strstr(command->arguments, "FILE")) {
        offer_files(c, word);
        return;
    }
    c->length = (size_t)(end - name);
    offer_values(d, c, name, name > word && name[-1] == '$');
}

// --- The command ---------------------------------------------------------------------------------

void command_complete(struct debugger *d, struct args *a) {
    struct completion c;
    complete(d, a->rest, &c);
    out_list(&d->out, "names");
    d->out.head_shown = true;
    for (unsigned i = 0; i < c.kept; i++) {
        out_cell(&d->out, "name", 0, "%s", c.name[i]);
        out_row(&d->out);
    }
    out_list_end(&d->out);
}
