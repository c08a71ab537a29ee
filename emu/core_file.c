// SPDX-License-Identifier: MIT
// --core (see core_file.h).
#include "emu/core_file.h"

#include <stdio.h>
#include <string.h>

#include "emu/roms.h"

enum { CORE_FILE_BYTES = 1 << 16 };

static const char *find_built_in(const char *name, size_t *size) {
    char file[64];
    snprintf(file, sizeof file, "%s.core", name);
    const struct rom *rom = rom_find(file);
    if (!rom) return NULL;
    *size = rom->size;
    return (const char *)rom->data;
}

static bool read_file(const char *path, char text[static CORE_FILE_BYTES], size_t *size) {
    FILE *file = fopen(path, "r");
    if (!file) return false;
    *size = fread(text, 1, CORE_FILE_BYTES, file);
    const bool whole = *size < CORE_FILE_BYTES && !ferror(file);
    return fclose(file) == 0 && whole;
}

bool core_load(struct core *core, char *value, struct message *message) {
    char buffer[CORE_FILE_BYTES], *error = message->text, *overrides = strchr(value, ',');
    const size_t room = sizeof message->text;
    if (overrides) *overrides++ = 0;
    size_t size;
    if (overrides && strcmp(value, "none") == 0) {
        return complain(message, "--core: none has no values; rocket,%s would be", overrides);
    }
    const char *text = find_built_in(value, &size);
    if (!text) {
        if (!read_file(value, buffer, &size)) {
            return complain(
                message, "--core: no core and no file '%s'; rocket, small and large are built in",
                value);
        }
        text = buffer;
    }
    const bool good = core_parse(core, value, text, size, find_built_in, error, room) &&
                      (!overrides || core_override(core, overrides, error, room));
    if (!good) message_clean(message);
    return good;
}
