// SPDX-License-Identifier: MIT
// Counts of a run (see stats.h).
#include "emu/stats.h"

#include <inttypes.h>
#include <time.h>

#include "devices/virtio_blk.h"

static double seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct stopwatch stopwatch_start(void) {
    return (struct stopwatch){seconds(CLOCK_MONOTONIC), seconds(CLOCK_THREAD_CPUTIME_ID)};
}

// The sums over all harts and disks.
struct totals {
    uint64_t instructions, cycles;
    double wall, cpu, mips;
    struct mmu_stats mmu;
    struct disk_counters disk;
    struct hart_stats hart;
};

static void add_hart(struct totals *s, const struct hart *h) {
    const struct mmu_stats *mmu = &h->mmu.stats;
    s->mmu.table_misses += mmu->table_misses;
    s->mmu.tlb_hits += mmu->tlb_hits;
    s->mmu.tlb_misses += mmu->tlb_misses;
    s->mmu.walks += mmu->walks;
    s->mmu.pte_reads += mmu->pte_reads;
    s->mmu.ad_updates += mmu->ad_updates;
    s->mmu.fences += mmu->fences;
    for (unsigned i = 0; i < CAUSES; i++) {
        s->hart.exceptions[i] += h->stats.exceptions[i];
        s->hart.interrupts[i] += h->stats.interrupts[i];
    }
}

static void add_disk(struct totals *s, struct device *slot) {
    struct virtio *device = virtio_mmio_device(slot);
    if (!device || !virtio_is_blk(device)) return;
    const struct virtio_blk_counters *blk = virtio_blk_counters(device);
    const struct disk_counters *disk = disk_counters(virtio_blk_disk(device));
    s->disk.reads += blk->requests[BLK_READ];
    s->disk.writes += blk->requests[BLK_WRITE];
    s->disk.flushes += blk->requests[BLK_FLUSH];
    s->disk.errors += blk->failed;
    s->disk.bytes_read += disk->bytes_read;
    s->disk.bytes_written += disk->bytes_written;
}

// Exceptions or interrupts that occurred, one line or JSON pair each.
static void print_causes(FILE *to, const uint64_t count[static CAUSES], uint64_t kind, bool json) {
    const char *comma = "";
    for (unsigned i = 0; i < CAUSES; i++) {
        if (!count[i]) continue;
        const struct trap_row *row = trap_row(kind | i);
        const char *name = row ? row->text : "custom";
        if (json) {
            fprintf(to, "%s\n    \"%s\": %" PRIu64, comma, name, count[i]);
        } else {
            fprintf(to, "%16" PRIu64 "  traps: %s\n", count[i], name);
        }
        comma = ",";
    }
}

static void print_text(FILE *to, const struct machine *m, const struct totals *totals,
                       struct ledger *ledger) {
    const struct totals s = *totals;
#define COUNT                             "%16" PRIu64 "  %s\n"
#define REAL                              "%16.3f  %s\n"
#define ROW(name, form, expression, text) fprintf(to, form, expression, text);
#include "emu/stats.def"
#undef ROW
#undef COUNT
#undef REAL
    stats_print_clock(to, m, false);
    stats_print_ledger(to, m, ledger, false);
    print_causes(to, s.hart.exceptions, 0, false);
    print_causes(to, s.hart.interrupts, CAUSE_INTERRUPT, false);
}

static void print_json(FILE *to, const struct machine *m, const struct totals *totals,
                       struct ledger *ledger) {
    const struct totals s = *totals;
    fputs("{\n", to);
#define COUNT                             "  \"%s\": %" PRIu64 ",\n"
#define REAL                              "  \"%s\": %.6f,\n"
#define ROW(name, form, expression, text) fprintf(to, form, #name, expression);
#include "emu/stats.def"
#undef ROW
#undef COUNT
#undef REAL
    stats_print_clock(to, m, true);
    stats_print_ledger(to, m, ledger, true);
    fputs("  \"exceptions\": {", to);
    print_causes(to, s.hart.exceptions, 0, true);
    fputs("\n  },\n  \"interrupts\": {", to);
    print_causes(to, s.hart.interrupts, CAUSE_INTERRUPT, true);
    fputs("\n  }\n}\n", to);
}

void stats_print(FILE *to, struct machine *m, const struct stopwatch *since, struct ledger *ledger,
                 bool json) {
    const struct stopwatch now = stopwatch_start();
    struct totals s = {
        .instructions = m->executed,
        .cycles = m->cycles,
        .wall = now.wall - since->wall,
        .cpu = now.cpu - since->cpu,
    };
    if (s.cpu > 0) s.mips = (double)s.instructions / s.cpu / 1e6;
    for (unsigned i = 0; i < m->config.harts; i++) add_hart(&s, m->hart[i]);
    for (unsigned i = 0; i < VIRTIO_MMIO_SLOTS; i++) add_disk(&s, m->slot[i]);
    if (json) {
        print_json(to, m, &s, ledger);
    } else {
        print_text(to, m, &s, ledger);
    }
}
