// SPDX-License-Identifier: MIT
//
// snake [MILLISECONDS [LENGTH]]: a snake that lives in pages. Each square of its meadow is a page
// of this program's heap, and the colour of a square is what the kernel has done with that page:
//
//     dark         nobody has ever touched it: it has no frame
//     grey         it was only looked at: the page of zeros
//     blue         it is in RAM; light blue: changed there since it was on the disk, if ever
//     orange       it is in swap
//
// Each step blood goes round the snake: one store into each page that it lies on. So its length is
// the working set, and a snake that is longer than RAM thrashes. Below the meadow is a column for
// each step: page faults without the disk (grey) and with it (orange); beside it the length, and
// how often the disk was needed.
//
// Arrows or w a s d turn it, q ends. It takes a step every so many MILLISECONDS, or as soon as a
// key is typed; with 0 only then. Memory is a line: who leaves a row on the right comes into the
// next one on the left. Above the first row and below the last one there is nothing, and who
// crawls there learns what the kernel says about that.
#include "user/user.h"

enum { COLUMNS = 32, ROWS = 18, SQUARES = COLUMNS * ROWS };
enum { START = ROWS / 2 * COLUMNS + 4, FIRST_LENGTH = 4, GROWTH = 4 };
enum { USUAL_PAUSE = 150, LONG_PAUSE = 1000000 }; // milliseconds
enum { ESCAPE = 0x1b, DIGITS = 5, LEAST_SIDE = 5 };

// Colours that all kinds of colour vision tell apart (Okabe and Ito), and shades.
enum colour {
    BLACK = 0x000000,
    DARK = 0x20242c,
    GREY = 0x6a7078,
    BLUE = 0x0072b2,
    SKY = 0x56b4e9,
    ORANGE = 0xe69f00,
    GREEN = 0x009e73,
    YELLOW = 0xf0e442,
    PURPLE = 0xcc79a7,
};

// --- The snake -----------------------------------------------------------------------------------

enum content { EMPTY, FRUIT, SNAKE };

// A square of the meadow: 16 bytes that are used, of 4096.
struct square {
    uint64_t content;
    uint64_t blood; // how often it went round here
    uint8_t rest[PAGE - 2 * sizeof(uint64_t)];
};

struct snake {
    volatile struct square *meadow;
    uint16_t body[SQUARES]; // a ring of squares: tail first
    unsigned tail, length, growing, steps;
    int direction;  // squares to go on
    unsigned fruit; // where it is
    uint64_t random;
};

static unsigned body(const struct snake *s, unsigned n) { return s->body[(s->tail + n) % SQUARES]; }

// Puts a fruit where nothing is. To look at a square is to touch its page.
static void plant(struct snake *s) {
    s->fruit = SQUARES;
    if (s->length + s->growing >= SQUARES / 2) return; // long enough
    do s->fruit = (unsigned)(random_next(&s->random) % SQUARES);
    while (s->meadow[s->fruit].content != EMPTY);
    s->meadow[s->fruit].content = FRUIT;
}

static void put_head(struct snake *s, int at) {
    s->body[(s->tail + s->length++) % SQUARES] = (uint16_t)at;
    s->meadow[at].content = SNAKE;
}

static void begin(struct snake *s, uint64_t length) {
    s->meadow = (volatile struct square *)more_memory(SQUARES * sizeof(struct square));
    s->random = 1;
    s->direction = 1;
    s->growing = (unsigned)least(most(length, 1), SQUARES / 2) - 1;
    put_head(s, START);
    plant(s);
}

// One step. False when the snake has bitten itself.
static bool step_on(struct snake *s) {
    int at = (int)body(s, s->length - 1) + s->direction;
    // Above the first row there is the page before the meadow, which the kernel leaves out: a whole
    // row further up the snake would come out in the middle of our own code.
    if (at < 0) at = -1;
    uint64_t content = s->meadow[at].content;
    if (content == SNAKE) return false;
    put_head(s, at);
    if (content == FRUIT) {
        s->growing += GROWTH;
        plant(s);
    }
    if (s->growing) {
        s->growing--;
    } else {
        s->meadow[body(s, 0)].content = EMPTY;
        s->tail = (s->tail + 1) % SQUARES;
        s->length--;
    }
    for (unsigned n = 0; n < s->length; n++) s->meadow[body(s, n)].blood++;
    s->steps++;
    return true;
}

// An arrow is ESC [ and a letter from A to D.
static void turn(struct snake *s, int key) {
    static const char keys[] = "AwBsCdDa";
    static const int directions[] = {-COLUMNS, COLUMNS, 1, -1};
    for (int n = 0; keys[n]; n++)
        if (key == keys[n] && directions[n / 2] != -s->direction) s->direction = directions[n / 2];
}

// The key of the next step; 0: none was typed, and the time has come.
static int next_key(uint64_t milliseconds) {
    for (;;) {
        int key = (int)call1(CALL_key, milliseconds ? milliseconds : LONG_PAUSE);
        if (key == ESCAPE || key == '[' || (key == 0 && milliseconds == 0)) continue;
        return key;
    }
}

// --- Its picture ---------------------------------------------------------------------------------

struct picture {
    volatile uint32_t *pixels;
    struct screen_size size;
    unsigned side;           // of a square, in pixels
    uint16_t shown[SQUARES]; // what each square shows: its page's letter + 256 who stands there
    uint64_t faults[2];      // so far: without the disk, and with it
};

static void fill(const struct picture *p, unsigned x, unsigned y, unsigned width, unsigned height,
                 enum colour colour) {
    for (unsigned row = y; row < y + height; row++)
        for (unsigned column = x; column < x + width; column++)
            p->pixels[row * p->size.width + column] = colour;
}

static uint64_t faults(bool major) { return (uint64_t)call1(CALL_faults, major); }

static bool open_picture(struct picture *p) {
    int64_t at = call1(CALL_screen, (uint64_t)&p->size);
    p->pixels = (volatile uint32_t *)at;
    p->side = (unsigned)least(p->size.width / COLUMNS, p->size.height * 3 / 4 / ROWS);
    if (at < 0 || p->side < LEAST_SIDE) return false;
    fill(p, 0, 0, p->size.width, p->size.height, BLACK);
    for (int major = 0; major < 2; major++) p->faults[major] = faults(major);
    return true;
}

static enum colour page_colour(char letter) {
    switch (letter) {
    case '.': return DARK;
    case '0': return GREY;
    case 's': return ORANGE;
    case 'D': return SKY;
    default: return BLUE;
    }
}

// The squares that have changed. Nobody touches the meadow for that: the kernel tells of its pages,
// and where everybody is stands elsewhere, too.
static void draw_meadow(struct picture *p, const struct snake *s) {
    enum { NOBODY, FRUIT_THERE, BODY, HEAD };
    static const enum colour colours[] = {BLACK, PURPLE, GREEN, YELLOW};
    static char letter[SQUARES];
    static uint8_t who[SQUARES + 1]; // the last: a fruit that is nowhere
    call4(CALL_pages, (uint64_t)s->meadow, SQUARES, (uint64_t)letter, 0);
    memset(who, NOBODY, sizeof who);
    who[s->fruit] = FRUIT_THERE;
    for (unsigned n = 0; n < s->length; n++) who[body(s, n)] = n + 1 < s->length ? BODY : HEAD;
    for (unsigned n = 0; n < SQUARES; n++) {
        uint16_t shows = (uint16_t)(letter[n] + 256 * who[n]);
        if (shows == p->shown[n]) continue;
        p->shown[n] = shows;
        unsigned x = n % COLUMNS * p->side, y = n / COLUMNS * p->side, inset = p->side / 5;
        fill(p, x + 1, y + 1, p->side - 2, p->side - 2, page_colour(letter[n]));
        if (who[n])
            fill(p, x + inset, y + inset, p->side - 2 * inset, p->side - 2 * inset,
                 colours[who[n]]);
    }
}

// A number of up to DIGITS digits that ends at `right`, in strokes like those of a pocket
// calculator.
static void draw_number(const struct picture *p, unsigned right, unsigned y, uint64_t number,
                        enum colour colour) {
    static const struct {
        uint8_t x, y, width, height, digits[10]; // 1: the digit has that stroke
    } strokes[] = {
        {0, 0, 4, 1, {1, 0, 1, 1, 0, 1, 1, 1, 1, 1}}, {0, 3, 4, 1, {0, 0, 1, 1, 1, 1, 1, 0, 1, 1}},
        {0, 6, 4, 1, {1, 0, 1, 1, 0, 1, 1, 0, 1, 1}}, {0, 0, 1, 4, {1, 0, 0, 0, 1, 1, 1, 0, 1, 1}},
        {3, 0, 1, 4, {1, 1, 1, 1, 1, 0, 0, 1, 1, 1}}, {0, 3, 1, 4, {1, 0, 1, 0, 0, 0, 1, 0, 1, 0}},
        {3, 3, 1, 4, {1, 1, 0, 1, 1, 1, 1, 1, 1, 1}},
    };
    unsigned unit = p->side / LEAST_SIDE;
    for (unsigned n = 1; n <= DIGITS; n++, number /= 10) {
        unsigned x = right - n * 6 * unit;
        fill(p, x, y, 4 * unit, 7 * unit, BLACK);
        for (unsigned k = 0; (number || n == 1) && k < sizeof strokes / sizeof *strokes; k++)
            if (strokes[k].digits[number % 10])
                fill(p, x + strokes[k].x * unit, y + strokes[k].y * unit, strokes[k].width * unit,
                     strokes[k].height * unit, colour);
    }
}

// The column of this step: a pixel a page fault since the last one. Behind the last column comes
// the first.
static void draw_faults(struct picture *p, const struct snake *s) {
    static const enum colour colours[] = {GREY, ORANGE};
    unsigned top = (ROWS + 1) * p->side, room = p->size.height - top;
    unsigned width = p->side / LEAST_SIDE, number_room = (DIGITS + 1) * 6 * width;
    unsigned x = s->steps * width % (p->size.width - number_room - width) / width * width;
    unsigned y = p->size.height;
    fill(p, x, top, 2 * width, room, BLACK);
    for (int major = 0; major < 2; major++) {
        uint64_t now = faults(major);
        unsigned height = (unsigned)least(now - p->faults[major], y - top);
        y -= height;
        fill(p, x, y, width, height, colours[major]);
        p->faults[major] = now;
    }
    draw_number(p, p->size.width, top, s->length, GREEN);
    draw_number(p, p->size.width, top + 10 * width, p->faults[1], ORANGE);
}

static void draw(struct picture *p, const struct snake *s) {
    draw_meadow(p, s);
    draw_faults(p, s);
}

// -------------------------------------------------------------------------------------------------

int main(int count, char **word) {
    static struct snake snake;
    static struct picture picture;
    uint64_t pause = argument(count, word, 1, USUAL_PAUSE);
    if (!open_picture(&picture)) {
        print("snake: there is no display, or a very small one; -device framebuffer is one\n");
        return 1;
    }
    begin(&snake, argument(count, word, 2, FIRST_LENGTH));
    draw(&picture, &snake);
    print("snake: arrows or w a s d, q to end\n");
    bool well = true;
    for (int key; well && (key = next_key(pause)) != 'q';) {
        turn(&snake, key);
        well = step_on(&snake);
        draw(&picture, &snake);
    }
    print("snake: %s: %u squares long after %u steps; page faults: %lu without the disk, %lu with "
          "it\n",
          well ? "it rests" : "it has bitten itself", snake.length, snake.steps, picture.faults[0],
          picture.faults[1]);
    return 0;
}
