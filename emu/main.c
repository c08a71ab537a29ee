// SPDX-License-Identifier: MIT
// tablewalk: reads the command line, makes the machine, runs it, and ends with the exit code that
// emu/exit_codes.def describes.
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "emu/boot.h"
#include "emu/display.h"
#include "emu/ledger.h"
#include "emu/options.h"
#include "emu/profile/profile.h"
#include "emu/sandbox.h"
#include "emu/state_hash.h"
#include "emu/stats.h"
#include "emu/terminal.h"
#include "emu/view/save.h"
#include "emu/window/window.h"

enum exit_code {
#define ROW(name, code, text) EXIT_CODE_##name = (code),
#include "emu/exit_codes.def"
#undef ROW
};

static int fail(const struct message *message, int code) {
    fprintf(stderr, "tablewalk: %s\n", message->text);
    return code;
}

static bool write_file(const char *path, const void *data, size_t size) {
    FILE *file = fopen(path, "wb");
    if (!file) return false;
    const bool good = fwrite(data, 1, size, file) == size;
    return fclose(file) == 0 && good;
}

// -machine dumpdtb=FILE
static bool dump_tree(struct machine *m, const char *path, struct message *message) {
    const struct boot_info boot = {0};
    size_t size;
    void *tree = boot_device_tree(m, &boot, &size, message);
    if (!tree) return false;
    const bool good = write_file(path, tree, size);
    free(tree);
    return good || complain(message, "%s: the device tree can't be written there", path);
}

static int code_of(const struct machine *m) {
    switch (m->end) {
    case END_NONE:
    case END_POWEROFF:
    case END_RESET:
    case END_QUIT: return EXIT_CODE_OK;
    case END_CODE: return m->end_code;
    case END_LIMIT: return EXIT_CODE_LIMIT;
    case END_STUCK: return EXIT_CODE_STUCK;
    case END_SIGNAL: return EXIT_CODE_SIGNAL + m->end_code;
    }
    return EXIT_CODE_INTERNAL;
}

// What a person should know about the end, where the guest has not said it.
static void explain_end(const struct machine *m) {
    if (m->end == END_STUCK) {
        fputs("tablewalk: all harts wait for an interrupt, and none can come any more\n", stderr);
    } else if (m->end == END_LIMIT) {
        fputs("tablewalk: --max-insns is reached\n", stderr);
    } else if (m->end == END_SIGNAL) {
        fprintf(stderr, "tablewalk: ended by signal %d (%s)\n", m->end_code,
                strsignal(m->end_code));
    }
}

// Who looks at the run from outside.
struct onlookers {
    struct stopwatch watch;
    struct debugger *debugger;
    struct ledger *ledger;   // NULL: no --stats
    struct profile *profile; // NULL: no --profile
};

static void free_onlookers(struct onlookers *who) {
    profile_destroy(who->profile);
    ledger_destroy(who->ledger);
    debugger_destroy(who->debugger);
}

// Whatever files they need are read now, since the run may be confined.
static bool make_onlookers(struct onlookers *who, const struct options *o, struct machine *m,
                           struct message *message) {
    *who = (struct onlookers){.watch = stopwatch_start()};
    who->debugger = debugger_create(m, &o->debug, message);
    if (!who->debugger) return false;
    const struct run_names names = {who->debugger, debugger_space_name};
    if (o->stats != STATS_NONE) who->ledger = ledger_create(m, &names);
    if (o->profile) {
        who->profile = profile_create(m, debugger_symbols(who->debugger), &names);
    }
    if (o->stats != STATS_NONE || o->profile) debugger_read_ahead(who->debugger);
    if ((o->stats == STATS_NONE || who->ledger) && (!o->profile || who->profile)) return true;
    free_onlookers(who);
    return complain(message, "the host has not enough memory for --stats and --profile");
}

// The files that are written at the end of a run. They are opened before it, since the run may be
// confined.
struct outputs {
    FILE *stats, *signature, *screenshot, *profile; // NULL: not wanted
    enum profile_form form;
};

static bool open_output(FILE **file, const char *path, struct message *message) {
    *file = path ? fopen(path, "wb") : NULL;
    return !path || *file || complain(message, "%s: can't be written: %s", path, strerror(errno));
}

static bool close_output(FILE *file, const char *path, struct message *message) {
    return !file || fclose(file) == 0 ||
           complain(message, "%s: can't be written: %s", path, strerror(errno));
}

static bool open_outputs(struct outputs *to, const struct options *o, struct message *message) {
    *to = (struct outputs){.stats = NULL};
    return open_output(&to->stats, o->stats_file, message) &&
           open_output(&to->signature, o->signature, message) &&
           open_output(&to->screenshot, o->screenshot, message) &&
           open_output(&to->profile, o->profile ? profile_file(o->profile, &to->form) : NULL,
                       message);
}

// false: message has the first that went wrong.
static bool write_outputs(struct outputs *to, const struct options *o, struct machine *m,
                          const struct onlookers *who, struct message *message) {
    bool good = !to->screenshot || display_screenshot(m, to->screenshot, o->screenshot, message);
    if (good && o->stats != STATS_NONE) {
        const bool json = o->stats == STATS_JSON;
        stats_print(to->stats ? to->stats : stderr, m, &who->watch, who->ledger, json);
    }
    if (good && o->state_hash) {
        fprintf(stderr, "cycles %" PRIu64 " instructions %" PRIu64 " state %016" PRIx64 "\n",
                m->cycles, m->executed, state_hash(m));
    }
    if (good && to->profile) {
        good = profile_write(who->profile, to->profile, to->form) ||
               complain(message, "--profile: the host has not enough memory");
    }
    if (good && to->signature) {
        good = machine_write_signature(m, to->signature, o->granularity, message);
    }
    return good && close_output(to->screenshot, o->screenshot, message) &&
           close_output(to->stats, o->stats_file, message) &&
           close_output(to->profile, o->profile, message) &&
           close_output(to->signature, o->signature, message);
}

// What the guest's console is connected to: the terminal and, where it is wanted, a window.
struct seats {
    struct terminal terminal;
    struct window *window; // NULL: none
    struct console console;
};

static bool make_seats(struct seats *s, const struct options *o, struct message *message) {
    s->console = terminal_console(&s->terminal);
    if (o->display != DISPLAY_SDL && !debugger_wants_window(&o->debug)) return true;
    s->window = window_create(&s->console, message);
    if (s->window) s->console = window_console(s->window);
    return s->window;
}

// Everything is open that the run needs.
static bool confine(const struct options *o, const struct seats *s, struct message *message) {
    const struct debugger_options *d = &o->debug;
    const struct sandbox_needs needs = {
        .console = s->terminal.is_terminal || d->stopped || d->on_fault || d->script || d->gdb,
        .gdb = d->gdb,
        .window = s->window,
        .ram_bytes = o->machine.ram_bytes,
    };
    // On a host where nobody has used the fonts yet, finding one writes files.
    if (needs.console) view_prepare();
    return sandbox_enter(o->sandbox, &needs, message);
}

// Runs the machine to its end, with the seats taken meanwhile.
static bool run_seated(const struct options *o, struct machine *m, struct seats *s,
                       struct debugger *debugger, struct message *message) {
    const bool memory = debugger_wants_window(&o->debug);
    if (s->window && !window_open(s->window, m, o->full_screen, memory, message)) return false;
    window_attach(s->window, debugger);
    terminal_open(&s->terminal);
    bool good = confine(o, s, message);
    if (good) {
        debugger_begin(debugger);
        good = machine_run(m, message) && debugger_finish(debugger, message);
    }
    window_attach(s->window, NULL);
    terminal_close(&s->terminal);
    return good;
}

static int run(const struct options *o, struct machine *m, struct seats *seats) {
    struct message message;
    if (!machine_load(m, &message)) return fail(&message, EXIT_CODE_USAGE);
    struct outputs outputs;
    if (!open_outputs(&outputs, o, &message)) return fail(&message, EXIT_CODE_USAGE);
    struct onlookers who;
    if (!make_onlookers(&who, o, m, &message)) return fail(&message, EXIT_CODE_USAGE);
    bool good = run_seated(o, m, seats, who.debugger, &message);
    if (good) explain_end(m);
    good = good && write_outputs(&outputs, o, m, &who, &message);
    free_onlookers(&who);
    return good ? code_of(m) : fail(&message, EXIT_CODE_USAGE);
}

// The machine of the options: made, run, and taken apart.
static int run_machine(const struct options *options) {
    struct message message;
    struct seats seats = {.window = NULL};
    if (!make_seats(&seats, options, &message)) return fail(&message, EXIT_CODE_USAGE);
    struct machine *m = machine_create(&options->machine, &seats.console, &message);
    if (!m) return fail(&message, EXIT_CODE_USAGE);
    int code = EXIT_CODE_OK;
    if (options->dump_dtb) {
        if (!dump_tree(m, options->dump_dtb, &message)) code = fail(&message, EXIT_CODE_USAGE);
    } else {
        code = run(options, m, &seats);
    }
    window_destroy(seats.window);
    machine_destroy(m);
    return code;
}

static int obey(const struct options *options) {
    struct message message;
    if (options->help) {
        options_help(stdout, options->help);
    } else if (options->version) {
        options_version(stdout, options->debug.json);
    } else if (options->print_config) {
        if (!options_print_config(stdout, options, &message)) {
            return fail(&message, EXIT_CODE_USAGE);
        }
    } else {
        return run_machine(options);
    }
    return EXIT_CODE_OK;
}

int main(int argc, char **argv) {
    struct options options;
    struct message message;
    // A limit on the size of files is an error of the disk (EFBIG), not the end.
    signal(SIGXFSZ, SIG_IGN);
    const int code = options_parse(&options, argc, argv, &message)
                         ? obey(&options)
                         : fail(&message, EXIT_CODE_USAGE);
    options_destroy(&options);
    return code;
}
