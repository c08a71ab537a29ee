// SPDX-License-Identifier: MIT
//
// Pipes: a few bytes between two processes.
#ifndef TABLEWALK_PAGER_PIPE_H
#define TABLEWALK_PAGER_PIPE_H

#include "kernel/lib.h"

#define MAX_PIPES  8
#define PIPE_BYTES 256

struct pipe {
    unsigned readers, writers; // descriptors that refer to each end; both 0: unused
    unsigned first, used;
    uint8_t data[PIPE_BYTES];
};

static inline void pipe_put(struct pipe *pipe, uint8_t byte) {
    pipe->data[(pipe->first + pipe->used++) % PIPE_BYTES] = byte;
}

static inline uint8_t pipe_take(struct pipe *pipe) {
    uint8_t byte = pipe->data[pipe->first];
    pipe->first = (pipe->first + 1) % PIPE_BYTES;
    pipe->used--;
    return byte;
}

struct kernel;
struct process;

// A new pipe in two descriptors of the process. False when there is no pipe or descriptor left.
bool pipe_open(struct kernel *kernel, struct process *process, int descriptors[2]);

// Lets a descriptor refer to an end of a pipe (or to nothing, when pipe is NULL), or stop doing so.
void pipe_attach(struct process *process, unsigned descriptor, struct pipe *pipe, bool writes);
void pipe_close(struct process *process, unsigned descriptor);

#endif
