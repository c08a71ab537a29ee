// SPDX-License-Identifier: MIT
// One-line complaints (see message.h).
#include "emu/message.h"

#include <stdarg.h>
#include <stdio.h>

void message_clean(struct message *m) {
    for (char *c = m->text; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';
    }
}

bool complain(struct message *m, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(m->text, sizeof m->text, format, arguments);
    va_end(arguments);
    message_clean(m);
    return false;
}
