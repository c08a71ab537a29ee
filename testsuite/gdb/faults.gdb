info registers pc priv
break *supervisor
continue
info registers priv satp
print/x $mstatus
x/2i $pc
stepi
print $pc == (long)&supervisor + 4
watch *(long*)0x40000010
set $a0 = 0x77
print $a0
print/x *(long*)0x40000010
set *(long*)0x40000010 = 0x55
print/x *(long*)0x40000010
maint packet qqemu.PhyMemMode
maint packet Qqemu.PhyMemMode:1
maint packet m80008010,8
maint packet Qqemu.PhyMemMode:0
maint packet m80008010,8
monitor walk 0x40000010
monitor status --json
monitor continue
maint packet m123456789000,8
delete
hbreak *do_store
continue
info threads
monitor explain 1
maint packet m0,ffffffffffffffff
maint packet mffffffffffffffff,8
maint packet Z9,0,0
maint packet p99999
maint packet vCont;x
maint packet qRcmd,zz
maint packet Gffff
kill
