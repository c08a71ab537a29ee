// SPDX-License-Identifier: MIT
// Like CoreMark in kind: list search and sort, small matrices of 16-bit numbers, a state machine
// over text, and a CRC over all results.
#include "bench.h"

enum { NODES = 64, SIDE = 16, ROUNDS = 6000 };

struct node {
    struct node *next;
    int16_t value, index;
};
static struct node nodes[NODES];
static int16_t a[SIDE][SIDE], b[SIDE][SIDE];
static int32_t product[SIDE][SIDE];
static const char text[] = "5012,0.5,-874,+122.8e3,0x1f,T0.3e-1F,-110.700,1.e,7654321,.5,+64.1E7,";

static uint16_t crc16(uint16_t data, uint16_t crc) {
    for (int i = 0; i < 16; i++, data >>= 1) {
        unsigned bit = (data ^ crc) & 1;
        crc >>= 1;
        if (bit) crc ^= 0xa001;
    }
    return crc;
}

static struct node *merge(struct node *left, struct node *right, int by_index) {
    struct node head = {0}, *tail = &head;
    while (left && right) {
        int take = by_index ? left->index <= right->index : left->value <= right->value;
        struct node **from = take ? &left : &right;
        tail = tail->next = *from;
        *from = (*from)->next;
    }
    tail->next = left ? left : right;
    return head.next;
}

static struct node *sort(struct node *list, int n, int by_index) {
    if (n == 1) {
        list->next = NULL;
        return list;
    }
    struct node *middle = list;
    for (int i = 0; i < n / 2; i++) middle = middle->next;
    struct node *right = sort(middle, n - n / 2, by_index);
    return merge(sort(list, n / 2, by_index), right, by_index);
}

static uint16_t lists(uint16_t crc, uint64_t *seed) {
    for (int i = 0; i < NODES; i++) {
        nodes[i] =
            (struct node){i + 1 < NODES ? &nodes[i + 1] : NULL, (int16_t)draw(seed), (int16_t)i};
    }
    struct node *list = sort(nodes, NODES, 0);
    for (struct node *n = list; n; n = n->next) crc = crc16((uint16_t)n->index, crc);
    list = sort(list, NODES, 1);
    return crc16((uint16_t)list->value, crc);
}

static uint16_t matrices(uint16_t crc, uint64_t *seed) {
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++)
            a[i][j] = (int16_t)(draw(seed) & 255), b[i][j] = (int16_t)(i * j);
    }
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) {
            int32_t sum = 0;
            for (int k = 0; k < SIDE; k++) sum += a[i][k] * b[k][j];
            product[i][j] = sum;
        }
    }
    return crc16((uint16_t)product[3][5], crc);
}

enum state { START, SIGN, WHOLE, FRACTION, EXPONENT, INVALID, STATES };

static enum state step(enum state s, char c) {
    int digit = c >= '0' && c <= '9';
    switch (s) {
    case START: return digit ? WHOLE : c == '+' || c == '-' ? SIGN : c == '.' ? FRACTION : INVALID;
    case SIGN: return digit ? WHOLE : c == '.' ? FRACTION : INVALID;
    case WHOLE:
        return digit ? WHOLE : c == '.' ? FRACTION : c == 'e' || c == 'E' ? EXPONENT : INVALID;
    case FRACTION: return digit ? FRACTION : c == 'e' || c == 'E' ? EXPONENT : INVALID;
    case EXPONENT: return digit || c == '+' || c == '-' ? EXPONENT : INVALID;
    default: return INVALID;
    }
}

static uint16_t machine(uint16_t crc) {
    unsigned ended[STATES] = {0};
    enum state s = START;
    for (const char *c = text; *c; c++) {
        if (*c == ',') {
            ended[s]++;
            s = START;
        } else {
            s = step(s, *c);
        }
    }
    for (int i = 0; i < STATES; i++) crc = crc16((uint16_t)ended[i], crc);
    return crc;
}

int main(void) {
    uint64_t seed = 1;
    uint16_t crc = 0;
    for (int round = 0; round < ROUNDS; round++) {
        crc = lists(crc, &seed);
        crc = matrices(crc, &seed);
        crc = machine(crc);
    }
    return crc == 0;
}
