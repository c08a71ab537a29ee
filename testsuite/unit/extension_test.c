// SPDX-License-Identifier: MIT
// ISA strings: what is understood, what it switches on, and where a wrong one goes wrong.
#include <criterion/criterion.h>

#include <string.h>

#include "cpu/isa.h"

static const char *describe(extension_set set, char *text, size_t size) {
    isa_string(set, text, size);
    return text;
}

// Each string, and what it comes to in canonical order.
Test(extension, strings_switch_on_what_they_name) {
    static const struct {
        const char *string, *means;
    } good[] = {
        {"rv64i", "rv64i_zicntr_zicsr_zihpm"},
        {"rv64gc", "rv64imafdc_zicntr_zicsr_zifencei_zihpm"},
        {"RV64GC", "rv64imafdc_zicntr_zicsr_zifencei_zihpm"},
        {"rv64imac", "rv64imac_zicntr_zicsr_zihpm"},
        {"rv64id", "rv64ifd_zicntr_zicsr_zihpm"},
        {"rv64gb", "rv64imafd_zicntr_zicsr_zifencei_zihpm_zba_zbb_zbs"},
        {"rv64imafdc_zba_zbc", "rv64imafdc_zicntr_zicsr_zihpm_zba_zbc"},
        {"rv64imaczicbom_zicboz", "rv64imac_zicbom_zicboz_zicntr_zicsr_zihpm"},
        {"rv64gc_SSTC_Svpbmt", "rv64imafdc_zicntr_zicsr_zifencei_zihpm_sstc_svpbmt"},
        {"rv64gcsstc", "rv64imafdc_zicntr_zicsr_zifencei_zihpm_sstc"},
        {"RV64GCSU_Sstc", "rv64imafdc_zicntr_zicsr_zifencei_zihpm_sstc"},
        {"rv64i2p1_m2p0_a_zba1p0", "rv64ima_zicntr_zicsr_zihpm_zba"},
        {"rv64i2_m", "rv64im_zicntr_zicsr_zihpm"},
    };
    char text[256];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        extension_set set;
        const char *error;
        cr_assert(isa_parse(good[i].string, &set, &error), "%s", good[i].string);
        cr_expect_str_eq(describe(set, text, sizeof text), good[i].means, "%s is %s",
                         good[i].string, text);
    }
}

Test(extension, modes_are_there_unless_the_string_says_which) {
    static const struct {
        const char *string;
        bool s, u;
    } cases[] = {{"rv64gc", true, true},
                 {"rv64gcsu", true, true},
                 {"rv64gcu", false, true},
                 {"rv64gcs", true, true},
                 {"rv64i_u", false, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        extension_set set;
        const char *error;
        cr_assert(isa_parse(cases[i].string, &set, &error));
        cr_expect_eq((set & EXT_BIT(EXT_s)) != 0, cases[i].s, "%s", cases[i].string);
        cr_expect_eq((set & EXT_BIT(EXT_u)) != 0, cases[i].u, "%s", cases[i].string);
    }
}

Test(extension, the_error_points_at_the_first_thing_not_understood) {
    static const struct {
        const char *string, *error;
    } bad[] = {
        {"", ""},
        {"rv32gc", "rv32gc"},
        {"gc", "gc"},
        {"rv64", ""},
        {"rv64mac", "mac"},
        {"rv64e", "e"},
        {"rv64gcv", "v"},
        {"rv64gc_zfh", "zfh"},
        {"rv64gc_zbax", "zbax"},
        {"rv64gc_zba_what_zbb", "what_zbb"},
        {"rv64gc zba", " zba"},
        {"rv64i2p", "p"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        extension_set set = 42;
        const char *error = NULL;
        cr_expect_not(isa_parse(bad[i].string, &set, &error), "%s", bad[i].string);
        cr_assert_not_null(error);
        cr_expect_str_eq(error, bad[i].error, "%s: %s", bad[i].string, error);
        cr_expect_eq(set, 42, "%s changed the set", bad[i].string);
    }
}

Test(extension, the_default_has_everything_and_comes_back_from_its_string) {
    char text[256];
    extension_set set;
    const char *error;
    cr_expect_eq(isa_default(), EXT_BIT(EXTENSIONS) - 1);
    isa_string(isa_default(), text, sizeof text);
    cr_expect_str_eq(text, "rv64imafdc_zicbom_zicboz_zicntr_zicsr_zifencei_zihintpause_zihpm_zba_"
                           "zbb_zbc_zbs_sscofpmf_sstc_svadu_svinval_svnapot_svpbmt");
    cr_assert(isa_parse(text, &set, &error));
    cr_expect_eq(set, isa_default());
}

Test(extension, a_small_buffer_takes_what_fits) {
    char text[8] = "xxxxxxx";
    cr_expect_eq(isa_string(isa_default(), text, sizeof text), 7);
    cr_expect_str_eq(text, "rv64ima");
}

Test(extension, names) {
    cr_expect_str_eq(isa_extension_name(EXT_zihintpause), "zihintpause");
    cr_expect_null(isa_extension_name(EXTENSIONS));
}
