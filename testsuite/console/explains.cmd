# SPDX-License-Identifier: MIT
# machine: GUESTS/faults -S
explain
break finished
continue
explain
explain 1
explain 0x40003010
explain 0x40007010
explain 0x40009010
explain 0x4000b010
explain 13
explain 99
explain 5 --json
