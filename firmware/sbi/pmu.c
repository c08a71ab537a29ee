// SPDX-License-Identifier: MIT
// Counters for performance monitoring (SBI 2.0, chapter 11). Which events the hart can count, and
// by which selector of mhpmevent, the device tree says (struct event_map). What the firmware does
// it counts itself, always; a firmware counter is a distance to such a count.
#include "firmware/lib/riscv.h"
#include "firmware/sbi/sbi.h"

enum { CYCLE = 0, TIME = 1, INSTRET = 2, FIRST_EVENT_COUNTER = 3 };
#define FIXED (UINT32_C(1) << CYCLE | UINT32_C(1) << INSTRET)

enum event_type { TYPE_HARDWARE = 0, TYPE_CACHE = 1, TYPE_RAW = 2, TYPE_FIRMWARE = 15 };
enum { TYPE_SHIFT = 16, EVENT_BITS = 20, CODE_MASK = 0xffff };
enum { HARDWARE_CYCLES = 1, HARDWARE_INSTRUCTIONS = 2, HARDWARE_EVENT_MAX = 10 };
enum { CACHE_EVENT_MAX = 6 << 3 | 2 << 1 | 1, PLATFORM_EVENT = 0xffff, SPECIFIED_EVENTS = 22 };

enum { MATCH_SKIP = 1, MATCH_CLEAR = 2, MATCH_START = 4, MATCH_UINH = 32, MATCH_SINH = 64 };
enum { MATCH_MINH = 128, MATCH_FLAGS = 255 };
enum { START_SET_VALUE = 1, START_SNAPSHOT = 2, STOP_RESET = 1, STOP_SNAPSHOT = 2 };

static uint64_t bit(unsigned n) { return UINT64_C(1) << n; }

static struct sbiret error(enum sbi_error e) { return (struct sbiret){e, 0}; }

// ---- The hart's registers ----

#define EVENT_COUNTERS(row)                                                                        \
    row(3) row(4) row(5) row(6) row(7) row(8) row(9) row(10) row(11) row(12) row(13) row(14)       \
        row(15) row(16) row(17) row(18) row(19) row(20) row(21) row(22) row(23) row(24) row(25)    \
            row(26) row(27) row(28) row(29) row(30) row(31)

// Bits that stick of mhpmcounter<n> (offset 0xb00) or mhpmevent<n> (0x320) become value. Harts of
// few counters may lack the CSRs.
#define MHPMCOUNTER 0xb00
#define MHPMEVENT   0x320
static void write_counter(unsigned n, uint64_t value) {
    switch (n) {
    case CYCLE: csr_write(mcycle, value); break;
    case INSTRET: csr_write(minstret, value); break;
#define ROW(n)                                                                                     \
    case n: csr_write(MHPMCOUNTER + n, value); break;
        EVENT_COUNTERS(ROW)
#undef ROW
    default: break;
    }
}

static void write_event(unsigned n, uint64_t event) {
    switch (n) {
#define ROW(n)                                                                                     \
    case n: csr_write(MHPMEVENT + n, event); break;
        EVENT_COUNTERS(ROW)
#undef ROW
    default: break;
    }
}

static void clear_overflow(unsigned n) {
    switch (n) {
#define ROW(n)                                                                                     \
    case n: csr_clear(MHPMEVENT + n, HPM_OF); break;
        EVENT_COUNTERS(ROW)
#undef ROW
    default: break;
    }
}

// A counter is there when something sticks in it.
static uint32_t find_counters(void) {
    uint32_t found = FIXED;
#define ROW(n)                                                                                     \
    if (csr_try_set(MHPMCOUNTER + n, 1) && csr_read(MHPMCOUNTER + n) != 0) found |= 1U << n;
    EVENT_COUNTERS(ROW)
#undef ROW
    return found;
}

// Cycles and instructions are read by programs as well, and are never stopped.
static void inhibit(struct hart *self, unsigned n, bool stop) {
    if (self->pmu.hardware & ~FIXED & bit(n)) {
        if (stop)
            csr_set(MCOUNTINHIBIT, bit(n));
        else
            csr_clear(MCOUNTINHIBIT, bit(n));
    }
}

void pmu_init(struct hart *self) {
    struct pmu *pmu = &self->pmu;
    *pmu = (struct pmu){.hardware = FIXED, .first_firmware = FIRST_EVENT_COUNTER};
    if (csr_try_set(MCOUNTINHIBIT, ~(uint64_t)FIXED)) pmu->hardware = find_counters();
    for (unsigned n = FIRST_EVENT_COUNTER; n < HARDWARE_COUNTERS; n++) {
        if (!(pmu->hardware >> n & 1)) continue;
        write_event(n, 0);
        write_counter(n, 0);
        pmu->first_firmware = n + 1;
    }
    if (!(pmu->hardware >> FIRST_EVENT_COUNTER & 1)) return;
    write_event(FIRST_EVENT_COUNTER, HPM_MINH);
    pmu->has_overflow = csr_read(MHPMEVENT + 3) != 0;
    write_event(FIRST_EVENT_COUNTER, 0);
}

// ---- The firmware's own counters ----

void pmu_note(struct hart *self, enum firmware_event event) { self->pmu.count[event]++; }

static bool is_firmware(const struct pmu *pmu, unsigned n) { return n >= pmu->first_firmware; }

static uint64_t firmware_value(const struct pmu *pmu, unsigned n) {
    const unsigned i = n - pmu->first_firmware;
    const uint64_t base = pmu->firmware[i].base;
    return pmu->started & bit(n) ? base + pmu->count[pmu->firmware[i].event] : base;
}

// started as it is, the counter's value becomes this.
static void set_firmware_value(struct pmu *pmu, unsigned n, uint64_t value) {
    const unsigned i = n - pmu->first_firmware;
    const uint64_t count = pmu->started & bit(n) ? pmu->count[pmu->firmware[i].event] : 0;
    pmu->firmware[i].base = value - count;
}

// ---- Counters by number ----

static unsigned counters(const struct pmu *pmu) { return pmu->first_firmware + FIRMWARE_COUNTERS; }

static bool exists(const struct pmu *pmu, uint64_t n) {
    if (n >= counters(pmu)) return false;
    return is_firmware(pmu, (unsigned)n) || pmu->hardware >> n & 1;
}

// The arguments that name counters: base and mask. 0: they name some that there can't be.
static uint64_t named(const struct pmu *pmu, const struct frame *frame) {
    const uint64_t base = argument(frame, 0), mask = argument(frame, 1);
    if (base >= counters(pmu) || mask == 0) return 0;
    const uint64_t set = mask << base;
    return set >> base == mask && set >> counters(pmu) == 0 ? set : 0;
}

static void set_value(struct hart *self, unsigned n, uint64_t value) {
    if (is_firmware(&self->pmu, n))
        set_firmware_value(&self->pmu, n, value);
    else
        write_counter(n, value);
}

static void start(struct hart *self, unsigned n) {
    struct pmu *pmu = &self->pmu;
    const uint64_t value = is_firmware(pmu, n) ? firmware_value(pmu, n) : 0;
    pmu->started |= bit(n);
    if (is_firmware(pmu, n)) set_firmware_value(pmu, n, value);
    inhibit(self, n, false);
}

static void stop(struct hart *self, unsigned n) {
    struct pmu *pmu = &self->pmu;
    const uint64_t value = is_firmware(pmu, n) ? firmware_value(pmu, n) : 0;
    pmu->started &= ~bit(n);
    if (is_firmware(pmu, n)) set_firmware_value(pmu, n, value);
    inhibit(self, n, true);
}

// ---- Which counter for which event ----

// The selector of an event for mhpmevent, and the counters that can count it. false: none can.
static bool find_event(const struct event_map *map, uint32_t index, uint64_t data,
                       uint64_t *selector, uint32_t *able) {
    *able = 0;
    if (index >> TYPE_SHIFT == TYPE_RAW) {
        *selector = data;
        for (unsigned i = 0; i < map->raws; i++)
            if ((data & map->raw[i].mask) == map->raw[i].select) *able |= map->raw[i].counters;
        return *able != 0;
    }
    for (unsigned i = 0; i < map->ranges; i++)
        if (index >= map->range[i].first && index <= map->range[i].last)
            *able |= map->range[i].counters;
    for (unsigned i = 0; i < map->events; i++) {
        if (map->event[i].index != index) continue;
        *selector = map->event[i].selector;
        return *able != 0;
    }
    return false;
}

// Those of the set that could count a hardware event now.
static uint64_t candidates(const struct pmu *pmu, uint32_t index, uint32_t able, bool filtered) {
    const uint64_t programmable = pmu->hardware & ~FIXED & able;
    uint64_t fixed = 0;
    if (index == HARDWARE_CYCLES) fixed = bit(CYCLE);
    if (index == HARDWARE_INSTRUCTIONS) fixed = bit(INSTRET);
    // Those can neither leave out a mode nor tell of an overflow: the last resort.
    if (filtered) return pmu->has_overflow ? programmable : 0;
    return programmable | fixed;
}

// Of a set that is not empty.
static unsigned highest(uint64_t set) {
    unsigned n = 63;
    while (!(set >> n & 1)) n--;
    return n;
}

static unsigned lowest(uint64_t set) {
    unsigned n = 0;
    while (!(set >> n & 1)) n++;
    return n;
}

static uint64_t inhibit_bits(uint64_t flags) {
    return (flags & MATCH_UINH ? HPM_UINH : 0) | (flags & MATCH_SINH ? HPM_SINH : 0) |
           (flags & MATCH_MINH ? HPM_MINH : 0);
}

// A free counter of the set takes up a hardware event. -1: none does.
static int configure_hardware(struct hart *self, uint64_t set, uint32_t index, uint64_t data,
                              uint64_t flags) {
    struct pmu *pmu = &self->pmu;
    uint64_t selector = 0;
    uint32_t able;
    const uint64_t filter = inhibit_bits(flags);
    if (!find_event(&self->firmware->platform.events, index, data, &selector, &able)) able = 0;
    set &= candidates(pmu, index, able, filter != 0) & ~pmu->used;
    if (set == 0) return -1;
    // From above: the fixed ones come last.
    const unsigned n = highest(set);
    // What the firmware does for the caller is nobody's count, where it can be left out.
    write_event(n, selector | filter | (pmu->has_overflow ? HPM_MINH : 0));
    return (int)n;
}

static int configure_firmware(struct pmu *pmu, uint64_t set, unsigned event) {
    static const uint32_t counted =
        (1U << FIRMWARE_EVENTS) - 1 - (1U << 4); // 4: illegal instructions do not come here
    set &= ~(bit(pmu->first_firmware) - 1) & ~pmu->used;
    if (event >= FIRMWARE_EVENTS || !(counted >> event & 1) || set == 0) return -1;
    const unsigned n = highest(set);
    pmu->firmware[n - pmu->first_firmware].event = event;
    return (int)n;
}

// Is there such an event in the specification?
static bool is_event(uint64_t index) {
    const unsigned code = index & CODE_MASK;
    if (index >> EVENT_BITS) return false;
    switch (index >> TYPE_SHIFT) {
    case TYPE_HARDWARE: return code >= 1 && code <= HARDWARE_EVENT_MAX;
    case TYPE_CACHE: return code <= CACHE_EVENT_MAX && (code >> 1 & 3) != 3;
    case TYPE_RAW: return code == 0;
    case TYPE_FIRMWARE: return code < SPECIFIED_EVENTS || code == PLATFORM_EVENT;
    default: return false;
    }
}

// ---- The calls ----

struct sbiret sbi_pmu_counters(struct hart *self, struct frame *frame) {
    (void)frame;
    return (struct sbiret){SBI_SUCCESS, counters(&self->pmu)};
}

// The CSR that reads it in bits 11 to 0, its width less 1 in 17 to 12; firmware counters: bit 63.
struct sbiret sbi_pmu_counter_info(struct hart *self, struct frame *frame) {
    enum { CYCLE_CSR = 0xc00, WIDTH_SHIFT = 12 };
    const uint64_t n = argument(frame, 0), width = UINT64_C(63) << WIDTH_SHIFT;
    if (!exists(&self->pmu, n)) return error(SBI_ERR_INVALID_PARAM);
    const bool firmware = is_firmware(&self->pmu, (unsigned)n);
    return (struct sbiret){SBI_SUCCESS, firmware ? bit(63) | width : width | (CYCLE_CSR + n)};
}

struct sbiret sbi_pmu_config_matching(struct hart *self, struct frame *frame) {
    struct pmu *pmu = &self->pmu;
    const uint64_t set = named(pmu, frame), flags = argument(frame, 2), index = argument(frame, 3);
    int n;
    if (set == 0 || flags & ~(uint64_t)MATCH_FLAGS || !is_event(index))
        return error(SBI_ERR_INVALID_PARAM);
    if (flags & MATCH_SKIP) {
        n = (int)lowest(set);
        if (!(pmu->used >> n & 1)) return error(SBI_ERR_INVALID_PARAM);
    } else if (index >> TYPE_SHIFT == TYPE_FIRMWARE) {
        n = configure_firmware(pmu, set, index & CODE_MASK);
    } else {
        n = configure_hardware(self, set, (uint32_t)index, argument(frame, 4), flags);
    }
    if (n < 0) return error(SBI_ERR_NOT_SUPPORTED);
    pmu->used |= bit((unsigned)n);
    if (flags & MATCH_CLEAR) set_value(self, (unsigned)n, 0);
    if (flags & MATCH_START) start(self, (unsigned)n);
    return (struct sbiret){SBI_SUCCESS, (uint64_t)n};
}

// The counters of the arguments, one after the other; the first error counts, the others are done.
struct sbiret sbi_pmu_start(struct hart *self, struct frame *frame) {
    struct pmu *pmu = &self->pmu;
    const uint64_t flags = argument(frame, 2), set = named(pmu, frame);
    enum sbi_error result = SBI_SUCCESS;
    if (set == 0 || flags & ~(uint64_t)(START_SET_VALUE | START_SNAPSHOT) || set & ~pmu->used)
        return error(SBI_ERR_INVALID_PARAM);
    if (flags & START_SNAPSHOT) return error(SBI_ERR_NO_SHMEM);
    for (unsigned n = 0; n < counters(pmu); n++) {
        if (!(set >> n & 1)) continue;
        if (pmu->started >> n & 1) {
            result = SBI_ERR_ALREADY_STARTED;
            continue;
        }
        if (flags & START_SET_VALUE) set_value(self, n, argument(frame, 3));
        if (flags & START_SET_VALUE && !is_firmware(pmu, n)) clear_overflow(n);
        start(self, n);
    }
    return error(result);
}

// A counter that nobody has configured is a stopped one: systems stop all when they begin.
struct sbiret sbi_pmu_stop(struct hart *self, struct frame *frame) {
    struct pmu *pmu = &self->pmu;
    const uint64_t flags = argument(frame, 2), set = named(pmu, frame);
    enum sbi_error result = SBI_SUCCESS;
    if (set == 0 || flags & ~(uint64_t)(STOP_RESET | STOP_SNAPSHOT))
        return error(SBI_ERR_INVALID_PARAM);
    if (flags & STOP_SNAPSHOT) return error(SBI_ERR_NO_SHMEM);
    for (unsigned n = 0; n < counters(pmu); n++) {
        if (!(set >> n & 1)) continue;
        if (pmu->started >> n & 1)
            stop(self, n);
        else
            result = SBI_ERR_ALREADY_STOPPED;
        if (!(flags & STOP_RESET)) continue;
        pmu->used &= ~bit(n);
        if (!is_firmware(pmu, n)) write_event(n, 0);
    }
    return error(result);
}

struct sbiret sbi_pmu_firmware_read(struct hart *self, struct frame *frame) {
    const struct pmu *pmu = &self->pmu;
    const uint64_t n = argument(frame, 0);
    if (!exists(pmu, n) || !is_firmware(pmu, (unsigned)n) || !(pmu->used >> n & 1))
        return error(SBI_ERR_INVALID_PARAM);
    return (struct sbiret){SBI_SUCCESS, firmware_value(pmu, (unsigned)n)};
}

// The upper half, which RV64 has not: 0.
struct sbiret sbi_pmu_firmware_read_high(struct hart *self, struct frame *frame) {
    struct sbiret result = sbi_pmu_firmware_read(self, frame);
    result.value = 0;
    return result;
}
