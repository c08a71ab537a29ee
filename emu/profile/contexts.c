// SPDX-License-Identifier: MIT
// Calling contexts (see contexts.h).
#include "emu/profile/contexts.h"

#include <stdlib.h>
#include <string.h>

// --- The tree ------------------------------------------------------------------------------------

bool contexts_create(struct contexts *c) {
    *c = (struct contexts){.nodes = 1, .room = 1024};
    c->node = calloc(c->room, sizeof *c->node);
    c->bucket = calloc(CONTEXT_NODES, sizeof *c->bucket);
    return c->node && c->bucket;
}

void contexts_destroy(struct contexts *c) {
    for (unsigned i = 0; i < c->asides; i++) stack_free(&c->aside[i]);
    free(c->node);
    free(c->bucket);
}

static uint32_t *bucket_of(struct contexts *c, uint32_t parent, uint64_t site, uint64_t function) {
    uint64_t hash = (function ^ site << 7 ^ (uint64_t)parent << 29) * UINT64_C(0x9e3779b97f4a7c15);
    return &c->bucket[(hash >> 40) % CONTEXT_NODES];
}

static bool make_room(struct contexts *c) {
    if (c->nodes < c->room) return true;
    if (c->room == CONTEXT_NODES) return false;
    struct context_node *more = realloc(c->node, 2 * c->room * sizeof *more);
    if (!more) return false;
    c->node = more;
    c->room *= 2;
    return true;
}

static bool same(const struct context_node *a, const struct context_node *b) {
    return a->function == b->function && a->site == b->site && a->space == b->space &&
           a->parent == b->parent && a->mode == b->mode && a->name == b->name;
}

// The node that is like this one; NO_NODE: there is no room for it.
static uint32_t find_or_add(struct contexts *c, const struct context_node *like) {
    uint32_t *head = bucket_of(c, like->parent, like->site, like->function ^ like->space);
    for (uint32_t i = *head; i; i = c->node[i].hash_next) {
        if (same(&c->node[i], like)) return i;
    }
    if (!make_room(c)) return NO_NODE;
    c->node[c->nodes] = *like;
    c->node[c->nodes].hash_next = *head;
    *head = c->nodes;
    return c->nodes++;
}

uint32_t contexts_root(struct contexts *c, enum privilege mode, uint64_t space, uint32_t name) {
    const struct context_node like = {.space = space, .mode = (uint8_t)mode, .name = name};
    const uint32_t found = find_or_add(c, &like);
    return found ? found : 1; // the first root takes what has no room
}

uint32_t contexts_child(struct contexts *c, uint32_t parent, uint64_t site, uint64_t function,
                        uint64_t space, enum privilege mode) {
    const unsigned depth = c->node[parent].depth + 1u;
    if (depth > CONTEXT_DEPTH) return parent;
    const struct context_node like = {.function = function,
                                      .site = site,
                                      .space = space,
                                      .parent = parent,
                                      .depth = (uint16_t)depth,
                                      .mode = (uint8_t)mode};
    const uint32_t found = find_or_add(c, &like);
    return found ? found : parent;
}

// --- Stacks --------------------------------------------------------------------------------------

void stack_free(struct context_stack *s) {
    free(s->frame);
    *s = (struct context_stack){0};
}

static bool frame_room(struct context_stack *s) {
    if (s->frames < s->room) return true;
    if (s->room == CONTEXT_FRAMES) {
        s->frames = CONTEXT_FRAMES / 2;
        memmove(s->frame, s->frame + s->frames, s->frames * sizeof *s->frame);
        return true;
    }
    const unsigned room = s->room ? 2 * s->room : 32;
    struct context_frame *more = realloc(s->frame, room * sizeof *more);
    if (!more) return false;
    s->frame = more;
    s->room = room;
    return true;
}

void stack_push(struct context_stack *s, const struct context_place *back, uint32_t callee) {
    if (frame_room(s)) s->frame[s->frames++] = (struct context_frame){*back, s->node};
    s->node = callee;
}

// After a trap the guest may go on elsewhere (behind an ECALL, at least): its stack pointer
// decides.
static bool fits(const struct context_frame *f, const struct context_place *at) {
    const struct context_place *back = &f->back;
    return back->sp == at->sp && back->space == at->space && back->mode == at->mode &&
           back->trap == at->trap && (at->trap || back->pc == at->pc);
}

bool stack_pop(struct context_stack *s, const struct context_place *at) {
    for (unsigned i = s->frames; i-- > 0;) {
        if (!fits(&s->frame[i], at)) continue;
        s->frames = i;
        s->node = s->frame[i].node;
        return true;
    }
    return false;
}

// Where a stack may be put aside: a free place, or that of the one that waits longest.
static struct context_stack *place_aside(struct contexts *c) {
    if (c->asides < CONTEXT_STACKS) return &c->aside[c->asides++];
    struct context_stack *oldest = &c->aside[0];
    for (unsigned i = 1; i < CONTEXT_STACKS; i++) {
        if (c->aside[i].since < oldest->since) oldest = &c->aside[i];
    }
    stack_free(oldest);
    return oldest;
}

// The stack that was left by the call that now returns here.
static struct context_stack *find_aside(struct contexts *c, const struct context_place *at) {
    for (unsigned i = c->asides; i-- > 0;) {
        struct context_stack *s = &c->aside[i];
        if (s->frames && fits(&s->frame[s->frames - 1], at)) return s;
    }
    return NULL;
}

bool stack_resume(struct contexts *c, struct context_stack *s, const struct context_place *at) {
    if (stack_pop(s, at)) return true;
    struct context_stack *other = find_aside(c, at);
    struct context_stack found = {0};
    if (other) {
        found = *other;
        *other = c->aside[--c->asides];
    }
    if (s->frames) {
        s->since = ++c->clock;
        *place_aside(c) = *s;
    } else {
        free(s->frame);
    }
    *s = found;
    return other && stack_pop(s, at);
}
