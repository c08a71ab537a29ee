# SPDX-License-Identifier: MIT
# machine: GUESTS/faults -S
help
help walk
help s
h explain
stat
st
s
bogus
wlk 1
echo some text
quit
