// SPDX-License-Identifier: MIT
// A host that has no memory for once: of all that a machine, its files and its debugger ask for,
// each request is refused in turn. What can't do without says so in one line and leaves nothing
// behind (the build with sanitizers looks for leaks); everything else goes on. The linker puts the
// functions below between the program and the host's (testsuite/proof.mk).
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "emu/console.h"
#include "emu/options.h"
#include "emu/profile/profile.h"
#include "testsuite/unit/nobody.h"
#include "testsuite/unit/split.h"

// --- The host ------------------------------------------------------------------------------------

// Requests so far, and which of them is refused; 0: none is, nor counted.
static unsigned requests, refused;

static bool refuse(void) { return refused && ++requests == refused; }

#define WRAP(type, failure, name, parameters, ...)                                                 \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters { return refuse() ? failure : __real_##name(__VA_ARGS__); }
WRAP(void *, NULL, malloc, (size_t bytes), bytes)
WRAP(void *, NULL, calloc, (size_t count, size_t bytes), count, bytes)
WRAP(void *, NULL, realloc, (void *p, size_t bytes), p, bytes)
WRAP(void *, NULL, aligned_alloc, (size_t align, size_t bytes), align, bytes)
WRAP(char *, NULL, strdup, (const char *text), text)
WRAP(FILE *, NULL, open_memstream, (char **text, size_t *bytes), text, bytes)
WRAP(int, -1, memfd_create, (const char *name, unsigned flags), name, flags)
WRAP(void *, MAP_FAILED, mmap, (void *at, size_t size, int may, int how, int fd, off_t offset), at,
     size, may, how, fd, offset)

// --- What asks for memory ------------------------------------------------------------------------

struct bench {
    struct options options;
    struct machine *m;
    struct debugger *d;
    struct profile *p;
    struct message why;
};

static void file_of(char path[static 32], const char *text, off_t bytes) {
    strcpy(path, "/tmp/tablewalk-XXXXXX");
    const int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    if (bytes) cr_assert_eq(ftruncate(fd, bytes), 0);
    close(fd);
}

static bool make_machine(struct bench *b, const char *line) {
    static char copy[512]; // the options keep its words
    char *words[33] = {"tablewalk"};
    snprintf(copy, sizeof copy, "%s", line);
    const int count = split_words(copy, words, 1, 32);
    if (!options_parse(&b->options, count, words, &b->why)) return false;
    b->m = machine_create(&b->options.machine, &nobody, &b->why);
    return b->m && machine_load(b->m, &b->why);
}

static bool make_debugger(struct bench *b) {
    b->d = debugger_create(b->m, &b->options.debug, &b->why);
    return b->d != NULL;
}

static bool make_profile(struct bench *b) {
    const struct run_names names = {0};
    b->p = profile_create(b->m, debugger_symbols(b->d), &names);
    return b->p || complain(&b->why, "the host has not enough memory");
}

// A run as a whole, up to the first refusal that it can't do without. true: there was none.
static bool lives(struct bench *b, const char *line, bool profiled) {
    if (!make_machine(b, line) || !make_debugger(b)) return false;
    if (profiled && !make_profile(b)) return false;
    debugger_begin(b->d);
    return machine_run(b->m, &b->why) && debugger_finish(b->d, &b->why);
}

static void clean(struct bench *b) {
    profile_destroy(b->p);
    debugger_destroy(b->d);
    machine_destroy(b->m);
    options_destroy(&b->options);
    b->p = NULL;
    b->d = NULL;
    b->m = NULL;
}

// Refuses each request in turn, until there are no more. Returns how many were needed.
static unsigned refuse_each(const char *line, bool profiled) {
    static struct bench b; // large
    unsigned needed = 0;
    bool more = true;
    for (unsigned n = 1; more; n++) {
        b.why = (struct message){""};
        requests = 0;
        refused = n;
        const bool good = lives(&b, line, profiled);
        refused = 0;
        more = requests >= n;
        needed += !good;
        if (!good) {
            cr_expect(more, "nothing was refused, and yet: %s", b.why.text);
            cr_expect_not_null(strstr(b.why.text, "memory"), "request %u: '%s'", n, b.why.text);
            cr_expect_null(strchr(b.why.text, '\n'), "request %u: '%s'", n, b.why.text);
        }
        clean(&b);
    }
    return needed;
}

Test(memory, of_a_machine, .timeout = 120) {
    char image[32], line[512];
    file_of(image, "", 1 << 16);
    snprintf(line, sizeof line,
             "-m 8M -smp 2 --core=rocket --max-insns=1000 -bios none -device virtio-gpu-device "
             "-device virtio-keyboard-device -device framebuffer -drive file=%s,snapshot=on "
             "-append words -kernel %s",
             image, image);
    cr_expect_gt(refuse_each(line, false), 60);
    unlink(image);
}

// What the console answers goes to a file; that it goes on is what is wanted.
Test(memory, of_a_debugger, .timeout = 120) {
    char image[32], script[32], line[512];
    file_of(image, "", 1 << 16);
    file_of(script,
            "record on\nstep 100\nheat\nheat /dev/null --format=png\nframes\ntlb\nlint\n"
            "pt save a\nview\nview on\ncontinue\n",
            0);
    snprintf(line, sizeof line,
             "-m 2M --max-insns=1000 -bios none -S --console-script %s --view=%s.png -kernel %s",
             script, image, image);
    cr_assert_not_null(freopen("/dev/null", "w", stdout));
    cr_expect_gt(refuse_each(line, true), 20);
    unlink(image);
    unlink(script);
    snprintf(line, sizeof line, "%s.png", image);
    unlink(line);
}
