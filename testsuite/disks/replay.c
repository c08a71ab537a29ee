// SPDX-License-Identifier: MIT
// What a power cut leaves of a disk: an image as it was before the run, and the first so many
// records of the journal (journal.h) done to it.
//   replay count JOURNAL              prints the number of records
//   replay cut JOURNAL DISK RECORDS SEED IMAGE
// does to IMAGE what the first RECORDS records did to disk DISK. SEED 0: all of it arrived, in
// order. 1: nothing arrived that was not flushed. Else: of what was not flushed each sector arrived
// or did not, as a coin says that the seed tosses, whatever order it was written in.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/disks/journal.h"

enum { SECTOR = 512, ALL = 0, NOTHING = 1 };

static void die(const char *what) {
    fprintf(stderr, "replay: %s\n", what);
    exit(2);
}

// The next record; data has room for it and grows. false: the journal ends.
static bool next(FILE *journal, struct journal_record *r, uint8_t **data, uint64_t *room) {
    if (fread(r, sizeof *r, 1, journal) != 1) return false;
    if (r->op != JOURNAL_WRITE) return true;
    if (r->len > *room) {
        *room = r->len;
        *data = realloc(*data, r->len);
        if (!*data) die("out of memory");
    }
    // A record that the run's own end has cut off is none.
    return fread(*data, 1, r->len, journal) == r->len;
}

static bool toss(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed >> 40 & 1;
}

static void put(FILE *image, const void *data, uint64_t len, uint64_t offset) {
    if (fseek(image, (long)offset, SEEK_SET) != 0 || fwrite(data, 1, len, image) != len) {
        die("the image can't be written");
    }
}

// One record, sector by sector, as far as it arrives.
static void apply(FILE *image, const struct journal_record *r, const uint8_t *data, bool flushed,
                  uint64_t *seed) {
    static const uint8_t zeroes[SECTOR];
    for (uint64_t at = 0; at < r->len; at += SECTOR) {
        const uint64_t piece = r->len - at < SECTOR ? r->len - at : SECTOR;
        if (!flushed && *seed != ALL && (*seed == NOTHING || !toss(seed))) continue;
        put(image, r->op == JOURNAL_WRITE ? data + at : zeroes, piece, r->offset + at);
    }
}

// The number of records up to and with the last flush of the disk among the first `records`.
static uint64_t flushed_records(FILE *journal, uint32_t disk, uint64_t records) {
    struct journal_record r;
    uint8_t *data = NULL;
    uint64_t room = 0, flushed = 0;
    for (uint64_t n = 0; n < records && next(journal, &r, &data, &room); n++) {
        if (r.op == JOURNAL_FLUSH && r.disk == disk) flushed = n + 1;
    }
    free(data);
    rewind(journal);
    return flushed;
}

static int count(FILE *journal) {
    struct journal_record r;
    uint8_t *data = NULL;
    uint64_t room = 0, n = 0;
    while (next(journal, &r, &data, &room)) n++;
    free(data);
    printf("%llu\n", (unsigned long long)n);
    return 0;
}

static int cut(FILE *journal, uint32_t disk, uint64_t records, uint64_t seed, const char *path) {
    FILE *image = fopen(path, "r+b");
    if (!image) die("no such image");
    const uint64_t flushed = flushed_records(journal, disk, records);
    struct journal_record r;
    uint8_t *data = NULL;
    uint64_t room = 0;
    for (uint64_t n = 0; n < records && next(journal, &r, &data, &room); n++) {
        if (r.op != JOURNAL_FLUSH && r.disk == disk) apply(image, &r, data, n < flushed, &seed);
    }
    free(data);
    if (fclose(image) != 0) die("the image can't be written");
    return 0;
}

int main(int argc, char **argv) {
    FILE *journal = argc > 2 ? fopen(argv[2], "rb") : NULL;
    if (!journal) die("count JOURNAL, or cut JOURNAL DISK RECORDS SEED IMAGE");
    if (argc == 3 && strcmp(argv[1], "count") == 0) return count(journal);
    if (argc != 7 || strcmp(argv[1], "cut") != 0) die("not these words");
    const uint32_t disk = (uint32_t)strtoul(argv[3], NULL, 10);
    return cut(journal, disk, strtoull(argv[4], NULL, 10), strtoull(argv[5], NULL, 10), argv[6]);
}
