// SPDX-License-Identifier: MIT
// Confinement (emu/sandbox.h): a child confines itself and then does what a run does, or what an
// intruder would. The filter cannot be taken off, so each row is a process of its own.
#include "emu/sandbox.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum mode { PLAIN, WITH_CONSOLE, WITH_GDB, WITH_WINDOW, MODES };

static const struct sandbox_needs needs_of[MODES] = {
    [PLAIN] = {.ram_bytes = 1 << 20},
    [WITH_CONSOLE] = {.console = true, .ram_bytes = 1 << 20},
    [WITH_GDB] = {.console = true, .gdb = true, .ram_bytes = 1 << 20},
    [WITH_WINDOW] = {.window = true, .ram_bytes = 1 << 20},
};

// What the child tries. 0: it could.
static int do_nothing(void) { return 0; }
static int do_print(void) { return printf("printed\n") > 0 && fflush(stdout) == 0 ? 0 : 1; }
static int do_allocate(void) {
    volatile char *p = malloc(8 << 20);
    if (p) p[4 << 20] = 1;
    free((void *)p);
    return !p;
}
static int do_open(void) { return open("/etc/passwd", O_RDONLY) < 0; }
static int do_create(void) { return open("/tmp", O_TMPFILE | O_RDWR, 0600) < 0; }
static int do_exec(void) { return execl("/bin/true", "true", NULL); }
static int do_fork(void) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    return child < 0;
}
static int do_socket(void) { return socket(AF_INET, SOCK_STREAM, 0) < 0; }
static int do_bind(void) { return bind(0, NULL, 0) == 0; }
static int do_trace(void) { return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL); }
static int do_kill(void) { return kill(1, 0) != 0 && errno != EPERM; }
static int do_unlink(void) { return unlink("/nonexistent/file") == 0; }
static int do_map_code(void) {
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
           MAP_FAILED;
}
static int do_make_code(void) {
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return mprotect(p, 4096, PROT_READ | PROT_EXEC);
}
static int do_grow(void) { // it may not: 1 TiB is more than any bound of ours
    return mmap(NULL, UINT64_C(1) << 40, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                0) != MAP_FAILED;
}
static int do_open_many(void) {
    int opened = 0;
    while (opened < 1000 && open("/dev/null", O_RDONLY) >= 0) opened++;
    return !(errno == EMFILE && opened > 0 && opened < 64);
}
static int do_dump_core(void) { // with a window limits can be read
    struct rlimit core;
    return !(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 && core.rlim_max == 0);
}

struct row {
    const char *name;
    int (*act)(void);
    const char *call[MODES]; // that it dies of, by the mode; NULL: it does not
};

static const struct row rows[] = {
    {"nothing", do_nothing, {0}},
    {"print", do_print, {0}},
    {"allocate", do_allocate, {0}},
    {"open", do_open, {"openat", NULL, NULL, NULL}},
    {"create", do_create, {"openat", NULL, NULL, NULL}},
    {"exec", do_exec, {"execve", "execve", "execve", "execve"}},
    {"fork", do_fork, {"clone", "clone", "clone", NULL}},
    {"socket", do_socket, {"socket", "socket", "socket", NULL}},
    {"bind", do_bind, {"bind", "bind", "bind", "bind"}},
    {"ptrace", do_trace, {"ptrace", "ptrace", "ptrace", "ptrace"}},
    {"kill", do_kill, {"kill", "kill", "kill", NULL}},
    {"unlink", do_unlink, {"unlink", "unlink", NULL, NULL}},
    {"map code", do_map_code, {"mmap", "mmap", "mmap", NULL}},
    {"make code", do_make_code, {"mprotect", "mprotect", "mprotect", NULL}},
    {"dump core", do_dump_core, {"prlimit64", "prlimit64", "prlimit64", NULL}},
};

// Runs act confined. The result is waitpid()'s; what it wrote to standard error is in text.
static int confined(int (*act)(void), enum mode mode, char *text, size_t bytes) {
    int pipes[2], status = -1;
    cr_assert_eq(pipe(pipes), 0);
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        struct message message;
        dup2(pipes[1], STDERR_FILENO);
        dup2(pipes[1], STDOUT_FILENO);
        if (!sandbox_enter(SANDBOX_ON, &needs_of[mode], &message)) {
            fprintf(stderr, "%s\n", message.text);
            _exit(99);
        }
        _exit(act());
    }
    close(pipes[1]);
    size_t used = 0;
    for (ssize_t got; (got = read(pipes[0], text + used, bytes - 1 - used)) > 0;) {
        used += (size_t)got;
    }
    text[used] = 0;
    close(pipes[0]);
    cr_assert_eq(waitpid(child, &status, 0), child);
    return status;
}

static void check(const struct row *row, enum mode mode) {
    char text[512], wanted[128];
    const int status = confined(row->act, mode, text, sizeof text);
    const char *call = row->call[mode];
    if (!call) {
        cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s, mode %d: status %x, '%s'",
                  row->name, mode, (unsigned)status, text);
        return;
    }
    snprintf(wanted, sizeof wanted, "does not need: %s; --sandbox=off", call);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "%s, mode %d: status %x",
              row->name, mode, (unsigned)status);
    cr_expect(strstr(text, wanted), "%s, mode %d says '%s'", row->name, mode, text);
}

#ifdef HAVE_SECCOMP
static void check_all(enum mode mode) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) check(&rows[i], mode);
}

Test(sandbox, plain_run) { check_all(PLAIN); }
Test(sandbox, with_the_debug_console) { check_all(WITH_CONSOLE); }
Test(sandbox, with_gdb) { check_all(WITH_GDB); }
Test(sandbox, with_a_window) { check_all(WITH_WINDOW); }

Test(sandbox, memory_is_bounded) {
    char text[512];
    for (enum mode mode = PLAIN; mode <= WITH_GDB; mode++) {
        cr_expect_eq(confined(do_grow, mode, text, sizeof text), 0, "%s", text);
    }
}

Test(sandbox, descriptors_are_bounded) {
    char text[512];
    cr_expect_eq(confined(do_open_many, WITH_CONSOLE, text, sizeof text), 0, "%s", text);
}

Test(sandbox, off_is_off) {
    struct message message;
    cr_assert(sandbox_enter(SANDBOX_OFF, &needs_of[PLAIN], &message));
    cr_assert_eq(do_open(), 0);
    cr_assert_eq(do_fork(), 0);
}
#else
Test(sandbox, says_that_there_is_none) {
    char text[512];
    cr_assert_not(sandbox_available());
    cr_assert_eq(WEXITSTATUS(confined(do_nothing, PLAIN, text, sizeof text)), 99);
    cr_assert(strstr(text, "built without"), "%s", text);
    (void)check, (void)rows, (void)do_grow, (void)do_open_many;
}
#endif
