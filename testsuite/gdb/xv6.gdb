break usertrap
continue
info threads
print/x $scause
print/x $satp != 0
monitor status
delete
break fork
continue
finish
delete
watch ticks
continue
print ticks > 0
delete
tbreak kerneltrap
continue
stepi
backtrace 1
thread 2
info registers mhartid
maint packet Qqemu.PhyMemMode:1
maint packet m80000000,4
maint packet Qqemu.PhyMemMode:0
monitor pt --limit=2
monitor spaces
kill
