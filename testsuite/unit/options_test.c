// SPDX-License-Identifier: MIT
// The command line: what each line makes of a machine, and what is refused with which words.
#include "emu/options.h"

#include <criterion/criterion.h>
#include <string.h>

enum { WORDS = 16 };

// Parses words that are separated by blanks.
static bool parse(struct options *o, const char *line, struct message *message) {
    static char text[512]; // the options point into it
    char *word[WORDS + 1] = {"tablewalk"}, *rest = NULL;
    int count = 1;
    snprintf(text, sizeof text, "%s", line);
    for (char *w = strtok_r(text, " ", &rest); w && count < WORDS; w = strtok_r(NULL, " ", &rest))
        word[count++] = w;
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
