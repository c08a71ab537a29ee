# SPDX-License-Identifier: MIT
# machine: GUESTS/faults -S
pt
break finished
continue
pt
pt --format=tree
pt --format=qemu
pt --format=xv6
pt --format=rot13
pt --limit=2 --json
pt save before
set u64[0x80003008] = u64[0x80003000]
set u64[0x80003000] = 0
pt diff before now
pt diff before
pt diff before nothing
tlb stale
lint mmu
spaces
spaces name 1 program
spaces
frames --limit=12
phys2virt 0x80008010
phys2virt 0x90000000
symbols
