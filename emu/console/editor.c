// SPDX-License-Identifier: MIT
// Lines from a terminal (see editor.h).
#include "emu/console/editor.h"

#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/console/debugger.h"

enum { HISTORY_LINES = 500 };

struct editor {
    EditLine *edit;
    History *history;
};

static char *prompt(EditLine *edit) {
    static char text[] = "(tablewalk) ";
    (void)edit;
    return text;
}

// The longest text that goes on where the word stops, the same for every command that begins so.
static size_t common_rest(const char *word, size_t length, char *rest, size_t bytes) {
    size_t common = 0, found = 0;
    for (unsigned i = 0; i < command_count; i++) {
        const char *name = commands[i].name;
        if (strncmp(name, word, length) != 0) continue;
        if (!found++) {
            common = (size_t)snprintf(rest, bytes, "%s", name + length);
            continue;
        }
        size_t same = 0;
        while (same < common && rest[same] == name[length + same]) same++;
        common = same;
    }
    if (found == 1 && common + 1 < bytes) rest[common++] = ' ';
    rest[common] = 0;
    return common;
}

// Tab completes the command; in other places it does nothing.
static unsigned char complete(EditLine *edit, int key) {
    char rest[64];
    (void)key;
    const LineInfo *line = el_line(edit);
    const size_t length = (size_t)(line->cursor - line->buffer);
    if (memchr(line->buffer, ' ', length)) return CC_ERROR;
    if (!common_rest(line->buffer, length, rest, sizeof rest)) return CC_ERROR;
    return el_insertstr(edit, rest) == 0 ? CC_REFRESH : CC_ERROR;
}

struct editor *editor_create(void) {
    struct editor *e = calloc(1, sizeof *e);
    HistEvent event;
    if (!e) return NULL;
    e->edit = el_init("tablewalk", stdin, stdout, stderr);
    e->history = history_init();
    if (!e->edit || !e->history) {
        editor_destroy(e);
        return NULL;
    }
    history(e->history, &event, H_SETSIZE, HISTORY_LINES);
    el_set(e->edit, EL_PROMPT, prompt);
    el_set(e->edit, EL_EDITOR, "emacs");
    el_set(e->edit, EL_HIST, history, e->history);
    el_set(e->edit, EL_ADDFN, "complete", "completes a command", complete);
    el_set(e->edit, EL_BIND, "^I", "complete", NULL);
    return e;
}

void editor_destroy(struct editor *e) {
    if (!e) return;
    if (e->history) history_end(e->history);
    if (e->edit) el_end(e->edit);
    free(e);
}

bool editor_read(struct editor *e, char *line, size_t bytes) {
    int count = 0;
    HistEvent event;
    const char *text = el_gets(e->edit, &count);
    if (!text || count <= 0) return false;
    snprintf(line, bytes, "%s", text);
    line[strcspn(line, "\r\n")] = 0;
    if (line[strspn(line, " \t")]) history(e->history, &event, H_ENTER, line);
    return true;
}
