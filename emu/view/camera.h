// SPDX-License-Identifier: MIT
// Takes pictures of a machine's memory (emu/view/picture.h): looks at it every so many cycles, and
// keeps what happened between two looks. It learns of walks and of disk transfers from whoever
// observes the machine, changes nothing of the guest's, and the same run gives the same pictures.
//
// What a frame is, is worked out from the page tables that were walked lately, from the disks'
// transfers, and, where no table speaks of a frame, from its bytes: zero, or unchanged since its
// last owner gave it up, it is free.
#ifndef TABLEWALK_EMU_VIEW_CAMERA_H
#define TABLEWALK_EMU_VIEW_CAMERA_H

#include "devices/virtio_blk.h"
#include "emu/console/frames.h"
#include "emu/machine.h"
#include "emu/view/picture.h"

enum {
    CAMERA_EVERY = 1000000, // cycles between two looks, unless asked otherwise
    CAMERA_LEAST = 10000,   // at least
    CAMERA_SPACES = 64,     // living address spaces that it knows at a time
    CAMERA_FILM = 160,      // pictures that it keeps, at most
    CAMERA_QUIET = 4, // beats without any event that are kept in a row, when nobody said how often
    CAMERA_SQUARES = 16384, // of a disk; a larger disk has several pages in a square
};

// An address space that was walked. It lives as long as its table leads to the trap vector and
// makes sense beside those of the spaces that were walked after it.
struct seen_space {
    uint64_t root, vector, vector_pa;
    uint64_t walked;  // number of its last walk
    unsigned process; // its number; 0: no user's walk was seen
};

// A frame that no table speaks of, or that one does: FRAME_OWNED.
enum idle_state {
    FRAME_PLAIN,
    FRAME_OWNED,
    FRAME_LEFT,   // nobody has written to it since it was given up, or filled
    FRAME_FILLED, // a disk did, just now
};

// What is known of a frame, a disk's page. Times are numbers of looks; 0: never.
struct frame_past {
    uint64_t sum; // of its bytes, when its last owner gave it up
    uint32_t used, moved;
    uint8_t state; // enum idle_state
    bool file;     // holds what was read from a disk that it never went to
    uint8_t idle;  // enum look, while no table speaks of it
};
struct page_past {
    uint32_t used;
    uint8_t look; // enum sector_look
};

struct seen_disk {
    struct page_past *page; // NULL: no disk
    uint64_t pages, written;
};

struct camera {
    struct machine *m;
    uint64_t every, next; // cycles; every 0: looks only when it is told to
    unsigned quiet;       // beats without any event, the last ones
    uint32_t looks;
    struct picture picture;
    struct frame *survey;
    struct frame_past *past;
    uint64_t (*tlb_hits)[TLB_SETS * TLB_WAYS]; // of each hart's entries, at the last look
    struct seen_disk disk[VIRTIO_MMIO_SLOTS];
    struct seen_space space[CAMERA_SPACES];
    unsigned spaces, last_space, processes;
    uint64_t walks;
    uint64_t chosen;           // root of the space whose table is shown; 0: a process that ran last
    uint64_t seen[BEAT_KINDS]; // counts at the last look
    uint64_t moved[BEAT_KINDS];
    uint32_t checked; // the frame whose bytes come next
    struct picture film[CAMERA_FILM];
    unsigned filmed, film_room, film_step, film_skip; // one of film_step pictures is kept
};

// Looks from now on, every so many cycles. NULL: the host has not enough memory.
struct camera *camera_create(struct machine *m, uint64_t every);
void camera_destroy(struct camera *c); // NULL does nothing

// What it is told: a walk that h made; a disk moves bytes, as virtio_blk_config.transfer.
void camera_walked(struct camera *c, struct hart *h, const struct walk_request *request,
                   const struct walk_result *result);
void camera_moved(struct camera *c, unsigned slot, enum blk_op op, uint64_t sector, uint64_t pa,
                  uint64_t bytes);

// To be called between two slices of the run: looks, or counts what happened, when it is time.
void camera_poll(struct camera *c);
// Looks now.
void camera_look(struct camera *c);

// The page table of the next living space is shown.
void camera_next_space(struct camera *c);

// --- Inside: camera_frames.c

// Works out what each frame and each page of the disk is, and which spaces live.
void camera_see_frames(struct camera *c);
// Does a space's table still lead to its trap vector?
bool camera_leads_to_vector(const struct camera *c, const struct seen_space *s);
// A space by its root, or NULL.
const struct seen_space *camera_space(const struct camera *c, uint64_t root);
// What is known of the frame at pa, or NULL where that is no RAM.
struct frame_past *camera_past(const struct camera *c, uint64_t pa);

#endif
