# What boots when nothing is named is known by name and line, and so are its programs.
# machine: -m 4M -S -append '--chapter paging'
symbols
break user_trap if scause == 13
continue
explain
spaces
disassemble pc 2
delete all
break area_find --do="print a0; regs ra"
continue
finish
print area_find
symbols /nowhere
