break *finished
continue
print/x *(long*)0x40000010
set var *(long*)0x40000010 = 0x1234
print/x *(long*)0x40000010
maint packet Qqemu.PhyMemMode:1
maint packet m80008010,8
maint packet m40000010,8
maint packet M80008010,8:7766554433221100
maint packet Qqemu.PhyMemMode:0
maint packet m40000010,8
set var $sp = 0x1000
info registers sp
set var $satp = 0
info registers satp
monitor regs pc
monitor nonsense
monitor set a0 5
monitor print a0
monitor break finished
monitor break
monitor explain last --json
kill
