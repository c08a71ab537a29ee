// SPDX-License-Identifier: MIT
// The command line (see options.h): each row of emu/options.def has its set_...() here or, where
// option_table.h says so, in a file of its own.
#include "emu/options.h"

#include <stdlib.h>
#include <string.h>

#include "emu/builtin.h"
#include "emu/core_file.h"
#include "emu/option_table.h"
#include "emu/words.h"

// --- The machine ---------------------------------------------------------------------------------

#define MiB (UINT64_C(1) << 20)
enum { MIN_RAM_MIB = 1, MAX_RAM_GIB = 64 };

static bool set_machine(struct options *o, char *value, struct message *message) {
    char *dump = NULL, *type = NULL;
    const struct word_key keys[] = {
        {.name = "type", .text = &type, .only = "virt"},
        {.name = "dumpdtb", .text = &dump},
    };
    char *rest = value;
    if (strncmp(value, "virt", 4) == 0 && (value[4] == 0 || value[4] == ',')) {
        rest = value[4] ? value + 5 : NULL;
    } else if (!strchr(value, '=')) {
        return complain(message, "-machine: no board '%s'; there is one: virt", value);
    }
    if (!word_list(rest, "-machine", keys, 2, message)) return false;
    if (dump) o->dump_dtb = dump;
    return true;
}

static bool set_memory(struct options *o, char *value, struct message *message) {
    uint64_t bytes;
    if (strncmp(value, "size=", 5) == 0) value += 5;
    if (!word_size(value, MiB, &bytes)) {
        return complain(message, "-m: '%s' is no size; 128M, 4M or 1G would be", value);
    }
    if (bytes < MIN_RAM_MIB * MiB || bytes > MAX_RAM_GIB * 1024 * MiB || bytes & PAGE_MASK) {
        return complain(message, "-m: %s is not between %dM and %dG, or no multiple of 4K", value,
                        MIN_RAM_MIB, MAX_RAM_GIB);
    }
    o->machine.ram_bytes = bytes;
    return true;
}

static bool set_harts(struct options *o, char *value, struct message *message) {
    uint64_t harts;
    const char *number = strncmp(value, "cpus=", 5) == 0 ? value + 5 : value;
    if (!word_number(number, MACHINE_MAX_HARTS, &harts) || harts == 0) {
        return complain(message, "-smp: '%s' is no number from 1 to %d", value, MACHINE_MAX_HARTS);
    }
    o->machine.harts = (unsigned)harts;
    return true;
}

static bool set_cpu(struct options *o, char *value, struct message *message) {
    (void)o;
    return strcmp(value, "rv64") == 0 ||
           complain(message, "-cpu: '%s' is not known; rv64 is (and --isa=)", value);
}

static bool set_isa(struct options *o, char *value, struct message *message) {
    const char *error = "";
    return isa_parse(value, &o->machine.extensions, &error) ||
           complain(message, "--isa: '%s' is not understood at '%s'; rv64gc_zba_zbb would be",
                    value, error);
}

static bool set_core(struct options *o, char *value, struct message *message) {
    o->machine.core = NULL;
    if (strcmp(value, "none") == 0) return true;
    if (!core_load(&o->core, value, message)) return false;
    o->machine.core = &o->core;
    if (!o->adue_said) o->machine.adue = o->core.adue;
    return true;
}

static bool set_adue(struct options *o, char *value, struct message *message) {
    o->adue_said = true;
    return word_switch(value, &o->machine.adue) ||
           complain(message, "--adue: '%s' is neither on nor off", value);
}

static bool set_sandbox(struct options *o, char *value, struct message *message) {
    bool on;
    const bool good = word_switch(value, &on);
    if (good) o->sandbox = on ? SANDBOX_ON : SANDBOX_OFF;
    return good || complain(message, "--sandbox: '%s' is neither on nor off", value);
}

static bool set_global(struct options *o, char *value, struct message *message) {
    const struct word_key keys[] = {
        {.name = "virtio-mmio.force-legacy", .flag = &o->machine.virtio_legacy},
    };
    return word_list(value, "-global", keys, 1, message);
}

static bool set_rtc(struct options *o, char *value, struct message *message) {
    char *base = NULL;
    const struct word_key keys[] = {
        {.name = "base", .text = &base},
        {.name = "clock", .only = "vm|host|rt"},
    };
    if (!word_list(value, "-rtc", keys, 2, message)) return false;
    if (!base || word_date(base, &o->machine.rtc_start)) return true;
    return complain(message, "-rtc: base=%s is no date; 2026-01-31 and 2026-01-31T12:00:00 are",
                    base);
}

// --- What boots ----------------------------------------------------------------------------------

// Options that take a text as it is.
#define TEXT(handler, field)                                                                       \
    static bool set_##handler(struct options *o, char *value, struct message *message) {           \
        (void)message;                                                                             \
        o->field = value;                                                                          \
        return true;                                                                               \
    }
TEXT(bios, machine.bios)
TEXT(kernel, machine.kernel)
TEXT(initrd, machine.initrd)
TEXT(append, machine.append)
TEXT(dtb, machine.dtb)
TEXT(signature, signature)
TEXT(screenshot, screenshot)
TEXT(stats_file, stats_file)
TEXT(profile, profile)

static bool set_program(struct options *o, char *value, struct message *message) {
    if (o->program) {
        return complain(message, "%s: one program only; %s is the first", value, o->program);
    }
    o->program = value;
    return true;
}

// Options without an argument that are true when they were said.
#define SWITCH(handler, field)                                                                     \
    static bool set_##handler(struct options *o, char *value, struct message *message) {           \
        (void)message, (void)value;                                                                \
        o->field = true;                                                                           \
        return true;                                                                               \
    }
SWITCH(snapshot, snapshot_all)
SWITCH(full_screen, full_screen)
SWITCH(no_reboot, machine.no_reboot)
SWITCH(realtime, machine.realtime)
SWITCH(version, version)
SWITCH(state_hash, state_hash)
SWITCH(print_config, print_config)

// QEMU's words for what we do anyway.
static bool set_accept(struct options *o, char *value, struct message *message) {
    (void)o, (void)value, (void)message;
    return true;
}
#define ONLY(handler, words)                                                                       \
    static bool set_##handler(struct options *o, char *value, struct message *message) {           \
        const struct word_key keys[] = {{.name = #handler, .only = words}};                        \
        char list[64];                                                                             \
        (void)o;                                                                                   \
        snprintf(list, sizeof list, #handler "=%s", value);                                        \
        return word_list(list, "-" #handler, keys, 1, message);                                    \
    }
ONLY(serial, "mon:stdio|stdio")
ONLY(monitor, "none")

static bool set_display(struct options *o, char *value, struct message *message) {
    o->display = strcmp(value, "sdl") == 0 ? DISPLAY_SDL : DISPLAY_NONE;
    return o->display == DISPLAY_SDL || strcmp(value, "none") == 0 ||
           complain(message, "-display: '%s' is not known; none and sdl are", value);
}

// --- The debug console ---------------------------------------------------------------------------

SWITCH(stopped, debug.stopped)
SWITCH(batch, debug.batch)
SWITCH(json, debug.json)
TEXT(console_script, debug.script)
TEXT(gdb, debug.gdb)
TEXT(view, debug.view)

static bool set_gdb_default(struct options *o, char *value, struct message *message) {
    static const char here[] = "tcp:127.0.0.1:1234";
    (void)value, (void)message;
    o->debug.gdb = here;
    return true;
}

static bool set_console_on(struct options *o, char *value, struct message *message) {
    o->debug.on_fault = strcmp(value, "fault") == 0;
    return o->debug.on_fault ||
           complain(message, "--console-on: '%s' is not known; fault is", value);
}

static bool set_symbols(struct options *o, char *value, struct message *message) {
    if (o->debug.symbol_files == OPTION_SYMBOLS) {
        return complain(message, "--symbols: more than %d files", OPTION_SYMBOLS);
    }
    o->debug.symbols[o->debug.symbol_files++] = value;
    return true;
}

// --- The run -------------------------------------------------------------------------------------

static bool set_max_insns(struct options *o, char *value, struct message *message) {
    return word_number(value, UINT64_MAX, &o->machine.max_insns) ||
           complain(message, "--max-insns: '%s' is no number of instructions", value);
}

static bool set_stats(struct options *o, char *value, struct message *message) {
    if (value && strcmp(value, "json") != 0 && strcmp(value, "text") != 0) {
        return complain(message, "--stats: '%s' is no form; text and json are", value);
    }
    o->stats = value && strcmp(value, "json") == 0 ? STATS_JSON : STATS_TEXT;
    return true;
}

static bool set_granularity(struct options *o, char *value, struct message *message) {
    uint64_t bytes;
    if (!word_number(value, 16, &bytes) || !bytes || bytes & (bytes - 1)) {
        return complain(message, "+signature-granularity: '%s' is not 1, 2, 4, 8 or 16", value);
    }
    o->granularity = (unsigned)bytes;
    return true;
}

// --- About ---------------------------------------------------------------------------------------

static bool set_help(struct options *o, char *value, struct message *message) {
    static const char *const forms[] = {
#define FORM(name, text) [HELP_##name] = text,
        HELP_FORMS(FORM)
#undef FORM
    };
    for (unsigned i = HELP_NONE + 1; i < sizeof forms / sizeof *forms; i++) {
        if (strcmp(value ? value : "short", forms[i]) == 0) o->help = (enum help_form)i;
    }
    return o->help ||
           complain(message, "--help: '%s' is no form; all, man, bash, zsh and fish are", value);
}

// --- The table -----------------------------------------------------------------------------------

const char *const option_section_titles[OPTION_SECTIONS] = {
    [SECTION_MACHINE] = "The machine", [SECTION_BOOT] = "What boots",
    [SECTION_DISK] = "Disks",          [SECTION_DEBUG] = "Looking inside",
    [SECTION_CONSOLE] = "The console", [SECTION_RUN] = "The run",
    [SECTION_INFO] = "About",
};

const struct option_row option_rows[] = {
#define OPTION(name, argument, section, handler, help)                                             \
    {name, argument, SECTION_##section, set_##handler, help},
#include "emu/options.def"
#undef OPTION
};
const unsigned option_count = sizeof option_rows / sizeof *option_rows;

const char *option_joint(const struct option_row *row) {
    if (!row->argument) return "";
    const bool equals = row->name[1] == '-' || row->name[0] == '+';
    return !option_needs_argument(row) ? "[=" : equals ? "=" : " ";
}

const char *option_bare_name(const char *word) {
    if (word[0] == '+') return word;
    if (word[0] != '-' || !word[1]) return NULL;
    return word + (word[1] == '-' ? 2 : 1);
}

static const char *next_name(void *context) {
    unsigned *at = context;
    return *at < option_count ? option_bare_name(option_rows[(*at)++].name) : NULL;
}

static const struct option_row *find_bare(const char *bare) {
    for (unsigned i = 0; i < option_count; i++) {
        if (strcmp(option_bare_name(option_rows[i].name), bare) == 0) return &option_rows[i];
    }
    return NULL;
}

// What is to be said of a word that is another emulator's; NULL: nothing.
static const char *advice_on(const char *word) {
    static const char *const others[][2] = {
#define OTHER(name, text) {name, text},
#include "emu/others.def"
#undef OTHER
    };
    for (unsigned i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(others[i][0], word) == 0) return others[i][1];
    }
    return NULL;
}

const struct option_row *option_find(const char *word, const char *bare, struct message *message) {
    const struct option_row *row = find_bare(bare);
    if (row) return row;
    unsigned at = 0;
    const char *advice = advice_on(word), *near = word_nearest(bare, next_name, &at);
    if (advice) {
        complain(message, "%s: no option here; %s", word, advice);
    } else if (near) {
        // As it was said: in a file of options names have no dashes.
        const char *name = word == bare ? near : find_bare(near)->name;
        complain(message, "%s: unknown option; did you mean %s?", word, name);
    } else {
        complain(message, "%s: unknown option; --help=all lists them all", word);
    }
    return NULL;
}

const struct option_row *option_canonical(const struct option_row *row) {
    while (!row->help) row--;
    return row;
}

// Room for one more option that was said. Its two texts are one piece of memory.
static struct option_said *remember(struct options *o, const char *value) {
    struct option_said *said = realloc(o->said, (o->said_count + 1) * sizeof *said);
    if (!said) return NULL;
    o->said = said;
    said += o->said_count;
    *said = (struct option_said){0};
    if (value) {
        const size_t bytes = strlen(value) + 1;
        said->value = malloc(2 * bytes);
        if (!said->value) return NULL;
        memcpy(said->value, value, bytes);
        said->words = memcpy(said->value + bytes, value, bytes);
    }
    o->said_count++;
    return said;
}

bool option_apply(struct options *o, const struct option_row *row, const char *word,
                  const char *value, struct message *message) {
    if (!row->argument && value) return complain(message, "%s: takes no argument", word);
    // An empty text is one for the kernel's command line alone.
    if (option_needs_argument(row) && (!value || (!*value && row->set != set_append))) {
        return complain(message, "%s: needs %s", *word ? word : "a program", row->argument);
    }
    struct option_said *said = remember(o, value);
    if (!said) return complain(message, "%s: no memory for it", word);
    said->row = row;
    return row->set(o, said->words, message);
}

void options_destroy(struct options *o) {
    for (unsigned i = 0; i < o->said_count; i++) free(o->said[i].value);
    free(o->said);
}

// Takes the option at argv[*at], and moves *at to its last word.
static bool take_option(struct options *o, int argc, char **argv, int *at,
                        struct message *message) {
    char *word = argv[*at], *value = strchr(word, '=');
    if (value) *value++ = 0;
    const char *bare = option_bare_name(word); // NULL for a lone '-' before a '='
    const struct option_row *row = option_find(word, bare ? bare : word, message);
    if (!row) return false;
    if (!value && option_needs_argument(row) && *at + 1 < argc) value = argv[++*at];
    return option_apply(o, row, word, value, message);
}

// --- All together --------------------------------------------------------------------------------

// A program alone runs on the bare machine, as under Spike: in M-mode, no firmware.
static bool take_program(struct options *o, struct message *message) {
    if (!o->program) return true;
    if (o->machine.kernel) {
        return complain(message,
                        "%s: there is a -kernel already; a lone file is a bare-metal "
                        "program",
                        o->program);
    }
    o->machine.kernel = o->program;
    o->machine.bare_elf = true;
    if (!o->machine.bios) o->machine.bios = "none";
    return true;
}

// Options that do nothing without another one.
static bool check_pairs(const struct options *o, struct message *message) {
    const struct {
        bool wrong;
        const char *option, *wants;
    } pairs[] = {
        {o->stats_file && !o->stats, "--stats-file", "--stats"},
        {o->full_screen && o->display != DISPLAY_SDL, "-full-screen", "-display sdl"},
        {o->debug.batch && !o->debug.script && !o->debug.stopped, "--batch",
         "--console-script or -S"},
    };
    for (unsigned i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (!pairs[i].wrong) continue;
        return complain(message, "%s: does nothing without %s", pairs[i].option, pairs[i].wants);
    }
    return true;
}

bool options_parse(struct options *o, int argc, char **argv, struct message *message) {
    *o = (struct options){
        .machine = {.ram_bytes = 128 * MiB,
                    .harts = 1,
                    .extensions = isa_default(),
                    .adue = true,
                    .rtc_start = RTC_DEFAULT_START,
                    .max_insns = UINT64_MAX},
        .granularity = 16,
    };
    for (int at = 1; at < argc; at++) {
        if (option_bare_name(argv[at])) {
            if (!take_option(o, argc, argv, &at, message)) return false;
        } else if (!option_apply(o, find_bare("program"), argv[at], argv[at], message)) {
            return false;
        }
    }
    if (!take_program(o, message)) return false;
    if (o->machine.initrd && !o->machine.kernel) {
        return complain(message, "-initrd: there is no -kernel that could use it");
    }
    if (o->machine.append && !o->machine.kernel && !builtin_kernel(&o->machine)) {
        return complain(message, "-append: there is no -kernel that could read it");
    }
    return check_pairs(o, message) && options_plug(o, message);
}
