# SPDX-License-Identifier: MIT
# machine: GUESTS/faults --core=rocket -S
break do_load
continue
walk 0x40000010
until do_store
walk 0x40000010
walk 0x40000010 --json
walk 0x40000010 --space=0x80001000 --access=x
