// SPDX-License-Identifier: MIT
// Pieces of the command line (see words.h).
#include "emu/words.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

bool word_number(const char *word, uint64_t max, uint64_t *number) {
    if (!isdigit((unsigned char)word[0])) return false;
    const int base = word[0] == '0' && (word[1] == 'x' || word[1] == 'X') ? 16 : 10;
    char *end;
    errno = 0;
    *number = strtoull(word, &end, base);
    return !errno && !*end && end != word && *number <= max;
}

bool word_size(const char *word, uint64_t unit, uint64_t *bytes) {
    static const char letters[] = "KMGT";
    if (!isdigit((unsigned char)word[0])) return false;
    char *end;
    errno = 0;
    const uint64_t number = strtoull(word, &end, 10);
    if (errno) return false;
    const char *letter = *end ? strchr(letters, toupper((unsigned char)*end)) : NULL;
    if (*end && (!letter || end[1])) return false;
    if (letter) unit = UINT64_C(1) << (10 * (letter - letters + 1));
    return !__builtin_mul_overflow(number, unit, bytes);
}

bool word_switch(const char *word, bool *on) {
    static const char *const words[][2] = {
        {"off", "on"}, {"no", "yes"}, {"false", "true"}, {"0", "1"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        for (int value = 0; value < 2; value++) {
            if (strcasecmp(word, words[i][value]) != 0) continue;
            *on = value;
            return true;
        }
    }
    return false;
}

bool word_date(const char *word, uint64_t *nanoseconds) {
    struct tm date = {0};
    time_t seconds;
    if (strcmp(word, "utc") == 0) {
        seconds = time(NULL);
    } else {
        const char *end = strptime(word, "%Y-%m-%d", &date);
        if (end && *end == 'T') end = strptime(end, "T%H:%M:%S", &date);
        if (!end || *end) return false;
        seconds = timegm(&date);
    }
    if (seconds < 0) return false;
    return !__builtin_mul_overflow((uint64_t)seconds, UINT64_C(1000000000), nanoseconds);
}

// --- The nearest word ----------------------------------------------------------------------------

enum { WORD_MAX = 40 };

static unsigned smaller(unsigned a, unsigned b) { return a < b ? a : b; }

// How many letters must be put in, taken out or replaced to make b of a (Levenshtein); words longer
// than WORD_MAX are not near to anything.
static unsigned distance(const char *a, const char *b) {
    const size_t length = strlen(b);
    unsigned row[WORD_MAX + 1];
    if (strlen(a) > WORD_MAX || length > WORD_MAX) return WORD_MAX;
    for (unsigned j = 0; j <= length; j++) row[j] = j;
    for (unsigned i = 1; a[i - 1]; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            const unsigned replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = smaller(replaced, smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[length];
}

const char *word_nearest(const char *word, const char *(*next)(void *context), void *context) {
    const char *nearest = NULL;
    // A third of the letters may be wrong, rounded up: one of three, two of four.
    unsigned best = ((unsigned)strlen(word) + 5) / 3;
    for (const char *candidate; (candidate = next(context));) {
        const unsigned d = distance(word, candidate);
        if (d >= best || d >= strlen(candidate)) continue;
        best = d;
        nearest = candidate;
    }
    return nearest;
}

// --- Lists ---------------------------------------------------------------------------------------

// Cuts the first item off *list: up to a single comma, doubled ones becoming one.
static char *cut_item(char **list) {
    char *item = *list, *from = item, *to = item;
    while (*from && !(from[0] == ',' && from[1] != ',')) {
        if (from[0] == ',') from++;
        *to++ = *from++;
    }
    *list = *from ? from + 1 : NULL;
    *to = 0;
    return item;
}

// Which of the words in "a|b|c" is it? -1: none.
static int which_word(const char *words, const char *word) {
    const size_t length = strlen(word);
    for (int n = 0;; n++) {
        const size_t end = strcspn(words, "|");
        if (end == length && strncmp(words, word, length) == 0) return n;
        if (!words[end]) return -1;
        words += end + 1;
    }
}

static bool take_value(const struct word_key *key, char *value, const char *what,
                       struct message *message) {
    if (key->only) {
        const int n = which_word(key->only, value);
        if (n < 0) {
            return complain(message, "%s: %s=%s: must be %s", what, key->name, value, key->only);
        }
        if (key->flag) *key->flag = strchr(key->only, '|') && n > 0;
    } else if (key->flag && !word_switch(value, key->flag)) {
        return complain(message, "%s: %s=%s: must be on or off", what, key->name, value);
    }
    if (key->text) *key->text = value;
    return true;
}

struct key_names {
    const struct word_key *key;
    size_t count, at;
};

static const char *next_key(void *context) {
    struct key_names *names = context;
    return names->at < names->count ? names->key[names->at++].name : NULL;
}

// "; did you mean 'file'?", or which keys there are.
static bool unknown_key(const char *what, const char *item, const struct word_key *keys,
                        size_t count, struct message *message) {
    struct key_names names = {keys, count, 0};
    const char *near = word_nearest(item, next_key, &names);
    if (near) {
        return complain(message, "%s: unknown key '%s'; did you mean '%s'?", what, item, near);
    }
    char known[160] = "";
    for (size_t i = 0; i < count; i++) {
        const size_t end = strlen(known);
        snprintf(known + end, sizeof known - end, "%s%s=", i ? ", " : "", keys[i].name);
    }
    return complain(message, "%s: unknown key '%s'; there is %s", what, item, known);
}

bool word_list(char *list, const char *what, const struct word_key *keys, size_t count,
               struct message *message) {
    char on[] = "on";
    while (list) {
        char *item = cut_item(&list);
        char *value = strchr(item, '=');
        if (value) *value++ = 0;
        const struct word_key *key = NULL;
        for (size_t i = 0; i < count && !key; i++) {
            if (strcmp(keys[i].name, item) == 0) key = &keys[i];
        }
        if (!key) return unknown_key(what, item, keys, count, message);
        // A flag alone is switched on, as QEMU has it.
        if (!value && !key->flag) return complain(message, "%s: %s needs =VALUE", what, item);
        if (!take_value(key, value ? value : on, what, message)) return false;
    }
    return true;
}
