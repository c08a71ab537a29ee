// SPDX-License-Identifier: MIT
// Zicsr and Zifencei (unprivileged manual, `"Zicsr" Extension for Control and Status Register
// Instructions` and `"Zifencei" Extension for Instruction-Fetch Fence`). Included by each engine.

// Nothing is written where rs1 is x0 or the immediate is 0, unless the instruction is a csrrw; and
// a csrrw to x0 reads nothing. That concerns the field of the instruction, not the value.
#define CSR_ACCESS(csr_op, does_read, source)                                                      \
    do {                                                                                           \
        SYNC;                                                                                      \
        uint64_t old_ = 0;                                                                         \
        if (!csr_access(h, (unsigned)r->imm, (csr_op), (does_read), (source), &old_)) ILLEGAL;     \
        SET_RD(old_);                                                                              \
        END_SYSTEM;                                                                                \
    } while (0)
#define UNLESS_ZERO(csr_op) (r->rs1 == 0 ? CSR_READ : (csr_op))

BODY(csrrw) { CSR_ACCESS(CSR_WRITE, r->rd != SINK, RS1); }
BODY(csrrs) { CSR_ACCESS(UNLESS_ZERO(CSR_SET), true, RS1); }
BODY(csrrc) { CSR_ACCESS(UNLESS_ZERO(CSR_CLEAR), true, RS1); }
BODY(csrrwi) { CSR_ACCESS(CSR_WRITE, r->rd != SINK, r->rs1); }
BODY(csrrsi) { CSR_ACCESS(UNLESS_ZERO(CSR_SET), true, r->rs1); }
BODY(csrrci) { CSR_ACCESS(UNLESS_ZERO(CSR_CLEAR), true, r->rs1); }

BODY(fence_i) {
    SYNC;
    hart_fence_i(h);
    END_SYSTEM;
}
