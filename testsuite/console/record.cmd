# SPDX-License-Identifier: MIT
# machine: -m 4M -kernel PAGER/pager.symbols -append '--chapter paging' -drive file=PAGER/pager.img,format=raw,if=none,id=files,snapshot=on -device virtio-blk-device,drive=files,bus=virtio-mmio-bus.0 -drive file=WORK/swap.img,format=raw,if=none,id=swap,cache=unsafe -device virtio-blk-device,drive=swap,bus=virtio-mmio-bus.1 -S
break fault load if va == 0x13000
continue
whowrote 0x13000
delete all
record on
break fault load if va == 0x15000
continue
record
pt history 0x13000
print pte[0x13000]
whowrote 0x13000
whowrote pte[0x13000] --phys --limit=2
pt history 0x8000000000
whowrote
swap --limit=3
heat --limit=6
heat --by=w --format=blocks
heat WORK/heat.csv.log
heat --format=tea
heat --by=q
record off
record
break satp
continue
record
spaces
phys2virt 0x80263000
frames --limit=8 --from=60
