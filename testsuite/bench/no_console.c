// SPDX-License-Identifier: MIT
// emu/console.h with nobody behind it: linked before the library, this takes the place of the debug
// console, so that `make console-cost` can compare the emulator with one that has none.
#include <stdlib.h>

#include "emu/console.h"

struct debugger {
    char nothing;
};

bool debugger_wants_window(const struct debugger_options *options) { return (void)options, false; }

struct debugger *debugger_create(struct machine *m, const struct debugger_options *options,
                                 struct message *message) {
    (void)m, (void)options, (void)message;
    return calloc(1, sizeof(struct debugger));
}

void debugger_destroy(struct debugger *d) { free(d); }
void debugger_begin(struct debugger *d) { (void)d; }
struct symbols *debugger_symbols(struct debugger *d) { return (void)d, NULL; }
void debugger_read_ahead(struct debugger *d) { (void)d; }

const char *debugger_space_name(void *debugger, const struct hart *h, uint64_t root) {
    return (void)debugger, (void)h, (void)root, "";
}

bool debugger_finish(struct debugger *d, struct message *message) {
    return (void)d, (void)message, true;
}

const struct picture *debugger_look(struct debugger *d) { return (void)d, NULL; }
void debugger_look_next(struct debugger *d) { (void)d; }
void debugger_call(struct debugger *d, const char *line) { (void)d, (void)line; }
void debugger_execute(struct debugger *d, const char *line, FILE *to) {
    (void)d, (void)line, (void)to;
}
