// SPDX-License-Identifier: MIT
//
// The prompt, see shell.h. A line is a command of the kernel, a chapter, or a program on the disk
// with its arguments; `&` behind a program lets it run in the background.
#include "kernel/shell.h"

#include "kernel/area.h"
#include "kernel/chapter.h"
#include "kernel/commands.h"
#include "kernel/kernel.h"

#define MOST_WORDS 8
#define PROMPT     "pager> "

// Fetches the status of programs that the prompt started and that have ended.
static void reap(struct kernel *kernel) {
    for (unsigned n = 0; n < MAX_PROCESSES; n++) {
        struct process *process = &kernel->process[n];
        if (process->state == PROCESS_ZOMBIE && process->parent == 0)
            process_forget(kernel, process);
    }
}

int shell_wait(struct kernel *kernel, struct process *process) {
    run_process(kernel, process);
    if (kernel->console.interrupted) {
        kernel->console.interrupted = false;
        say(kernel, "^C: %s (pid %d) is ended\n", process->name, process->pid);
        process_end(kernel, process, STATUS_KILLED);
    }
    if (process->state == PROCESS_STOPPED) {
        say(kernel, "%s (pid %d) has stopped with value 0x%lx; `go %d` lets it go on\n",
            process->name, process->pid, process->stop_value, process->pid);
        return 0;
    }
    if (process->state != PROCESS_ZOMBIE) {
        say(kernel, "%s (pid %d) cannot go on\n", process->name, process->pid);
        return 0;
    }
    int status = process->status;
    process_forget(kernel, process);
    if (status && status != STATUS_KILLED) say(kernel, "(status %d)\n", status);
    kernel->failures += status != 0;
    return status;
}

static void run_program(struct kernel *kernel, const char *line, bool background) {
    if (background) {
        struct process *process = process_start(kernel, line, 0);
        if (process) say(kernel, "%s is pid %d\n", process->name, process->pid);
        return;
    }
    struct process *process = process_start(kernel, line, 0);
    if (process)
        shell_wait(kernel, process);
    else
        kernel->failures++;
}

void shell_line(struct kernel *kernel, char *line) {
    char words[LINE_BYTES];
    char *word[MOST_WORDS];
    size_t length = strlen(line);
    while (length && line[length - 1] == ' ') line[--length] = 0;
    bool background = length && line[length - 1] == '&';
    if (background) line[length - 1] = 0;
    text_copy(words, line, sizeof words);
    int count = words_split(words, word, MOST_WORDS);
    if (count == 0) return;
    const struct command *command = command_find(word[0]);
    const struct chapter *chapter = chapter_find(word[0]);
    if (command)
        command->run(kernel, count, word);
    else if (chapter)
        chapter_run(kernel, chapter);
    else
        run_program(kernel, line, background);
    reap(kernel);
}

// Carries out the commands of a list that ';' separates.
static void run_list(struct kernel *kernel, const char *list) {
    char line[LINE_BYTES];
    while (*list) {
        while (*list == ' ') list++;
        const char *end = text_find(list, ";");
        size_t length = end ? (size_t)(end - list) : strlen(list);
        text_copy(line, list, least(length + 1, sizeof line));
        say(kernel, PROMPT "%s\n", line);
        shell_line(kernel, line);
        list += length + (end != NULL);
    }
}

static void choose_policy(struct kernel *kernel, const char *name) {
    const struct policy *policy = policy_find(name);
    if (policy) kernel->policy = policy;
    say(kernel, policy ? "policy: %s\n" : "--policy %s: there is no such policy\n", name);
}

static void run_chapters_named(struct kernel *kernel, const char *name) {
    const struct chapter *chapter = chapter_find(name);
    if (chapter)
        chapter_run(kernel, chapter);
    else if (!strcmp(name, "all"))
        chapter_run_all(kernel);
    else
        say(kernel, "--chapter %s: there is no such chapter\n", name);
}

// The kernel's arguments: --policy NAME, then --chapter NAME or --do LINE; LINE..., after which the
// machine is switched off, with exit code 1 when a check or a program failed.
static void run_arguments(struct kernel *kernel) {
    char words[sizeof kernel->machine.arguments];
    char *word[32];
    text_copy(words, kernel->machine.arguments, sizeof words);
    const char *list = text_find(kernel->machine.arguments, "--do ");
    int count = words_split(words, word, 32);
    for (int n = 0; n + 1 < count && strcmp(word[n], "--do") != 0; n++) {
        if (!strcmp(word[n], "--policy")) choose_policy(kernel, word[n + 1]);
        if (strcmp(word[n], "--chapter") != 0) continue;
        run_chapters_named(kernel, word[n + 1]);
        power_off(kernel, kernel->failures || !kernel->checks);
    }
    if (!list) return;
    run_list(kernel, list + strlen("--do "));
    power_off(kernel, kernel->failures != 0);
}

void shell(struct kernel *kernel) {
    char line[LINE_BYTES];
    run_arguments(kernel);
    for (;;) {
        text_copy(line, line_read(kernel, PROMPT), sizeof line);
        shell_line(kernel, line);
    }
}

struct completion {
    const char *word;
    size_t length;
    char *common;
    size_t room;
    unsigned fits;
};

static void offer(struct completion *completion, const char *name) {
    if (strncmp(name, completion->word, completion->length)) return;
    if (completion->fits++ == 0) {
        text_copy(completion->common, name, completion->room);
        return;
    }
    size_t n = 0;
    while (name[n] && name[n] == completion->common[n]) n++;
    completion->common[n] = 0;
}

unsigned shell_complete(struct kernel *kernel, const char *word, size_t length, char *common,
                        size_t room) {
    struct completion completion = {word, length, common, room, 0};
    common[0] = 0;
    for (unsigned n = 0; n < command_count(); n++) offer(&completion, command_at(n)->name);
    for (unsigned n = 0; n < chapter_count(); n++) offer(&completion, chapter_at(n)->name);
    for (unsigned n = 0; n < kernel->files.count; n++)
        offer(&completion, kernel->files.file[n].name);
    for (unsigned n = 0; n < POLICY_COUNT; n++) offer(&completion, POLICIES[n].name);
    return completion.fits;
}
