# SPDX-License-Identifier: MIT
# machine: GUESTS/faults -S
regs
csr mstatus
csr nothing
step 5
regs pc
print t0 + 1
print mstatus.MPP
print satp.MODE == 8 || (1 << 4) / 0
print u32[pc]
print 'list
print 'list' - 'supervisor'
print $list
print 5 in 3..6
set a0 0x1234
set u64[0x80008000] = a0 * 2
set satp 0x8000000000080001
csr satp
print a0 == 0x1234 && u64[0x80008000] == 0x2468
set x0 7
regs zero
set nothing 1
x/4xw 0x80008000
x/2i pc
x/s 0x80000000
x/3dh 0x80008000
x 0x7fff
dis supervisor 4
regs --fp --limit=3
regs a0 --json
