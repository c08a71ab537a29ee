# SPDX-License-Identifier: MIT
# machine: -m 4M -kernel PAGER/pager.symbols -append '--do spin &; spin' -drive file=PAGER/pager.img,format=raw,if=none,id=files,snapshot=on -device virtio-blk-device,drive=files,bus=virtio-mmio-bus.0 -S
break irq 9
break irq 5 --count=2
continue
csr scause
print sip & sie
break
delete all
break irq
continue
status
