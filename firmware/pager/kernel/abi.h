// SPDX-License-Identifier: MIT
//
// System calls, shared by the kernel and the user programs: one row each. The number goes in a7, up
// to four arguments in a0..a3, the result comes back in a0; a negative result is an error.
#ifndef TABLEWALK_PAGER_ABI_H
#define TABLEWALK_PAGER_ABI_H

#include <stdint.h>

// X(name, arguments, what it does)
#define SYSTEM_CALLS(X)                                                                            \
    X(exit, 1, "exit(status): ends the program")                                                   \
    X(write, 3, "write(fd, data, bytes): to the console or a pipe")                                \
    X(read, 3, "read(fd, data, bytes): from the console or a pipe")                                \
    X(fork, 0, "fork(): copies the program; 0 in the copy, its number in the original")            \
    X(exec, 1, "exec(command line): becomes another program")                                      \
    X(wait, 1, "wait(&status): until a child ends; its number")                                    \
    X(kill, 1, "kill(pid): ends that child of ours, or all of them for 0")                         \
    X(getpid, 0, "getpid(): our number")                                                           \
    X(sleep, 1, "sleep(milliseconds)")                                                             \
    X(step, 1, "step(n): n units of work are done; virtual time goes on, others may run")          \
    X(pause, 1, "pause(ticks): waits that long in virtual time, as for a person or a network")     \
    X(stop, 1, "stop(value): waits until the chapter that runs us has looked at us")               \
    X(sbrk, 1, "sbrk(bytes): grows the heap; where it ended before")                               \
    X(map, 4, "map(file name, bytes, rights, shared): maps a file; its address")                   \
    X(unmap, 1, "unmap(address): ends a mapping")                                                  \
    X(sync, 1, "sync(address): writes a shared mapping's changes to disk")                         \
    X(pipe, 1, "pipe(fds): fds[0] is read, fds[1] written")                                        \
    X(close, 1, "close(fd)")                                                                       \
    X(key, 1, "key(milliseconds): waits so long for a key; its character, 0: none was typed")      \
    X(screen, 1, "screen(&size): maps the display's pixels; its address, its width and height")    \
    X(pages, 3, "pages(address, count, letters): what each page is, as the prompt's pages shows")  \
    X(faults, 1, "faults(major): our page faults so far, without the disk (0) or with it (1)")

enum system_call {
#define X(name, arguments, text) CALL_##name,
    SYSTEM_CALLS(X)
#undef X
        CALL_COUNT,
};

enum system_error {
    ERROR_CALL = -1,     // no such system call
    ERROR_ADDRESS = -2,  // a pointer into memory the program may not use
    ERROR_ARGUMENT = -3, // a number out of range
    ERROR_MEMORY = -4,
    ERROR_NO_FILE = -5,
    ERROR_NO_CHILD = -6,
    ERROR_RIGHTS = -7,
    ERROR_DISK = -8,
    ERROR_NO_SCREEN = -9,
};

// In pixels.
struct screen_size {
    uint32_t width, height;
};

#define MAP_READ  1
#define MAP_WRITE 2

#define STATUS_KILLED 256 // the status of a program that the kernel ended

#endif
