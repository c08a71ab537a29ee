# SPDX-License-Identifier: MIT
# Small mistakes in a C file, one a line of output: LINE <tab> WHAT <tab> THE LINE WITH THE MISTAKE. A
# statement that is dropped becomes a comment.
# Comments, declarations of constants and preprocessor lines are left alone.

function emit(what, text) { if (text != $0) printf "%d\t%s\t%s\n", NR, what, text }

# Each place of the literal word `from` in the line becomes `to`, one at a time.
function swap(from, to,  at, rest, before) {
    before = ""
    rest = $0
    while ((at = index(rest, from)) > 0) {
        emit(from " to " to, before substr(rest, 1, at - 1) to substr(rest, at + length(from)))
        before = before substr(rest, 1, at + length(from) - 1)
        rest = substr(rest, at + length(from))
    }
}

# Each whole decimal number becomes the next one.
function count_up(  at, rest, before, number) {
    before = ""
    rest = $0
    while (match(rest, /(^|[^A-Za-z_0-9.])[0-9]+($|[^A-Za-z_0-9.x])/)) {
        number = substr(rest, RSTART, RLENGTH)
        match(number, /[0-9]+/)
        at = index(rest, number) + RSTART - 1
        number = substr(number, RSTART, RLENGTH)
        emit(number " to " number + 1, before substr(rest, 1, at - 1) (number + 1) substr(rest, at + length(number)))
        before = before substr(rest, 1, at + length(number) - 1)
        rest = substr(rest, at + length(number))
    }
}

/^ *(\/\/|#|\*)/ || /^(static )?const / || /^enum/ || /assert\(/ || /^ *\[/ || !/^ / { next }
# What stands behind // is no code.
{ gsub(/ *\/\/.*/, "") }
{
    swap(" == ", " != "); swap(" != ", " == ")
    swap(" < ", " <= "); swap(" <= ", " < ")
    swap(" > ", " >= "); swap(" >= ", " > ")
    swap(" && ", " || "); swap(" || ", " && ")
    swap(" + ", " - "); swap(" - ", " + ")
    swap(" << ", " >> "); swap(" & ", " | "); swap(" | ", " & ")
    swap("(!", "("); swap(" !", " ")
    swap("true;", "false;"); swap("false;", "true;")
    swap("++", "--"); swap(" += ", " -= "); swap(" |= ", " = "); swap(" &= ", " = ")
    count_up()
}
# A statement that is left out: an assignment, a call.
/^ +[a-z_][][a-zA-Z_0-9>.*+ -]* [-+|&^]?= .*;$/ && !/^ +(const |static |struct |unsigned |int |bool |uint|enum |return |size_t )/ { emit("dropped", "; // " $0) }
/^ +(\*)?[a-z_][][a-zA-Z_0-9>.-]*(\+\+|--)?(\(.*\))?;$/ && !/^ +(return|break|continue|goto)/ { emit("dropped", "; // " $0) }
/^ +if \(.*\) (return|continue|break)[^;]*;$/ { emit("dropped", "; // " $0) }
