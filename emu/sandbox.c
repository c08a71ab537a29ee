// SPDX-License-Identifier: MIT
// Confinement by seccomp and resource limits (see sandbox.h); emu/sandbox.def has a row a call.
#ifdef HAVE_SECCOMP
#include "emu/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

enum { SPARE_DESCRIPTORS = 16 };

#define GROWTH (UINT64_C(1) << 30)

bool sandbox_available(void) { return true; }

// Loading a kernel again takes up to three times its size for a while: read, unpacked, grown.
uint64_t sandbox_growth(const struct sandbox_needs *needs) { return GROWTH + 3 * needs->ram_bytes; }

// --- What happens to who breaks the rules --------------------------------------------------------

static void write_text(const char *text) {
    // There is nobody to complain to when this fails.
    (void)!write(STDERR_FILENO, text, strlen(text));
}

// Names are only looked up for calls that malloc() itself does not make: it may be what we come
// from.
static const char *name_of(int call, char *number, size_t bytes) {
    static const struct {
        int call;
        const char *name;
    } of_malloc[] = {{SCMP_SYS(mmap), "mmap"}, {SCMP_SYS(mprotect), "mprotect"}};
    for (size_t i = 0; i < sizeof of_malloc / sizeof *of_malloc; i++) {
        if (of_malloc[i].call == call) return of_malloc[i].name;
    }
    const char *name = seccomp_syscall_resolve_num_arch(seccomp_arch_native(), call);
    if (name) return name;
    snprintf(number, bytes, "number %d", call);
    return number;
}

// The filter's verdict arrives as a signal. abort() lets the terminal be given back.
static void on_violation(int signal_number, siginfo_t *info, void *context) {
    char number[32];
    (void)signal_number, (void)context;
    write_text("tablewalk: the sandbox has stopped a system call that a run does not need: ");
    write_text(name_of(info->si_syscall, number, sizeof number));
    write_text("; --sandbox=off would let it pass\n");
    abort();
}

static bool catch_violations(void) {
    struct sigaction action = {.sa_sigaction = on_violation, .sa_flags = SA_SIGINFO};
    return sigaction(SIGSYS, &action, NULL) == 0;
}

// --- Limits --------------------------------------------------------------------------------------

static bool limit(__rlimit_resource_t resource, rlim_t most) {
    struct rlimit l;
    if (getrlimit(resource, &l) != 0) return false;
    if (l.rlim_max < most) most = l.rlim_max;
    return setrlimit(resource, &(struct rlimit){most, most}) == 0;
}

// Bytes of address space in use.
static uint64_t present_size(void) {
    char text[128];
    FILE *statm = fopen("/proc/self/statm", "r");
    const bool good = statm && fgets(text, sizeof text, statm);
    if (statm) fclose(statm);
    return good ? strtoul(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

// A descriptor that is new gets the lowest number that is free.
static bool limit_descriptors(void) {
    const int next = dup(STDERR_FILENO);
    if (next < 0) return errno == EBADF;
    close(next);
    return limit(RLIMIT_NOFILE, (rlim_t)next + SPARE_DESCRIPTORS);
}

static bool limit_resources(const struct sandbox_needs *needs) {
    if (!limit(RLIMIT_CORE, 0)) return false;
    if (needs->window) return true; // a driver of a graphics card maps what it likes
    const uint64_t present = present_size();
    if (present && !limit(RLIMIT_AS, present + sandbox_growth(needs))) return false;
    return limit_descriptors();
}

// --- System calls --------------------------------------------------------------------------------

enum who { ALWAYS, CONSOLE, GDB };

static bool is_needed(const struct sandbox_needs *needs, enum who who) {
    return who == ALWAYS || (who == CONSOLE ? needs->console : needs->gdb);
}

struct allowed {
    int call;
    enum who who;
    unsigned conditions;
    struct scmp_arg_cmp condition[1];
};

// Rows of the same call add up; one without conditions makes those with them superfluous.
static int add_allowed(scmp_filter_ctx filter, const struct sandbox_needs *needs) {
#define REFUSE(name)
#define IF(argument, op, a, b) {argument, SCMP_CMP_##op, a, b}
#define CALL(name, who, ...)                                                                       \
    {SCMP_SYS(name),                                                                               \
     who,                                                                                          \
     sizeof((struct scmp_arg_cmp[]){{0}, __VA_ARGS__}) / sizeof(struct scmp_arg_cmp) - 1,          \
     {__VA_ARGS__}},
    const struct allowed table[] = {
#include "emu/sandbox.def"
    };
#undef CALL
#undef IF
#undef REFUSE
    int error = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table && !error; i++) {
        const struct allowed *row = &table[i];
        if (!is_needed(needs, row->who)) continue;
        error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, row->call, row->conditions,
                                       row->condition);
    }
    return error;
}

static int add_refused(scmp_filter_ctx filter) {
#define CALL(...)
#define REFUSE(name) SCMP_SYS(name),
    const int refused[] = {
#include "emu/sandbox.def"
    };
#undef REFUSE
#undef CALL
    int error = 0;
    for (size_t i = 0; i < sizeof refused / sizeof *refused && !error; i++) {
        error = seccomp_rule_add(filter, SCMP_ACT_TRAP, refused[i], 0);
    }
    return error;
}

static int filter_calls(const struct sandbox_needs *needs) {
    scmp_filter_ctx filter = seccomp_init(needs->window ? SCMP_ACT_ALLOW : SCMP_ACT_TRAP);
    if (!filter) return -ENOMEM;
    int error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    // Some kernels would slow a filtered program down for fear of what it could speculate about.
    // There is nobody in this process to hide anything from.
    if (!error) (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
    if (!error) error = needs->window ? add_refused(filter) : add_allowed(filter, needs);
    if (!error) error = seccomp_load(filter);
    seccomp_release(filter);
    return error;
}

bool sandbox_enter(enum sandbox_wish wish, const struct sandbox_needs *needs,
                   struct message *message) {
    if (wish == SANDBOX_OFF) return true;
    if (!limit_resources(needs) || !catch_violations()) {
        return wish == SANDBOX_AUTO ||
               complain(message, "--sandbox=on: limits can't be set: %s", strerror(errno));
    }
    const int error = filter_calls(needs);
    return !error || wish == SANDBOX_AUTO ||
           complain(message, "--sandbox=on: the host refuses: %s; --sandbox=off runs without",
                    strerror(-error));
}
#else
// Built without libseccomp: there is none.
#include "emu/sandbox.h"

bool sandbox_available(void) { return false; }

uint64_t sandbox_growth(const struct sandbox_needs *needs) {
    (void)needs;
    return UINT64_MAX;
}

bool sandbox_enter(enum sandbox_wish wish, const struct sandbox_needs *needs,
                   struct message *message) {
    (void)needs;
    return wish != SANDBOX_ON ||
           complain(message, "--sandbox=on: built without it; install libseccomp-dev and build "
                             "again, without sanitizers");
}
#endif
