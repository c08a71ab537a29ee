# SPDX-License-Identifier: MIT
# What the pager is asked to do, and what theory says it must answer. Sourced by run.
# shellcheck shell=bash disable=SC2034,SC2154

# Each chapter by itself, as a script would run it, with the fewest checks it has to make.
chapters_alone() {
    local name least
    while read -r name least; do
        boot "chapter-$name" 0 "--chapter $name"
        count_checks "$least"
        expect "^chapter $name: [0-9]+ checks, 0 failed"
    done <<'LIST'
before 10
spaces 17
tables 13
demand 22
paging 53
thrash 16
policies 27
protect 30
files 15
usage 17
cow 13
stack 12
LIST
    # The figures everybody knows, looked for in words, so that they cannot quietly be left out.
    test=known log=$log_dir/$label-chapter-policies.log
    expect 'FIFO with 3 frames: 9 ' 'FIFO with 4 frames.*: 10 ' 'LRU with 3 frames: 10 ' \
        'LRU with 4 frames: 8 ' 'optimum with 3: 7 ' 'optimum with 4: 6 '
    log=$log_dir/$label-chapter-thrash.log
    expect '^csv,5,60,100,0,0' '^csv,1,60,50,0,0' 'thrashing: worker'
    boot no-such-chapter 1 '--chapter nothing'
}

# All chapters in one boot: none may leave anything behind for the next. Each policy, two sizes of RAM.
chapters_together() {
    local policy
    for policy in fifo clock aging random; do
        boot "all-$policy" 0 "--policy $policy --chapter all"
        count_checks 245
        expect '^12 chapters: [0-9]+ checks, 0 failed' "policy: $policy"
    done
    ram=128M
    boot all-128M 0 '--chapter all'
    count_checks 245
    # The same figures whether the hart sets A and D or leaves that to the kernel.
    if [ "$kind" = tablewalk ]; then
        ram=4M words=--adue=off
        boot all-software-a-d 0 '--chapter all'
        count_checks 245
        words=
    fi
    ram=16M
    boot all-16M 0 '--chapter all'
    count_checks 245
}

# 16 programs, 64 MiB of patterns in 4 MiB of RAM, every byte verified; and the timer takes turns.
stresses() {
    local policy
    swap=96M
    for policy in clock random; do
        boot "stress-$policy" 0 "--policy $policy --do stress 16 1024 1; free; audit"
        expect '65536 KiB touched, 1 times; 16 programs right' '[1-9][0-9]{4} written, [1-9][0-9]{4} read'
        count_checks 1
    done
    for policy in fifo aging; do
        boot "stress-$policy" 0 "--policy $policy --do stress 24 96 3; audit"
        expect '9216 KiB touched, 3 times; 24 programs right'
        count_checks 1
    done
    boot stress-control 0 '--do control on; stress 8 200 2; control; audit'
    expect '8 programs right'
    boot turns 0 '--do spin &; hello; touch 20; ps; kill 1; audit'
    expect 'hello from pid 2' 'touch: 20 pages.* 0 words wrong' ' 1 spin +ready'
}

calls() {
    local seed
    boot calls 0 '--do calls; audit'
    expect 'calls: 0 wrong'
    boot no-screen 1 '--do snake'
    expect 'snake: there is no display'
    if [ "$kind" = tablewalk ]; then
        words='-device framebuffer,xres=320,yres=200 -device virtio-keyboard-device'
        boot calls-screen 0 '--do calls; fuzz 4 40; audit'
        expect 'calls: the screen has 320 by 200 pixels' 'calls: 0 wrong' 'fuzz: 40 lives.*as it was'
        count_checks 1
        words=
    fi
    for seed in 1 2 3; do
        boot "random-calls-$seed" 0 "--do same 5; fuzz $seed 40; go 1; go 1; ps; audit"
        expect 'fuzz: 40 lives.*our own memory is as it was' 'same \(pid 1\) has stopped with value 0xa'
        count_checks 1
    done
    boot trespass 1 '--do trespass read 0x80200000; trespass code; hello'
    expect 'read of 0x80200000.*belongs to the kernel' 'may not be written: its W bit' 'hello from'
}

# What goes wrong must be said, end the program it hits, and leave the rest alone.
bad_days() {
    local after='; hello; audit'
    swap=none
    boot no-swap 1 "--do scan 60; go 1; touch 2000; go 1$after"
    expect 'there is no swap' 'out of memory: .*ending touch \(pid 2\), which has the most' \
        'scan \(pid 1\) has stopped with value 0x0' 'hello from'
    count_checks 1
    boot chapter-without-swap 1 '--chapter paging'
    expect 'FAIL.*swap disk' 'chapter paging: 2 checks, 1 failed'
    swap=256K
    boot small-swap 1 "--do touch 2000$after"
    expect 'Swap: 63 pages' 'out of memory: .*ending touch' 'hello from'
    count_checks 1
    swap=8M
    boot too-many 1 "--do stress 12 1024 1$after; ps"
    expect 'out of memory: .*ending stress' 'hello from'
    count_checks 1
    swap=32K
    boot tiny-swap 0 "--do hello"
    expect 'swap: the disk is not used: it is too small'
    swap=32M swap_words=,readonly=on
    boot read-only-swap 1 "--do touch 2000$after"
    expect 'swap: the disk is not used: it is read-only' 'out of memory' 'hello from'
    swap_words=
    swap_file=$log_dir/$label.foreign
    { echo 'somebody needs this' && head -c 8388588 /dev/zero; } >"$swap_file"
    boot foreign-swap 0 "--do swapon"
    expect 'it holds something else'
    check 'the foreign disk was written to' grep -q 'somebody needs this' "$swap_file"
    boot foreign-swap-forced 0 "--do swapon force; touch 1000$after"
    expect 'touch: 1000 pages.* 0 words wrong'
    check 'the disk now has our signature' grep -q PAGERSWAP "$swap_file"
    rm -f "$swap_file"
    swap_file=
    bad_sectors "$after"
}

bad_sectors() {
    local after=$1
    boot changed-swap 1 "--do scan 20; go 1; swapout 1; damage 1 40; swapin 1; go 1$after"
    expect 'has been changed behind our back' 'scan \(pid 1\): ended: read of .* in its heap' 'hello from'
    count_checks 1
    boot swap-read-error 1 "--do scan 20; go 1; swapout 1; badsector swap 1 40; swapin 1; go 1$after"
    expect 'cannot be read from swap: the disk reports an input/output error' 'hello from'
    count_checks 1
    boot few-bad-slots 0 "--do badsector swap 1 5; touch 1000; free$after"
    expect 'slot 5 cannot be written.*put aside' 'touch: 1000 pages.* 0 words wrong' ' 5 bad'
    count_checks 1
    # The same from outside: the emulator lets transfers fail. Sector 8 is where slot 1 begins.
    swap_inject='write 8'
    boot swap-sector-write-error 0 "--do touch 1000; free$after"
    expect 'slot 1 cannot be written: the disk reports' 'touch: 1000 pages.* 0 words wrong' ' 1 bad'
    count_checks 1
    swap_inject='read 16' # slot 2: a page of the heap
    boot swap-sector-read-error 1 "--do scan 20; go 1; swapout 1; swapin 1; go 1$after"
    expect 'cannot be read from swap: the disk reports an input/output error' 'hello from' \
        'scan \(pid 1\) is back: 2[0-9] pages' 'scan \(pid 1\): ended: read of'
    count_checks 1
    swap_inject=write
    boot swap-write-error 1 "--do hello; touch 2000$after"
    # The signature cannot be written, so the disk is not taken into use at all.
    expect 'swap: the disk is not used: the disk reports an input/output error' 'out of memory'
    swap_inject=''
    boot swap-fails-later 1 "--do badsector swap 1 100000; touch 1000$after"
    expect 'too many bad slots' 'out of memory: .*ending touch' 'hello from'
    count_checks 1
    boot program-read-error 1 "--do badsector files 1 500; hello; badsector files; hello; audit"
    expect 'hello cannot be started: the disk reports' 'hello from'
    boot page-read-error 1 "--do sparse; badsector files 1 500; go 1; badsector files$after"
    expect 'cannot be read from sparse' 'sparse \(pid 1\): ended: read of' 'hello from'
    count_checks 1
    boot file-write-error 0 "--do mapper notes.data shared; go 1; badsector files 1 500; go 1; badsector files; go 1; go 1; audit"
    expect 'page 0 of notes.data cannot be written' 'stopped with value 0x1;'
    count_checks 1
    no_files=yes
    boot no-programs 1 '--do hello; free'
    expect 'no disk with programs was found' 'hello: there is no such command or program'
    no_files=
    words='-global virtio-mmio.force-legacy=true'
    boot legacy-disk 1 '--do hello'
    expect 'legacy device; start QEMU with -global'
}

# Virtual time and fault counts are the same on every machine: so are all curves and tables.
same_figures() {
    local first='' name emulator
    test=same-figures
    for name in thrash policies; do
        first=
        for emulator; do
            command -v "$emulator" >/dev/null || continue
            log=$log_dir/$(basename "$emulator")-chapter-$name.log
            grep -E '^csv|^  (Belady|loop|local|random) |\[ ok \]' "$log" >"$log.figures"
            if [ "$first" ]; then check "other figures than $first" cmp -s "$first" "$log.figures"
            else check 'there are figures' [ -s "$log.figures" ]; fi
            first=${first:-$log.figures}
        done
    done
}
