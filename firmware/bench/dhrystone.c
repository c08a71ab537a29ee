// SPDX-License-Identifier: MIT
// Like Dhrystone in kind: small procedures, records assigned and compared, strings copied and
// compared, with calls that are not inlined.
#include "bench.h"

enum { ROUNDS = 4000000 };
#define CALL __attribute__((noinline))

struct record {
    struct record *other;
    int kind, number, value;
    char name[32];
};
static struct record one, two;
static int table[50], global;
static char letter;

static CALL void copy_name(char *to, const char *from) {
    while ((*to++ = *from++) != 0) {
    }
}

static CALL int same_name(const char *x, const char *y) {
    for (; *x == *y; x++, y++) {
        if (!*x) return 1;
    }
    return 0;
}

static CALL int adjust(int kind, int number) {
    if (kind == 2) return number + 10;
    return global > 100 ? number - 5 : number + 7;
}

static CALL void assign(struct record *r) {
    struct record *other = r->other;
    *other = *r;
    other->value = adjust(r->kind, 5);
    other->other = r;
    if (other->kind == 0) r->number = adjust(other->number, other->value);
}

static CALL void fill(int *array, int from, int value) {
    int at = from + 5;
    array[at] = value;
    array[at + 1] = array[at];
    array[at + 30 - 5] = at;
    global = 5;
}

static CALL char next_letter(char c) {
    letter = c;
    return (char)(c == 'Z' ? 'A' : c + 1);
}

int main(void) {
    char name[32];
    one.other = &two;
    copy_name(one.name, "A RECORD, SOME NAME IN IT");
    char c = 'A';
    int equal = 0, value = 0;
    for (int i = 0; i < ROUNDS; i++) {
        copy_name(name, "A RECORD, SOME NAME");
        equal += same_name(name, one.name);
        one.kind = i & 3;
        assign(&one);
        fill(table, i % 7, value);
        c = next_letter(c);
        value = (value * 3 + two.value) / 2 - table[12];
    }
    return equal != 0 || letter == 0;
}
