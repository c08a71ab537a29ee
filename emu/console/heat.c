// SPDX-License-Identifier: MIT
// heat: how often each page of RAM was read, written, executed and faulted on since `record on`, as
// a table, blocks on a terminal, CSV, or a picture.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "emu/console/debugger.h"
#include "emu/display.h"

static uint64_t heat_value(const struct page_heat *h, char by) {
    return by == 'r' ? h->reads : by == 'w' ? h->writes : by == 'x' ? h->executions : h->faults;
}

static bool is_cold(const struct page_heat *h) {
    return !(h->reads | h->writes | h->executions | h->faults);
}

static uint64_t page_address(const struct debugger *d, uint64_t page) {
    return d->m->ram_range.base + (page << PAGE_SHIFT);
}

// Half of the binary logarithm, and 0 for 0: up to 32.
static unsigned magnitude(uint64_t value) {
    unsigned pairs = 0;
    for (; value; value >>= 2) pairs++;
    return pairs;
}

static bool show_table(struct debugger *d, const char *path, char by) {
    (void)path, (void)by;
    out_list(&d->out, "pages");
    for (uint64_t i = 0; i < d->log.pages; i++) {
        const struct page_heat *h = &d->log.heat[i];
        if (is_cold(h)) continue;
        out_cell(&d->out, "pa", 14, "0x%012" PRIx64, page_address(d, i));
        out_count(&d->out, "reads", 10, h->reads);
        out_count(&d->out, "writes", 10, h->writes);
        out_count(&d->out, "executions", 10, h->executions);
        out_count(&d->out, "faults", 10, h->faults);
        out_row(&d->out);
    }
    out_list_end_or(&d->out, "no page was touched");
    return true;
}

// 64 pages a line, a block a page: the taller, the hotter (a factor of 16 a step).
static bool show_blocks(struct debugger *d, const char *path, char by) {
    static const char *const blocks[] = {"·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    uint64_t rows = 0;
    (void)path;
    for (uint64_t row = 0; row < d->log.pages; row += 64) {
        char line[64 * 4 + 1];
        struct text text = {line, sizeof line, 0};
        bool any = false;
        for (uint64_t i = row; i < row + 64 && i < d->log.pages; i++) {
            const unsigned height = (magnitude(heat_value(&d->log.heat[i], by ? by : 'w')) + 1) / 2;
            any |= height > 0;
            text_add(&text, "%s", blocks[height > 8 ? 8 : height]);
        }
        if (!any) continue;
        if (rows >= d->out.from && rows - d->out.from < d->out.limit) {
            out_say(&d->out, NULL, "0x%010" PRIx64 " %s", page_address(d, row), line);
        }
        rows++;
    }
    return true;
}

static bool cannot_write(struct debugger *d, const char *path) {
    return out_fail(&d->out, "heat: %s can't be written: %s", path, strerror(errno));
}

static bool write_csv(struct debugger *d, const char *path, char by) {
    FILE *to = path ? fopen(path, "w") : d->out.to;
    uint64_t pages = 0;
    (void)by;
    if (!to) return cannot_write(d, path);
    fputs("pa,reads,writes,executions,faults\n", to);
    for (uint64_t i = 0; i < d->log.pages; i++) {
        const struct page_heat *h = &d->log.heat[i];
        if (is_cold(h)) continue;
        pages++;
        fprintf(to, "0x%" PRIx64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n",
                page_address(d, i), h->reads, h->writes, h->executions, h->faults);
    }
    if (!path) return true;
    const bool good = !ferror(to) && fflush(to) == 0;
    if (fclose(to) != 0 || !good) return cannot_write(d, path);
    out_say(&d->out, NULL, "%s: %" PRIu64 " pages that were touched", path, pages);
    return true;
}

// --- The picture ---------------------------------------------------------------------------------

enum { PICTURE_SIDE = 256 }; // pixels at least, where a page has more than one

// 0 for a page that was never touched; else from dim to bright, a step a factor of 4.
static uint32_t brightness(uint64_t value) {
    const unsigned steps = magnitude(value), most = 12;
    return value ? 63 + 192 * (steps < most ? steps : most) / most : 0;
}

// One count as grey; all of them as red for writes, green for reads, blue for executions.
static uint32_t colour(const struct page_heat *h, char by) {
    if (by) return brightness(heat_value(h, by)) * 0x010101;
    return brightness(h->writes) << 16 | brightness(h->reads) << 8 | brightness(h->executions);
}

// RAM from the top left to the right and down, in rows of a power of two of pages.
static bool write_picture(struct debugger *d, const char *path, char by) {
    struct message message;
    uint32_t columns = 1, scale = 1;
    if (!path) return out_fail(&d->out, "heat: a picture needs a file");
    while ((uint64_t)columns * columns < d->log.pages) columns *= 2;
    while (columns * scale < PICTURE_SIDE) scale *= 2;
    const uint32_t width = columns * scale;
    const uint32_t height = (uint32_t)((d->log.pages + columns - 1) / columns) * scale;
    uint32_t *pixels = calloc((size_t)width * height, sizeof *pixels);
    if (!pixels) return out_fail(&d->out, "the host has not enough memory");
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            const uint64_t page = (uint64_t)(y / scale) * columns + x / scale;
            if (page < d->log.pages) pixels[(size_t)y * width + x] = colour(&d->log.heat[page], by);
        }
    }
    FILE *to = fopen(path, "wb");
    const bool good = to && display_write_png(to, path, pixels, width, height, &message);
    free(pixels);
    if (!to) return cannot_write(d, path);
    if (fclose(to) != 0 && good) return cannot_write(d, path);
    if (!good) return out_fail(&d->out, "heat: %s", message.text);
    out_say(&d->out, NULL, "%u pages a row, %u pixels a page; from 0x%" PRIx64, columns, scale,
            d->m->ram_range.base);
    return true;
}

// --- The command ---------------------------------------------------------------------------------

void command_heat(struct debugger *d, struct args *a) {
    static const struct {
        const char *name;
        bool (*show)(struct debugger *d, const char *path, char by);
    } formats[] = {
        {"table", show_table}, {"blocks", show_blocks}, {"csv", write_csv}, {"png", write_picture}};
    const char *format = args_option(a, "format"), *by = args_option(a, "by");
    const char *path = args_word(a, 0);
    if (!d->log.heat) {
        out_fail(&d->out, "nothing was recorded; record on does that from then on");
        return;
    }
    if (by && (!by[0] || by[1] || !strchr("rwxf", by[0]))) {
        out_fail(&d->out, "--by=%s: must be r, w, x or f", by);
        return;
    }
    // What goes to the terminal as text is a list in JSON.
    const char *ending = path ? strrchr(path, '.') : NULL;
    const bool picture = ending && strcmp(ending, ".png") == 0;
    if (!format || (d->out.json && !path)) format = picture ? "png" : path ? "csv" : "table";
    for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(formats[i].name, format) != 0) continue;
        const bool good = formats[i].show(d, path, by ? by[0] : 0);
        if (good && path && d->out.json) out_say(&d->out, "file", "%s", path);
        return;
    }
    out_fail(&d->out, "--format=%s: must be table, blocks, csv or png", format);
}
