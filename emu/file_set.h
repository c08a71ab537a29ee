// SPDX-License-Identifier: MIT
// Files that a reset reads again. They are opened once and stay open, so that a machine that runs
// confined (emu/sandbox.h) never has to open one.
#ifndef TABLEWALK_EMU_FILE_SET_H
#define TABLEWALK_EMU_FILE_SET_H

#include "emu/message.h"

enum { FILE_SET_MAX = 4 }; // firmware, kernel, initrd, device tree

struct file_set {
    struct {
        const char *path; // must live as long as the set
        int fd;
    } file[FILE_SET_MAX];
    unsigned count;
};

// A descriptor that reads the file from its beginning and that the set closes. -1: message.
int file_set_open(struct file_set *s, const char *path, struct message *message);
void file_set_close(struct file_set *s);

#endif
