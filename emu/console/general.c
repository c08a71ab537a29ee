// SPDX-License-Identifier: MIT
// Commands about the console itself: help, symbols, harts, the machine's state.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/console/debugger.h"
#include "emu/help.h"
#include "emu/words.h"

enum { HELP_WIDTH = 92, HELP_INDENT = 13 };

// Text from column HELP_INDENT on, broken at blanks.
static void say_wrapped(struct debugger *d, const char *name, const char *text) {
    const char *first = name;
    while (*text) {
        size_t length = strlen(text);
        if (length > HELP_WIDTH - HELP_INDENT) {
            length = HELP_WIDTH - HELP_INDENT;
            while (length && text[length] != ' ') length--;
        }
        out_say(&d->out, NULL, "%-*s%.*s", HELP_INDENT, first, (int)length, text);
        first = "";
        text += length;
        while (*text == ' ') text++;
    }
}

static void help_one(struct debugger *d, const char *name) {
    bool several;
    const struct command *c = command_find(name, &several);
    if (!c) {
        out_fail(&d->out, several ? "%s could be several commands" : "%s: unknown command", name);
        return;
    }
    out_say(&d->out, NULL, "%s %s", c->name, c->arguments);
    if (c->alias[0]) out_say(&d->out, NULL, "  short: %s", c->alias);
    out_say(&d->out, "help", "  %s", c->help);
    if (d->out.json) out_say(&d->out, "arguments", "%s", c->arguments);
    if (strcmp(c->name, "break") != 0) return;
#define EVENT(name, argument, text, ...)                                                           \
    out_say(&d->out, NULL, "  break %s %s: %s", #name, argument, text);
#include "emu/console/events.def"
#undef EVENT
}

static void list_json(struct debugger *d) {
    out_list(&d->out, "commands");
    for (unsigned i = 0; i < command_count; i++) {
        out_cell(&d->out, "name", 0, "%s", commands[i].name);
        out_cell(&d->out, "alias", 0, "%s", commands[i].alias);
        out_cell(&d->out, "arguments", 0, "%s", commands[i].arguments);
        out_cell(&d->out, "section", 0, "%s", commands[i].section);
        out_cell(&d->out, "help", 0, "%s", commands[i].help);
        out_row(&d->out);
    }
    out_list_end(&d->out);
}

// The tables as documents of their own. false: nobody has asked for one.
static bool write_reference(struct debugger *d, const struct args *a) {
    const bool page = args_option(a, "markdown"), man = args_option(a, "man");
    const bool schema = args_option(a, "schema");
    if ((page || man || schema) && d->out.json) {
        out_fail(&d->out, "help: a page or a schema is a document of its own: not with --json");
    } else if (page) {
        reference_markdown(d);
    } else if (man) {
        help_man_commands(d->out.to);
    } else if (schema && !reference_schema(d, args_word(a, 0))) {
        out_fail(&d->out, "help: %s has no answers", a->word[0]);
    }
    return page || man || schema;
}

void command_help(struct debugger *d, struct args *a) {
    if (write_reference(d, a)) return;
    if (a->words) {
        help_one(d, a->word[0]);
        return;
    }
    if (d->out.json) {
        list_json(d);
        return;
    }
    const char *section = "";
    for (unsigned i = 0; i < command_count; i++) {
        if (strcmp(commands[i].section, section) != 0) {
            section = commands[i].section;
            out_say(&d->out, NULL, "%s", section);
        }
        char name[32];
        snprintf(name, sizeof name, "  %s", commands[i].name);
        say_wrapped(d, name, commands[i].help);
    }
    out_say(&d->out, NULL,
            "help COMMAND shows arguments. Any unambiguous beginning of a name will do.");
}

void command_quit(struct debugger *d, struct args *a) {
    (void)a;
    machine_finish(d->m, END_QUIT, 0);
}

void command_echo(struct debugger *d, struct args *a) { out_say(&d->out, "text", "%s", a->rest); }

void command_source(struct debugger *d, struct args *a) {
    struct message message;
    if (!a->words) {
        out_fail(&d->out, "source: needs a file");
    } else if (!debugger_source(d, a->word[0], &message)) {
        out_fail(&d->out, "source: %s", message.text);
    }
}

void command_hart(struct debugger *d, struct args *a) {
    uint64_t number;
    if (a->words) {
        if (!word_number(a->word[0], d->m->config.harts - 1, &number)) {
            out_fail(&d->out, "hart: %s is no hart; 0 to %u are", a->word[0],
                     d->m->config.harts - 1);
            return;
        }
        d->hart = (unsigned)number;
    }
    debugger_say_hart(d);
}

void command_status(struct debugger *d, struct args *a) {
    char suffix[SUFFIX_BYTES];
    (void)a;
    out_say(&d->out, NULL, "%" PRIu64 " instructions, %" PRIu64 " cycles", d->m->executed,
            machine_now(d->m));
    out_number(&d->out, "instructions", d->m->executed);
    out_number(&d->out, "cycles", machine_now(d->m));
    out_list(&d->out, "harts");
    for (unsigned i = 0; i < d->m->config.harts; i++) {
        const struct hart *h = d->m->hart[i];
        const struct view view = view_of_fetch(h);
        out_count(&d->out, "hart", 4, i);
        out_cell(&d->out, "mode", -4, "%s", privilege_name(h->privilege));
        out_cell(&d->out, "state", -5, "%s", h->waiting ? "waits" : "runs");
        out_cell(&d->out, "satp", 18, "0x%016" PRIx64, h->csr.satp);
        out_count(&d->out, "retired", 12, hart_retired(h));
        out_count(&d->out, "faults", 8, h->faults);
        out_cell(&d->out, "pc", 0, "0x%016" PRIx64 "%s", h->pc,
                 symbol_suffix(d, h->pc, view_space(&view), suffix));
        out_row(&d->out);
    }
    out_list_end(&d->out);
}

void command_symbols(struct debugger *d, struct args *a) {
    const char *space = args_option(a, "space");
    uint64_t root = EVERY_SPACE;
    struct message message;
    if (a->words) {
        if (space && !spaces_root(d, space, &root)) return;
        if (!symbols_add(&d->symbols, a->word[0], root, &message)) {
            out_fail(&d->out, "%s", message.text);
        }
        return;
    }
    out_list(&d->out, "files");
    for (unsigned i = 0; i < d->symbols.files; i++) {
        const struct symbol_file *f = &d->symbols.file[i];
        out_count(&d->out, "symbols", 8, f->count);
        if (f->space == EVERY_SPACE || f->program) {
            out_cell(&d->out, "space", -12, "%s", f->program ? f->program : "every");
        } else {
            out_cell(&d->out, "space", -12, "0x%" PRIx64, f->space);
        }
        out_cell(&d->out, "file", 0, "%s", f->path);
        out_row(&d->out);
    }
    out_list_end_or(&d->out, "none; symbols FILE adds those of an ELF file");
}
