# SPDX-License-Identifier: MIT
# machine: GUESTS/faults -S
break do_load if s1 == 0x40003010
break 0x800000b0
break
continue
step
next
delete 1
continue
disable 2
watch 0x40000000 0x100 --access=r
break fault store
continue
explain
enable 2
delete all
break satp --count=2
break trap if cause == 12
continue
delete all
until handler
watch 0x8000e000 8 --phys --access=rw
break irq 5
break disk write
break 0x1 nonsense
break fault sideways
watch 0 0
delete 77
step 0
break finished --do="regs s0;echo done"
continue
