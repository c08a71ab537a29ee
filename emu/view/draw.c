// SPDX-License-Identifier: MIT
// The memory view in pixels (see draw.h).
#include "emu/view/draw.h"

#include <cairo.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/view/layout.h"

#define BACKGROUND 0x161616u
#define INK        0xe8e8e8u
#define FAINT      0x909090u

// Sizes of text, and the least sides of squares that have a letter, or lines between them: pixels.
#define SMALL       11.0
#define NORMAL      12.0
#define LARGE       15.0
#define LETTER_SIDE 13.0
#define GRID_SIDE   4.0
#define BEATS_LEFT  150.0 // where the columns of beats begin

enum { LINE_BYTES = 256 };

struct canvas {
    cairo_t *to;
    const struct picture *p;
    struct layout layout;
    double width, height;
};

// --- Pieces --------------------------------------------------------------------------------------

static void set_colour(cairo_t *to, uint32_t colour) {
    cairo_set_source_rgb(to, (double)(colour >> 16 & 0xff) / 255,
                         (double)(colour >> 8 & 0xff) / 255, (double)(colour & 0xff) / 255);
}

static void fill_box(cairo_t *to, double x, double y, double width, double height,
                     uint32_t colour) {
    set_colour(to, colour);
    cairo_rectangle(to, x, y, width, height);
    cairo_fill(to);
}

// The baseline of the text is at y.
static void write_text(cairo_t *to, double x, double y, double size, uint32_t colour,
                       const char *text) {
    set_colour(to, colour);
    cairo_set_font_size(to, size);
    cairo_move_to(to, x, y);
    cairo_show_text(to, text);
}

__attribute__((format(printf, 6, 7))) static void
write_line(cairo_t *to, double x, double y, double size, uint32_t colour, const char *format, ...) {
    char line[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    write_text(to, x, y, size, colour, line);
}

// Pixels, a square each, in rows of `columns`.
static void paint_cells(cairo_t *to, const uint32_t *colour, uint32_t columns, uint32_t rows,
                        const struct box *box) {
    cairo_surface_t *cells =
        cairo_image_surface_create_for_data((unsigned char *)(uintptr_t)colour, CAIRO_FORMAT_RGB24,
                                            (int)columns, (int)rows, (int)columns * 4);
    cairo_save(to);
    cairo_translate(to, box->x, box->y);
    cairo_scale(to, box->width / columns, box->height / rows);
    cairo_set_source_surface(to, cells, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(to), CAIRO_FILTER_NEAREST);
    cairo_paint(to);
    cairo_restore(to);
    cairo_surface_destroy(cells);
}

// Dark lines between squares that are large enough for that.
static void rule_lines(cairo_t *to, const struct grid *g, uint32_t rows) {
    if (g->side < GRID_SIDE) return;
    set_colour(to, BACKGROUND);
    cairo_set_line_width(to, 1);
    for (uint32_t i = 0; i <= g->columns; i++) {
        cairo_move_to(to, g->box.x + i * g->side + 0.5, g->box.y);
        cairo_rel_line_to(to, 0, rows * g->side);
    }
    for (uint32_t i = 0; i <= rows; i++) {
        cairo_move_to(to, g->box.x, g->box.y + i * g->side + 0.5);
        cairo_rel_line_to(to, g->columns * g->side, 0);
    }
    cairo_stroke(to);
}

// colour: of each of the grid's squares.
static void paint_grid(cairo_t *to, const struct grid *g, uint32_t *colour) {
    const uint32_t rows = (g->count + g->columns - 1) / g->columns;
    const struct box box = {g->box.x, g->box.y, g->columns * g->side, rows * g->side};
    if (!rows) return;
    for (uint32_t i = g->count; i < rows * g->columns; i++) colour[i] = BACKGROUND;
    paint_cells(to, colour, g->columns, rows, &box);
    rule_lines(to, g, rows);
}

static uint32_t *room_for(const struct grid *g) {
    return malloc(((size_t)g->count + g->columns) * sizeof(uint32_t));
}

// --- Frames --------------------------------------------------------------------------------------

// Numbers of processes, so that nobody depends on colours alone.
static void number_frames(const struct canvas *c) {
    const struct grid *g = &c->layout.frames;
    if (g->side < LETTER_SIDE) return;
    for (uint32_t i = 0; i < g->count; i++) {
        const struct square *s = &c->p->frame[i];
        if (s->look == LOOK_FREE || s->look == LOOK_KERNEL) continue;
        char text[4] = {look_rows[s->look].letter};
        if (s->look == LOOK_PROCESS) snprintf(text, sizeof text, "%u", s->process % 100u);
        const uint32_t column = i % g->columns, row = i / g->columns;
        write_text(c->to, g->box.x + column * g->side + (text[1] ? 1.5 : 4),
                   g->box.y + (row + 0.5) * g->side + 4, 9, 0, text);
    }
}

static void draw_frames(const struct canvas *c) {
    const struct grid *g = &c->layout.frames;
    uint32_t *colour = room_for(g);
    write_line(c->to, g->box.x, g->box.y - 6, NORMAL, INK,
               "RAM: %u frames of 4 KiB from 0x%" PRIx64 ", a square each, %u in a row",
               c->p->frames, c->p->ram_base, g->columns);
    if (!colour) return;
    for (uint32_t i = 0; i < g->count; i++) colour[i] = square_colour(&c->p->frame[i]);
    paint_grid(c->to, g, colour);
    free(colour);
    number_frames(c);
}

// --- The disk ------------------------------------------------------------------------------------

static void draw_disk(const struct canvas *c) {
    const struct grid *g = &c->layout.disk;
    double x = g->box.x;
    if (!g->count) {
        write_text(c->to, x, g->box.y - 6, NORMAL, FAINT, "no disk");
        return;
    }
    write_line(c->to, x, g->box.y - 6, NORMAL, INK, "Disk %u, %u KiB a square:", c->p->slot,
               4 * c->p->sector_pages);
    x += 158;
    for (unsigned i = SECTOR_FILE; i < SECTOR_LOOKS; i++) {
        fill_box(c->to, x, g->box.y - 14, 9, 9, sector_rows[i].colour);
        write_text(c->to, x + 12, g->box.y - 6, 10, FAINT, sector_rows[i].text);
        x += 14 + 6.0 * (double)strlen(sector_rows[i].text);
    }
    uint32_t *colour = room_for(g);
    if (!colour) return;
    for (uint32_t i = 0; i < g->count; i++) colour[i] = sector_colour(&c->p->sector[i]);
    paint_grid(c->to, g, colour);
    free(colour);
}

// --- Page tables ---------------------------------------------------------------------------------

static void draw_table(const struct canvas *c, const struct table_map *t, double y) {
    const struct box *box = &c->layout.tables;
    uint32_t colour[TABLE_CELLS];
    for (unsigned i = 0; i < TABLE_CELLS; i++) {
        const enum cell cell = cell_of(t->pte[i], t->level);
        colour[i] = cell == CELL_USER ? process_colour(c->p->process) : cell_rows[cell].colour;
    }
    write_line(c->to, box->x, y + 9, 10, FAINT,
               "level %u, from 0x%" PRIx64 ", %s a PTE, at 0x%" PRIx64, t->level, t->va,
               t->level == 2 ? "1 GiB"
               : t->level    ? "2 MiB"
                             : "4 KiB",
               t->pa);
    const double height = c->layout.table_row - 14;
    paint_cells(c->to, colour, TABLE_CELLS, 1,
                &(struct box){box->x, y + 12, box->width, height > 2 ? height : 2});
}

static void draw_tables(const struct canvas *c) {
    const struct box *box = &c->layout.tables;
    const struct picture *p = c->p;
    if (!p->root) {
        write_text(c->to, box->x, box->y - 6, NORMAL, FAINT, "no page table yet");
        return;
    }
    char owner[48] = "the kernel", more[32] = "";
    if (p->process) snprintf(owner, sizeof owner, "process %u", p->process);
    if (p->more_tables) snprintf(more, sizeof more, " (%u more)", p->more_tables);
    write_line(c->to, box->x, box->y - 6, NORMAL, INK,
               "Page table of %s, 512 PTEs a table%s:", owner, more);
    double x = box->x + 330;
    for (unsigned i = CELL_TABLE; i < CELLS; i++) {
        const uint32_t colour = i == CELL_USER ? process_colour(p->process) : cell_rows[i].colour;
        fill_box(c->to, x, box->y - 14, 9, 9, colour);
        write_text(c->to, x + 12, box->y - 6, 10, FAINT, cell_rows[i].text);
        x += 18 + 5.6 * (double)strlen(cell_rows[i].text);
    }
    for (unsigned i = 0; i < p->tables; i++) {
        draw_table(c, &p->table[i], box->y + i * c->layout.table_row);
    }
}

// --- Time ----------------------------------------------------------------------------------------

static void draw_beat_row(const struct canvas *c, unsigned kind, double y, double height) {
    const struct box *box = &c->layout.beats;
    const double left = box->x + BEATS_LEFT, wide = box->width - BEATS_LEFT;
    const double step = wide / (double)BEATS;
    const struct picture *p = c->p;
    uint64_t most = 1, all = 0;
    for (unsigned i = 0; i < p->beats; i++) {
        const uint64_t count = p->beat[i].count[kind];
        if (count > most) most = count;
        all += count;
    }
    write_text(c->to, box->x, y + 12, NORMAL, INK, beat_rows[kind].text);
    write_line(c->to, box->x, y + 25, 10, FAINT, "%" PRIu64 ", at most %" PRIu64, all,
               all ? most : 0);
    fill_box(c->to, left, y, wide, height, 0x222222);
    for (unsigned i = 0; i < p->beats; i++) {
        const double size = height * (double)p->beat[i].count[kind] / (double)most;
        fill_box(c->to, left + i * step, y + height - size, step > 2 ? step - 0.5 : step, size,
                 beat_rows[kind].colour);
    }
}

static void draw_beats(const struct canvas *c) {
    const struct box *box = &c->layout.beats;
    const double row = box->height / (double)BEAT_KINDS;
    for (unsigned i = 0; i < BEAT_KINDS; i++) {
        draw_beat_row(c, i, box->y + i * row, row > 6 ? row - 5 : row);
    }
}

// --- Legend and head -----------------------------------------------------------------------------

struct census {
    uint32_t look[LOOKS], process[UINT8_MAX + 1];
};

static void count_frames(const struct picture *p, struct census *census) {
    memset(census, 0, sizeof *census);
    for (uint32_t i = 0; i < p->frames; i++) {
        census->look[p->frame[i].look]++;
        if (p->frame[i].look == LOOK_PROCESS) census->process[p->frame[i].process]++;
    }
}

static void draw_legend(const struct canvas *c) {
    const struct box *box = &c->layout.legend;
    struct census census;
    double y = box->y;
    count_frames(c->p, &census);
    write_text(c->to, box->x, y - 6, NORMAL, INK, "A frame is");
    for (unsigned i = 0; i < LOOK_PROCESS; i++, y += 18) {
        fill_box(c->to, box->x, y, 14, 14, look_rows[i].colour);
        write_line(c->to, box->x + 22, y + 11, NORMAL, INK, "%s", look_rows[i].text);
        write_line(c->to, box->x + 190, y + 11, NORMAL, FAINT, "%u", census.look[i]);
    }
    for (unsigned i = 0; i <= UINT8_MAX && y < box->y + box->height - 34; i++) {
        if (!census.process[i]) continue;
        fill_box(c->to, box->x, y, 14, 14, process_colour(i));
        write_line(c->to, box->x + 22, y + 11, NORMAL, INK, i ? "process %u" : "a user's page", i);
        write_line(c->to, box->x + 190, y + 11, NORMAL, FAINT, "%u", census.process[i]);
        y += 18;
    }
    write_text(c->to, box->x, y + 14, SMALL, FAINT, "The brighter, the more lately it was used.");
}

static void draw_head(const struct canvas *c) {
    write_text(c->to, c->layout.frames.box.x, 22, LARGE, INK, "Tablewalk: memory");
    write_line(c->to, c->layout.frames.box.x + 170, 22, NORMAL, FAINT,
               "cycle %" PRIu64 "    ? explains", c->p->cycle);
}

// --- What stands above ---------------------------------------------------------------------------

static void draw_lines(const struct canvas *c, const char *text) {
    const double x = 24, top = c->layout.tables.y - 18;
    char line[LINE_BYTES];
    cairo_set_source_rgba(c->to, 0, 0, 0, 0.92);
    cairo_rectangle(c->to, x - 10, top, c->width - 28, c->height - top - 14);
    cairo_fill(c->to);
    cairo_select_font_face(c->to, "DejaVu Sans Mono", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_NORMAL);
    for (double y = top + 18; *text && y < c->height - 20; y += 16) {
        const size_t bytes = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)bytes, text);
        write_text(c->to, x, y, SMALL, INK, line);
        text += bytes + (text[bytes] != 0);
    }
}

static void draw_overlay(const struct canvas *c, const struct overlay *overlay) {
    if (overlay->hover && overlay->hover[0]) {
        fill_box(c->to, c->width * 0.42, 6, c->width * 0.58 - 14, 24, 0);
        write_text(c->to, c->width * 0.42 + 8, 22, SMALL, INK, overlay->hover);
    }
    if (overlay->text) draw_lines(c, overlay->text);
}

bool draw_picture(const struct picture *p, const struct overlay *overlay, uint32_t width,
                  uint32_t height, uint32_t *pixels) {
    cairo_surface_t *surface = cairo_image_surface_create_for_data(
        (unsigned char *)pixels, CAIRO_FORMAT_RGB24, (int)width, (int)height, (int)width * 4);
    struct canvas c = {.to = cairo_create(surface),
                       .p = p,
                       .layout = layout_of(p, width, height),
                       .width = width,
                       .height = height};
    cairo_select_font_face(c.to, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    fill_box(c.to, 0, 0, width, height, BACKGROUND);
    draw_head(&c);
    draw_frames(&c);
    draw_legend(&c);
    draw_tables(&c);
    draw_disk(&c);
    draw_beats(&c);
    if (overlay) draw_overlay(&c, overlay);
    cairo_surface_flush(surface);
    const bool good = cairo_status(c.to) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(c.to);
    cairo_surface_destroy(surface);
    for (size_t i = 0; i < (size_t)width * height; i++) pixels[i] &= 0xffffff;
    return good;
}
