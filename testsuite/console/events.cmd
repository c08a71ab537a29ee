# SPDX-License-Identifier: MIT
# machine: -m 4M -kernel PAGER/pager.symbols -append '--chapter paging' -drive file=PAGER/pager.img,format=raw,if=none,id=files,snapshot=on -device virtio-blk-device,drive=files,bus=virtio-mmio-bus.0 -drive file=WORK/swap.img,format=raw,if=none,id=swap,cache=unsafe -device virtio-blk-device,drive=swap,bus=virtio-mmio-bus.1 -S
break fault fetch --do="explain;print cause == 12;regs sp"
continue
print va
break
delete all
break fault store if va in 0x10000..0x40000 && priv == 1 --count=3
continue
print stval in 0x10000..0x40000
delete all
break disk write if value % 8 == 0 --count=3
continue
delete all
break priv if value == 0
continue
delete all
break trap if cause == 8 --count=2
break sfence
continue
continue
break
delete all
watch 0x3ffff000 0x1000 --access=w --count=5
disable 7
disable 99
break
enable 7
break fault_serve
continue
delete 7
continue
finish
next
next
until user_trap
watch "sp - 64" 8 --access=rw if value != 0
continue
delete all
step 1000
