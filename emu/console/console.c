// SPDX-License-Identifier: MIT
// The console's life: made, attached to the machine's observers, entered, left.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emu/builtin.h"
#include "emu/console/debugger.h"
#include "emu/console/editor.h"
#include "emu/gdb.h"
#include "emu/words.h"

// --- What the observers see ----------------------------------------------------------------------

// Satp and mode changed between two instructions.
static void see_changes(struct watcher *w) {
    struct debugger *d = w->d;
    const uint64_t satp = w->h->csr.satp;
    if (w->started && satp != w->satp) {
        struct space *space = spaces_note(&d->spaces, satp);
        if (space) space->switches++;
        stops_event(w, EVENT_satp, -1, (struct happening){true, 0, satp, 0});
    }
    if (w->started && w->h->privilege != w->privilege) {
        stops_event(w, EVENT_priv, -1, (struct happening){true, 0, w->h->privilege, 0});
    }
}

static bool before(void *context, struct hart *h, uint64_t pc) {
    struct watcher *w = context;
    struct debugger *d = w->d;
    const uint64_t cycle = hart_cycles(h);
    trace_finish(d);
    see_changes(w);
    struct space *space = w->started ? spaces_note(&d->spaces, w->satp) : NULL;
    if (space) space->cycles += cycle - w->cycle;
    w->cycle = cycle;
    w->satp = h->csr.satp;
    w->privilege = h->privilege;
    w->started = true;
    if (stops_before(w, pc)) {
        d->m->halt = true;
        w->pc = pc;
        return true;
    }
    w->pc = pc;
    if (d->trace.to) trace_before(w, pc);
    if (d->log.on) record_executed(w, pc);
    return false;
}

static void accessed(void *context, struct hart *h, enum access access, uint64_t va, unsigned size,
                     uint64_t value) {
    struct watcher *w = context;
    (void)h;
    stops_accessed(w, access, va, size, value);
    if (w->d->trace.to) trace_accessed(w, access, va, size, value);
    if (w->d->log.on) record_accessed(w, access, va, size, value);
}

// An exception at the handler's own first instruction can be handled by nobody.
static bool is_hopeless(const struct hart *h, uint64_t cause, uint64_t epc) {
    return !(cause & CAUSE_INTERRUPT) && epc == h->pc;
}

static void trapping(void *context, struct hart *h, uint64_t cause) {
    struct watcher *w = context;
    if (w->d->trace.to) trace_trapping(w, cause, h->pc);
}

static void trapped(void *context, struct hart *h, uint64_t cause, uint64_t tval, uint64_t epc) {
    struct watcher *w = context;
    struct debugger *d = w->d;
    const struct fault_record *fault = hart_fault(h, h->faults);
    const bool is_fault = fault && fault->pc == epc && fault->cause == cause && fault->tval == tval;
    if (d->trace.to) trace_trapped(w, cause, tval, epc);
    const struct happening happening = {true, tval, epc, cause};
    stops_event(w, EVENT_trap, -1, happening);
    if (cause & CAUSE_INTERRUPT) {
        stops_event(w, EVENT_irq, (int64_t)(cause & ~CAUSE_INTERRUPT), happening);
    } else if (is_fault) {
        struct space *space = spaces_note(&d->spaces, fault->satp);
        if (space) space->faults++;
        if (d->log.on) record_fault(w, tval);
        stops_event(w, EVENT_fault, (int64_t)fault->fault.access, happening);
    }
    if (d->options.on_fault && is_hopeless(h, cause, epc)) {
        snprintf(d->stops.reason, sizeof d->stops.reason,
                 "an exception at the trap handler itself: %s",
                 trap_row(cause) ? trap_row(cause)->text : "?");
        d->stops.hit.number = 0;
        d->options.on_fault = false; // once is enough: it will come again
        d->m->halt = true;
        hart_stop(h);
    }
}

static void walked(void *context, const struct walk_request *request,
                   const struct walk_result *result) {
    struct watcher *w = context;
    spaces_walk(w, request, result);
    if (w->d->camera) camera_walked(w->d->camera, w->h, request, result);
    if (w->d->trace.to) trace_walk(w, request, result);
    if (w->d->log.on) record_walk(w, result);
}

static void filled(void *context, const struct tlb_entry *entry) {
    struct watcher *w = context;
    w->filled_at[entry - w->h->mmu.tlb.entry[0]] = w->cycle + 1;
}

static void fenced(void *context, bool all, uint64_t va, bool any_asid, uint16_t asid) {
    struct watcher *w = context;
    (void)all, (void)any_asid;
    struct space *space = spaces_note(&w->d->spaces, w->h->csr.satp);
    if (space) space->fences++;
    stops_event(w, EVENT_sfence, -1, (struct happening){true, va, asid, 0});
}

static void transferred(void *context, unsigned slot, unsigned op, uint64_t sector, uint64_t pa,
                        uint64_t bytes) {
    struct debugger *d = context;
    spaces_transfer(d, slot, (enum blk_op)op, sector, pa, bytes);
    if (d->camera) camera_moved(d->camera, slot, (enum blk_op)op, sector, pa, bytes);
    if (d->log.on && op == BLK_READ) record_disk_write(d, pa, bytes);
    const unsigned hart = d->m->running ? d->m->running->id : 0;
    stops_event(&d->watcher[hart], EVENT_disk, (int64_t)op,
                (struct happening){true, pa, sector, 0});
}

static bool wants_everything(const struct debugger *d) {
    return stops_armed(d) || d->trace.to || d->log.on || d->stops.pending;
}

void debugger_observe(struct debugger *d) {
    const bool every = wants_everything(d);
    for (unsigned i = 0; i < d->m->config.harts; i++) {
        struct watcher *w = &d->watcher[i];
        w->h->mmu.observer = &w->mmu;
        hart_watch(w->h, &w->hart, every);
        if (!every) w->started = false;
    }
    d->observing = true;
}

static void make_watchers(struct debugger *d) {
    for (unsigned i = 0; i < d->m->config.harts; i++) {
        struct watcher *w = &d->watcher[i];
        w->d = d;
        w->h = d->m->hart[i];
        w->hart = (struct hart_observer){w, before, accessed, trapping, trapped};
        w->mmu =
            (struct observer){.walk = walked, .tlb_filled = filled, .fenced = fenced, .context = w};
    }
}

// --- Where it stopped ----------------------------------------------------------------------------

// What the hart is about to do, without tabs.
static void next_instruction(struct debugger *d, char text[static 96]) {
    const struct hart *h = debugger_hart(d);
    const struct view view = view_of_fetch(h);
    struct insn insn;
    strcpy(text, "?");
    if (view_insn(d, &view, h->pc, &insn)) isa_disassemble(&insn, h->pc, text, 96);
    for (char *tab = text; (tab = strchr(tab, '\t'));) *tab = ' ';
}

void debugger_say_hart(struct debugger *d) {
    const struct hart *h = debugger_hart(d);
    const struct view view = view_of_fetch(h);
    char text[96], suffix[SUFFIX_BYTES], source[SOURCE_BYTES];
    next_instruction(d, text);
    const bool has_source = source_text(d, h->pc, view_space(&view), source);
    out_say(&d->out, NULL, "hart %u %s 0x%016" PRIx64 "%s  %s%s%s%s", h->id,
            privilege_name(h->privilege), h->pc, symbol_suffix(d, h->pc, view_space(&view), suffix),
            text, has_source ? "  (" : "", has_source ? source : "", has_source ? ")" : "");
    out_number(&d->out, "hart", h->id);
    out_hex(&d->out, "pc", h->pc);
    if (!d->out.json) return;
    out_say(&d->out, "mode", "%s", privilege_name(h->privilege));
    out_say(&d->out, "instruction", "%s", text);
    if (has_source) out_say(&d->out, "source", "%s", source);
}

static void say_stop(struct debugger *d) {
    out_begin(&d->out, "stop", d->options.json);
    if (d->stops.reason[0]) out_say(&d->out, "reason", "%s", d->stops.reason);
    debugger_say_hart(d);
    out_end(&d->out);
}

// --- Lines ---------------------------------------------------------------------------------------

// The --json, --limit, --from of a command.
static bool take_listing_options(struct debugger *d, const struct args *a,
                                 struct message *message) {
    const char *limit = args_option(a, "limit"), *from = args_option(a, "from");
    d->out.limit = d->out.json ? UINT64_MAX : 1000;
    d->out.from = 0;
    if (limit && !word_number(limit, UINT64_MAX, &d->out.limit)) {
        return complain(message, "--limit=%.40s is no number", limit);
    }
    if (from && !word_number(from, UINT64_MAX, &d->out.from)) {
        return complain(message, "--from=%.40s is no number", from);
    }
    return true;
}

void debugger_line(struct debugger *d, const char *line) {
    struct args args;
    struct message message;
    line += strspn(line, " \t");
    if (!*line || *line == '#') return;
    const bool good = args_parse(&args, line, &message);
    const char *format = good ? args_option(&args, "format") : NULL;
    const bool json = d->options.json || (good && args_option(&args, "json")) ||
                      (format && strcmp(format, "json") == 0);
    out_begin(&d->out, good ? args.command->name : "", json);
    if (!good || !take_listing_options(d, &args, &message)) {
        out_fail(&d->out, "%s", message.text);
    } else {
        args.command->run(d, &args);
    }
    out_end(&d->out);
}

void debugger_execute(struct debugger *d, const char *line, FILE *to) {
    const struct out old = d->out;
    out_init(&d->out, to);
    debugger_line(d, line);
    d->out = old;
}

// From standard input without an editor: what the guest has not taken.
static bool read_plain(struct debugger *d, char *line, size_t bytes) {
    const struct console *c = &d->m->console;
    size_t n = 0;
    for (;;) {
        int code, byte = c->get(c->context);
        if (byte < 0) {
            if (!c->live(c->context) || c->ended(c->context, &code) != END_NONE) return n > 0;
            c->poll(c->context, NEVER);
            continue;
        }
        if (byte == '\n') break;
        if (n + 1 < bytes) line[n++] = (char)byte;
        line[n] = 0;
    }
    line[n] = 0;
    return true;
}

// A script that names itself, directly or through others, would not end.
static bool is_being_read(const struct debugger *d, const struct stat *file) {
    for (unsigned i = 0; i < d->scripts; i++) {
        struct stat is;
        if (fstat(fileno(d->script[i]), &is) == 0 && is.st_dev == file->st_dev &&
            is.st_ino == file->st_ino)
            return true;
    }
    return false;
}

bool debugger_source(struct debugger *d, const char *path, struct message *message) {
    if (d->scripts == SCRIPTS) {
        return complain(message, "%s: more than %d scripts within each other", path, SCRIPTS);
    }
    FILE *file = fopen(path, "r");
    if (!file) return complain(message, "%s can't be read: %s", path, strerror(errno));
    struct stat is;
    const bool known = fstat(fileno(file), &is) == 0;
    const char *wrong = known && S_ISDIR(is.st_mode) ? "is a directory"
                        : known && is_being_read(d, &is)
                            ? "can't be read while it is being read: it names itself"
                            : NULL;
    if (wrong) {
        fclose(file);
        return complain(message, "%s %s", path, wrong);
    }
    d->script[d->scripts++] = file;
    return true;
}

// The rest of a line that is too long is no line of its own. false: it does not end; what has such
// lines
// (/dev/zero) is no script.
static bool skip_line(FILE *script) {
    for (unsigned left = 1 << 20; left > 0; left--) {
        const int c = fgetc(script);
        if (c == EOF || c == '\n') return true;
    }
    return false;
}

static bool read_script(struct debugger *d, char *line, size_t bytes) {
    while (d->scripts && !fgets(line, (int)bytes, d->script[d->scripts - 1])) {
        fclose(d->script[--d->scripts]);
    }
    if (!d->scripts) return false;
    if (!strchr(line, '\n') && !skip_line(d->script[d->scripts - 1])) {
        fclose(d->script[--d->scripts]);
    }
    line[strcspn(line, "\r\n")] = 0;
    return true;
}

// The script comes first, then who sits there. false: nobody has anything to say any more.
static bool read_line(struct debugger *d, char *line, size_t bytes) {
    if (read_script(d, line, bytes)) return true;
    if (d->options.batch) return false;
    if (d->editor) return editor_read(d->editor, line, bytes);
    return read_plain(d, line, bytes);
}

static void repeat_empty_line(struct debugger *d, char *line, bool interactive) {
    if (strlen(line) >= LINE_BYTES) return;
    if (line[strspn(line, " \t")]) {
        snprintf(d->last_line, sizeof d->last_line, "%s", line);
    } else if (interactive) {
        snprintf(line, LINE_BYTES, "%s", d->last_line);
    }
}

// What a breakpoint has to say: commands between ';'.
static void run_point_commands(struct debugger *d) {
    char text[COMMANDS_BYTES], *rest = NULL;
    if (!d->stops.hit.number) return;
    snprintf(text, sizeof text, "%s", d->stops.hit.commands);
    for (char *c = strtok_r(text, ";", &rest); c && !d->resume; c = strtok_r(NULL, ";", &rest)) {
        debugger_line(d, c);
    }
}

static void talk(struct debugger *d) {
    char line[LINE_BYTES + 1]; // a byte more than a command may have, for it to be seen
    while (!d->resume && d->m->end == END_NONE) {
        fflush(d->out.to);
        if (!read_line(d, line, sizeof line)) {
            // The end of a batch, or of the user.
            if (!d->options.batch && !d->editor && !d->options.stopped) break;
            machine_finish(d->m, END_QUIT, 0);
            break;
        }
        repeat_empty_line(d, line, d->editor && !d->scripts);
        debugger_line(d, line);
    }
}

// What boots is known without being asked for, where it has symbols; read when somebody looks.
static void add_boot_symbols(struct debugger *d) {
    const char *const files[] = {d->m->config.kernel, d->m->config.bios};
    const struct rom *rom = builtin_kernel(&d->m->config);
    struct message ignored;
    if (d->knows_boot) return;
    d->knows_boot = true;
    if (rom) {
        char name[64];
        snprintf(name, sizeof name, "%s (built in)", rom->name);
        (void)!symbols_add_embedded(&d->symbols, name, rom->data, rom->size, &ignored);
    }
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
        const bool is_file = files[i] && access(files[i], R_OK) == 0;
        if (is_file && !symbols_add(&d->symbols, files[i], EVERY_SPACE, &ignored)) continue;
    }
}

struct symbols *debugger_symbols(struct debugger *d) {
    add_boot_symbols(d);
    return &d->symbols;
}

void debugger_read_ahead(struct debugger *d) {
    add_boot_symbols(d);
    for (unsigned i = 0; i < d->symbols.files; i++) symbols_read_lines(&d->symbols.file[i]);
}

static void enter(void *context, struct hart *h) {
    struct debugger *d = context;
    const struct console *c = &d->m->console;
    add_boot_symbols(d);
    if (c->lend) c->lend(c->context, true);
    d->in_console = true;
    d->resume = false;
    d->hart = h->id;
    d->stops.pending = false;
    d->stops.step.kind = STEP_NONE;
    trace_finish(d);
    if (!d->editor && !d->options.batch && isatty(STDIN_FILENO)) d->editor = editor_create(d);
    if (d->gdb && gdb_is_connected(d->gdb)) {
        gdb_stopped(d->gdb);
    } else {
        say_stop(d);
        run_point_commands(d);
        if (d->called_line[0]) debugger_line(d, d->called_line);
        d->called_line[0] = 0;
        talk(d);
    }
    fflush(d->out.to);
    for (unsigned i = 0; i < d->m->config.harts; i++) {
        d->watcher[i].resumed = true;
        d->watcher[i].pc = d->m->hart[i]->pc;
    }
    d->stops.reason[0] = 0;
    d->stops.happening.there = false;
    d->in_console = false;
    debugger_observe(d);
    if (c->lend) c->lend(c->context, false);
}

static void poll_outside(void *context, uint64_t *wait) {
    struct debugger *d = context;
    const struct stepping *step = &d->stops.step;
    struct hart *h = d->m->hart[step->hart];
    // WFI may end at any time, and who steps does not want to wait for a key.
    if (step->kind == STEP_INSTRUCTIONS && h->waiting) {
        h->waiting = false;
        *wait = 0;
    }
    if (d->gdb) gdb_poll(d->gdb, wait);
    view_poll(d, wait);
}

// --- Life ----------------------------------------------------------------------------------------

static bool add_symbols(struct debugger *d, struct message *message) {
    for (unsigned i = 0; i < d->options.symbol_files; i++) {
        if (!symbols_add(&d->symbols, d->options.symbols[i], EVERY_SPACE, message)) return false;
    }
    return true;
}

static bool open_script(struct debugger *d, struct message *message) {
    struct message why;
    if (!d->options.script || debugger_source(d, d->options.script, &why)) return true;
    return complain(message, "--console-script: %s", why.text);
}

struct debugger *debugger_create(struct machine *m, const struct debugger_options *options,
                                 struct message *message) {
    struct debugger *d = calloc(1, sizeof *d);
    if (!d) {
        complain(message, "the host has not enough memory");
        return NULL;
    }
    d->m = m;
    d->options = *options;
    out_init(&d->out, stdout);
    make_watchers(d);
    bool good = add_symbols(d, message) && open_script(d, message) && view_open(d, message);
    if (good && options->gdb) good = (d->gdb = gdb_create(d, options->gdb, message)) != NULL;
    if (!good) {
        debugger_destroy(d);
        return NULL;
    }
    m->monitor = (struct monitor){d, enter, poll_outside, transferred};
    if (options->on_fault || d->camera) debugger_observe(d);
    return d;
}

void debugger_destroy(struct debugger *d) {
    if (!d) return;
    for (unsigned i = 0; i < d->m->config.harts && d->observing; i++) {
        hart_watch(d->m->hart[i], NULL, false);
        d->m->hart[i]->mmu.observer = NULL;
    }
    d->m->monitor = (struct monitor){0};
    while (d->scripts) fclose(d->script[--d->scripts]);
    gdb_destroy(d->gdb);
    editor_destroy(d->editor);
    trace_close(d);
    record_free(&d->log);
    view_close(d);
    for (unsigned i = 0; i < d->saved.count; i++) mappings_free(&d->saved.table[i].mappings);
    symbols_free(&d->symbols);
    free(d);
}

void debugger_call(struct debugger *d, const char *line) {
    snprintf(d->called_line, sizeof d->called_line, "%s", line);
    d->m->halt = true;
}

void debugger_begin(struct debugger *d) {
    if (d->gdb && d->options.stopped) gdb_wait(d->gdb);
    if (d->options.stopped || d->scripts) enter(d, d->m->hart[0]);
}
