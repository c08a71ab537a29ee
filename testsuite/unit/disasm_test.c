// SPDX-License-Identifier: MIT
// The disassembler: chosen instructions against their text, and drawn ones of every row against
// what GNU objdump makes of them.
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpu/hart.h"
#include "testsuite/unit/manual_insn.h"
#include "testsuite/unit/random.h"

enum { LINE = 128 };

Test(disasm, chosen_instructions) {
    static const struct {
        uint32_t bits;
        const char *text;
    } cases[] = {
        {0xfffff537, "lui a0,0xfffff"},
        {0x80000097, "auipc ra,0x80000"},
        {0x0040006f, "jal zero,0x80000004"},
        {0xffdff0ef, "jal ra,0x7ffffffc"},
        {0xff850f67, "jalr t5,-8(a0)"},
        {0xfeb50ee3, "beq a0,a1,0x7ffffffc"},
        {0x8005c483, "lbu s1,-2048(a1)"},
        {0x7eb53fa3, "sd a1,2047(a0)"},
        {0x03f51513, "slli a0,a0,0x3f"},
        {0x41f5551b, "sraiw a0,a0,0x1f"},
        {0x0ff0000f, "fence iorw,iorw"},
        {0x0310000f, "fence rw,w"},
        {0x0000000f, "fence unknown,unknown"},
        {0x8330000f, "fence.tso"},
        {0x0100000f, "pause"},
        {0x0000100f, "fence.i"},
        {0x00000073, "ecall"},
        {0x30200073, "mret"},
        {0x12b50073, "sfence.vma a0,a1"},
        {0x18000073, "sfence.w.inval"},
        {0x0045200f, "cbo.zero (a0)"},
        {0x30051573, "csrrw a0,mstatus,a0"},
        {0x180fd573, "csrrwi a0,satp,31"},
        {0x7ff02573, "csrrs a0,0x7ff,zero"},
        {0x00b6252f, "amoadd.w a0,a1,(a2)"},
        {0x04b6352f, "amoadd.d.aq a0,a1,(a2)"},
        {0x1e05b52f, "sc.d.aqrl a0,zero,(a1)"},
        {0x1205252f, "lr.w.rl a0,(a0)"},
        {0x00b57553, "fadd.s fa0,fa0,fa1"},
        {0x02b50553, "fadd.d fa0,fa0,fa1,rne"},
        {0x68c5c543, "fmadd.s fa0,fa1,fa2,fa3,rmm"},
        {0xc0059553, "fcvt.w.s a0,fa1,rtz"},
        {0xd2058553, "fcvt.d.w fa0,a1"},
        {0xe2051553, "fclass.d a0,fa0"},
        {0xf2050553, "fmv.d.x fa0,a0"},
        {0x00853507, "fld fa0,8(a0)"},
        {0x6b855513, "rev8 a0,a0"},
        {0x0001, "c.nop"},
        {0x9002, "c.ebreak"},
        {0x8082, "c.jr ra"},
        {0x7179, "c.addi16sp sp,-48"},
        {0x757d, "c.lui a0,0xfffff"},
        {0xa001, "c.j 0x80000000"},
        {0xdd7d, "c.beqz a0,0x7ffffffe"},
        {0x2542, "c.fldsp fa0,16(sp)"},
        {0x0000, ".2byte 0x0"},
        {0xffffffff, ".4byte 0xffffffff"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[LINE];
        const struct insn insn = isa_decode(cases[i].bits, isa_default());
        const size_t length = isa_disassemble(&insn, 0x80000000, text, sizeof text);
        cr_expect_str_eq(text, cases[i].text, "%#x: %s for %s", cases[i].bits, text, cases[i].text);
        cr_expect_eq(length, strlen(text), "%s", text);
    }
}

Test(disasm, a_small_buffer_takes_what_fits) {
    const struct insn insn = isa_decode(0xfffff537, isa_default());
    for (size_t size = 1; size < 20; size++) {
        char text[32];
        memset(text, '#', sizeof text);
        const size_t length = isa_disassemble(&insn, 0, text, size);
        cr_expect_eq(length, size <= 14 ? size - 1 : 14);
        cr_expect_eq(strncmp(text, "lui a0,0xfffff", length), 0);
        cr_expect_eq(text[length], '\0');
        cr_expect_eq(text[size], '#');
    }
}

// --- Against objdump -----------------------------------------------------------------------------

// Does objdump (2.40) put it in other words than we do?
static bool is_worded_otherwise(const struct insn *insn) {
    const struct isa_row_info *row = isa_row_info((enum isa_row)insn->row);
    switch (insn->row) {
    case ROW_c_nop: return true; // c.addi zero,0
    case ROW_c_slli:
    case ROW_c_srli:
    case ROW_c_srai: return insn->imm == 0; // c.slli64 and its like, of RV128
    case ROW_fcvt_d_s:
    case ROW_fcvt_d_w:
    case ROW_fcvt_d_wu: return insn->rm != 0; // not known
    default: return row->timing == TIMING_csr && csr_name((unsigned)insn->imm) == NULL;
    }
}

// Fields to be ignored by a hart, in which objdump expects zeroes.
static uint32_t without_reserved_fields(uint32_t bits, unsigned row) {
    switch (row) {
    case ROW_fence: return bits & 0x0ff0707f;
    case ROW_fence_tso: return bits & 0xfff0707f;
    case ROW_fence_i: return bits & 0x0000707f;
    default: return bits;
    }
}

struct sample {
    struct insn insn;
    uint64_t pc;
};
enum { PER_ROW = 40, MAX_SAMPLES = ISA_ROWS * PER_ROW };

static unsigned draw_samples(struct sample *sample) {
    uint64_t random = 5, pc = 0;
    unsigned count = 0;
    for (unsigned row = 1; row < ISA_ROWS; row++) {
        const struct pattern pattern = pattern_parse(isa_row_info((enum isa_row)row)->pattern);
        for (int i = 0; i < PER_ROW; i++) {
            const uint32_t bits = without_reserved_fields(pattern_draw(&pattern, &random), row);
            const struct insn insn = isa_decode(bits, isa_default());
            if (is_worded_otherwise(&insn)) continue;
            sample[count++] = (struct sample){insn, pc};
            pc += insn.length;
        }
    }
    return count;
}

#define TOOLS "riscv64-unknown-elf-"

static void assemble(const struct sample *sample, unsigned count, const char *object) {
    char command[256];
    snprintf(command, sizeof command,
             TOOLS "as -march=rv64gc_zba_zbb_zbc_zbs_zicbom_zicboz_svinval_zihintpause -o %s -",
             object);
    FILE *as = popen(command, "w");
    cr_assert_not_null(as);
    for (unsigned i = 0; i < count; i++)
        fprintf(as, ".insn %u, %#x\n", sample[i].insn.length, sample[i].insn.bits);
    cr_assert_eq(pclose(as), 0, "the assembler failed");
}

// The text of an instruction in a line of objdump's (address, bits, text, by tabs), with neither
// tabs nor symbols nor comments. NULL: the line is something else.
static char *text_in(char *line) {
    char *text = strchr(line, '\t');
    if (text != NULL) text = strchr(text + 1, '\t');
    if (text == NULL) return NULL;
    text++;
    text[strcspn(text, "\n#<")] = '\0';
    for (char *p = text; *p != '\0'; p++)
        if (*p == '\t') *p = ' ';
    for (size_t length = strlen(text); length > 0 && text[length - 1] == ' ';)
        text[--length] = '\0';
    return text;
}

// objdump leaves out the 0x of addresses.
static void strip_0x_of_target(const struct insn *insn, char *text) {
    const struct isa_row_info *row = isa_row_info((enum isa_row)insn->row);
    if ((row->flags & (INSN_BRANCH | INSN_JUMP)) == 0) return;
    char *target = strstr(text, "0x");
    memmove(target, target + 2, strlen(target + 2) + 1);
}

static unsigned compare(const struct sample *sample, unsigned count, const char *object) {
    char command[256], line[512], ours[LINE];
    snprintf(command, sizeof command, TOOLS "objdump -d -M no-aliases %s", object);
    FILE *objdump = popen(command, "r");
    cr_assert_not_null(objdump);
    unsigned compared = 0;
    while (fgets(line, sizeof line, objdump) != NULL && compared < count) {
        const char *theirs = text_in(line);
        if (theirs == NULL) continue;
        const struct sample *s = &sample[compared++];
        isa_disassemble(&s->insn, s->pc, ours, sizeof ours);
        strip_0x_of_target(&s->insn, ours);
        cr_expect_str_eq(ours, theirs, "%#x: '%s', but objdump says '%s'", s->insn.bits, ours,
                         theirs);
    }
    cr_expect_eq(pclose(objdump), 0);
    return compared;
}

Test(disasm, objdump_says_the_same) {
    if (system("command -v " TOOLS "as " TOOLS "objdump >/dev/null") != 0)
        cr_skip_test("binutils for riscv64-unknown-elf are not installed");
    static struct sample sample[MAX_SAMPLES];
    const unsigned count = draw_samples(sample);
    cr_expect_gt(count, ISA_ROWS * PER_ROW * 9 / 10);
    char object[] = "/tmp/tablewalk-disasm-XXXXXX";
    const int fd = mkstemp(object);
    cr_assert_geq(fd, 0);
    close(fd);
    assemble(sample, count, object);
    cr_expect_eq(compare(sample, count, object), count);
    unlink(object);
}
