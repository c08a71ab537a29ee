// SPDX-License-Identifier: MIT
// What the observed engine has in place of the bodies' own addresses: every record of its blocks
// leads here, the hart's observer is asked, and the body that the record's origin names is run.
// Included by cpu/handlers.h once, where ENGINE_OBSERVED is defined.
static const handler_fn bodies[OPS] = {
    [OP_illegal] = insn_illegal,
#define INSN(name, ...) [OP_##name] = insn_##name,
#define CINSN(...)
#include "cpu/isa.def"
#undef INSN
#undef CINSN
};

static HANDLER observe(ARGS) {
    const struct origin *here = record_origin(h->block, r);
    const struct hart_observer *o = h->observer;
    SYNC;
    h->csr.fflags |= fp_host_flags();
    if (o->before && o->before(o->context, h, THIS_PC)) {
        hart_stop(h);
        GIVE_BACK(h->block->insns - here->before);
        PC += 2 * (uint64_t)here->start;
        GO(leave_at_pc);
    }
    GO(bodies[here->op]);
}

#define HANDLER_OF(name) observe
#define HAS_NATIVE       false
