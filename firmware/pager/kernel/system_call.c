// SPDX-License-Identifier: MIT
//
// System calls: one function each, found through a table made from the rows in abi.h. A call that
// cannot go on yet returns WAIT; its process then waits, and the scheduler tries the whole call
// again, so a call does nothing before it is sure that it can finish.
#include "kernel/area.h"
#include "kernel/kernel.h"
#include "kernel/report.h"
#include "kernel/trap.h"

#define WAIT       INT64_MIN
#define CHUNK      128
#define MOST_PAUSE 1000000
#define MOST_STEPS 1000

typedef int64_t call_fn(struct kernel *kernel, struct process *process, const uint64_t *argument);

static int64_t call_exit(struct kernel *kernel, struct process *process, const uint64_t *argument) {
    process_end(kernel, process, (int)(argument[0] & 0xff));
    return 0;
}

// The pipe end behind a descriptor; NULL for the console. False for what is no descriptor.
static bool descriptor_pipe(struct process *process, uint64_t fd, bool writes, struct pipe **pipe) {
    *pipe = NULL;
    if (fd >= MAX_DESCRIPTORS) return false;
    if (fd <= 2) return true;
    *pipe = process->descriptor[fd];
    return *pipe && process->descriptor_writes[fd] == writes;
}

static int64_t call_write(struct kernel *kernel, struct process *process,
                          const uint64_t *argument) {
    struct pipe *pipe;
    uint8_t data[CHUNK];
    uint64_t bytes = least(argument[2], CHUNK);
    if (!descriptor_pipe(process, argument[0], true, &pipe)) return ERROR_ARGUMENT;
    if (pipe && pipe->readers == 0) return ERROR_ARGUMENT;
    if (pipe && pipe->used == PIPE_BYTES) return WAIT;
    if (pipe) bytes = least(bytes, PIPE_BYTES - pipe->used);
    if (!user_read(kernel, process, data, argument[1], bytes)) return ERROR_ADDRESS;
    for (uint64_t n = 0; n < bytes; n++) {
        if (pipe)
            pipe_put(pipe, data[n]);
        else
            console_put(&kernel->console, (char)data[n]);
    }
    return (int64_t)bytes;
}

static int64_t call_read(struct kernel *kernel, struct process *process, const uint64_t *argument) {
    struct pipe *pipe;
    uint8_t data[CHUNK];
    uint64_t room = least(argument[2], CHUNK), bytes = 0;
    if (!descriptor_pipe(process, argument[0], false, &pipe)) return ERROR_ARGUMENT;
    process->wake_time = 0;
    if (pipe && pipe->used == 0) return pipe->writers ? WAIT : 0;
    if (!pipe && kernel->console.head == kernel->console.tail) {
        process->wake_time = UINT64_MAX; // only the keyboard can wake it
        return WAIT;
    }
    if (room && !fault_user_byte(kernel, process, argument[1], ACCESS_STORE)) return ERROR_ADDRESS;
    for (; pipe && bytes < room && pipe->used; bytes++) data[bytes] = pipe_take(pipe);
    for (int c; !pipe && bytes < room && (c = console_take(&kernel->console)) >= 0; bytes++)
        data[bytes] = c == '\r' ? '\n' : (uint8_t)c;
    if (!user_write(kernel, process, argument[1], data, bytes)) return ERROR_ADDRESS;
    return (int64_t)bytes;
}

static int64_t call_fork(struct kernel *kernel, struct process *process, const uint64_t *argument) {
    (void)argument;
    struct process *child = process_fork(kernel, process);
    if (!child) return ERROR_MEMORY;
    ARGUMENT(child, 0) = 0;
    child->registers.pc += 4; // behind the ecall
    return child->pid;
}

static int64_t call_exec(struct kernel *kernel, struct process *process, const uint64_t *argument) {
    char command[COMMAND_BYTES], name[COMMAND_BYTES];
    char *word;
    if (!user_read_text(kernel, process, command, argument[0], sizeof command))
        return ERROR_ADDRESS;
    text_copy(name, command, sizeof name);
    if (!words_split(name, &word, 1) || !file_find(kernel, word)) return ERROR_NO_FILE;
    if (!process_load(kernel, process, command)) process->killed = true;
    process->registers.pc -= 4; // system_call() adds it; the new program starts at its beginning
    return (int64_t)ARGUMENT(process, 0);
}

static int64_t call_wait(struct kernel *kernel, struct process *process, const uint64_t *argument) {
    bool children = false;
    process->wake_time = 0;
    for (unsigned n = 0; n < MAX_PROCESSES; n++) {
        struct process *child = &kernel->process[n];
        if (child->state == PROCESS_UNUSED || child->parent != process->pid) continue;
        children = true;
        if (child->state != PROCESS_ZOMBIE) continue;
        int status = child->status;
        if (argument[0] && !user_write(kernel, process, argument[0], &status, sizeof status))
            return ERROR_ADDRESS;
        process_forget(kernel, child);
        return child->pid;
    }
    return children ? WAIT : ERROR_NO_CHILD;
}

static int64_t call_kill(struct kernel *kernel, struct process *process, const uint64_t *argument) {
    int64_t result = ERROR_NO_CHILD;
    bool more = true;
    while (more) { // a child that ends leaves its own children to us: look again
        more = false;
        for (unsigned n = 0; n < MAX_PROCESSES; n++) {
            struct process *child = &kernel->process[n];
            if (child->state == PROCESS_UNUSED || child->state == PROCESS_ZOMBIE) continue;
            if (child->parent != process->pid) continue;
            if (argument[0] && argument[0] != (uint64_t)child->pid) continue;
            process_end(kernel, child, STATUS_KILLED);
            result = 0;
            more = argument[0] == 0;
        }
    }
    return result;
}

static int64_t call_getpid(struct kernel *kernel, struct process *process,
                           const uint64_t *argument) {
    (void)kernel;
    (void)argument;
    return process->pid;
}

// Have so many milliseconds passed since the call was made, which is tried again and again?
static bool time_is_up(struct kernel *kernel, struct process *process, uint64_t milliseconds) {
    uint64_t now = time_now();
    if (!process->wake_time)
        process->wake_time = now + milliseconds * kernel->machine.time_frequency / 1000;
    if (now < process->wake_time) return false;
    process->wake_time = 0;
    return true;
}

static int64_t call_sleep(struct kernel *kernel, struct process *process,
                          const uint64_t *argument) {
    if (argument[0] > MOST_PAUSE) return ERROR_ARGUMENT;
    return time_is_up(kernel, process, argument[0]) ? 0 : WAIT;
}

static int64_t call_key(struct kernel *kernel, struct process *process, const uint64_t *argument) {
    if (argument[0] > MOST_PAUSE) return ERROR_ARGUMENT;
    int c = console_take(&kernel->console);
    if (c < 0) return time_is_up(kernel, process, argument[0]) ? 0 : WAIT;
    process->wake_time = 0;
    return c;
}

static int64_t call_step(struct kernel *kernel, struct process *process, const uint64_t *argument) {
    if (argument[0] > MOST_STEPS) return ERROR_ARGUMENT;
    work_passes(kernel, process, argument[0]);
    return 0;
}

static int64_t call_pause(struct kernel *kernel, struct process *process,
                          const uint64_t *argument) {
    if (argument[0] > MOST_PAUSE) return ERROR_ARGUMENT;
    process->ready_at = most(process->ready_at, kernel->scheduler.now + argument[0]);
    return 0;
}

static int64_t call_stop(struct kernel *kernel, struct process *process, const uint64_t *argument) {
    (void)kernel;
    // Only the prompt and the chapters look at those who stop; a child would wait for ever.
    if (process->parent != 0 && !process->stepped) return ERROR_RIGHTS;
    process->stop_value = argument[0];
    process->state = PROCESS_STOPPED;
    return 0;
}

static int64_t call_sbrk(struct kernel *kernel, struct process *process, const uint64_t *argument) {
    (void)kernel;
    struct area *heap = area_of_kind(process, AREA_HEAP);
    if (!heap || argument[0] > HEAP_LIMIT - heap->end) return ERROR_MEMORY;
    uint64_t old = heap->end;
    heap->end = round_up(heap->end + argument[0], PAGE_BYTES);
    return (int64_t)old;
}

// A gap for a mapping of that many bytes, with an unused page behind it; 0 when there is none.
static uint64_t find_gap(struct process *process, uint64_t bytes) {
    uint64_t at = MAPPED_BASE;
    for (unsigned n = 0; n < MAX_AREAS; n++) {
        const struct area *area = &process->area[n];
        if (area->end && area->kind == AREA_MAPPED) at = most(at, area->end + PAGE_BYTES);
    }
    return bytes <= MAPPED_LIMIT - MAPPED_BASE && at <= MAPPED_LIMIT - bytes ? at : 0;
}

static int64_t call_map(struct kernel *kernel, struct process *process, const uint64_t *argument) {
    char name[IMAGE_NAME_BYTES];
    if (!user_read_text(kernel, process, name, argument[0], sizeof name)) return ERROR_ADDRESS;
    struct file *file = file_find(kernel, name);
    if (!file) return ERROR_NO_FILE;
    uint64_t bytes = argument[1] ? argument[1] : file->bytes;
    uint64_t rights = (argument[2] & MAP_READ ? PTE_READ : 0) |
                      (argument[2] & MAP_WRITE ? PTE_READ | PTE_WRITE : 0);
    bool shared = argument[3];
    if (!rights || !bytes || bytes > file->bytes) return ERROR_ARGUMENT;
    if (shared && (rights & PTE_WRITE) && (!file->writable || kernel->files.disk->read_only))
        return ERROR_RIGHTS;
    bytes = round_up(bytes, PAGE_BYTES);
    uint64_t at = find_gap(process, bytes);
    struct area area = {at, at + bytes, rights, AREA_MAPPED, shared, file, 0, bytes, 0};
    return at && area_add(process, area) ? (int64_t)at : ERROR_MEMORY;
}

// The pixels of the display, as memory that all who map it share.
static int64_t call_screen(struct kernel *kernel, struct process *process,
                           const uint64_t *argument) {
    const struct screen *screen = &kernel->machine.screen;
    const struct screen_size size = {screen->width, screen->height};
    uint64_t bytes = round_up(4ul * screen->width * screen->height, PAGE_BYTES);
    if (!screen->base) return ERROR_NO_SCREEN;
    if (!user_write(kernel, process, argument[0], &size, sizeof size)) return ERROR_ADDRESS;
    uint64_t at = find_gap(process, bytes);
    struct area area = {.start = at,
                        .end = at + bytes,
                        .rights = PTE_READ | PTE_WRITE,
                        .kind = AREA_MAPPED,
                        .shared = true,
                        .device = screen->base};
    return at && area_add(process, area) ? (int64_t)at : ERROR_MEMORY;
}

static int64_t call_pages(struct kernel *kernel, struct process *process,
                          const uint64_t *argument) {
    if (argument[0] >= USER_END || argument[1] > (USER_END - argument[0]) / PAGE_BYTES)
        return ERROR_ARGUMENT;
    for (uint64_t n = 0; n < argument[1]; n++) {
        char letter = report_page(kernel, process->root, argument[0] + n * PAGE_BYTES);
        if (!user_write(kernel, process, argument[2] + n, &letter, 1)) return ERROR_ADDRESS;
    }
    return 0;
}

static int64_t call_faults(struct kernel *kernel, struct process *process,
                           const uint64_t *argument) {
    (void)kernel;
    return (int64_t)(argument[0] ? process->counts.major : process->counts.minor);
}

static struct area *mapping_at(struct process *process, uint64_t address) {
    struct area *area = area_find(process, address);
    return area && area->kind == AREA_MAPPED ? area : NULL;
}

static int64_t call_unmap(struct kernel *kernel, struct process *process,
                          const uint64_t *argument) {
    struct area *area = mapping_at(process, argument[0]);
    if (!area) return ERROR_ADDRESS;
    bool good = area_sync(kernel, process, area);
    area_drop_pages(kernel, process, area->start, area->end);
    *area = (struct area){0};
    return good ? 0 : ERROR_DISK;
}

static int64_t call_sync(struct kernel *kernel, struct process *process, const uint64_t *argument) {
    struct area *area = mapping_at(process, argument[0]);
    if (!area) return ERROR_ADDRESS;
    return area_sync(kernel, process, area) ? 0 : ERROR_DISK;
}

static int64_t call_pipe(struct kernel *kernel, struct process *process, const uint64_t *argument) {
    int fd[2];
    if (!pipe_open(kernel, process, fd)) return ERROR_MEMORY;
    if (user_write(kernel, process, argument[0], fd, sizeof fd)) return 0;
    pipe_close(process, (unsigned)fd[0]);
    pipe_close(process, (unsigned)fd[1]);
    return ERROR_ADDRESS;
}

static int64_t call_close(struct kernel *kernel, struct process *process,
                          const uint64_t *argument) {
    (void)kernel;
    if (argument[0] >= MAX_DESCRIPTORS || !process->descriptor[argument[0]]) return ERROR_ARGUMENT;
    pipe_close(process, (unsigned)argument[0]);
    return 0;
}

static call_fn *const CALLS[CALL_COUNT] = {
#define X(name, arguments, text) [CALL_##name] = call_##name,
    SYSTEM_CALLS(X)
#undef X
};

void system_call(struct kernel *kernel, struct process *process) {
    uint64_t number = ARGUMENT(process, 7);
    int64_t result = ERROR_CALL;
    if (number < CALL_COUNT) result = CALLS[number](kernel, process, &ARGUMENT(process, 0));
    if (result == WAIT) {
        process->state = PROCESS_WAITING;
        return;
    }
    if (process->state == PROCESS_WAITING) process->state = PROCESS_READY;
    ARGUMENT(process, 0) = (uint64_t)result;
    process->registers.pc += 4;
}

void system_call_retry(struct kernel *kernel, struct process *process) {
    system_call(kernel, process);
    if (process->killed && process->state != PROCESS_ZOMBIE)
        process_end(kernel, process, STATUS_KILLED);
}
