# SPDX-License-Identifier: MIT
# What docs/trust.md promises, as targets; part of the Makefile above.

# Two machines that swap for T=3600 seconds, every word verified, the emulators' memory watched.
soak: all
	$(MAKE) -C firmware/pager
	testsuite/linux/fetch build/linux
	testsuite/soak/run $(PROGRAM) build/firmware/pager build/linux $(or $(T),3600)

.PHONY: soak
