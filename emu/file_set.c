// SPDX-License-Identifier: MIT
// Files that a reset reads again (see file_set.h).
#include "emu/file_set.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int file_set_open(struct file_set *s, const char *path, struct message *message) {
    for (unsigned i = 0; i < s->count; i++) {
        if (strcmp(s->file[i].path, path) != 0) continue;
        // A pipe can be read once: the second time it is empty, and the reader says so.
        (void)lseek(s->file[i].fd, 0, SEEK_SET);
        return s->file[i].fd;
    }
    assert(s->count < FILE_SET_MAX);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        complain(message, "%s: can't be opened: %s", path, strerror(errno));
        return -1;
    }
    s->file[s->count].path = path;
    s->file[s->count++].fd = fd;
    return fd;
}

void file_set_close(struct file_set *s) {
    while (s->count) close(s->file[--s->count].fd);
}
