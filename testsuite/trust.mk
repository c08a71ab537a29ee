# SPDX-License-Identifier: MIT
# What docs/trust.md promises, as targets; part of the Makefile above.

# For the status of what stands before a pipe.
soak: SHELL := /bin/bash

# Two machines that swap for T=3600 seconds, every word verified, the emulators' memory watched.
soak: all
	$(MAKE) -C firmware/pager
	testsuite/linux/fetch build/linux
	testsuite/soak/run $(PROGRAM) build/firmware/pager build/linux $(or $(T),3600) | tee $(BUILD)/soak.log; \
	    exit $${PIPESTATUS[0]}

# Guests that mean harm: each has to end as its row says, within a second and a bound of memory.
test-hostile: all
	$(MAKE) -C testsuite/guest OUT=../../$(GUEST_TESTS) hostile
	SLOWER=$(if $(filter 1,$(SANITIZE)),12,1) testsuite/hostile/run $(PROGRAM) $(GUEST_TESTS)/hostile

# Disks under a power cut, a signal, a host that fails. The emulator with a journal between itself and
# its images is a program of the test's own: the linker puts the journal there.
JOURNALLED := $(BUILD)/disks/tablewalk
$(JOURNALLED): $(OBJECTS) $(BUILD)/testsuite/disks/journal.o
	@mkdir -p $(@D)
	$(CC) $(OPTIMIZE) $(LDFLAGS) -Wl,--wrap=disk_file_store -o $@ $^ $(LIBRARIES)
$(BUILD)/disks/replay: $(BUILD)/testsuite/disks/replay.o
	@mkdir -p $(@D)
	$(CC) $(OPTIMIZE) $(LDFLAGS) -o $@ $^

test-disks: all $(JOURNALLED) $(BUILD)/disks/replay
	$(MAKE) -C firmware/pager
	$(MAKE) -C testsuite/guest OUT=../../$(GUEST_TESTS) hostile
	testsuite/linux/fetch build/linux
	testsuite/disks/run $(PROGRAM) $(BUILD)/disks build/firmware/pager build/linux \
	    $(GUEST_TESTS)/hostile

.PHONY: soak test-hostile test-disks
