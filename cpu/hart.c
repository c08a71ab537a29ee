// SPDX-License-Identifier: MIT
// A hart's life (see hart.h): made, reset, run for a number of instructions, interrupted.
#include "cpu/hart.h"

#include <stdlib.h>
#include <string.h>

#include "cpu/block.h"
#include "cpu/engine.h"
#include "cpu/fp_host.h"
#include "cpu/native.h"
#include "cpu/timing.h"

static bool bytes_decoded(void *hart, uint64_t pa, uint64_t len) {
    return block_covers(hart, pa, len);
}

static void page_written(void *hart, uint64_t page) { block_drop_page(hart, page); }

static void page_marked(void *hart, uint64_t page) {
    struct hart *h = hart;
    mmu_protect_code(&h->mmu, page);
}

// The timed engine instead of the plain one.
static bool use_core(struct hart *h, const struct core *core) {
    h->timing = timing_create(core);
    h->engine = &engine_timed;
    h->mmu.misaligned_trap = core->misaligned_trap;
    mmu_set_granule(&h->mmu, LINE_GRANULE_SHIFT);
    return h->timing != NULL;
}

struct hart *hart_create(const struct hart_config *config, struct phys *phys) {
    struct hart *h = calloc(1, sizeof *h);
    if (!h) return NULL;
    h->blocks = block_cache_create();
    struct phys_code_listener listener = {bytes_decoded, page_written, page_marked, h};
    if (!h->blocks || !phys_add_listener(phys, listener)) {
        hart_destroy(h);
        return NULL;
    }
    h->id = config->id;
    h->extensions = config->extensions;
    h->adue_at_reset = config->adue;
    h->forget = config->forget;
    h->asid_bits = config->core ? config->core->asid_bits : ASID_BITS;
    h->platform = config->platform;
    h->host_has_fma = fp_host_has_fma();
    mmu_init(&h->mmu, phys);
    h->engine = &engine_plain;
    if (config->core && !use_core(h, config->core)) {
        hart_destroy(h);
        return NULL;
    }
    h->native_heat = config->eager ? 1 : NATIVE_HEAT;
    if (!config->interpret && !config->forget && !h->timing) h->native = native_create(h->engine);
    hart_reset(h, 0);
    return h;
}

void hart_destroy(struct hart *h) {
    if (!h) return;
    native_destroy(h->native);
    timing_destroy(h->timing);
    block_cache_destroy(h->blocks);
    free(h);
}

void hart_reset(struct hart *h, uint64_t pc) {
    memset(h->x, 0, sizeof h->x);
    memset(h->f, 0, sizeof h->f);
    h->pc = pc;
    h->privilege = PRIV_M;
    h->reservation = NO_RESERVATION;
    h->waiting = h->stop = h->attention = false;
    mmu_reset(&h->mmu);
    if (h->timing) timing_reset(h->timing);
    csr_reset(h);
    hart_context_changed(h);
}

// Instructions of the block under way that were taken from the budget but are not begun: those from
// the one that called out on.
static unsigned not_yet(const struct hart *h) {
    return h->at ? h->block->insns - record_origin(h->block, h->at)->before : 0;
}

uint64_t hart_cycles(const struct hart *h) {
    uint64_t cycles = h->limit - (uint64_t)h->left;
    return h->timing ? cycles : cycles - not_yet(h);
}

uint64_t hart_executed(const struct hart *h) {
    return h->timing ? h->begun - not_yet(h) : hart_cycles(h);
}

uint64_t hart_retired(const struct hart *h) { return hart_executed(h) - h->unretired; }

// Decoded code is dropped the moment its page is written, by whomever, and the instruction behind a
// FENCE.I is looked up again: only the clock has something to do.
void hart_fence_i(struct hart *h) {
    if (h->timing) timing_fence_i(h->timing);
}

// The engine that serves whoever looks.
static void choose_engine(struct hart *h) {
    static const struct engine *const engines[2][3] = {
        {&engine_plain, &engine_profiled, &engine_observed},
        {&engine_timed, &engine_timed_profiled, &engine_timed_observed}};
    const bool every = h->observer && h->observes_every;
    const struct engine *engine = engines[h->timing != NULL][every ? 2 : h->profiler != NULL];
    if (h->engine == engine) return;
    h->engine = engine;
    block_forget(h); // records lead to the other engine's bodies
}

void hart_watch(struct hart *h, const struct hart_observer *observer, bool every) {
    h->observer = observer;
    h->observes_every = every;
    choose_engine(h);
}

void hart_profile(struct hart *h, const struct hart_profiler *profiler) {
    h->profiler = profiler;
    choose_engine(h);
}

const struct fault_record *hart_fault(const struct hart *h, uint64_t number) {
    const struct fault_record *r = &h->fault_ring[number % FAULT_RING];
    return number && r->number == number ? r : NULL;
}

void hart_stop(struct hart *h) {
    h->stop = true;
    h->attention = true;
}

void hart_set_interrupt(struct hart *h, enum interrupt line, bool level) {
    uint64_t bit = UINT64_C(1) << line;
    h->csr.mip_line = level ? h->csr.mip_line | bit : h->csr.mip_line & ~bit;
    // Whether it is taken, and whether it ends a WFI, is looked at before the next instruction.
    if (level) h->attention = true;
}

// --- Code by virtual address
// ------------------------------------------------------------------------

struct code_place {
    uint64_t pa, second_pa; // as for block_find
    bool whole_page;        // the pages are executable as a whole
};

static bool find_code(struct hart *h, uint64_t va, struct code_place *place) {
    struct mmu *m = &h->mmu;
    place->second_pa = NO_PAGE;
    if (!mmu_fetch(m, va, &place->pa, &place->whole_page)) return false;
    const uint8_t *first = phys_host(m->phys, place->pa, 2);
    bool crosses = (va & PAGE_MASK) + 2 == PAGE_SIZE;
    if (!isa_is_long(first[0]) || (!crosses && place->whole_page)) return true;
    // The second half lies in the next page, or may be denied by PMP where the first is not.
    uint64_t second_pa;
    bool second_whole;
    if (!mmu_fetch(m, va + 2, &second_pa, &second_whole)) return false;
    if (crosses) place->second_pa = second_pa;
    place->whole_page = place->whole_page && second_whole;
    return true;
}

static struct block *find_or_decode(struct hart *h, const struct code_place *place) {
    struct block *b = block_find(h->blocks, place->pa, place->second_pa);
    return b ? b : block_decode(h, place->pa, place->second_pa);
}

struct block *engine_lookup(struct hart *h, uint64_t va) {
    if (h->forget) return NULL;
    struct jump_entry *jump = &h->jump[jump_index(va)];
    struct block *was = jump->pc == va ? jump->block : NULL;
    if (was && !was->dead && was->second_pa == NO_PAGE) {
        if (jump->key == h->mmu.fetch_key) return was;
        // From another context, or from before a fence: mostly it lies there still.
        uint64_t pa;
        bool whole_page;
        if (!mmu_fetch(&h->mmu, va, &pa, &whole_page)) return NULL;
        if (whole_page && pa == was->pa) {
            jump->key = h->mmu.fetch_key;
            return was;
        }
    }
    struct code_place place;
    if (!find_code(h, va, &place) || !place.whole_page) return NULL;
    struct block *b = find_or_decode(h, &place);
    if (b) *jump = (struct jump_entry){va, h->mmu.fetch_key, b, native_entry(h, b)};
    return b;
}

// --- Running
// ----------------------------------------------------------------------------------------

// A trap restarts the pipeline.
static void trap_penalty(struct hart *h) {
    if (h->timing) h->left -= timing_trap(h->timing);
}

// A fetch that faults is an instruction that takes a cycle and retires nothing.
static void fetch_fault(struct hart *h) {
    h->left--;
    h->begun++;
    h->unretired++;
    trap_penalty(h);
    trap_exception(h, h->mmu.fault.cause, h->mmu.fault.tval);
}

// Runs from h->pc on until the engine comes back.
static void run_some(struct hart *h) {
    block_make_room(h);
    if (h->forget) {
        tlb_flush(&h->mmu.tlb, true, 0, true, 0);
        mmu_forget(&h->mmu);
    }
    struct code_place place;
    if (!find_code(h, h->pc, &place)) {
        fetch_fault(h);
        return;
    }
    struct block *b = place.whole_page && !h->forget ? find_or_decode(h, &place) : NULL;
    if (!b || b->insns > h->left) {
        uint64_t insns = !b ? 1 : (uint64_t)h->left;
        b = block_decode_scratch(h, place.pa, place.second_pa, (unsigned)insns);
    }
    h->engine->run(h, b);
}

// Something happened that must be looked at before the next instruction. false: leave hart_run.
static bool attend(struct hart *h, enum hart_exit *exit) {
    h->attention = false;
    if (h->stop) {
        h->stop = false;
        h->attention = true; // what else there is to see is looked at in the next run
        *exit = EXIT_STOP;
        return false;
    }
    if (csr_mip(h) & h->csr.mie) h->waiting = false;
    int interrupt = trap_pending(h);
    if (interrupt >= 0) {
        trap_penalty(h);
        trap_interrupt(h, interrupt);
    }
    if (!h->waiting) return true;
    h->attention = true;
    *exit = EXIT_WFI;
    return false;
}

enum hart_exit hart_run(struct hart *h, uint64_t cycles, uint64_t *executed) {
    enum hart_exit exit = EXIT_BUDGET;
    (void)fp_host_flags(); // those that somebody else's computing has raised
    const uint64_t begun = hart_cycles(h), end = begun + cycles;
    for (uint64_t now = begun; now < end; now = hart_cycles(h)) {
        h->left = (int64_t)counters_patience(h, end - now);
        h->limit = now + (uint64_t)h->left;
        if (h->attention && !attend(h, &exit)) break;
        run_some(h);
        if (h->csr.hpm_armed) counters_look(h);
    }
    h->csr.fflags |= fp_host_flags();
    *executed = hart_cycles(h) - begun;
    return exit;
}
