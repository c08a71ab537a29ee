// SPDX-License-Identifier: MIT
// Listening for gdb (see gdb_socket.h).
#include "emu/gdb_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "emu/words.h"

static int failed(int fd, const char *where, struct message *message) {
    complain(message, "-gdb: can't listen at %s: %s", where, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
}

static int listen_tcp(const char *where, struct message *message) {
    const char *host = where + strlen("tcp:"), *colon = strrchr(host, ':');
    uint64_t port;
    const size_t length = colon ? (size_t)(colon - host) : 0;
    const bool loopback =
        length == 0 ||
        (length == 9 && (strncmp(host, "127.0.0.1", 9) == 0 || strncmp(host, "localhost", 9) == 0));
    if (!colon || !loopback || !word_number(colon + 1, 65535, &port)) {
        complain(message, "-gdb: '%s' is not tcp:127.0.0.1:PORT; other hosts are not served",
                 where);
        return -1;
    }
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0) return failed(fd, where, message);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1) != 0) {
        return failed(fd, where, message);
    }
    return fd;
}

static int listen_unix(const char *where, const char **path, struct message *message) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat status;
    const char *name = where + strlen("unix:");
    if (!*name || strlen(name) >= sizeof address.sun_path) {
        complain(message, "-gdb: '%s': a path of 1 to %zu bytes is needed", where,
                 sizeof address.sun_path - 1);
        return -1;
    }
    strcpy(address.sun_path, name);
    // A socket that somebody left behind; anything else stays.
    if (stat(name, &status) == 0 && S_ISSOCK(status.st_mode)) unlink(name);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return failed(fd, where, message);
    if (bind(fd, (const struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1) != 0) {
        return failed(fd, where, message);
    }
    *path = name;
    return fd;
}

int gdb_listen(const char *where, const char **path, struct message *message) {
    *path = NULL;
    if (strncmp(where, "tcp:", 4) == 0) return listen_tcp(where, message);
    if (strncmp(where, "unix:", 5) == 0) return listen_unix(where, path, message);
    complain(message, "-gdb: '%s' is neither tcp:127.0.0.1:PORT nor unix:PATH", where);
    return -1;
}
