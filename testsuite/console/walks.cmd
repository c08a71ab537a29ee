# SPDX-License-Identifier: MIT
# machine: GUESTS/faults -S
break finished
continue
faults
walk 0x40000010
walk 0x40001010
walk 0x40002010
walk 0x40003010
walk 0x40004010
walk 0x40005010
walk 0x40006010
walk 0x40007010
walk 0x40007010 --access=x
walk 0x40007010 --as=u --access=x
walk 0x40008010
walk 0x40009010 --access=w
walk 0x40009010 --access=x
walk 0x4000a010
walk 0x4000b010 --access=w
walk 0x4000c010
walk 0x8000000000
walk 0x40200010
walk 0x40400010
walk 0xc0000010
walk 0x40000010 --as=m
walk 0x40000010 --space=0x80001000 --as=u
walk 0x40000010 --space=0x12345
walk 0x40009010 --access=w --json
walk
walk 1 --access=q
