# SPDX-License-Identifier: MIT
# Somebody at the keyboard: the prompt, editing, history, completion, Ctrl-C. Sourced by run.
# shellcheck shell=bash disable=SC2034,SC2154

# Reads what the guest prints until it ends with the text $1; what was read is added to $log.
wait_for() {
    local seen='' c
    while [[ $seen != *"$1" ]]; do
        if ! IFS= read -r -N 1 -t 30 c <&"${guest[0]}"; then
            printf '%s' "$seen" >>"$log"
            fail "no '$1' came"
            return 1
        fi
        seen+=$c
    done
    printf '%s' "$seen" >>"$log"
}

type_keys() { printf '%b' "$1" >&"${guest[1]}"; }

# Types a line and waits for the next prompt.
enter() {
    type_keys "$1\r"
    wait_for $'\n' && wait_for $'pager> \e[K'
}

sessions() {
    test=session log=$log_dir/$label-session.log
    : >"$log"
    compose ''
    coproc guest { exec timeout 120 "${command[@]}" 2>&1; }
    local pid=$!
    wait_for $'pager> \e[K' || return
    expect 'Type `help`'
    enter 'hellx\x7fo one'       # backspace
    enter 'llo two\e[Hhe'        # Home, then insert in front
    enter '\e[A\e[A'             # the line before the last: hello one
    enter 'hello xyz\x17three'   # Ctrl-W takes the last word away
    enter 'ello f\e[Dx\e[1~h\e[F\x7four' # arrow, the other Home, End
    enter 'tou\t5'               # Tab completes touch
    type_keys 'spin\r'
    sleep 1
    type_keys '\x03'             # Ctrl-C ends it
    wait_for $'pager> \e[K'
    type_keys 'echo\r'
    wait_for 'echo> '
    type_keys 'typed\r'
    wait_for $'pager> \e[K'
    enter 'history'
    enter 'chapters'
    enter 'help'
    enter 'nonsense'
    type_keys 'off 7\r'
    cat <&"${guest[0]}" >>"$log"
    wait "$pid"
    check 'off 7 gives exit code 7' [ $? -eq 7 ]
    sed -i 's/\r//g' "$log"
    check 'hello one was run twice' [ "$(grep -c 'argument 1: one' "$log")" -eq 2 ]
    expect 'argument 1: two' 'argument 1: three' 'touch: 5 pages' '\^C: spin \(pid [0-9]+\) is ended' \
        'echo> typed' 'Belady' 'badsector' 'nonsense: there is no such command' '1  hello one'
    expect 'argument 1: xour'
}
