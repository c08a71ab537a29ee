# SPDX-License-Identifier: MIT
# machine: GUESTS/faults -S
complete wh
complete s
complete wal
complete nothing
complete walk --
complete walk 0x1000 --a
complete walk 0x1000 --access=
complete w 0x1000 --ac
complete pt 
complete pt sa
complete pt --format=x
complete tlb 
complete tlb st
complete break f
complete break fault l
complete break do_
complete break do_load if s1 == u64[ne
complete print mst
complete print mstatus.S
complete print $ms
complete print 1 + ($sat
complete set a0 1 << t
complete x/4xg sup
complete help c
complete trace o
complete trace on WORK/scr
complete source WORK/scri
complete source WORK/nowhere/
complete devices v
complete step
complete continue x
complete
wa 0x40000000
wal 0x40000010 --acc=w
whowrot
