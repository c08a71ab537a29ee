// SPDX-License-Identifier: MIT
//
// calls: uses every system call as it is meant to be used, and checks what comes back.
#include "user/user.h"

#define PIPED 5000

static int wrong;

static void check(const char *what, bool holds) {
    if (holds) return;
    print("calls: wrong: %s\n", what);
    wrong++;
}

// A child sends bytes through a pipe that is smaller than the message.
static void check_pipe(void) {
    int fd[2], status = -1;
    check("pipe", call1(CALL_pipe, (uint64_t)fd) == 0);
    if (fork() == 0) {
        for (int n = 0; n < PIPED; n++) {
            uint8_t byte = (uint8_t)(n % 251);
            if (call4(CALL_write, (uint64_t)fd[1], (uint64_t)&byte, 1, 0) != 1) leave(1);
        }
        leave(7);
    }
    call1(CALL_close, (uint64_t)fd[1]);
    int got = 0, bad = 0;
    for (;;) {
        uint8_t data[100];
        int64_t bytes = call4(CALL_read, (uint64_t)fd[0], (uint64_t)data, sizeof data, 0);
        if (bytes <= 0) break;
        for (int64_t n = 0; n < bytes; n++) bad += data[n] != (uint8_t)(got++ % 251);
    }
    check("all bytes came through the pipe", got == PIPED && bad == 0);
    check("wait", wait(&status) > 0 && status == 7);
    check("no child is left", wait(&status) == ERROR_NO_CHILD);
    call1(CALL_close, (uint64_t)fd[0]);
}

static void check_exec(void) {
    int status = -1;
    if (fork() == 0) {
        call1(CALL_exec, (uint64_t)"hello from exec");
        leave(1);
    }
    check("exec", wait(&status) > 0 && status == 0);
    check("exec of nothing", call1(CALL_exec, (uint64_t)"no-such-program") == ERROR_NO_FILE);
}

static void check_memory(void) {
    uint8_t *first = more_memory(PAGE), *second = more_memory(3 * PAGE);
    check("sbrk", second == first + PAGE);
    second[3 * PAGE - 1] = 9;
    check("sbrk of too much", call1(CALL_sbrk, 1ull << 40) == ERROR_MEMORY);
    int64_t at = map_file("readme.txt", MAP_READ, true);
    check("map", at > 0 && !memcmp((const void *)at, "Virtual memory", 14));
    check("map, not writable", map_file("readme.txt", MAP_WRITE, true) == ERROR_RIGHTS);
    check("map of nothing", map_file("no-such-file", MAP_READ, true) == ERROR_NO_FILE);
    check("unmap", call1(CALL_unmap, (uint64_t)at) == 0);
    check("unmap again", call1(CALL_unmap, (uint64_t)at) == ERROR_ADDRESS);
}

static void check_kill(void) {
    int status = -1, pid = fork();
    if (pid == 0)
        for (;;) continue; // only the timer gets it off the hart
    call1(CALL_sleep, 20);
    check("kill", call1(CALL_kill, (uint64_t)pid) == 0);
    check("it was killed", wait(&status) == pid && status == STATUS_KILLED);
    check("kill of a stranger", call1(CALL_kill, 9999) == ERROR_NO_CHILD);
}

// What the kernel says of four pages, of which the first was written and the second read.
static void check_pages(void) {
    char letters[4];
    volatile uint8_t *memory = more_memory(sizeof letters * PAGE);
    int64_t before = call1(CALL_faults, 0);
    memory[0] = memory[PAGE];
    check("faults", call1(CALL_faults, 0) == before + 2);
    int64_t result = call4(CALL_pages, (uint64_t)memory, sizeof letters, (uint64_t)letters, 0);
    check("pages", result == 0 && !memcmp(letters, "D0..", sizeof letters));
    check("pages of the kernel",
          call4(CALL_pages, 0x80200000, 1, (uint64_t)letters, 0) == ERROR_ARGUMENT);
    check("no key is typed", call1(CALL_key, 0) == 0);
}

// The display's memory, if there is a display: shared by all, and none that the kernel would read.
static void check_screen(void) {
    struct screen_size size;
    int64_t at = call1(CALL_screen, (uint64_t)&size);
    if (at == ERROR_NO_SCREEN) return;
    volatile uint32_t *pixels = (volatile uint32_t *)at;
    check("screen", at > 0 && size.width > 0 && size.height > 0);
    pixels[0] = 0x123456;
    if (fork() == 0) {
        pixels[size.width * size.height - 1] = pixels[0];
        leave(0);
    }
    check("the screen is shared",
          wait(NULL) > 0 && pixels[size.width * size.height - 1] == 0x123456);
    check("a write from the screen", call4(CALL_write, 1, (uint64_t)at, 8, 0) == ERROR_ADDRESS);
    check("unmap of the screen", call1(CALL_unmap, (uint64_t)at) == 0);
    print("calls: the screen has %u by %u pixels\n", size.width, size.height);
}

int main(int count, char **word) {
    (void)count;
    (void)word;
    check("getpid", getpid() > 0);
    check("a call that does not exist", call1(CALL_COUNT, 0) == ERROR_CALL);
    check("a write from the kernel's memory",
          call4(CALL_write, 1, 0x80200000, 8, 0) == ERROR_ADDRESS);
    check("a read into our own code", call4(CALL_read, 3, (uint64_t)main, 1, 0) < 0);
    check_memory();
    check_pipe();
    check_exec();
    check_kill();
    check_pages();
    check_screen();
    print("calls: %d wrong\n", wrong);
    return wrong;
}
