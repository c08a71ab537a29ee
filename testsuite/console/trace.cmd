# SPDX-License-Identifier: MIT
# machine: GUESTS/faults -S
trace on WORK/commits.log --what=commits
step 12
trace off
trace on WORK/all.log --what=insn,mem,csr,walk,trap
break handler
continue
trace
trace off
trace on /nowhere/log
trace on WORK/commits.log --what=dreams
record on
delete 1
break finished
continue
whowrote 0x80008000 0x1000 --phys
heat
heat --format=csv
pt history 0x40000010
