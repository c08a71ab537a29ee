// SPDX-License-Identifier: MIT
// The debugger's inside: what the console's commands share. It stands beside the machine, looks at
// it through observers, and changes nothing of the guest's unless a command says so. The public
// part is emu/console.h.
#ifndef TABLEWALK_EMU_CONSOLE_DEBUGGER_H
#define TABLEWALK_EMU_CONSOLE_DEBUGGER_H

#include "emu/console.h"
#include "emu/console/guests.h"
#include "emu/console/out.h"
#include "emu/console/record.h"
#include "emu/console/spaces.h"
#include "emu/console/stops.h"
#include "emu/console/symbols.h"
#include "emu/console/tables.h"
#include "emu/console/trace.h"
#include "emu/view/camera.h"
#include "emu/view/split.h"

enum {
    LINE_BYTES = 1024, // longest command
    PATH_BYTES = 1024,
    MAX_WORDS = 32,
    MAX_OPTIONS = 8,
    OPTION_BYTES = 16,
    SCRIPTS = 8, // that call each other by `source`
};

struct debugger;
struct editor;

// Each hart's observers find their way back through this.
struct watcher {
    struct debugger *d;
    struct hart *h;
    struct hart_observer hart;
    struct observer mmu;
    uint64_t cycle;                          // of the hart, before the instruction under way
    uint64_t pc;                             // of that instruction
    uint64_t satp;                           // as last seen
    enum privilege privilege;                // the same
    bool started;                            // pc and the above are known
    bool resumed;                            // at pc: breakpoints there have been seen
    uint64_t filled_at[TLB_SETS * TLB_WAYS]; // cycle + 1; 0: before we looked
};

// What --view asked for.
struct view_wish {
    bool term, window;
    char path[PATH_BYTES];
    FILE *to; // path's
    struct split split;
    uint64_t executed; // instructions, at the last picture there
    uint64_t drawn;    // nanoseconds of the host's time
};

struct debugger {
    struct machine *m;
    struct debugger_options options;
    struct out out;
    struct editor *editor; // NULL: no terminal
    FILE *script[SCRIPTS]; // the last one is read; at its end, the one before goes on
    unsigned scripts;
    struct watcher watcher[MACHINE_MAX_HARTS];
    unsigned hart;   // the one that commands speak of
    bool knows_boot; // the symbols of what boots are there
    bool in_console, resume;
    bool observing;             // the machine's observers are ours
    char last_line[LINE_BYTES]; // what an empty line repeats
    struct symbols symbols;
    struct stops stops;
    struct trace trace;
    struct spaces spaces;
    struct guest guest;
    struct saved_tables saved;
    struct record_log log;
    struct gdb *gdb;       // NULL: no stub
    struct camera *camera; // NULL: nobody wants to see all of memory
    struct view_wish view;
    char called_line[LINE_BYTES]; // debugger_call
};

// --- A command's words: args.c

struct command;
struct args {
    const struct command *command;
    char line[LINE_BYTES]; // cut into words
    char rest[LINE_BYTES]; // the line behind the command's name, as it was said
    unsigned words;
    char *word[MAX_WORDS];
    unsigned options;
    struct {
        char name[OPTION_BYTES]; // as the row has it
        const char *value;       // "" for a flag
    } option[MAX_OPTIONS];
};

// One row of commands.def.
struct command {
    const char *name, *alias, *arguments, *section;
    void (*run)(struct debugger *d, struct args *a);
    const char *help;
};
extern const struct command commands[];
extern const unsigned command_count;

// The command that a name, its alias or an unambiguous beginning means. NULL: *several is set when
// it could be more than one.
const struct command *command_find(const char *name, bool *several);

// Cuts a line into words. false: message.
bool args_parse(struct args *a, const char *line, struct message *message) MUST_CHECK;
// The value of --name, or NULL; the n-th word, or NULL.
const char *args_option(const struct args *a, const char *name);
const char *args_word(const struct args *a, unsigned n);
// What follows the first n words of rest, blanks skipped.
const char *args_after(const struct args *a, unsigned n);

// --- Expressions: expr.c

// The value of a whole text. false: message.
bool expr_value(struct debugger *d, const char *text, uint64_t *value,
                struct message *message) MUST_CHECK;
// For a command: complains by itself.
bool expr_word(struct debugger *d, const char *text, uint64_t *value) MUST_CHECK;

// Registers by name: x and f registers by number or ABI name, pc, priv, CSRs.
bool register_read(const struct hart *h, const char *name, uint64_t *value) MUST_CHECK;
bool register_write(struct hart *h, const char *name, uint64_t value) MUST_CHECK;
extern const char *const x_names[32];
extern const char *const f_names[32];
const char *privilege_name(enum privilege p); // "U", "S", "M"

// --- Memory as a person sees it: memory.c

// Through whose eyes. root: of a page table; bare: addresses are physical.
struct view {
    bool bare;
    uint64_t root;
};

struct hart *debugger_hart(const struct debugger *d);
struct view view_of_hart(const struct hart *h);  // of loads and stores, which MPRV changes
struct view view_of_fetch(const struct hart *h); // of instructions
// As the command's --space, --phys say; else the hart's. false: complained.
bool view_of_args(struct debugger *d, const struct args *a, struct view *view) MUST_CHECK;
uint64_t view_space(const struct view *view); // for symbols
// Where va lies, permissions aside. false: nowhere.
bool view_translate(struct debugger *d, const struct view *view, uint64_t va,
                    uint64_t *pa) MUST_CHECK;
// RAM and ROM only: looking at a device could change it. *done: bytes moved before the trouble.
bool view_read(struct debugger *d, const struct view *view, uint64_t va, void *to,
               uint64_t bytes) MUST_CHECK;
bool view_write(struct debugger *d, const struct view *view, uint64_t va, const void *from,
                uint64_t bytes) MUST_CHECK;
// " <name+0x4>" or "".
const char *symbol_suffix(const struct debugger *d, uint64_t va, uint64_t space,
                          char text[static 160]);
enum { SUFFIX_BYTES = 160, SOURCE_BYTES = 256 };
// "file.c:12", from where the compiler ran. false: unknown.
bool source_text(struct debugger *d, uint64_t va, uint64_t space, char text[static SOURCE_BYTES]);
// Decodes the instruction at va. false: not readable.
bool view_insn(struct debugger *d, const struct view *view, uint64_t va,
               struct insn *insn) MUST_CHECK;

// The flags of a PTE as "dagu-rwxv"-like text: DAGUXWRV, '-' where clear, then N and PBMT.
const char *pte_flags(uint64_t pte, char text[static 16]);

// --- The tables as documents, for `help`: reference.c

void reference_markdown(struct debugger *d);
// The schema of one command's answers, or of stop; NULL: prints their names. false: unknown.
bool reference_schema(struct debugger *d, const char *name) MUST_CHECK;

// --- Life: console.c

// Attaches the observers that the state asks for; to be called before the machine goes on.
void debugger_observe(struct debugger *d);
// Commands come from a file first. false: message.
bool debugger_source(struct debugger *d, const char *path, struct message *message) MUST_CHECK;
// Runs one line, its output to d->out. Unknown words complain.
void debugger_line(struct debugger *d, const char *line);
// --- The memory view: view.c

// Takes pictures of memory from now on, every so many cycles; 0: when camera_look() is called.
// false: out of host memory.
bool view_start(struct debugger *d, uint64_t every);
// What --view asked for: before the run, between two slices of it (*wait: nanoseconds of the host's
// time that the machine would wait after it), behind it.
bool view_open(struct debugger *d, struct message *message) MUST_CHECK;
void view_poll(struct debugger *d, uint64_t *wait);
void view_close(struct debugger *d);

// --- More of console.c

// Where the hart is that commands speak of, and its next instruction.
void debugger_say_hart(struct debugger *d);

// The commands themselves.
#define COMMAND(name, ...) void command_##name(struct debugger *d, struct args *a);
#include "emu/console/commands.def"
#undef COMMAND

#endif
