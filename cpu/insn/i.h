// SPDX-License-Identifier: MIT
// RV64I: integer operations, jumps, loads and stores (unprivileged manual, "RV32I Base Integer
// Instruction Set" and "RV64I Base Integer Instruction Set"). Included by each engine.

BODY(lui) { RESULT(IMM); }
BODY(auipc) { RESULT(PC + IMM); }

BODY(addi) { RESULT(RS1 + IMM); }
BODY(slti) { RESULT(SIGNED(RS1) < SIGNED(IMM)); }
BODY(sltiu) { RESULT(RS1 < IMM); }
BODY(xori) { RESULT(RS1 ^ IMM); }
BODY(ori) { RESULT(RS1 | IMM); }
BODY(andi) { RESULT(RS1 & IMM); }
BODY(slli) { RESULT(RS1 << (IMM & 63)); }
BODY(srli) { RESULT(RS1 >> (IMM & 63)); }
BODY(srai) { RESULT((uint64_t)(SIGNED(RS1) >> (IMM & 63))); }

BODY(add) { RESULT(RS1 + RS2); }
BODY(sub) { RESULT(RS1 - RS2); }
BODY(sll) { RESULT(RS1 << (RS2 & 63)); }
BODY(slt) { RESULT(SIGNED(RS1) < SIGNED(RS2)); }
BODY(sltu) { RESULT(RS1 < RS2); }
BODY(xor) { RESULT(RS1 ^ RS2); }
BODY(srl) { RESULT(RS1 >> (RS2 & 63)); }
BODY(sra) { RESULT((uint64_t)(SIGNED(RS1) >> (RS2 & 63))); }
BODY(or) { RESULT(RS1 | RS2); }
BODY(and) { RESULT(RS1 & RS2); }

BODY(addiw) { RESULT(sext32(RS1 + IMM)); }
BODY(slliw) { RESULT(sext32(RS1 << (IMM & 31))); }
BODY(srliw) { RESULT(sext32(LOW(RS1) >> (IMM & 31))); }
BODY(sraiw) { RESULT((uint64_t)(SIGNED(sext32(RS1)) >> (IMM & 31))); }
BODY(addw) { RESULT(sext32(RS1 + RS2)); }
BODY(subw) { RESULT(sext32(RS1 - RS2)); }
BODY(sllw) { RESULT(sext32(RS1 << (RS2 & 31))); }
BODY(srlw) { RESULT(sext32(LOW(RS1) >> (RS2 & 31))); }
BODY(sraw) { RESULT((uint64_t)(SIGNED(sext32(RS1)) >> (RS2 & 31))); }

// A jump whose target is misaligned faults itself, and leaves rd alone.
BODY(jal) {
    CHECK_LINK;
    HOOK_JUMP(PC + IMM);
    SET_RD(NEXT_PC);
    JUMP_DIRECT;
}
BODY(jalr) {
    const uint64_t target = (RS1 + IMM) & ~UINT64_C(1); // rd may be rs1
    CHECK_TARGET(target);
    HOOK_JUMP(target);
    SET_RD(NEXT_PC);
    JUMP_TO(target);
}
BODY(beq) { BRANCH(RS1 == RS2); }
BODY(bne) { BRANCH(RS1 != RS2); }
BODY(blt) { BRANCH(SIGNED(RS1) < SIGNED(RS2)); }
BODY(bge) { BRANCH(SIGNED(RS1) >= SIGNED(RS2)); }
BODY(bltu) { BRANCH(RS1 < RS2); }
BODY(bgeu) { BRANCH(RS1 >= RS2); }

BODY(lb) { LOAD(int8_t, RS1 + IMM, SET_RD((uint64_t)(int64_t)value)); }
BODY(lh) { LOAD(int16_t, RS1 + IMM, SET_RD((uint64_t)(int64_t)value)); }
BODY(lw) { LOAD(int32_t, RS1 + IMM, SET_RD((uint64_t)(int64_t)value)); }
BODY(ld) { LOAD(uint64_t, RS1 + IMM, SET_RD(value)); }
BODY(lbu) { LOAD(uint8_t, RS1 + IMM, SET_RD(value)); }
BODY(lhu) { LOAD(uint16_t, RS1 + IMM, SET_RD(value)); }
BODY(lwu) { LOAD(uint32_t, RS1 + IMM, SET_RD(value)); }

BODY(sb) { STORE(uint8_t, RS1 + IMM, RS2); }
BODY(sh) { STORE(uint16_t, RS1 + IMM, RS2); }
BODY(sw) { STORE(uint32_t, RS1 + IMM, RS2); }
BODY(sd) { STORE(uint64_t, RS1 + IMM, RS2); }

// A hart sees its own accesses in order, and harts take turns: there is nothing to wait for.
BODY(fence) { NEXT; }
BODY(fence_tso) { NEXT; }
BODY(pause) { NEXT; }
