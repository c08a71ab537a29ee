# SPDX-License-Identifier: MIT
# machine: GUESTS/faults -m 1M -S
source
source WORK/nowhere
heat
record on
step 60
heat --format=png
heat --format=png WORK/heat.png
heat --format=png --by=w WORK/heat.png
heat --format=png WORK/nowhere/heat.png
heat --format=csv WORK/nowhere/heat.csv
heat --by=r --limit=2
trace on
trace on WORK/nowhere/trace
view save WORK/nowhere/view.png
view save WORK/view.gif
help nothing
help quit --schema
help quit --schema --json
help nothing --schema
watch 0x80000000 --access=rq
watch 0x80000000 0
break pc --count=0
break pc --count=none
delete 9
enable 9
pt save t1
pt save t2
pt save t3
pt save t4
pt save t5
pt save t6
pt save t7
pt save t8
pt save t9
delete all
watch pc 4 --access=x
continue
delete all
x/4c pc
x/4u pc
