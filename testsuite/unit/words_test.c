// SPDX-License-Identifier: MIT
// Pieces of the command line: numbers, sizes, dates, lists, and the nearest word.
#include "emu/words.h"

#include <criterion/criterion.h>
#include <string.h>

Test(words, numbers) {
    static const struct {
        const char *word;
        bool good;
        uint64_t number;
    } cases[] = {
        {"0", true, 0},    {"12", true, 12}, {"0x10", true, 16}, {"100", true, 100},
        {"101", false, 0}, {"", false, 0},   {"-1", false, 0},   {"+1", false, 0},
        {" 1", false, 0},  {"1x", false, 0}, {"0x", false, 0},   {"18446744073709551616", false, 0},
        {"ten", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t number = 0;
        cr_expect_eq(word_number(cases[i].word, 100, &number), cases[i].good, "%s", cases[i].word);
        if (cases[i].good) cr_expect_eq(number, cases[i].number, "%s", cases[i].word);
    }
}

Test(words, sizes) {
    static const struct {
        const char *word;
        bool good;
        uint64_t bytes;
    } cases[] = {
        {"128", true, 128 << 20},
        {"4M", true, 4 << 20},
        {"4m", true, 4 << 20},
        {"64K", true, 64 << 10},
        {"2G", true, UINT64_C(2) << 30},
        {"1T", true, UINT64_C(1) << 40},
        {"4X", false, 0},
        {"4MB", false, 0},
        {"M", false, 0},
        {"", false, 0},
        {"99999999999T", false, 0},
        {"-4M", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t bytes = 0;
        const bool good = word_size(cases[i].word, 1 << 20, &bytes);
        cr_expect_eq(good, cases[i].good, "%s", cases[i].word);
        if (cases[i].good) cr_expect_eq(bytes, cases[i].bytes, "%s", cases[i].word);
    }
}

Test(words, dates) {
    uint64_t ns;
    cr_assert(word_date("1970-01-02", &ns));
    cr_expect_eq(ns, UINT64_C(86400) * 1000000000);
    cr_assert(word_date("2026-01-01T00:00:01", &ns));
    cr_expect_eq(ns, UINT64_C(1767225601) * 1000000000);
    cr_assert(word_date("utc", &ns));
    cr_expect_gt(ns, UINT64_C(1600000000) * 1000000000);
    cr_expect_not(word_date("1969-12-31", &ns));
    cr_expect_not(word_date("2026-13-01", &ns));
    cr_expect_not(word_date("2026-01-01x", &ns));
    cr_expect_not(word_date("2026-01-01T12", &ns));
}

static const char *next_candidate(void *context) {
    static const char *const candidates[] = {"kernel", "bios", "max-insns", "m", NULL};
    unsigned *at = context;
    return candidates[(*at)++];
}

static const char *nearest(const char *word) {
    unsigned at = 0;
    return word_nearest(word, next_candidate, &at);
}

Test(words, nearest) {
    cr_expect_str_eq(nearest("kernal"), "kernel");
    cr_expect_str_eq(nearest("krnel"), "kernel");
    cr_expect_str_eq(nearest("bois"), "bios");
    cr_expect_str_eq(nearest("maxinsns"), "max-insns");
    cr_expect_null(nearest("zzzzzz"));
    // One letter is not near to every other.
    cr_expect_null(nearest("q"));
    // Longer than any table of distances.
    char longest[1000];
    memset(longest, 'k', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    cr_expect_null(nearest(longest));
}

struct parsed {
    char *file;
    bool readonly, plugged;
};

static bool parse(const char *text, struct parsed *p, struct message *why) {
    static char list[100];
    const struct word_key keys[] = {
        {.name = "file", .text = &p->file},
        {.name = "readonly", .flag = &p->readonly},
        {.name = "format", .only = "raw"},
        {.name = "if", .flag = &p->plugged, .only = "none|virtio"},
    };
    *p = (struct parsed){0};
    strcpy(list, text);
    return word_list(list, "-drive", keys, sizeof keys / sizeof *keys, why);
}

Test(words, lists) {
    struct parsed p;
    struct message why;
    cr_assert(parse("file=a b,readonly=on,format=raw,if=none", &p, &why));
    cr_expect_str_eq(p.file, "a b");
    cr_expect(p.readonly);
    cr_expect_not(p.plugged);
    cr_assert(parse("file=a,,b=c,if=virtio,readonly", &p, &why));
    cr_expect_str_eq(p.file, "a,b=c", "two commas are one, a value may hold '='");
    cr_expect(p.plugged && p.readonly);
    cr_assert(parse("file=", &p, &why));
    cr_expect_str_eq(p.file, "");
}

Test(words, broken_lists) {
    static const char *const cases[][2] = {
        {"file", "needs =VALUE"},
        {"flie=x", "did you mean 'file'?"},
        {"readonly=perhaps", "must be on or off"},
        {"format=qcow2", "must be raw"},
        {"if=", "must be none|virtio"},
        {"file=x,,,", "unknown key ''"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct parsed p;
        struct message why = {0};
        cr_expect_not(parse(cases[i][0], &p, &why), "%s", cases[i][0]);
        cr_expect_not_null(strstr(why.text, cases[i][1]), "%s: %s", cases[i][0], why.text);
    }
}

Test(words, complaints_are_one_printable_line) {
    struct message why;
    cr_expect_not(complain(&why, "%s", "a\nb\033[31m"));
    cr_expect_str_eq(why.text, "a?b?[31m");
}
