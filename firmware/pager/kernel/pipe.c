// SPDX-License-Identifier: MIT
//
// Pipes and descriptors, see pipe.h.
#include "kernel/pipe.h"

#include "kernel/kernel.h"

#define FIRST_FREE_DESCRIPTOR 3 // 0, 1 and 2 are the console

void pipe_attach(struct process *process, unsigned descriptor, struct pipe *pipe, bool writes) {
    process->descriptor[descriptor] = pipe;
    process->descriptor_writes[descriptor] = writes;
    if (pipe && writes) pipe->writers++;
    if (pipe && !writes) pipe->readers++;
}

void pipe_close(struct process *process, unsigned descriptor) {
    struct pipe *pipe = process->descriptor[descriptor];
    process->descriptor[descriptor] = NULL;
    if (pipe && process->descriptor_writes[descriptor])
        pipe->writers--;
    else if (pipe)
        pipe->readers--;
}

bool pipe_open(struct kernel *kernel, struct process *process, int descriptors[2]) {
    int found = 0;
    for (int n = FIRST_FREE_DESCRIPTOR; n < MAX_DESCRIPTORS && found < 2; n++)
        if (!process->descriptor[n]) descriptors[found++] = n;
    for (unsigned n = 0; found == 2 && n < MAX_PIPES; n++) {
        struct pipe *pipe = &kernel->pipe[n];
        if (pipe->readers || pipe->writers) continue;
        *pipe = (struct pipe){0};
        pipe_attach(process, (unsigned)descriptors[0], pipe, false);
        pipe_attach(process, (unsigned)descriptors[1], pipe, true);
        return true;
    }
    return false;
}
