// SPDX-License-Identifier: MIT
// Lines from a terminal (see editor.h).
#include "emu/console/editor.h"

#include <histedit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/console/complete.h"
#include "emu/console/debugger.h"

enum { HISTORY_LINES = 500 };

struct editor {
    const struct debugger *d;
    EditLine *edit;
    History *history;
};

static char *prompt(EditLine *edit) {
    static char text[] = "(tablewalk) ";
    (void)edit;
    return text;
}

enum { SCREEN_COLUMNS = 80 };

// Below the line, in columns.
static void list_names(const struct completion *c) {
    size_t width = 0;
    for (unsigned i = 0; i < c->kept; i++) {
        if (strlen(c->name[i]) > width) width = strlen(c->name[i]);
    }
    const unsigned columns =
        width + 2 < SCREEN_COLUMNS ? SCREEN_COLUMNS / (unsigned)(width + 2) : 1;
    for (unsigned i = 0; i < c->kept; i++) {
        printf("%s%-*s", i % columns ? "  " : "\n", (int)width, c->name[i]);
    }
    if (c->found > c->kept) printf("\n... and %u more", c->found - c->kept);
    fputc('\n', stdout);
    fflush(stdout);
}

// Tab: goes on as far as it is the same for all names, and shows them when that is nowhere.
static unsigned char on_tab(EditLine *edit, int key) {
    char line[LINE_BYTES];
    struct editor *e;
    struct completion c;
    (void)key;
    el_get(edit, EL_CLIENTDATA, &e);
    const LineInfo *info = el_line(edit);
    const int length = (int)(info->cursor - info->buffer);
    if (length >= LINE_BYTES) return CC_ERROR;
    snprintf(line, sizeof line, "%.*s", length, info->buffer);
    complete(e->d, line, &c);
    if (!c.found) return CC_ERROR;
    const size_t common = strlen(c.common);
    if (c.found == 1 && c.last && common + 1 < sizeof c.common) {
        c.common[common] = c.last;
        c.common[common + 1] = 0;
    }
    if (c.common[c.length]) {
        return el_insertstr(edit, c.common + c.length) == 0 ? CC_REFRESH : CC_ERROR;
    }
    if (c.found == 1) return CC_NORM;
    list_names(&c);
    return CC_REDISPLAY;
}

struct editor *editor_create(const struct debugger *d) {
    struct editor *e = calloc(1, sizeof *e);
    HistEvent event;
    if (!e) return NULL;
    e->d = d;
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
    el_set(e->edit, EL_CLIENTDATA, e);
    el_set(e->edit, EL_ADDFN, "complete", "completes a word", on_tab);
    el_set(e->edit, EL_BIND, "^I", "complete", NULL);
    // Ctrl-C drops the line that was begun, and not the machine.
    el_set(e->edit, EL_SETTY, "-d", "-isig", NULL);
    el_set(e->edit, EL_BIND, "^C", "em-kill-line", NULL);
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
