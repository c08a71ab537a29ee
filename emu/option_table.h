// SPDX-License-Identifier: MIT
// The rows of emu/options.def, for those who make something of them: the command line (options.c),
// files of options (config.c), help, man page and completions (help.c, manual.c, completion.c).
#ifndef TABLEWALK_EMU_OPTION_TABLE_H
#define TABLEWALK_EMU_OPTION_TABLE_H

#include "emu/options.h"

// Of the help.
enum option_section {
    SECTION_MACHINE,
    SECTION_BOOT,
    SECTION_DISK,
    SECTION_DEBUG,
    SECTION_CONSOLE,
    SECTION_RUN,
    SECTION_INFO,
    OPTION_SECTIONS
};

// What a row's function gets: the argument (NULL: there was none), which it may cut up and must
// live as long as *o does, and where complaints go.
typedef bool (*option_fn)(struct options *o, char *value, struct message *message);

// See emu/options.def.
struct option_row {
    const char *name, *argument;
    enum option_section section;
    option_fn set;
    const char *help;
};

extern const struct option_row option_rows[];
extern const unsigned option_count;
extern const char *const option_section_titles[OPTION_SECTIONS];

// Must an argument follow?
static inline bool option_needs_argument(const struct option_row *row) {
    return row->argument && row->argument[0] != '[';
}

// What stands between a name and its argument where both are shown: a blank, or '='.
const char *option_joint(const struct option_row *row);

// A name without its dashes; +name as it is. NULL: it is not an option but a file.
const char *option_bare_name(const char *word);

// The row of an option that was said as `word`, by its bare name. NULL: message, which says what
// may have been meant.
const struct option_row *option_find(const char *word, const char *bare, struct message *message);

// The row that another spelling (help is NULL) stands for; any other row itself.
const struct option_row *option_canonical(const struct option_row *row);

// Applies an option that was said as `word` and remembers it for --print-config. value is NULL
// where none was given, and is left as it is.
bool option_apply(struct options *o, const struct option_row *row, const char *word,
                  const char *value, struct message *message) MUST_CHECK;

// Functions of rows that stand in other files than options.c.
bool set_drive(struct options *o, char *value, struct message *message);
bool set_device(struct options *o, char *value, struct message *message);
bool set_config(struct options *o, char *value, struct message *message);

// Puts the devices that were said into their slots. false: message.
bool options_plug(struct options *o, struct message *message) MUST_CHECK;

#endif
