// SPDX-License-Identifier: MIT
// A core as data: how long its instructions take, how large its caches, TLBs and predictors are,
// and what it does where the manual leaves a choice. cpu/core.def has a row a value.
//
// A core file is text: a line a value, `name number`, in any order; `#` begins a comment; `like
// NAME` takes over all the values of a built-in core and stands before what differs. Every value
// must be given.
#ifndef TABLEWALK_CPU_CORE_H
#define TABLEWALK_CPU_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct core {
#define VALUE(name, lowest, highest, what) uint32_t name;
#include "cpu/core.def"
#undef VALUE
};

// The text of a built-in core and its size in bytes, or NULL: there is none of that name.
typedef const char *(*core_find_fn)(const char *name, size_t *size);

// Reads a core file of that name (for messages) from a text of `size` bytes. false: *error is one
// line that names file and line, what is wrong and what would be right.
bool core_parse(struct core *core, const char *file, const char *text, size_t size,
                core_find_fn find, char *error, size_t error_size);

// Replaces single values: "name=number,name=number". false: *error.
bool core_override(struct core *core, const char *list, char *error, size_t error_size);

#endif
