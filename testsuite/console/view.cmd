# SPDX-License-Identifier: MIT
# machine: -m 4M -kernel PAGER/pager.symbols -append '--chapter thrash' -drive file=PAGER/pager.img,format=raw,if=none,id=files,snapshot=on -device virtio-blk-device,drive=files,bus=virtio-mmio-bus.0 -drive file=WORK/swap.img,format=raw,if=none,id=swap,cache=unsafe -device virtio-blk-device,drive=swap,bus=virtio-mmio-bus.1 -S
view on --every=9
view on --every=200000
break disk write --count=300
continue
view
view next
view
swap --limit=2
frames 0x8025e000
record on
step 1000
frames 0x80250000
frames 0x80223000
frames 0x1000
view save
view save picture.jpg
view save WORK/picture.png
view save WORK/film.apng
view wrong
view off
