// SPDX-License-Identifier: MIT
//
// Chapter 9, memory-mapped files. One program writes a number into a file it has mapped, another
// sees it; the disk sees it after sync; a private mapping keeps it to itself.
#include "kernel/area.h"
#include "kernel/chapter.h"
#include "kernel/kernel.h"
#include "kernel/lab.h"
#include "kernel/report.h"

#define FILE_NAME "notes.data"

// The number at the file's beginning as it is on the disk itself, whatever RAM says.
static uint64_t number_on_disk(struct kernel *kernel) {
    const struct file *file = file_find(kernel, FILE_NAME);
    uint32_t scratch = frame_take(kernel, FRAME_KERNEL);
    if (!file || scratch == NO_FRAME) return UINT64_MAX;
    uint64_t *page = frame_data(&kernel->frames, scratch);
    uint32_t sectors = PAGE_BYTES / SECTOR_BYTES;
    enum disk_result result = disk_transfer(
        kernel, kernel->files.disk, (uint64_t)file->first_page * sectors, page, sectors, false);
    uint64_t number = result == DISK_OK ? *page : UINT64_MAX;
    frame_give(kernel, scratch);
    return number;
}

static void shared_mapping(struct kernel *kernel, struct process *reader, uint64_t old) {
    struct process *writer = lab_start(kernel, "mapper " FILE_NAME " shared");
    if (!writer) return;
    uint64_t at = area_of_kind(writer, AREA_MAPPED)->start;
    expect_equal(kernel, "the writer reads", writer->stop_value, old);
    expect(kernel, "both map the same frame",
           pagetable_walk(writer->root, at).physical == pagetable_walk(reader->root, at).physical);
    say(kernel, "\nThe writer adds one:\n");
    expect_equal(kernel, "the writer reads", lab_go(kernel, writer), old + 1);
    expect_equal(kernel, "the reader reads", lab_go(kernel, reader), old + 1);
    expect_equal(kernel, "the disk has", number_on_disk(kernel), old);
    report_areas(kernel, writer);
    say(kernel, "\nThe writer calls sync:\n");
    uint64_t writes = kernel->files.disk->writes;
    expect_equal(kernel, "sync reports", lab_go(kernel, writer), 0);
    expect_equal(kernel, "the disk has", number_on_disk(kernel), old + 1);
    expect_equal(kernel, "pages written", kernel->files.disk->writes - writes, 1);
    while (writer->state == PROCESS_STOPPED) lab_go(kernel, writer);
    expect_equal(kernel, "pages written until its end, when nothing else has changed",
                 kernel->files.disk->writes - writes, 1);
}

static void private_mapping(struct kernel *kernel, struct process *reader, uint64_t number) {
    say(kernel, "\nA program maps the file privately and adds one:\n");
    struct process *writer = lab_start(kernel, "mapper " FILE_NAME " private");
    if (!writer) return;
    uint64_t copied = writer->counts.copied;
    expect_equal(kernel, "it reads", lab_go(kernel, writer), number + 1);
    expect_equal(kernel, "pages copied for it", writer->counts.copied - copied, 1);
    expect_equal(kernel, "the reader reads", lab_go(kernel, reader), number);
    while (writer->state == PROCESS_STOPPED) lab_go(kernel, writer);
    expect_equal(kernel, "the disk has, when it has ended", number_on_disk(kernel), number);
}

void chapter_files(struct kernel *kernel) {
    uint64_t old = number_on_disk(kernel);
    struct process *reader = lab_start(kernel, "reader " FILE_NAME);
    if (!reader) return;
    say(kernel, "The file %s begins with a number. A reader has mapped it:\n", FILE_NAME);
    expect_equal(kernel, "the reader reads", reader->stop_value, old);
    if (reader->state != PROCESS_STOPPED) return;
    shared_mapping(kernel, reader, old);
    private_mapping(kernel, reader, old + 1);
}
