# SPDX-License-Identifier: MIT
# machine: GUESTS/faults -S
break priv
continue
continue
delete all
break satp
continue
