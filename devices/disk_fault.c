// SPDX-License-Identifier: MIT
// Faults of a disk on request (see disk_fault.h).
#include "devices/disk_fault.h"

#include "devices/disk.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// One row a kind of fault.
static const struct fault_kind {
    const char *name;
    enum disk_op op;
    int error;
    bool stores_before; // what lies before the first sector of the rule is stored
} kinds[] = {
    {"read", DISK_READ, EIO, false},   {"write", DISK_WRITE, EIO, false},
    {"short", DISK_WRITE, EIO, true},  {"full", DISK_WRITE, ENOSPC, false},
    {"flush", DISK_FLUSH, EIO, false},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static bool parse_kind(const char **at, unsigned *kind) {
    for (unsigned k = 0; k < KINDS; k++) {
        const size_t length = strlen(kinds[k].name);
        if (strncmp(*at, kinds[k].name, length) != 0 || isalpha((unsigned char)(*at)[length])) {
            continue;
        }
        *at += length;
        *kind = k;
        return true;
    }
    return false;
}

static bool parse_number(const char **at, uint64_t *number) {
    if (!isdigit((unsigned char)**at)) return false;
    char *end;
    errno = 0;
    *number = strtoull(*at, &end, 0);
    *at = end;
    return errno == 0;
}

static bool parse_rule(const char **at, struct disk_fault_rule *r) {
    *r = (struct disk_fault_rule){.last = UINT64_MAX, .times = UINT64_MAX};
    if (!parse_kind(at, &r->kind)) return false;
    if (**at == '=') {
        ++*at;
        if (!parse_number(at, &r->first)) return false;
        r->last = r->first;
        if (**at == '-') {
            ++*at;
            if (!parse_number(at, &r->last) || r->last < r->first) return false;
        }
    }
    if (**at == ':') {
        ++*at;
        if (!parse_number(at, &r->times)) return false;
    }
    return **at == ',' || **at == '\0';
}

bool disk_faults_parse(struct disk_faults *f, const char *rules, char *message,
                       size_t message_bytes) {
    struct disk_faults parsed = {.rules = 0};
    const char *at = rules ? rules : "";
    while (*at) {
        if (parsed.rules == DISK_FAULT_MAX_RULES) {
            snprintf(message, message_bytes, "more than %d disk faults; join some of them",
                     DISK_FAULT_MAX_RULES);
            return false;
        }
        const char *start = at;
        if (!parse_rule(&at, &parsed.rule[parsed.rules++])) {
            snprintf(
                message, message_bytes,
                "disk fault '%.40s' is not understood; right would be read, write, short, full "
                "or flush, then =SECTOR or =FIRST-LAST, then :TIMES, as in read=8-15:1",
                start);
            return false;
        }
        if (*at == ',') at++;
    }
    *f = parsed;
    return true;
}

// Does the rule's sector range share a byte with len bytes at offset? An empty write does not.
static bool touches(const struct disk_fault_rule *r, uint64_t offset, uint64_t len) {
    return len && offset / SECTOR_BYTES <= r->last && (offset + len - 1) / SECTOR_BYTES >= r->first;
}

int disk_faults_strike(struct disk_faults *f, enum disk_op op, uint64_t offset, uint64_t len,
                       uint64_t *stored) {
    for (unsigned i = 0; i < f->rules; i++) {
        struct disk_fault_rule *r = &f->rule[i];
        const struct fault_kind *kind = &kinds[r->kind];
        if (kind->op != op || !r->times) continue;
        if (op != DISK_FLUSH && !touches(r, offset, len)) continue;
        if (r->times != UINT64_MAX) r->times--;
        const uint64_t sector = offset / SECTOR_BYTES;
        *stored = kind->stores_before && r->first > sector ? r->first * SECTOR_BYTES - offset : 0;
        return kind->error;
    }
    return 0;
}
