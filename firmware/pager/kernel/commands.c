// SPDX-License-Identifier: MIT
//
// The commands of the prompt, see commands.h. The table is at the end.
#include "kernel/commands.h"

#include "kernel/area.h"
#include "kernel/audit.h"
#include "kernel/chapter.h"
#include "kernel/kernel.h"
#include "kernel/report.h"

static void run_help(struct kernel *kernel, int count, char **word);

// The process that word[1] names by its number; a message and NULL when there is none.
static struct process *named_process(struct kernel *kernel, int count, char **word) {
    uint64_t pid;
    struct process *process = NULL;
    if (count > 1 && number_parse(word[1], &pid) && pid <= INT32_MAX)
        process = process_by_pid(kernel, (int)pid);
    if (!process || process->state == PROCESS_ZOMBIE) {
        say(kernel, "%s: which process? `ps` lists their numbers\n", word[0]);
        return NULL;
    }
    return process;
}

static bool named_number(struct kernel *kernel, int count, char **word, int place,
                         uint64_t *number) {
    if (count > place && number_parse(word[place], number)) return true;
    say(kernel, "%s: word %d is to be a number\n", word[0], place);
    return false;
}

static void run_chapters(struct kernel *kernel, int count, char **word) {
    (void)count;
    (void)word;
    for (unsigned n = 0; n < chapter_count(); n++)
        say(kernel, "  %2u. %-10s %s\n", n + 1, chapter_at(n)->name, chapter_at(n)->title);
    say(kernel, "  Each name is a command; `all` runs them one after the other.\n");
}

static void run_all_chapters(struct kernel *kernel, int count, char **word) {
    (void)count;
    (void)word;
    chapter_run_all(kernel);
}

static void run_ps(struct kernel *kernel, int count, char **word) {
    (void)count;
    (void)word;
    report_processes(kernel);
}

static void run_free(struct kernel *kernel, int count, char **word) {
    (void)count;
    (void)word;
    report_memory(kernel);
}

static void run_maps(struct kernel *kernel, int count, char **word) {
    struct process *process = named_process(kernel, count, word);
    if (process) report_areas(kernel, process);
}

static void run_pages(struct kernel *kernel, int count, char **word) {
    struct process *process = named_process(kernel, count, word);
    for (unsigned n = 0; process && n < MAX_AREAS; n++) {
        const struct area *area = &process->area[n];
        if (area->end <= area->start) continue;
        say(kernel, "  %s\n", area_name(area->kind));
        report_pages(kernel, process, area);
    }
}

static void run_walk(struct kernel *kernel, int count, char **word) {
    uint64_t address;
    if (count > 2) {
        struct process *process = named_process(kernel, count, word);
        if (process && named_number(kernel, count, word, 2, &address))
            report_walk(kernel, process->root, address);
    } else if (named_number(kernel, count, word, 1, &address)) {
        report_walk(kernel, kernel->root, address);
    }
}

static void run_ls(struct kernel *kernel, int count, char **word) {
    (void)count;
    (void)word;
    for (unsigned n = 0; n < kernel->files.count; n++) {
        const struct file *file = &kernel->files.file[n];
        uint32_t resident = 0;
        for (uint32_t page = 0; page < file_pages(file); page++) resident += file->frame[page] != 0;
        say(kernel, "  %-12s %7u bytes, %3u of %3u pages in RAM%s\n", file->name, file->bytes,
            resident, file_pages(file), file->writable ? ", writable" : "");
    }
}

static void run_policy(struct kernel *kernel, int count, char **word) {
    const struct policy *policy = count > 1 ? policy_find(word[1]) : NULL;
    if (policy)
        kernel->policy = policy;
    else if (count > 1)
        say(kernel, "policy %s: there is no such policy\n", word[1]);
    for (unsigned n = 0; n < POLICY_COUNT; n++)
        say(kernel, "%c %-7s %s\n", &POLICIES[n] == kernel->policy ? '*' : ' ', POLICIES[n].name,
            POLICIES[n].text);
}

static void run_ram(struct kernel *kernel, int count, char **word) {
    uint64_t frames = kernel->frames.count;
    if (count > 1 && !named_number(kernel, count, word, 1, &frames)) return;
    kernel->frames.limit = (uint32_t)least(most(frames, 8), kernel->frames.count);
    while (kernel->frames.pageable > kernel->frames.limit && reclaim_one(kernel)) continue;
    say(kernel, "programs may use %u frames for their pages\n", kernel->frames.limit);
}

static void run_control(struct kernel *kernel, int count, char **word) {
    if (count > 1) kernel->load_control.enabled = !strcmp(word[1], "on");
    const struct load_control *control = &kernel->load_control;
    say(kernel,
        "load control is %s; thrashing seen in %lu windows, %lu programs suspended, %lu "
        "resumed\n",
        control->enabled ? "on" : "off", control->detections, control->suspensions,
        control->resumptions);
}

static void run_swapout(struct kernel *kernel, int count, char **word) {
    struct process *process = named_process(kernel, count, word);
    if (process)
        say(kernel, "%s (pid %d) is out: %u pages left RAM\n", process->name, process->pid,
            swap_out_process(kernel, process));
}

static void run_swapin(struct kernel *kernel, int count, char **word) {
    struct process *process = named_process(kernel, count, word);
    if (process)
        say(kernel, "%s (pid %d) is back: %u pages came from swap\n", process->name, process->pid,
            swap_in_process(kernel, process));
}

static void run_swapon(struct kernel *kernel, int count, char **word) {
    bool force = count > 1 && !strcmp(word[1], "force");
    for (unsigned n = 0; n < kernel->disk_count && !kernel->swap.disk; n++)
        if (&kernel->disk[n] != kernel->files.disk)
            swap_start(kernel, &kernel->disk[n], kernel->swap_map, kernel->swap_map_room, force);
    report_memory(kernel);
}

static void run_kill(struct kernel *kernel, int count, char **word) {
    struct process *process = named_process(kernel, count, word);
    if (!process) return;
    process->ended_by = RULE_ASKED;
    process_end(kernel, process, STATUS_KILLED);
}

static void run_go(struct kernel *kernel, int count, char **word) {
    struct process *process = named_process(kernel, count, word);
    if (!process || process->state != PROCESS_STOPPED) return;
    process->state = PROCESS_READY;
    shell_wait(kernel, process);
}

static void run_wait(struct kernel *kernel, int count, char **word) {
    (void)count;
    (void)word;
    run_all(kernel);
    if (kernel->console.interrupted) say(kernel, "^C\n");
    kernel->console.interrupted = false;
    // A program whose pages cannot be had back has been ended; that is for scripts to see.
    for (unsigned n = 0; n < MAX_PROCESSES; n++) {
        const struct process *process = &kernel->process[n];
        if (process->state != PROCESS_ZOMBIE || process->parent != 0) continue;
        kernel->failures += process->status != 0;
        if (process->status)
            say(kernel, "%s (pid %d): status %d\n", process->name, process->pid, process->status);
    }
}

static void run_forget(struct kernel *kernel, int count, char **word) {
    (void)count;
    (void)word;
    say(kernel, "%u pages of files forgotten\n", files_forget(kernel));
}

static void run_audit(struct kernel *kernel, int count, char **word) {
    (void)count;
    (void)word;
    expect_equal(kernel, "counts in the frame table and the swap map that do not balance",
                 audit(kernel), 0);
}

static struct disk *named_disk(struct kernel *kernel, int count, char **word) {
    struct disk *disk = NULL;
    if (count > 1 && !strcmp(word[1], "swap")) disk = kernel->swap.disk;
    if (count > 1 && !strcmp(word[1], "files")) disk = kernel->files.disk;
    if (!disk) say(kernel, "%s: `swap` or `files`, if there is such a disk\n", word[0]);
    return disk;
}

static void run_badsector(struct kernel *kernel, int count, char **word) {
    struct disk *disk = named_disk(kernel, count, word);
    uint64_t from = 0, to = 0;
    if (!disk) return;
    disk->bad_from = disk->bad_to = 0;
    if (count > 2 && !named_number(kernel, count, word, 2, &from)) return;
    to = from;
    if (count > 3 && !named_number(kernel, count, word, 3, &to)) return;
    if (count == 2) {
        say(kernel, "%s disk: no page fails any more\n", word[1]);
        return;
    }
    disk->bad_from = from * (PAGE_BYTES / SECTOR_BYTES);
    disk->bad_to = (to + 1) * (PAGE_BYTES / SECTOR_BYTES);
    say(kernel, "%s disk: pages %lu..%lu fail from now on\n", word[1], from, to);
}

// Writes rubbish over pages of the swap disk, as another computer might.
static void run_damage(struct kernel *kernel, int count, char **word) {
    uint64_t from, to;
    if (!kernel->swap.disk || !named_number(kernel, count, word, 1, &from)) return;
    to = from;
    if (count > 2 && !named_number(kernel, count, word, 2, &to)) return;
    uint32_t scratch = frame_take(kernel, FRAME_KERNEL);
    if (scratch == NO_FRAME) return;
    memset(frame_data(&kernel->frames, scratch), 0xdb, PAGE_BYTES);
    for (uint64_t slot = from; slot <= to && slot < kernel->swap.count; slot++)
        disk_transfer(kernel, kernel->swap.disk, slot * 8, frame_data(&kernel->frames, scratch), 8,
                      true);
    frame_give(kernel, scratch);
    say(kernel, "swap slots %lu..%lu now hold something else\n", from, to);
}

static void run_off(struct kernel *kernel, int count, char **word) {
    uint64_t code = 0;
    if (count > 1 && !number_parse(word[1], &code)) code = 2;
    power_off(kernel, (unsigned)(code & 0xff));
}

static void run_history(struct kernel *kernel, int count, char **word) {
    (void)count;
    (void)word;
    const struct line_editor *line = &kernel->line;
    unsigned first = line->entered > HISTORY_LINES ? line->entered - HISTORY_LINES : 0;
    for (unsigned n = first; n < line->entered; n++)
        say(kernel, "  %2u  %s\n", n + 1, line->history[n % HISTORY_LINES]);
}

static const struct command COMMANDS[] = {
    {"help", "", "this list", run_help},
    {"chapters", "", "the tour through virtual memory", run_chapters},
    {"all", "", "every chapter, one after the other", run_all_chapters},
    {"ls", "", "the programs and files on the disk", run_ls},
    {"ps", "", "processes: virtual, resident, shared, swapped, dirty pages; faults", run_ps},
    {"free", "", "what RAM and swap are used for", run_free},
    {"maps", "PID", "the areas of a process", run_maps},
    {"pages", "PID", "its pages, one character each", run_pages},
    {"walk", "[PID] ADDRESS", "the page walk of an address, of the kernel or a process", run_walk},
    {"policy", "[NAME]", "page replacement: fifo, clock, aging, random", run_policy},
    {"ram", "[FRAMES]", "let programs use only so many frames for their pages", run_ram},
    {"control", "[on|off]", "load control against thrashing", run_control},
    {"swapout", "PID", "whole-process swapping: write all of a program out", run_swapout},
    {"swapin", "PID", "... and bring it back", run_swapin},
    {"swapon", "[force]", "take the swap disk into use", run_swapon},
    {"wait", "", "wait for the programs in the background", run_wait},
    {"go", "PID", "let a stopped program go on", run_go},
    {"kill", "PID", "end a program", run_kill},
    {"forget", "", "drop the pages of files that nobody uses", run_forget},
    {"audit", "", "compare all counts of frames and slots with the page tables", run_audit},
    {"badsector", "swap|files [PAGE [LAST]]", "from now on these pages of the disk fail",
     run_badsector},
    {"damage", "SLOT [LAST]", "overwrite slots on the swap disk", run_damage},
    {"history", "", "the lines entered before", run_history},
    {"off", "[CODE]", "switch the machine off", run_off},
};

static void run_help(struct kernel *kernel, int count, char **word) {
    (void)count;
    (void)word;
    for (unsigned n = 0; n < command_count(); n++) {
        const struct command *command = command_at(n);
        char usage[40];
        text_format(usage, sizeof usage, "%s %s", command->name, command->arguments);
        say(kernel, "  %-34s %s\n", usage, command->text);
    }
    say(kernel, "Any program that `ls` lists, with `&` to run in the background; Ctrl-C ends it.\n"
                "Keys: arrows, Home, End, Ctrl-E K U W, up and down for history, Tab completes.\n");
}

unsigned command_count(void) { return sizeof COMMANDS / sizeof *COMMANDS; }
const struct command *command_at(unsigned n) { return &COMMANDS[n]; }

const struct command *command_find(const char *name) {
    for (unsigned n = 0; n < command_count(); n++)
        if (!strcmp(COMMANDS[n].name, name)) return &COMMANDS[n];
    return NULL;
}
