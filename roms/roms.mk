# SPDX-License-Identifier: MIT
# What runs inside the machine: firmware/ compiled for RV64 into roms/, and roms/ embedded in the
# program. Included by the Makefile. The results are checked in, so that building the emulator needs no RISC-V compiler.
#
#   make roms         rebuild roms/ from firmware/
#   make check-roms   rebuild into build/ and compare with what is checked in
#
# The outputs depend on the sources and the compiler only (Debian's gcc-riscv64-unknown-elf, version
# $(ROM_GCC_VERSION) for what is checked in): no dates, no paths, no host's byte order.
BUILD ?= build
RISCV ?= riscv64-unknown-elf-
ROM_GCC_VERSION := 12.2.0

ROMS := sbi.bin demo.elf pager.elf pager.img

# RV64IMA: the least that any hart has that can run an operating system, so the firmware works with
# every --isa.
RISCV_FLAGS := -march=rv64ima_zicsr_zifencei -mabi=lp64 -mcmodel=medany -msmall-data-limit=0 \
	-std=gnu17 -Os -Wall -Wextra -Wconversion -Werror -ffreestanding -fno-common \
	-fno-tree-loop-distribute-patterns -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables -fno-ident -I.
RISCV_LINK := -nostdlib -nostartfiles -static -Wl,--gc-sections -Wl,--build-id=none \
	-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments

ROM_LIB := $(wildcard firmware/lib/*.c)
sbi_SOURCES := firmware/sbi/start.S $(wildcard firmware/sbi/*.c) $(ROM_LIB)

demo_SOURCES := firmware/demo/start.S $(wildcard firmware/demo/*.c) $(ROM_LIB)

# One rule for all guest programs: $(call guest_program,name,directory) links $(name_SOURCES) by
# firmware/name/name.ld into directory/name.elf.
define guest_program
$(1)_OBJECTS := $$(patsubst %,$(BUILD)/guest/%.o,$$($(1)_SOURCES))
$(BUILD)/rom/$(1).elf: $$($(1)_OBJECTS) $(BUILD)/guest/$(1).ld
	@mkdir -p $$(@D)
	$(RISCV)gcc $(RISCV_FLAGS) $(RISCV_LINK) -T $(BUILD)/guest/$(1).ld -o $$@ $$($(1)_OBJECTS)
$(BUILD)/guest/$(1).ld: $$($(1)_SCRIPT)
	@mkdir -p $$(@D)
	$(RISCV)gcc -E -P -x c -I. -MMD -MT $$@ -MF $$@.d -o $$@ $$<
-include $(BUILD)/guest/$(1).ld.d $$($(1)_OBJECTS:.o=.d)
endef

sbi_SCRIPT := firmware/sbi/sbi.ld
demo_SCRIPT := firmware/demo/demo.ld
$(eval $(call guest_program,sbi))
$(eval $(call guest_program,demo))

# The pager has a Makefile of its own, which one rule runs: two at once would build into one another.
$(BUILD)/rom/pager.elf $(BUILD)/rom/pager.img &: FORCE
	@mkdir -p $(@D)
	$(MAKE) --no-print-directory -C firmware/pager OUT=$(if $(filter /%,$(BUILD)),,../../)$(BUILD)/firmware/pager
	cp $(BUILD)/firmware/pager/pager.elf $(BUILD)/firmware/pager/pager.img $(@D)
FORCE:

# The disk that the demonstration pages from: one text a page, padded with zeros.
DEMO_DISK := $(BUILD)/demo.img
$(DEMO_DISK): $(sort $(wildcard firmware/demo/disk/*.txt))
	@mkdir -p $(@D)
	for page in $^; do dd if=$$page bs=4096 count=1 conv=sync status=none; done > $@.new
	mv $@.new $@
# The test of the SBI (testsuite/sbi), a kernel like the demonstration, but no rom.
SBI_TEST := $(BUILD)/rom/sbi_test.elf
sbi_test_SOURCES := testsuite/sbi/start.S $(wildcard testsuite/sbi/*.c) $(ROM_LIB)
sbi_test_SCRIPT := testsuite/sbi/sbi_test.ld
$(eval $(call guest_program,sbi_test))

# What to tell the emulator so that it shows the demonstration. The disk stays as it is.
DEMO_ARGUMENTS := -kernel roms/demo.elf -nographic \
	-drive file=$(DEMO_DISK),format=raw,if=none,id=d,snapshot=on \
	-device virtio-blk-device,drive=d

$(BUILD)/guest/%.o: %
	@mkdir -p $(@D)
	$(RISCV)gcc $(RISCV_FLAGS) -MMD -MP -MF $(@:.o=.d) -c -o $@ $<

$(BUILD)/rom/%.bin: $(BUILD)/rom/%.elf
	$(RISCV)objcopy -O binary $< $@

.PHONY: roms check-roms FORCE
roms: $(ROMS:%=$(BUILD)/rom/%)
	cp $^ roms/ && chmod 644 $(ROMS:%=roms/%)

check-roms: $(ROMS:%=$(BUILD)/rom/%)
	@for rom in $(ROMS); do \
	    cmp $(BUILD)/rom/$$rom roms/$$rom || \
	    { echo "roms/$$rom is not what firmware/ builds to with $$($(RISCV)gcc --version | head -n1)" \
	           "(checked in: $(ROM_GCC_VERSION)); 'make roms' renews it" >&2; exit 1; }; \
	done; echo "check-roms: $(words $(ROMS)) roms are what firmware/ builds to"

# The C file that embeds roms/ (emu/roms.h says what is in it); link $(BUILD)/gen/roms.c in.
# The core files of the timing model are embedded beside them.
CORES := $(sort $(wildcard cpu/cores/*.core))
$(BUILD)/gen/roms.c: $(ROMS:%=roms/%) $(CORES) roms/embed.sh
	@mkdir -p $(@D)
	sh roms/embed.sh $(ROMS:%=roms/%) $(CORES) > $@.new && mv $@.new $@

$(BUILD)/gen/roms.o: $(BUILD)/gen/roms.c Makefile $(FLAGS)
	$(COMPILE) -c -o $@ $<
