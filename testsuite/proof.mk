# SPDX-License-Identifier: MIT
# Proof by machines (docs/trust.md): fuzzing, rows of tables, coverage, mutants, valgrind. Part of the
# Makefile above.

# For the status of what stands before a pipe.
test-rows rows test-diff-others diff-others decode-all valgrind test-valgrind: SHELL := /bin/bash

SUITES += rows decode diff-others fuzz

# --- Fuzzing: the targets in one program, in a build of its own; clang alone can -------------------

FUZZ_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard testsuite/fuzz/*.c)))
$(BUILD)/testsuite/fuzz/%.o: CPPFLAGS += -Itestsuite/fuzz/shim
$(BUILD)/fuzz-targets: $(FUZZ_OBJECTS) $(LIBRARY) \
    $(patsubst %,$(BUILD)/firmware/%.o,lib/dt lib/text sbi/platform sbi/reserve)
	$(CC) $(OPTIMIZE) -fsanitize=fuzzer -Wl,--wrap=open,--wrap=fopen,--wrap=send -o $@ $^ $(LIBRARIES)

FUZZ_BUILD := build/fuzz
fuzz-targets:
	+$(MAKE) SANITIZE=1 CC=clang-19 BUILD=$(FUZZ_BUILD) CFLAGS=-fsanitize=fuzzer-no-link COUNT=0 \
	    $(FUZZ_BUILD)/fuzz-targets

# Seeds that are built.
FUZZ_SEEDS := $(patsubst testsuite/fuzz/seeds/%.S,$(FUZZ_BUILD)/seeds/%,$(wildcard testsuite/fuzz/seeds/*/*.S))
$(FUZZ_SEEDS): $(FUZZ_BUILD)/seeds/%: testsuite/fuzz/seeds/%.S
	@mkdir -p $(@D)
	$(RISCV)gcc -march=rv64gc -mabi=lp64d -nostdlib -static -Wl,-N -Wl,-Ttext=0x80000000 \
	    -Wl,--no-warn-rwx-segments -Wl,--build-id=none -o $@ $<

# T: seconds for each target; TARGETS: those of testsuite/fuzz/targets.def, or some. Each run draws a
# seed and says which; FUZZ_SEED= repeats it.
T ?= 60
fuzz: fuzz-targets $(FUZZ_SEEDS)
	testsuite/fuzz/run $(FUZZ_BUILD)/fuzz-targets --seconds=$(T) $(TARGETS)

# CI: what was found before is repeated, then each target goes on for some seconds, from the same seed
# and the inputs that are checked in every time.
FUZZ_SECONDS ?= 20
test-fuzz: fuzz-targets $(FUZZ_SEEDS)
	FUZZ_SEED=$${FUZZ_SEED:-1} testsuite/fuzz/run $(FUZZ_BUILD)/fuzz-targets --seconds=$(FUZZ_SECONDS) --ci

# --- Rows: each of the tables of instructions, CSRs and trap causes has been executed --------------

$(BUILD)/rows: $(BUILD)/testsuite/coverage/rows.o $(filter-out %/main.o,$(DIFF_OBJECTS)) $(LIBRARY)
	$(CC) $(OPTIMIZE) $(LDFLAGS) -o $@ $^ $(LIBRARIES)

test-rows rows: $(BUILD)/rows
	$(MAKE) -C testsuite/guest OUT=../../$(GUEST_TESTS)
	$(BUILD)/rows $$(find $(GUEST_TESTS) -maxdepth 1 -type f ! -name '*.*' | LC_ALL=C sort) | \
	    tee $(BUILD)/rows.log; exit $${PIPESTATUS[0]}

# --- The decoder: all 2^32 words against the manuals' tables, drawn ones against binutils ------------

DECODE_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard testsuite/decode/*.c) testsuite/unit/manual_insn.c)
$(BUILD)/decode: $(DECODE_OBJECTS) $(LIBRARY)
	$(CC) $(OPTIMIZE) $(LDFLAGS) -o $@ $^ -lm

# In CI every 61st word, an even share, and a tenth of the drawn ones.
decode-all: $(BUILD)/decode
	mkdir -p $(BUILD)/decode-all
	nice testsuite/decode/run $< 1 1000000 $(BUILD)/decode-all | tee $(BUILD)/decode-all/log; exit $${PIPESTATUS[0]}
test-decode: $(BUILD)/decode
	testsuite/decode/run $< 61 100000 $(BUILD)/decode-test

# --- Random programs on QEMU and Spike too: N of them from seed FIRST on ----------------------------

N ?= 2000
diff-others test-diff-others: all
	$(MAKE) -C testsuite/guest OUT=../../$(GUEST_TESTS)
	mkdir -p $(BUILD)/diff-others
	testsuite/diff/others $(PROGRAM) $(GUEST_TESTS)/lib $(BUILD)/diff-others $(N) $(FIRST) | \
	    tee $(BUILD)/diff-others/log; exit $${PIPESTATUS[0]}

# --- pt and walk beside QEMU's info mem and gva2gpa, over drawn page tables ------------------------

SUITES += translations
.PHONY: test-translations
test-translations: all
	testsuite/gdb/translations $(PROGRAM) $(BUILD)/translations

# --- A host without memory: the test refuses what it is asked for ------------------------------------

comma := ,
$(BUILD)/unit/memory_test: LDFLAGS += $(addprefix -Wl$(comma)--wrap=, \
    malloc calloc realloc aligned_alloc strdup open_memstream memfd_create mmap)

# --- Coverage: what the suites with sanitizers reach ------------------------------------------------

# CI's are in SUITES as NAME-sanitized; what they reached is reported at the end, nothing runs twice.
COVERED_IN_CI := unit guest command help schema console gdb profile hostile
COVERED_SUITES ?= $(COVERED_IN_CI) docs sbi demo accuracy rows window disks
COVER = testsuite/coverage/run $1 build/san '$(MAKE) --no-print-directory' $2
SUITES += coverage
coverage:
	+$(MAKE) $(SANITIZED) all unit-programs
	+$(call COVER,--anew,$(COVERED_SUITES))
test-coverage:
	+$(MAKE) $(SANITIZED) all unit-programs
	+$(call COVER,,$(COVERED_IN_CI))

# --- Mutants: SAMPLE=N of them, or all; AGAIN=1 leaves out what was caught before --------------------

MUTANTS = COMPILE='$(filter-out -MMD -MP -Werror $(OPTIMIZE),$(COMPILE))' LINK='$(CC)' \
    LIBRARIES='$(LIBRARIES)' nice testsuite/mutants/run --seed=$(or $(SEED),1)
MUTANTS_IN_CI ?= 40
mutants test-mutants: all unit-programs $(BUILD)/diff
	$(MAKE) -C testsuite/guest OUT=../../$(GUEST_TESTS)
	$(MAKE) -C testsuite/guest OUT=../../$(GUEST_TESTS) hostile
	$(MUTANTS) $(if $(AGAIN),--again) $(addprefix --sample=,$(if $(filter test-mutants,$@),$(MUTANTS_IN_CI),$(SAMPLE)))

# The figures of docs/trust.md, as they were measured last.
trust:
	@testsuite/figures

# --- Valgrind: reads of bytes that nobody wrote, in the unit tests ---------------------------------

# Not those that run for long: they have the sanitizers. Nor those of floating point: valgrind's
# processor raises no flags. A test's own process is a child; the assembler that a test asks is not ours.
VALGRIND_TESTS ?= $(filter-out %/console_test %/console_tables_test $(BUILD)/unit/fp_% %/sandbox_test %/walk_test,$(UNIT_PROGRAMS))
valgrind test-valgrind: unit-programs
	mkdir -p $(BUILD)/valgrind
	for test in $(notdir $(VALGRIND_TESTS)); do \
	    strip -g -o $(BUILD)/valgrind/$$test $(BUILD)/unit/$$test; done # it can't read clang's
	UNDER='valgrind -q --trace-children=yes --trace-children-skip=*/riscv64-* --error-exitcode=9' \
	    testsuite/run-unit $(VALGRIND_TESTS:$(BUILD)/unit/%=$(BUILD)/valgrind/%) | \
	    tee $(BUILD)/valgrind/log; exit $${PIPESTATUS[0]}

# --- Races: the window's thread and the emulation's are the only ones ---------------------------------

# The tests of the window in a build with ThreadSanitizer: no race is reported. (It is too slow for some
# of the tests' own clocks, which count elsewhere.) Handlers end in tail calls, which have no exit
# for it to see. What it says of the libraries, which are built without, is left out.
THREADED := BUILD=build/thread SANDBOX=0 CC=clang-19 \
    OPTIMIZE="-O1 -g -fsanitize=thread -mllvm -tsan-instrument-func-entry-exit=0"
thread test-thread:
	+$(MAKE) $(THREADED) all
	rm -f build/thread/race.*
	+-TSAN_OPTIONS="log_path=$(CURDIR)/build/thread/race suppressions=$(CURDIR)/testsuite/races" \
	    $(MAKE) $(THREADED) test-window >build/thread/window.log 2>&1
	@tail -n 4 build/thread/window.log; cat build/thread/race.* 2>/dev/null | head -n 100; \
	    races=$$(cat build/thread/race.* 2>/dev/null | grep -c '^WARNING: ThreadSanitizer'); \
	    echo "$$races races reported" | tee build/thread/log; \
	    grep -q '^[1-9][0-9]* passed' build/thread/window.log && [ "$$races" -eq 0 ]

.PHONY: thread test-thread decode-all test-decode valgrind test-valgrind fuzz fuzz-targets test-fuzz trust rows test-rows diff-others test-diff-others coverage test-coverage mutants test-mutants

-include $(FUZZ_OBJECTS:.o=.d) $(DECODE_OBJECTS:.o=.d) $(wildcard $(BUILD)/testsuite/coverage/*.d)
