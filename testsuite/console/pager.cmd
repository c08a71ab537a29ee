# SPDX-License-Identifier: MIT
# machine: -m 4M -kernel PAGER/pager.symbols -append '--chapter paging' -drive file=PAGER/pager.img,format=raw,if=none,id=files,snapshot=on -device virtio-blk-device,drive=files,bus=virtio-mmio-bus.0 -drive file=WORK/swap.img,format=raw,if=none,id=swap,cache=unsafe -device virtio-blk-device,drive=swap,bus=virtio-mmio-bus.1 -S
break fault load
continue
explain
spaces
pt
swap --limit=5
delete all
break satp
continue
csr satp
regs
devices
devices plic
devices uart
devices virtio
lint
status
