# SPDX-License-Identifier: MIT
# Builds Tablewalk.
#
#   make            build/tablewalk, with clang-19 where it is installed, else with gcc (or CC=...)
#   make run        installs missing Debian packages, builds, and boots the pager
#   make demo       boots a smaller program: one page fault, step by step
#   make test       everything that can be tested without fetched sources; ends in a line of counts
#   make linux      boots Debian's Linux with a swap disk to a shell
#   make debian     boots a whole Debian with systemd to its login
#   make help       the other targets
#
# SANITIZE=1 builds with address and undefined-behaviour checks in build/san. BUILD=dir builds
# anywhere else.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

ifeq ($(SANITIZE),1)
BUILD ?= build/san
else
BUILD ?= build
endif

ifeq ($(origin CC),default)
CC := $(if $(shell command -v clang-19),clang-19,gcc)
endif

VERSION := 0.1
VERSION_DATE := 2026-11-22
STANDARD := -std=c17 -D_GNU_SOURCE
# snprintf is meant to cut off what is too long.
WARNINGS := -Wall -Wextra -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wshadow -Werror
WARNINGS += -Wno-format-truncation
# cpu/fp_host.h computes with the host's FPU: products and sums stay apart, and nobody reads errno
# after sqrt().
FLOATING := -ffp-contract=off -fno-math-errno
OPTIMIZE ?= -O2 -g
ifeq ($(SANITIZE),1)
OPTIMIZE := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
    -fno-sanitize-recover=all
# The other way needs a frame that handlers with preserve_none cannot have.
OPTIMIZE += $(if $(findstring clang,$(CC)),-fsanitize-address-use-after-return=never)
# What runs with sanitizers counts the lines and branches that it reaches, too (testsuite/coverage).
COUNT ?= $(if $(findstring clang,$(CC)),1)
ifeq ($(COUNT),1)
COUNTS := $(if $(filter /%,$(BUILD)),,$(CURDIR)/)$(BUILD)/raw/%4m.profraw
OPTIMIZE += '-fprofile-instr-generate=$(COUNTS)' -fcoverage-mapping
endif
export ASAN_OPTIONS ?= detect_leaks=1:abort_on_error=0:allocator_may_return_null=1
export LSAN_OPTIONS ?= suppressions=$(CURDIR)/testsuite/leaks:print_suppressions=0
export UBSAN_OPTIONS ?= print_stacktrace=1
endif
CPPFLAGS += -I. -I$(BUILD)/gen -I$(BUILD) -DTABLEWALK_VERSION='"$(VERSION)"' \
    -DTABLEWALK_DATE='"$(VERSION_DATE)"'
# The same program wherever it is built: no path of this machine gets into it.
PLACELESS := -ffile-prefix-map=$(BUILD)=build '-ffile-prefix-map=$(CURDIR)=.'
COMPILE = $(CC) $(STANDARD) $(PLACELESS) $(CPPFLAGS) $(OPTIMIZE) $(FLOATING) $(WARNINGS) $(CFLAGS) -MMD -MP
LIBRARIES := -lfdt -lelf -lz -ledit -lpng -lcairo -lm
CPPFLAGS += -I/usr/include/cairo

# The window needs SDL2 (its headers: the library is opened when a window is); without it, or with
# SDL=0, everything else is built.
SDL ?= 1
ifneq ($(and $(filter-out 0,$(SDL)),$(shell command -v sdl2-config)),)
CPPFLAGS += -DHAVE_SDL $(filter-out -D_REENTRANT,$(shell sdl2-config --cflags))
LIBRARIES += -pthread
else
NOTES += '$(if $(filter 0,$(SDL)),SDL=0,SDL2 is not installed (libsdl2-dev)): built without a window: no \
    -display sdl and no --view=window'
endif

# Confinement of a run (emu/sandbox.h) needs libseccomp. Sanitizers and counters make system calls of
# their own: SANDBOX=0 builds without.
SANDBOX ?= $(if $(filter 1,$(SANITIZE)),0,1)
ifeq ($(SANDBOX)$(if $(wildcard /usr/include/seccomp.h),y),1y)
CPPFLAGS += -DHAVE_SECCOMP
LIBRARIES += -lseccomp
else ifeq ($(SANDBOX),1)
NOTES += 'libseccomp is not installed (libseccomp-dev): built without confinement of runs (--sandbox)'
endif

# Source lines need libdw; without it addresses still have their symbols.
ifneq ($(wildcard /usr/include/elfutils/libdw.h /usr/local/include/elfutils/libdw.h),)
CPPFLAGS += -DHAVE_LIBDW
LIBRARIES += -ldw
else
NOTES += 'libdw is not installed (libdw-dev): built without source lines in explain and --profile'
endif

# --- The program ---------------------------------------------------------------------------------

SOURCES := $(sort $(wildcard mmu/*.c cpu/*.c devices/*.c emu/*.c emu/*/*.c))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/gen/roms.o
PROGRAM := $(BUILD)/tablewalk
# All but main, for the unit tests to link what they need of.
LIBRARY := $(BUILD)/libtablewalk.a

# What everything is compiled with (below).
FLAGS := $(BUILD)/flags

all: $(PROGRAM)

$(PROGRAM): $(OBJECTS)
	$(CC) $(OPTIMIZE) $(LDFLAGS) -o $@ $^ $(LIBRARIES)
	$(if $(strip $(NOTES)),@printf 'make: %s\n' $(NOTES))

$(LIBRARY): $(filter-out $(BUILD)/emu/main.o,$(OBJECTS))
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/%.o: %.c Makefile $(FLAGS) | generated
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

# What is generated from the tables at build time: the decoder's.
GENERATED := $(patsubst cpu/gen/isagen.c,$(BUILD)/gen/decode_table.inc,$(wildcard cpu/gen/isagen.c))

# Native code by copy and patch (cpu/native.h): where the compiler has guaranteed tail calls and the
# host is an x86-64. The stencils are compiled as if for addresses that are sign-extended 32 bits.
STENCILS := $(shell printf '%s\n' '#if defined(__x86_64__) && defined(__clang__)' \
    '#if __has_attribute(preserve_none)' yes '#endif' '#endif' | $(CC) -E -P -x c - 2>/dev/null)
ifeq ($(STENCILS),yes)
GENERATED += $(BUILD)/gen/stencil_table.inc
CPPFLAGS += -DHAVE_STENCILS
endif
generated: $(GENERATED)

# What everything is compiled with: with another compiler, or a library more, it is built anew. Where
# it lies makes no difference (testsuite/pages/run calls make in a directory that leads to this one).
FLAGS_NOW := $(subst $(PLACELESS),,$(COMPILE)) $(LDFLAGS) $(LIBRARIES)
$(FLAGS): check-flags
	$(shell mkdir -p $(@D))$(file >$@.new,$(FLAGS_NOW))
	@if cmp -s $@.new $@; then rm $@.new; else testsuite/can-build $(CC) $(CPPFLAGS) && mv $@.new $@; fi

STENCIL_FLAGS := -O2 -mcmodel=kernel -fno-pic -fno-asynchronous-unwind-tables -fno-stack-protector \
    -fcf-protection=none -fno-jump-tables -ffunction-sections $(FLOATING)

# One object a sort of stencils (cpu/gen/hole.h).
STENCIL_OBJECTS := $(patsubst %,$(BUILD)/gen/stencils-%.o,0 1 2)
$(STENCIL_OBJECTS): $(BUILD)/gen/stencils-%.o: cpu/gen/stencils.c Makefile $(FLAGS)
	@mkdir -p $(@D)
	$(CC) $(STANDARD) $(CPPFLAGS) $(WARNINGS) $(STENCIL_FLAGS) -DLAST_IS=$* -MMD -MP -c -o $@ $<

$(BUILD)/gen/stencilgen: cpu/gen/stencilgen.c Makefile $(FLAGS)
	@mkdir -p $(@D)
	$(CC) $(STANDARD) -I. -O1 $(WARNINGS) -MMD -MP -o $@ $< -lelf

$(BUILD)/gen/stencil_table.inc: $(BUILD)/gen/stencilgen $(STENCIL_OBJECTS)
	$^ > $@

$(BUILD)/gen/isagen: cpu/gen/isagen.c cpu/isa.def cpu/extension.def Makefile $(FLAGS)
	@mkdir -p $(@D)
	$(CC) $(STANDARD) -I. -O1 $(WARNINGS) -MMD -MP -o $@ $<

$(BUILD)/gen/decode_table.inc: $(BUILD)/gen/isagen
	$< > $@

# --- Unit tests ----------------------------------------------------------------------------------

UNIT_SOURCES := $(sort $(wildcard testsuite/unit/*_test.c))
UNIT_HELPERS := $(filter-out $(UNIT_SOURCES),$(sort $(wildcard testsuite/unit/*.c)))
UNIT_PROGRAMS := $(UNIT_SOURCES:testsuite/unit/%.c=$(BUILD)/unit/%)

# The macros of Criterion and libfdt declare and convert in ways that these warnings do not like.
$(BUILD)/testsuite/%.o: WARNINGS += -Wno-missing-prototypes -Wno-missing-field-initializers \
    -Wno-shadow -Wno-conversion

$(BUILD)/unit/%_test: $(BUILD)/testsuite/unit/%_test.o $(UNIT_HELPERS:%.c=$(BUILD)/%.o) $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(OPTIMIZE) $(LDFLAGS) -o $@ $^ -lcriterion $(LIBRARIES)

# The firmware's handling of the device tree is tested on the host.
$(BUILD)/unit/dt_test: $(patsubst %,$(BUILD)/firmware/%.o,lib/dt lib/text sbi/platform sbi/reserve)

.SECONDARY: $(UNIT_SOURCES:%.c=$(BUILD)/%.o) $(UNIT_HELPERS:%.c=$(BUILD)/%.o)

# Reads TestFloat's vectors (testsuite/fp/vectors.c says how).
$(BUILD)/vectors: $(BUILD)/testsuite/fp/vectors.o $(LIBRARY)
	$(CC) $(OPTIMIZE) $(LDFLAGS) -o $@ $^ -lm

# Runs random programs in three ways and compares (testsuite/diff/main.c says how).
DIFF_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard testsuite/diff/*.c)))
$(BUILD)/diff: $(DIFF_OBJECTS) $(LIBRARY)
	$(CC) $(OPTIMIZE) $(LDFLAGS) -o $@ $^ -lm

unit-programs: $(UNIT_PROGRAMS)
unit: unit-programs
	testsuite/run-unit $(UNIT_PROGRAMS)

# --- Lint ----------------------------------------------------------------------------------------

# The programs of testsuite/accuracy stay as they were when the reference was measured.
LINTED := $(SOURCES) $(filter-out testsuite/accuracy/%, \
    $(wildcard cpu/gen/*.c testsuite/*/*.c firmware/*/*.c))
FORMATTED := $(LINTED) $(wildcard */*.h */*/*.h)
TIDY := $(SOURCES:%.c=$(BUILD)/lint/%.tidy)

lint: lint-format lint-rooms lint-size $(TIDY)

lint-format:
	clang-format-19 --dry-run -Werror $(sort $(FORMATTED))

lint-rooms:
	testsuite/check-includes

lint-size:
	testsuite/check-size
	testsuite/check-top

# The stamp hangs on the object, which is newer than every header it includes.
$(BUILD)/lint/%.tidy: %.c $(BUILD)/%.o .clang-tidy
	@mkdir -p $(@D)
	@echo clang-tidy $<; clang-tidy-19 --quiet $< -- $(STANDARD) $(CPPFLAGS) 2>$@.log || \
	    { cat $@.log; exit 1; }
	@touch $@

format:
	clang-format-19 -i $(sort $(FORMATTED))

# --- Firmware ------------------------------------------------------------------------------------

include roms/roms.mk

# --- Tests ---------------------------------------------------------------------------------------
# A suite is a target test-NAME whose last line of counts is 'N passed, M failed'. `make test` runs
# those of SUITES one after the other and adds the counts up.

SUITES ?= lint isa-table roms unit unit-sanitized unit-gcc guest guest-sanitized guest-gcc command \
    command-sanitized help help-sanitized package guests examples schema schema-sanitized console \
    console-sanitized docs profile profile-sanitized gdb gdb-sanitized demo sbi accuracy variants same pager \
    diff linux window hostile hostile-sanitized disks
test: setup
	$(MAKE) $(PARALLEL) test-built

# The builds that the suites want first, with all cores; then the suites.
UNIT_OF = $(if $(filter unit$1,$(SUITES)),unit-programs)
test-built: all $(call UNIT_OF)
	rm -rf build/san/raw
	$(if $(filter %-sanitized,$(SUITES)),$(MAKE) $(SANITIZED) all $(call UNIT_OF,-sanitized))
	$(if $(filter %-gcc,$(SUITES)),$(MAKE) $(WITH_GCC) all $(call UNIT_OF,-gcc))
	testsuite/run-suites $(BUILD)/test "$(MAKE)" $(SUITES) $(ALSO)

# All cores for the builds of the two commands, where nobody has said another number.
PARALLEL = $(if $(filter --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

SANITIZED := SANITIZE=1 BUILD=build/san
WITH_GCC := CC=gcc BUILD=build/gcc

test-lint:
	testsuite/count-one lint $(MAKE) lint

test-isa-table:
	testsuite/check-isa-table $(CC)

test-roms:
	testsuite/count-one roms $(MAKE) check-roms

test-unit: unit

GUEST_TESTS := build/guest-tests
test-guest: all
	$(MAKE) -C testsuite/guest OUT=../../$(GUEST_TESTS)
	testsuite/run-elfs --emulator $(PROGRAM) $(GUEST_TESTS)

test-command: all
	testsuite/command/run $(PROGRAM)

# The help, the manual page, the completions and files of options.
test-help: all
	testsuite/help/run $(PROGRAM)

test-schema: all accuracy-programs
	testsuite/schema/run $(PROGRAM) $(ACCURACY)

test-demo: all $(DEMO_DISK)
	testsuite/run-demo $(PROGRAM) roms/demo.elf $(DEMO_DISK)

test-sbi: all $(SBI_TEST)
	testsuite/sbi/run $(SBI_TEST) $(PROGRAM) -machine virt
# On a core that leaves misaligned accesses to the firmware and has no ASIDs.
SUITES += sbi-rocket
.PHONY: test-sbi-rocket
test-sbi-rocket: all $(SBI_TEST)
	testsuite/sbi/run $(SBI_TEST) $(PROGRAM) -machine virt --core=rocket

# The debug console's transcripts, and gdb as a client. The guest has fixed addresses.
CONSOLE_GUEST := build/console/faults
$(CONSOLE_GUEST): testsuite/console/faults.S Makefile
	@mkdir -p $(@D)
	$(RISCV)gcc -g -march=rv64ima_zicsr_zifencei -mabi=lp64 -nostdlib -static -Wl,-N \
	    -Wl,-Ttext=0x80000000 -Wl,--no-warn-rwx-segments -Wl,--build-id=none -o $@ $<

test-console: all $(CONSOLE_GUEST)
	$(MAKE) -C firmware/pager
	testsuite/console/run $(PROGRAM) $(dir $(CONSOLE_GUEST)) build/firmware/pager

# The pages of docs/ that show the console at work: are they what it says? docs: make them so.
test-docs: all $(CONSOLE_GUEST)
	$(MAKE) -C firmware/pager
	testsuite/console/docs $(PROGRAM) $(dir $(CONSOLE_GUEST)) build/firmware/pager

docs: all $(CONSOLE_GUEST)
	$(MAKE) -C firmware/pager
	testsuite/console/docs --update $(PROGRAM) $(dir $(CONSOLE_GUEST)) build/firmware/pager
	testsuite/console/run --update $(PROGRAM) $(dir $(CONSOLE_GUEST)) build/firmware/pager
	testsuite/linux/events --update $(CC)

# Every command that a page shows is run, by this or by another suite, and what pages name exists.
SUITES += pages
.PHONY: test-pages
test-pages: all bench-programs accuracy-programs $(CONSOLE_GUEST) $(BUILD)/diff
	$(MAKE) -C firmware/pager
	$(MAKE) -C testsuite/guest OUT=../../$(GUEST_TESTS)
	testsuite/linux/fetch build/linux
	testsuite/pages/run .

# --profile, the ledger of --stats, --realtime.
PROFILE_GUESTS := $(patsubst %,build/profile/%,calls wait)
build/profile/wait: PROFILE_FLAGS := -DWAIT
$(PROFILE_GUESTS): testsuite/profile/boot.S testsuite/profile/calls.c Makefile
	@mkdir -p $(@D)
	$(RISCV)gcc -g -O1 -march=rv64gc -mabi=lp64d -mcmodel=medany -ffreestanding -nostdlib -static \
	    -Wl,-N -Wl,-Ttext=0x80000000 -Wl,--no-warn-rwx-segments -Wl,--build-id=none \
	    -foptimize-sibling-calls $(PROFILE_FLAGS) -o $@ $(filter %.S %.c,$^)

test-profile: all $(PROFILE_GUESTS)
	$(MAKE) -C firmware/pager
	testsuite/profile/run $(PROGRAM) build/profile build/firmware/pager

test-gdb: all $(CONSOLE_GUEST)
	$(MAKE) -C firmware/pager
	testsuite/gdb/run $(PROGRAM) $(CONSOLE_GUEST) build/firmware/pager

# On Tablewalk and, where it is installed, on QEMU: the pager is tuned to neither.
test-pager: all
	$(MAKE) -C firmware/pager
	testsuite/pager/run build/firmware/pager $(PROGRAM) qemu-system-riscv64

# Ten million instructions; then a planted error, which has to be found.
DIFF_INSNS ?= 10000000
test-diff: $(BUILD)/diff
	@if $< --insns=100000 --plant=20 >/dev/null; then \
	    echo 'a planted error was not found'; echo '0 passed, 1 failed'; exit 1; fi
	$< --insns=$(DIFF_INSNS)
diff: test-diff

test-linux: all
	testsuite/linux/test $(PROGRAM)

# Counters in Linux: a test of their own, and Debian's perf. The table of events in docs/perf.md.
SUITES += linux-counters events
.PHONY: test-linux-counters linux-perf test-events
test-events:
	testsuite/linux/events $(CC)
test-linux-counters: all
	testsuite/linux/test-counters $(PROGRAM)
linux-perf: setup
	$(MAKE) all
	testsuite/linux/perf $(PROGRAM)

# How near the clock is to the reference core's RTL (docs/timing.md), row by row.
ACCURACY := build/accuracy
accuracy-programs:
	$(MAKE) -C testsuite/accuracy OUT=../../$(ACCURACY)
accuracy test-accuracy: all accuracy-programs
	testsuite/accuracy/run $(PROGRAM) $(ACCURACY)
test-variants: all accuracy-programs
	testsuite/accuracy/variants $(PROGRAM) $(ACCURACY)

# The emulator built in four other ways, for a run to be the same with each.
SAME := $(foreach compiler,clang-19 gcc,$(foreach level,0 3,$(compiler)-O$(level)))
SAME := $(if $(shell command -v clang-19),$(SAME),$(filter gcc%,$(SAME)))
$(ACCURACY)/monotone.elf $(ACCURACY)/overflow.elf: $(ACCURACY)/%.elf: testsuite/same/%.S
	@mkdir -p $(@D)
	$(RISCV)gcc -march=rv64ima_zicsr -mabi=lp64 -nostdlib -static -Wl,-N -Wl,-Ttext=0x80000000 \
	    -Wl,--no-warn-rwx-segments -Wl,--build-id=none -o $@ $<
build-same-%:
	$(MAKE) BUILD=$(BUILD)/same/$* CC=$(word 1,$(subst -O, ,$*)) OPTIMIZE=-O$(word 2,$(subst -O, ,$*)) \
	    all
test-same: all accuracy-programs $(ACCURACY)/monotone.elf $(ACCURACY)/overflow.elf $(SAME:%=build-same-%)
	testsuite/same/run $(ACCURACY) $(PROGRAM) $(SAME:%=$(BUILD)/same/%/tablewalk)

docs/accuracy.svg: all accuracy-programs
	testsuite/accuracy/run --svg $(PROGRAM) $(ACCURACY) > $@

# The pager's chapter about thrashing, when the eighth of its programs has joined (docs/screen.md).
.PHONY: picture-thrashing
picture-thrashing: all
	$(PROGRAM) -m 4M -append '--chapter thrash' --max-insns=22400000 \
	    --view=docs/thrashing.png,every=90000 </dev/null >/dev/null 2>&1 || [ $$? -eq 3 ]

# The pager's game, when its snake has become longer than RAM (docs/pager.md). A key a step.
.PHONY: picture-snake
picture-snake: all
	testsuite/window/snake-keys | $(PROGRAM) -m 4M -device framebuffer -append '--do ram 40; snake 0 60' \
	    --screenshot=docs/snake.png

# A real window on a display of its own.
.PHONY: test-window
WINDOW_TESTS := $(BUILD)/window
test-window: all $(WINDOW_TESTS)/draw $(WINDOW_TESTS)/picture $(WINDOW_TESTS)/no-sdl
	testsuite/window/test $(PROGRAM) $(WINDOW_TESTS)

# What a window costs the emulation (docs/screen.md).
bench-window: all $(WINDOW_TESTS)/draw
	testsuite/window/test $(PROGRAM) $(WINDOW_TESTS) cost
.PHONY: bench-window

# The program as SDL=0 makes it: but for the window's files it is the same.
WINDOW_OBJECTS := $(filter $(BUILD)/emu/window/%,$(OBJECTS))
$(WINDOW_TESTS)/no-sdl: $(WINDOW_OBJECTS:$(BUILD)/%.o=$(WINDOW_TESTS)/%.o) $(OBJECTS)
	$(CC) $(OPTIMIZE) $(LDFLAGS) -o $@ $(filter-out $(WINDOW_OBJECTS),$^) $(LIBRARIES)

$(WINDOW_TESTS)/emu/window/%.o: emu/window/%.c Makefile $(FLAGS) | generated
	@mkdir -p $(@D)
	$(filter-out -DHAVE_SDL,$(COMPILE)) -c -o $@ $<

$(WINDOW_TESTS)/draw: testsuite/window/draw.c testsuite/guest/lib/link.ld
	@mkdir -p $(@D)
	riscv64-unknown-elf-gcc -std=gnu17 -O2 -Wall -Wextra -Werror -march=rv64imac_zicsr -mabi=lp64 \
	    -mcmodel=medany -ffreestanding -nostdlib -static -Wl,--build-id=none \
	    -Wl,--no-warn-rwx-segments -T testsuite/guest/lib/link.ld -o $@ $<

$(WINDOW_TESTS)/picture: $(BUILD)/testsuite/window/picture.o
	@mkdir -p $(@D)
	$(CC) $(OPTIMIZE) $(LDFLAGS) -o $@ $< -lpng

include testsuite/proof.mk

# The same tests with sanitizers, and built by gcc, which has no guaranteed tail calls.
test-%-sanitized:
	$(MAKE) $(SANITIZED) test-$*
	@mkdir -p build/san/raw && touch build/san/raw/$*.ran
test-%-gcc:
	$(MAKE) $(WITH_GCC) test-$*

include testsuite/trust.mk

# --- For people ----------------------------------------------------------------------------------

setup:
	@testsuite/setup

run: setup
	$(MAKE) $(PARALLEL) all
	$(PROGRAM)

# The two commands of the README on a Debian 12 tree that has nothing but git and make. As a suite it is
# not one of SUITES, since it sets up a machine and runs suites there: .ci/run says ALSO=fresh.
fresh: setup
	testsuite/fresh $(FRESH_SUITES)
test-fresh:
	testsuite/fresh $(FRESH_SUITES)

demo: all $(DEMO_DISK)
	$(PROGRAM) $(DEMO_ARGUMENTS)

linux: setup
	$(MAKE) all
	testsuite/linux/boot $(PROGRAM)

# A whole Debian 13 with systemd and a swap disk, to its login; make guest-NAME: docs/guests.md.
debian: setup
	$(MAKE) $(PARALLEL) all
	testsuite/guests/debian $(PROGRAM)

# All of them, with the time that each takes.
guests: setup
	$(MAKE) $(PARALLEL) all
	testsuite/guests/run $(PROGRAM) hello riscv-tests xv6 uboot linux debian

guest-%: setup
	$(MAKE) $(PARALLEL) all
	testsuite/guests/run $(PROGRAM) $*

# What docs/CONTRIBUTING.md shows, applied and used.
test-examples:
	testsuite/examples/run

test-guests: all
	testsuite/guests/run $(PROGRAM) hello uboot linux riscv-tests xv6

# --- Installing ----------------------------------------------------------------------------------
# make install puts what INSTALLED lists below DESTDIR and PREFIX; make uninstall takes that away.

PREFIX ?= /usr/local
ZSH_FUNCTIONS ?= share/zsh/site-functions
SHARE := $(BUILD)/share
DOCUMENTATION := README.md $(wildcard docs/*.md docs/*.svg docs/*.png docs/schema/*.* docs/schema/*/*)

# What is made of the program's tables: FORM:FILE, as in --help=FORM.
FORMS := man:tablewalk.1 bash:tablewalk zsh:_tablewalk fish:tablewalk.fish
FORM_FILES := $(foreach f,$(FORMS),$(SHARE)/$(lastword $(subst :, ,$f)))
$(FORM_FILES): $(PROGRAM)
	@mkdir -p $(@D)
	$(PROGRAM) --help=$(firstword $(subst :, ,$(filter %:$(@F),$(FORMS)))) > $@

# FILE:PLACE:MODE
INSTALLED := $(PROGRAM):bin/tablewalk:755 \
    $(SHARE)/tablewalk.1:share/man/man1/tablewalk.1:644 \
    $(SHARE)/tablewalk:share/bash-completion/completions/tablewalk:644 \
    $(SHARE)/_tablewalk:$(ZSH_FUNCTIONS)/_tablewalk:644 \
    $(SHARE)/tablewalk.fish:share/fish/vendor_completions.d/tablewalk.fish:644 \
    $(foreach f,$(DOCUMENTATION),$f:share/doc/tablewalk/$f:644)

install: all $(FORM_FILES)
	@testsuite/package/install '$(DESTDIR)$(PREFIX)' $(INSTALLED)

uninstall:
	@testsuite/package/install --remove '$(DESTDIR)$(PREFIX)' $(INSTALLED)

# A Debian source package and what it builds to, in build/deb. testsuite/package/debian describes it.
deb: setup
	testsuite/package/deb build/deb

test-package: all
	testsuite/package/run $(PROGRAM)

# --- Benchmarks: testsuite/bench/run says what is measured, and of BENCH_RUNS= and BENCH_ROWS=

bench-programs:
	$(MAKE) -C firmware/bench OUT=../../build/bench

bench: setup
	$(MAKE) all bench-programs
	$(if $(LINUX),testsuite/linux/fetch build/linux)
	$(if $(CORE),testsuite/bench/core $(CORE) $(PROGRAM) build/bench build, \
	    BENCH_LINUX=$(LINUX) testsuite/bench/run $(PROGRAM) build/bench build)

# The pictures of the README that show a terminal: what the commands print, and nothing else.
PICTURE := testsuite/bench/terminal-picture
pictures: all
	{ echo '$$ make run'; printf 'stack\noff\n' | $(PROGRAM) | sed 's/\r//g; s/\x1b\[K$$//; s/^.*\x1b\[K//'; } | \
	    head -n 41 | cut -c 1-136 | $(PICTURE) 'the pager, chapter 12' > docs/boot.svg
	sed -n '/^(tablewalk) explain/,/^```/{/^```/q;p}' docs/following-a-page-fault.md | \
	    cut -c 1-136 | $(PICTURE) 'a page fault explained' > docs/fault.svg

bench-chart:
	testsuite/bench/chart build/bench.tsv > docs/bench.svg

# The frequencies of pairs of instructions, for docs/engine.md.
bench-pairs: $(BUILD)/pairs bench-programs
	for elf in build/bench/*.elf; do riscv64-unknown-elf-objcopy -O binary $$elf $$elf.bin; done
	$(BUILD)/pairs build/bench/*.elf.bin

# What the console costs where nobody uses it, and the clock: nothing (docs/console.md, timing.md).
$(BUILD)/no-console $(BUILD)/no-clock: $(BUILD)/no-%: $(BUILD)/emu/main.o $(BUILD)/testsuite/bench/no_%.o $(LIBRARY)
	$(CC) $(OPTIMIZE) $(LDFLAGS) -o $@ $^ $(LIBRARIES)

COST_PROGRAMS := dhrystone sort chase_many faults
console-cost: WITHOUT := $(BUILD)/no-console
timing-cost: WITHOUT := $(BUILD)/no-clock
console-cost timing-cost: all $(BUILD)/no-console $(BUILD)/no-clock bench-programs
	testsuite/bench/part-cost $(PROGRAM) $(WITHOUT) $(COST_PROGRAMS:%=build/bench/%.elf)

$(BUILD)/pairs: $(BUILD)/testsuite/bench/pairs.o $(LIBRARY)
	$(CC) $(OPTIMIZE) $(LDFLAGS) -o $@ $^ -lm

clean:
	rm -rf build

help:
	@sed -n 's/^#   make/make/p' $(firstword $(MAKEFILE_LIST))
	@printf '%s\n' \
	    'make setup      installs the packages of packages.txt that are missing' \
	    'make unit       unit tests only (SANITIZE=1: with sanitizers)' \
	    'make linux-perf  counts and samples with perf in Debian, on a timed core' \
	    'make accuracy   cycles of --core=rocket against the reference, row by row' \
    'make lint       formatting, clang-tidy, includes between rooms, sizes' \
	    'make format     formats every source' \
	    'make install    below PREFIX (/usr/local) and DESTDIR; make uninstall takes it away' \
    'make deb        a Debian source package and what it builds to, in build/deb' \
    'make guests     every recipe of docs/guests.md, timed; make guest-NAME: one' \
    'make fresh      make run and make test on a fresh Debian 12 (FRESH_SUITES=... there)' \
    'make bench      compares the speed with QEMU (LINUX=1: of Debian and its swapping too;' \
        '                CORE=rocket: of the timed engine with the plain one)' \
    'make soak       swaps for T=3600 seconds, every word verified, memory and descriptors watched' \
    'make pictures   draws the terminals that the README shows' \
    'make bench-chart  draws what make bench measured into docs/bench.svg' \
    'make console-cost, make timing-cost  host instructions that they cost a run without them' \
    'make bench-pairs  counts which instructions follow one another' \
    'make fuzz T=60  fuzzes every target for T seconds' \
    'make coverage   lines, branches and rows of tables that the tests reach' \
    'make mutants    small mistakes in the MMU and the virtqueues: are they caught?' \
    'make valgrind   the unit tests under valgrind' \
    'make trust      the figures of docs/trust.md' \
    'make diff       random programs in three ways: native code, interpreter, one by one' \
    'make roms       builds firmware/ into roms/' \
    'make check-roms compares roms/ with what firmware/ builds to' \
	    'make docs       brings docs/ and the transcripts of the console up to date' \
	    'make clean      removes build/'

.PHONY: all check-flags generated unit unit-programs lint lint-format lint-rooms lint-size format test \
    test-built test-lint test-isa-table test-roms test-unit test-guest test-command test-help test-schema test-demo test-sbi test-pager \
    test-console test-docs docs test-gdb test-profile \
    test-linux test-diff diff setup run fresh test-fresh debian guests test-guests test-examples install uninstall deb test-package demo linux bench bench-programs bench-chart bench-pairs console-cost timing-cost pictures clean help

-include $(wildcard $(BUILD)/gen/*.d) $(OBJECTS:.o=.d) $(UNIT_SOURCES:%.c=$(BUILD)/%.d) $(UNIT_HELPERS:%.c=$(BUILD)/%.d)
