// SPDX-License-Identifier: MIT
// The command line: what each line makes of a machine, and what is refused with which words.
#include "emu/options.h"

#include <criterion/criterion.h>
#include <string.h>

#include "testsuite/unit/split.h"

enum { WORDS = 32 };

// Parses words that are separated by blanks.
static bool parse(struct options *o, const char *line, struct message *message) {
    static char text[1024]; // the options point into it
    char *word[WORDS + 1] = {"tablewalk"};
    snprintf(text, sizeof text, "%s", line);
    const int count = split_words(text, word, 1, WORDS);
    message->text[0] = 0;
    return options_parse(o, count, word, message);
}

Test(options, machine) {
    struct options o;
    struct message m;
    cr_assert(parse(&o, "-m 64M -smp 3 --max-insns=1000000 -no-reboot --adue=off prog", &m), "%s",
              m.text);
    cr_expect_eq(o.machine.ram_bytes, 64 << 20);
    cr_expect_eq(o.machine.harts, 3);
    cr_expect(o.machine.no_reboot);
    cr_expect_not(o.machine.adue);
    cr_expect_str_eq(o.machine.kernel, "prog");
    cr_expect(o.machine.bare_elf);
    options_destroy(&o);
}

Test(options, disks_go_into_slots) {
    struct options o;
    struct message m;
    cr_assert(parse(&o,
                    "-drive file=a.img,if=none,id=a,format=raw,snapshot=on "
                    "-device virtio-blk-device,drive=a,serial=S,bus=virtio-mmio-bus.2 "
                    "-device virtio-gpu-device,xres=320,yres=200",
                    &m),
              "%s", m.text);
    cr_expect_eq(o.machine.slot[2].kind, SLOT_DISK);
    cr_expect_str_eq(o.machine.slot[2].disk->options.path, "a.img");
    cr_expect(o.machine.slot[2].disk->options.snapshot);
    cr_expect_str_eq(o.machine.slot[2].disk->serial, "S");
    cr_expect_eq(o.machine.slot[0].kind, SLOT_GPU);
    cr_expect_eq(o.machine.slot[0].width, 320);
    cr_expect_eq(o.machine.slot[1].kind, SLOT_EMPTY);
    options_destroy(&o);
}

Test(options, what_is_refused) {
    static const struct {
        const char *line, *words;
    } rows[] = {
        {"-=x", "unknown option"},
        {"--=x", "unknown option"},
        {"--nothing", "unknown option"},
        {"--max-insn=1", "did you mean"},
        {"-m", "-m: needs"},
        {"-m 128K", "is not between"},
        {"-m 65G", "is not between"},
        {"-m 0x", "is no size"},
        {"-smp 0", "is no number from 1 to 8"},
        {"-smp 9", "is no number from 1 to 8"},
        {"-cpu rv32", "is not known"},
        {"-machine pc", "no board 'pc'"},
        {"--isa=rv32i", "is not understood at"},
        {"--adue=maybe", "neither on nor off"},
        {"--core=nothing", "no core and no file 'nothing'"},
        {"--core=rocket,nothing=1", "nothing"},
        {"-rtc base=yesterday", "is no date"},
        {"-no-reboot=1", "takes no argument"},
        {"a b", "one program only"},
        {"-initrd x", "there is no -kernel"},
        {"-append x -bios b", "there is no -kernel"},
        {"-drive id=a,if=none", "file"},
        {"-device virtio-blk-device,drive=a", "a"},
        {"-device nothing", "nothing"},
        {"-device virtio-gpu-device,xres=8", "has 16 to 4095 pixels a side, not 8"},
        {"-device virtio-gpu-device,yres=4096", "has 16 to 4095 pixels a side, not 4096"},
        {"-device virtio-gpu-device,xres=x", "pixels a side, not x"},
        {"-device virtio-blk-device", "needs drive=ID"},
        {"-device virtio-gpu-device,serial=x", "takes neither drive= nor serial="},
        {"-device framebuffer,drive=x", "takes neither drive= nor serial="},
        {"-device virtio-tablet-device,xres=320", "takes neither xres= nor yres="},
        {"-device virtio-gpu-device -device virtio-gpu-device", "there is one already"},
        {"-device framebuffer -device framebuffer", "there is one already"},
        {"-device virtio-gpu-device,bus=pci.0", "no bus 'pci.0'; virtio-mmio-bus.0 to"},
        {"-device virtio-gpu-device,bus=virtio-mmio-bus.8", "no bus 'virtio-mmio-bus.8'"},
        {"-device virtio-gpu-device,bus=virtio-mmio-bus.1 "
         "-device virtio-tablet-device,bus=virtio-mmio-bus.1",
         "virtio-mmio-bus.1 is taken already"},
        {"-drive file=f,id=a,if=none -device virtio-blk-device,drive=a "
         "-device virtio-blk-device,drive=a",
         "drive=a is in use already"},
        {"-drive file=f,if=virtio -drive file=f,if=virtio -drive file=f,if=virtio "
         "-drive file=f,if=virtio -drive file=f,if=virtio -drive file=f,if=virtio "
         "-drive file=f,if=virtio -drive file=f,if=virtio -device virtio-gpu-device",
         "all 8 virtio slots are taken"},
        {"-drive file=f -drive file=f -drive file=f -drive file=f -drive file=f -drive file=f "
         "-drive file=f -drive file=f -drive file=f",
         "-drive: more than 8"},
        {"--symbols=s --symbols=s --symbols=s --symbols=s --symbols=s --symbols=s --symbols=s "
         "--symbols=s --symbols=s",
         "more than 8 files"},
        {"--console-on=trap", "'trap' is not known; fault is"},
        {"--stats=xml", "'xml' is no form; text and json are"},
        {"+signature-granularity=3", "'3' is not 1, 2, 4, 8 or 16"},
        {"+signature-granularity=32", "'32' is not 1, 2, 4, 8 or 16"},
        {"-display gtk", "'gtk' is not known; none and sdl are"},
        {"-kernel k prog", "prog: there is a -kernel already"},
        {"-machine virtual", "no board 'virtual'"},
        {"--sandbox=maybe", "neither on nor off"},
        {"--max-insns=many", "is no number of instructions"},
        {"--help=everything", "'everything' is no form"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct options o;
        struct message m;
        cr_expect_not(parse(&o, rows[i].line, &m), "%s", rows[i].line);
        cr_expect_not_null(strstr(m.text, rows[i].words), "%s: '%s' has no '%s'", rows[i].line,
                           m.text, rows[i].words);
        options_destroy(&o);
    }
}

// What a user's words or files bring with them reaches no terminal.
Test(options, complaints_are_printable) {
    static const char *const lines[] = {
        "--core=a\033b",     "--core=rocket,\033[2J=1", "-m \033",
        "--isa=rv64i\033_x", "-drive file=\033,what=1", "-machine \033",
    };
    for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct options o;
        struct message m;
        cr_assert_not(parse(&o, lines[i], &m));
        cr_expect(m.text[0] && !strchr(m.text, '\033') && !strchr(m.text, '\n'), "%s", m.text);
        options_destroy(&o);
    }
}

// Other words for the same, and the words that no other test says.
Test(options, what_is_said_in_another_way) {
    struct options o;
    struct message m;
    cr_assert(parse(&o,
                    "-machine type=virt -m size=8M -smp cpus=2 -display sdl -s --console-on=fault "
                    "--symbols=a --symbols=b --stats=text -snapshot -drive file=f,if=virtio",
                    &m),
              "%s", m.text);
    cr_expect_eq(o.machine.ram_bytes, 8 << 20);
    cr_expect_eq(o.machine.harts, 2);
    cr_expect_eq(o.display, DISPLAY_SDL);
    cr_expect_str_eq(o.debug.gdb, "tcp:127.0.0.1:1234");
    cr_expect(o.debug.on_fault);
    cr_expect_eq(o.debug.symbol_files, 2);
    cr_expect_str_eq(o.debug.symbols[1], "b");
    cr_expect_eq(o.stats, STATS_TEXT);
    cr_expect(o.machine.slot[0].disk->options.snapshot, "-snapshot is for all drives");
    options_destroy(&o);
    cr_assert(parse(&o, "-display none -machine virt,dumpdtb=t --core=rocket --core=none", &m));
    cr_expect_eq(o.display, DISPLAY_NONE);
    cr_expect_str_eq(o.dump_dtb, "t");
    cr_expect_null(o.machine.core);
    options_destroy(&o);
}
