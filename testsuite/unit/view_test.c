// SPDX-License-Identifier: MIT
// The memory view: what the camera makes of page tables, bytes and transfers, and where things are
// in the drawing.
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "emu/view/blocks.h"
#include "emu/view/camera.h"
#include "emu/view/draw.h"
#include "emu/view/layout.h"
#include "emu/view/save.h"
#include "testsuite/unit/nobody.h"

// Frames of RAM by what the tests use them for.
enum { KERNEL, ROOT, MIDDLE, LOW, PAGE, OTHER_ROOT, OTHER_MIDDLE, OTHER_LOW, SPARE };
enum { FRAMES = 256, VECTOR_VA = 0x1000, PAGE_VA = 0x5000 };
#define PA(frame) (RAM_BASE + (uint64_t)(frame) * PAGE_SIZE)

struct bench {
    struct machine *m;
    struct camera *c;
};

static void poke(struct bench *b, unsigned frame, uint64_t index, uint64_t value) {
    memcpy(b->m->ram + frame * (size_t)PAGE_SIZE + 8 * index, &value, sizeof value);
}
static uint64_t to(unsigned frame, uint64_t flags) {
    return PA(frame) >> PAGE_SHIFT << PTE_PPN_SHIFT | flags;
}

static void start(struct bench *b) {
    struct message message;
    struct machine_config config = {.ram_bytes = FRAMES * PAGE_SIZE,
                                    .harts = 1,
                                    .extensions = isa_default(),
                                    .max_insns = UINT64_MAX};
    b->m = machine_create(&config, &nobody, &message);
    cr_assert_not_null(b->m);
    b->c = camera_create(b->m, CAMERA_LEAST);
    cr_assert_not_null(b->c);
    poke(b, KERNEL, 0, 1);
    b->m->hart[0]->csr.stvec = VECTOR_VA;
    // S-mode may reach all of memory: NAPOT, R, W, X.
    pmp_write_addr(&b->m->hart[0]->mmu.pmp, 0, UINT64_MAX);
    pmp_write_cfg(&b->m->hart[0]->mmu.pmp, 0, 0x1f);
}
static void end(struct bench *b) {
    camera_destroy(b->c);
    machine_destroy(b->m);
}

// A table of three levels that maps the vector for the kernel, and the page for a user.
static void map(struct bench *b, unsigned root, unsigned page) {
    poke(b, root, 0, to(root + 1, PTE_V));
    poke(b, root + 1, 0, to(root + 2, PTE_V));
    poke(b, root + 2, VECTOR_VA >> PAGE_SHIFT, to(KERNEL, PTE_V | PTE_R | PTE_X | PTE_A));
    poke(b, root + 2, PAGE_VA >> PAGE_SHIFT,
         to(page, PTE_V | PTE_R | PTE_W | PTE_U | PTE_A | PTE_D));
}

// The hart walks there from U-mode.
static void walk(struct bench *b, unsigned root) {
    const struct walk_request request = {.va = PAGE_VA,
                                         .access = ACCESS_LOAD,
                                         .privilege = PRIV_U,
                                         .root = PA(root),
                                         .update_ad = true};
    const struct walk_result result = mmu_probe(&b->m->hart[0]->mmu, &request);
    camera_walked(b->c, b->m->hart[0], &request, &result);
}

static struct square look_at(const struct bench *b, unsigned frame) {
    return b->c->picture.frame[frame];
}

Test(camera, knows_frames) {
    struct bench b;
    start(&b);
    map(&b, ROOT, PAGE);
    walk(&b, ROOT);
    camera_look(b.c);
    cr_assert_eq(look_at(&b, KERNEL).look, LOOK_KERNEL);
    for (unsigned i = ROOT; i <= LOW; i++) cr_assert_eq(look_at(&b, i).look, LOOK_TABLE);
    cr_assert_eq(look_at(&b, PAGE).look, LOOK_PROCESS);
    cr_assert_eq(look_at(&b, PAGE).process, 1);
    cr_assert_eq(look_at(&b, PAGE).maps, 1);
    cr_assert_eq(look_at(&b, PAGE).age, 0, "the walk led there");
    cr_assert_eq(look_at(&b, SPARE).look, LOOK_FREE);
    cr_assert_eq(b.c->picture.root, PA(ROOT));
    cr_assert_eq(b.c->picture.tables, 3);
    for (unsigned i = 0; i < 3; i++) camera_look(b.c);
    cr_assert_eq(look_at(&b, PAGE).age, 3);
    end(&b);
}

Test(camera, sees_processes_end) {
    struct bench b;
    start(&b);
    map(&b, ROOT, PAGE);
    poke(&b, PAGE, 7, 0x1234);
    walk(&b, ROOT);
    camera_look(b.c);
    // Its memory is given up, and the frame of its page is not touched.
    poke(&b, LOW, PAGE_VA >> PAGE_SHIFT, 0);
    map(&b, OTHER_ROOT, SPARE);
    walk(&b, OTHER_ROOT);
    camera_look(b.c);
    cr_assert_eq(look_at(&b, PAGE).look, LOOK_FREE, "bytes as they were left");
    cr_assert_eq(look_at(&b, SPARE).process, 2);
    cr_assert_null(camera_space(b.c, PA(ROOT)), "it has nothing, and did not run last");
    poke(&b, PAGE, 7, 0x4321);
    camera_look(b.c);
    cr_assert_eq(look_at(&b, PAGE).look, LOOK_KERNEL, "somebody has written to it since");
    end(&b);
}

// The table of a process that has ended becomes a page of another.
Test(camera, newer_tables_are_right) {
    struct bench b;
    start(&b);
    map(&b, ROOT, PAGE);
    walk(&b, ROOT);
    camera_look(b.c);
    map(&b, OTHER_ROOT, LOW);
    poke(&b, LOW, 9, UINT64_MAX);
    walk(&b, OTHER_ROOT);
    camera_look(b.c);
    cr_assert_eq(look_at(&b, LOW).look, LOOK_PROCESS);
    cr_assert_eq(look_at(&b, LOW).process, 2);
    cr_assert_null(camera_space(b.c, PA(ROOT)));
    end(&b);
}

Test(camera, a_table_of_itself_ends) {
    struct bench b;
    start(&b);
    for (uint64_t i = 0; i < 512; i++) poke(&b, ROOT, i, to(ROOT, PTE_V));
    walk(&b, ROOT);
    camera_look(b.c);
    cr_assert_eq(b.c->picture.frames, FRAMES);
    end(&b);
}

Test(camera, keeps_beats_and_a_film) {
    struct bench b;
    start(&b);
    b.m->hart[0]->faults = 5;
    camera_look(b.c);
    b.m->hart[0]->faults = 7;
    camera_look(b.c);
    const struct picture *p = &b.c->picture;
    cr_assert_eq(p->beats, 2);
    cr_assert_eq(p->beat[0].count[BEAT_FAULTS], 5);
    cr_assert_eq(p->beat[1].count[BEAT_FAULTS], 2);
    for (unsigned i = 0; i < 2 * BEATS; i++) camera_look(b.c);
    cr_assert_eq(p->beats, BEATS);
    cr_assert(b.c->filmed > 1 && b.c->filmed <= CAMERA_FILM, "%u", b.c->filmed);
    cr_assert_eq(b.c->film_step, 4);
    end(&b);
}

// Who looks before the beat is over sees frames as they are, and no beat of a few cycles.
Test(camera, looks_between_beats) {
    struct bench b;
    start(&b);
    camera_look(b.c);
    b.c->next = machine_now(b.m) + CAMERA_LEAST;
    b.m->hart[0]->faults = 3;
    camera_look(b.c);
    cr_assert_eq(b.c->picture.beats, 1);
    b.c->next = machine_now(b.m);
    b.m->hart[0]->faults = 4;
    camera_poll(b.c);
    cr_assert_eq(b.c->picture.beats, 2);
    cr_assert_eq(b.c->picture.beat[1].count[BEAT_FAULTS], 4, "those of the look in between, too");
    cr_assert_eq(b.c->next, machine_now(b.m) + CAMERA_LEAST);
    end(&b);
}

// --- The drawing ---------------------------------------------------------------------------------

Test(layout, finds_what_it_places) {
    struct picture p;
    cr_assert(picture_make(&p, 1000, 77));
    p.tables = 2;
    p.sector_pages = 1;
    p.ram_base = RAM_BASE;
    for (uint32_t side = 400; side < 2000; side += 331) {
        const struct layout l = layout_of(&p, side, side);
        for (uint32_t i = 0; i < p.frames; i++) {
            const double x = l.frames.box.x + (i % l.frames.columns + 0.5) * l.frames.side;
            const uint32_t row = i / l.frames.columns;
            const struct spot s =
                layout_find(&l, &p, x, l.frames.box.y + (row + 0.5) * l.frames.side);
            cr_assert(s.kind == SPOT_FRAME && s.number == i);
        }
        const struct spot entry =
            layout_find(&l, &p, l.tables.x + l.tables.width * 0.75, l.tables.y + 1.5 * l.table_row);
        cr_assert(entry.kind == SPOT_ENTRY && entry.table == 1 && entry.number / 2 == 192);
        cr_assert_eq(layout_find(&l, &p, side - 1, side - 1).kind, SPOT_NOTHING);
        cr_assert_eq(layout_find(&l, &p, -5, -5).kind, SPOT_NOTHING);
    }
    char text[200];
    p.frame[3] = (struct square){.look = LOOK_PROCESS, .process = 4, .maps = 2};
    spot_text(&p, &(struct spot){SPOT_FRAME, 3, 0}, text, sizeof text);
    cr_assert_str_eq(text, "frame 0x80003000: page of process 4, mapped 2 times, in use");
    picture_free(&p);
}

Test(draw, colours_are_of_the_squares) {
    enum { WIDTH = 700, HEIGHT = 500 };
    struct picture p;
    cr_assert(picture_make(&p, 64, 16));
    p.sector_pages = 1;
    p.frame[9] = (struct square){.look = LOOK_MOVING};
    uint32_t *pixels = calloc(WIDTH * HEIGHT, sizeof *pixels);
    cr_assert(draw_picture(&p, NULL, WIDTH, HEIGHT, pixels));
    const struct grid g = layout_of(&p, WIDTH, HEIGHT).frames;
    const unsigned x = (unsigned)(g.box.x + (9 % g.columns + 0.15) * g.side);
    const unsigned y = (unsigned)(g.box.y + (9 / g.columns + 0.15) * g.side);
    cr_assert_eq(pixels[y * WIDTH + x], look_rows[LOOK_MOVING].colour);
    free(pixels);
    picture_free(&p);
}

Test(blocks, letters_without_colour) {
    struct picture p;
    char *text = NULL;
    size_t bytes;
    cr_assert(picture_make(&p, 64, 0));
    for (unsigned i = 0; i < 64; i++) p.frame[i].look = LOOK_KERNEL;
    p.frame[1] = (struct square){.look = LOOK_PROCESS, .process = 13};
    p.frame[2].look = LOOK_TABLE;
    p.frame[63].look = LOOK_MOVING;
    FILE *to_text = open_memstream(&text, &bytes);
    blocks_print(&p, false, "\n", to_text);
    fclose(to_text);
    cr_assert_not_null(strstr(text, "\n0x0000000000 k3Tkkkkk"));
    cr_assert_not_null(strstr(text, "kkk*\n"));
    cr_assert_null(strchr(text, '\033'));
    free(text);
    picture_free(&p);
}

Test(save, names) {
    struct message message;
    struct picture p = {.frames = 0};
    cr_assert(view_can_save("a.png") && view_can_save("b/c.apng"));
    cr_assert_not(view_can_save("a.gif") || view_can_save("png") || view_can_save(""));
    cr_assert_not(view_save(NULL, "x.apng", &p, NULL, 0, &message), "nothing was filmed");
}
