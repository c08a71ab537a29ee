// SPDX-License-Identifier: MIT
//
// The line editor, see line.h. It redraws the whole line after each change: a line is short, and
// that way there is only one picture of it to get right.
#include "kernel/line.h"

#include "kernel/kernel.h"
#include "kernel/shell.h"

#define CONTROL(letter) ((letter) & 0x1f)
#define ESCAPE          0x1b
#define BACKSPACE       0x7f

// What keys do; escape sequences are turned into the control letters of the same meaning.
enum key {
    KEY_HOME = CONTROL('a'),
    KEY_LEFT = CONTROL('b'),
    KEY_DELETE = CONTROL('d'),
    KEY_END = CONTROL('e'),
    KEY_RIGHT = CONTROL('f'),
    KEY_CUT = CONTROL('k'),
    KEY_NEXT = CONTROL('n'),
    KEY_PREVIOUS = CONTROL('p'),
    KEY_CLEAR = CONTROL('u'),
    KEY_WORD = CONTROL('w'),
    KEY_COMPLETE = '\t',
};

static void draw(struct kernel *kernel, const char *prompt) {
    const struct line_editor *line = &kernel->line;
    say(kernel, "\r%s%s\x1b[K", prompt, line->text);
    if (line->cursor < line->length) say(kernel, "\x1b[%uD", line->length - line->cursor);
}

static void insert(struct line_editor *line, char c) {
    if (line->length + 1 >= LINE_BYTES) return;
    for (unsigned n = ++line->length; n > line->cursor; n--) line->text[n] = line->text[n - 1];
    line->text[line->cursor++] = c;
}

static void delete(struct line_editor *line, unsigned from, unsigned count) {
    for (unsigned n = from; n + count <= line->length; n++) line->text[n] = line->text[n + count];
    line->length -= count;
    line->cursor = from;
}

static void delete_word(struct line_editor *line) {
    unsigned from = line->cursor;
    while (from > 0 && line->text[from - 1] == ' ') from--;
    while (from > 0 && line->text[from - 1] != ' ') from--;
    delete (line, from, line->cursor - from);
}

// Shows the line entered `back` lines ago.
static void recall(struct line_editor *line, unsigned back) {
    if (back > least(line->entered, HISTORY_LINES)) return;
    line->back = back;
    const char *text = back ? line->history[(line->entered - back) % HISTORY_LINES] : "";
    text_copy(line->text, text, LINE_BYTES);
    line->length = line->cursor = (unsigned)strlen(line->text);
}

// Completes the word before the cursor as far as all that fit agree.
static void complete(struct kernel *kernel) {
    struct line_editor *line = &kernel->line;
    unsigned start = line->cursor;
    while (start > 0 && line->text[start - 1] != ' ') start--;
    char common[LINE_BYTES];
    unsigned fits =
        shell_complete(kernel, line->text + start, line->cursor - start, common, sizeof common);
    for (const char *c = common + (line->cursor - start); fits && *c; c++) insert(line, *c);
    if (fits == 1) insert(line, ' ');
}

// Turns the bytes of an escape sequence into a key; 0 while it is not complete.
static int escape_key(struct line_editor *line, int c) {
    static const struct {
        char letter;
        enum key key;
    } keys[] = {{'A', KEY_PREVIOUS}, {'B', KEY_NEXT},   {'C', KEY_RIGHT},
                {'D', KEY_LEFT},     {'H', KEY_HOME},   {'F', KEY_END},
                {'1', KEY_HOME},     {'3', KEY_DELETE}, {'4', KEY_END}};
    if (line->escape == 1) {
        line->escape = c == '[' || c == 'O' ? 2 : 0;
        return 0;
    }
    if (c >= '0' && c <= '9') { // ESC [ 3 ~ is a key with a number
        line->escape_digit = (char)c;
        return 0;
    }
    line->escape = 0;
    char letter = c == '~' ? line->escape_digit : (char)c;
    for (size_t n = 0; n < sizeof keys / sizeof *keys; n++)
        if (keys[n].letter == letter) return (int)keys[n].key;
    return 0;
}

static void press(struct kernel *kernel, int key) {
    struct line_editor *line = &kernel->line;
    switch (key) {
    case KEY_HOME: line->cursor = 0; break;
    case KEY_END: line->cursor = line->length; break;
    case KEY_LEFT: line->cursor -= line->cursor > 0; break;
    case KEY_RIGHT: line->cursor += line->cursor < line->length; break;
    case KEY_DELETE:
        if (line->cursor < line->length) delete (line, line->cursor, 1);
        break;
    case BACKSPACE:
    case '\b':
        if (line->cursor > 0) delete (line, line->cursor - 1, 1);
        break;
    case KEY_CUT: delete (line, line->cursor, line->length - line->cursor); break;
    case KEY_CLEAR: delete (line, 0, line->cursor); break;
    case KEY_WORD: delete_word(line); break;
    case KEY_PREVIOUS: recall(line, line->back + 1); break;
    case KEY_NEXT:
        if (line->back > 0) recall(line, line->back - 1);
        break;
    case KEY_COMPLETE: complete(kernel); break;
    default:
        if (key >= ' ' && key < BACKSPACE) insert(line, (char)key);
    }
}

static bool typed(struct kernel *kernel, void *context) {
    (void)context;
    return kernel->console.head != kernel->console.tail;
}

static int next_character(struct kernel *kernel) {
    while (!run_until(kernel, typed, NULL)) {
        if (kernel->console.interrupted) return CONTROL('c');
        wait_for_interrupt();
    }
    return console_take(&kernel->console);
}

static void remember(struct line_editor *line) {
    if (!line->length) return;
    text_copy(line->history[line->entered++ % HISTORY_LINES], line->text, LINE_BYTES);
}

const char *line_read(struct kernel *kernel, const char *prompt) {
    struct line_editor *line = &kernel->line;
    line->length = line->cursor = line->back = 0;
    line->text[0] = 0;
    line->escape = 0;
    draw(kernel, prompt);
    for (;;) {
        int c = next_character(kernel);
        if (c == '\r' || c == '\n') break;
        if (c == CONTROL('c')) {
            kernel->console.interrupted = false;
            say(kernel, "^C\n");
            delete (line, 0, line->length);
        } else if (line->escape) {
            c = escape_key(line, c);
            if (c) press(kernel, c);
        } else if (c == ESCAPE) {
            line->escape = 1;
        } else {
            press(kernel, c);
        }
        draw(kernel, prompt);
    }
    say(kernel, "\n");
    remember(line);
    return line->text;
}
