// SPDX-License-Identifier: MIT
// The tables of commands, events, traces and answers as documents: for docs/console.md, and the
// JSON schemas of docs/schema/console/. (Their part of the man page is emu/manual.c's.)
#include <inttypes.h>
#include <string.h>

#include "emu/console/debugger.h"

// --- Markdown ------------------------------------------------------------------------------------

// A cell of a table in Markdown, in which '|' separates.
static const char *escaped(const char *text, char *to, size_t bytes) {
    size_t n = 0;
    for (; *text && n + 2 < bytes; text++) {
        if (*text == '|') to[n++] = '\\';
        to[n++] = *text;
    }
    to[n] = 0;
    return to;
}

void reference_markdown(struct debugger *d) {
    const char *section = "";
    char cell[OUT_LINE];
    for (unsigned i = 0; i < command_count; i++) {
        const struct command *c = &commands[i];
        if (strcmp(c->section, section) != 0) {
            section = c->section;
            out_say(&d->out, NULL,
                    "\n### %s\n\n| command | short | arguments | what it does |\n"
                    "| --- | --- | --- | --- |",
                    section);
        }
        out_say(&d->out, NULL, "| `%s` | %s | %s | %s |", c->name, c->alias,
                escaped(c->arguments, cell, sizeof cell), c->help);
    }
    out_say(&d->out, NULL,
            "\n### What `break` can stop at beside addresses\n\n| event | may follow "
            "| what it is |\n| --- | --- | --- |");
#define EVENT(name, argument, text, ...)                                                           \
    out_say(&d->out, NULL, "| `%s` | %s | %s |", #name, escaped(argument, cell, sizeof cell), text);
#include "emu/console/events.def"
#undef EVENT
    out_say(&d->out, NULL,
            "\n### What `trace --what=` can show\n\n| word | what it is |\n| --- | --- |");
#define TRACE(name, text) out_say(&d->out, NULL, "| `%s` | %s |", #name, text);
#include "emu/console/traces.def"
#undef TRACE
}

// --- The schemas ---------------------------------------------------------------------------------

// Whose answers there are: the commands, and stop.
enum answerer {
#define COMMAND(name, ...) ANSWERER_##name,
#include "emu/console/commands.def"
#undef COMMAND
    ANSWERER_stop,
};

enum answer_type { TEXT, NUMBER, FLAG, HEX, PLACE, LIST };
static const char *const type_schemas[] = {
    [TEXT] = "\"type\": \"string\"",
    [NUMBER] = "\"type\": \"integer\", \"minimum\": 0",
    [FLAG] = "\"type\": \"boolean\"",
    [HEX] = "\"type\": \"string\", \"pattern\": \"^0x[0-9a-f]+$\"",
    [PLACE] = "\"type\": \"string\", \"pattern\": \"^0x[0-9a-f]+( <.+>)?$\"",
    [LIST] = "\"type\": \"array\"",
};

static const struct answer {
    enum answerer who;
    bool always;
    const char *list, *key;
    enum answer_type type;
    const char *text;
} answers[] = {
#define ANSWER(command, list, key, type, text) {ANSWERER_##command, true, list, #key, type, text},
#define MAYBE(command, list, key, type, text)  {ANSWERER_##command, false, list, #key, type, text},
#include "emu/console/answers.def"
#undef ANSWER
#undef MAYBE
};
enum { ANSWERS = sizeof answers / sizeof *answers };

static bool stands_in(const struct answer *a, enum answerer who, const char *list) {
    return a->who == who && strcmp(a->list, list) == 0;
}

// , "additionalProperties": false, "required": [...]
static void put_required(FILE *to, enum answerer who, const char *list, const char *first) {
    const char *comma = *first ? ", " : "";
    fprintf(to, "\"additionalProperties\": false, \"required\": [%s", first);
    for (unsigned i = 0; i < ANSWERS; i++) {
        if (!stands_in(&answers[i], who, list) || !answers[i].always) continue;
        fprintf(to, "%s\"%s\"", comma, answers[i].key);
        comma = ", ";
    }
    fputs("]", to);
}

// The values that stand in a list, or in the answer itself. A list's own come with it: lists do not
// stand in lists, so this goes no deeper than two.
static void put_values(FILE *to, enum answerer who, const char *list, const char *indent) {
    const char *comma = *list ? "" : ",";
    for (unsigned i = 0; i < ANSWERS; i++) {
        const struct answer *a = &answers[i];
        if (!stands_in(a, who, list)) continue;
        fprintf(to, "%s\n%s\"%s\": {%s, \"description\": \"%s\"", comma, indent, a->key,
                type_schemas[a->type], a->text);
        comma = ",";
        if (a->type == LIST) {
            fputs(", \"items\": {\n      \"type\": \"object\", ", to);
            put_required(to, who, a->key, "");
            fputs(",\n      \"properties\": {", to);
            put_values(to, who, a->key, "        "); // NOLINT(misc-no-recursion)
            fputs("\n      }}", to);
        }
        fputs("}", to);
    }
}

static void put_schema(FILE *to, enum answerer who, const char *name, const char *help) {
    fprintf(to,
            "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
            "  \"title\": \"%s\",\n  \"description\": \"%s\",\n  \"type\": \"object\",\n  ",
            name, help);
    put_required(to, who, "", "\"command\"");
    fprintf(to, ",\n  \"properties\": {\n    \"command\": {\"const\": \"%s\"}", name);
    put_values(to, who, "", "    ");
    fputs("\n  }\n}\n", to);
}

bool reference_schema(struct debugger *d, const char *name) {
    for (unsigned i = 0; i < command_count; i++) {
        if (!name) fprintf(d->out.to, "%s\n", commands[i].name);
        if (!name || strcmp(commands[i].name, name) != 0) continue;
        put_schema(d->out.to, (enum answerer)i, name, commands[i].help);
        return true;
    }
    if (!name) fputs("stop\n", d->out.to);
    if (!name || strcmp(name, "stop") != 0) return !name;
    put_schema(d->out.to, ANSWERER_stop, name,
               "The machine has stopped: written when the console is entered, unasked for.");
    return true;
}
