// SPDX-License-Identifier: MIT
// Sv39 tables for tests, and one access through them with everything about it checked. A root made
// here maps RAM to itself by one gigapage, so that run()'s code executes in S- and U-mode; all
// other virtual addresses are the test's.
#ifndef TABLEWALK_TESTSUITE_VM_H
#define TABLEWALK_TESTSUITE_VM_H

#include "guest.h"

enum {
    PTE_V = 1,
    PTE_R = 2,
    PTE_W = 4,
    PTE_X = 8,
    PTE_U = 16,
    PTE_G = 32,
    PTE_A = 64,
    PTE_D = 128,
    PTE_RW = PTE_R | PTE_W,
    PTE_RWX = PTE_R | PTE_W | PTE_X,
    PTE_AD = PTE_A | PTE_D,
};
#define PTE_RSW     (UINT64_C(3) << 8)
#define PTE_PBMT(n) ((uint64_t)(n) << 61)
#define PTE_N       BIT(63)
#define PTE_PPN     (BIT(54) - BIT(10))

#define SATP_SV39    (UINT64_C(8) << 60)
#define SATP_ASID(n) ((uint64_t)(n) << 44)

#define RAM_BASE UINT64_C(0x80000000)
#define NOWHERE  BIT(50) // a physical address at which there is nothing at all

// PPN field of a PTE or satp for a physical address.
#define pte_ppn(pa) ((uint64_t)(pa) >> 12 << 10)
static inline uint64_t level_size(int level) { return UINT64_C(4096) << (9 * level); }
static inline void sfence_vma(void) { __asm__ volatile("sfence.vma" ::: "memory"); }

void vm_reset(void);
void vm_let_run(enum priv p);
// A new root table with the identity mapping of RAM; at most VM_TABLES tables a case.
enum { VM_TABLES = 32 };
uint64_t *vm_root(void);
// The PTE for va at a level (2: root, 0: last); tables on the way are made where there are none.
uint64_t *vm_slot(uint64_t *root, uint64_t va, int level);
// Makes a root the current one, and fences.
void vm_use(const uint64_t *root, uint64_t asid);
uint64_t satp_of(const uint64_t *root, uint64_t asid);

// A virtual address that a leaf at `level` can map to pa: a page, a megapage or a gigapage whose
// own upper bits differ from level to level.
uint64_t vm_va(int level, uint64_t pa);
// The leaf PTE that maps it, without flags.
uint64_t vm_leaf(int level, uint64_t pa);

// Who accesses: S or U itself, or M through mstatus.MPRV with MPP = S or U.
enum who { BY_S, BY_U, BY_MPRV_S, BY_MPRV_U, WHO_COUNT };
extern const char *const who_name[WHO_COUNT];
// Accesses are named by a letter: 'l'oad (8 bytes), 's'tore (8 bytes), 'f'etch.
#define KINDS "lsf"
uint64_t page_fault_of(char kind);
uint64_t access_fault_of(char kind);
bool contains(const char *kinds, char kind);

// The access itself. A fetch runs a function that returns 21; a load gives what is there in a[0]; a
// store stores STORED.
#define STORED UINT64_C(0x1122334455667788)
struct outcome vm_access(enum who who, uint64_t status, char kind, uint64_t va);

// Sets *slot = pte (which maps va to pa), makes the access and checks: cause (NO_TRAP, or the
// fault), tval = va, the data read or written or left alone, and that the PTE gained A, and D for a
// store, when the access succeeded, and did not change at all when it did not.
struct mapping {
    uint64_t *slot, pte, va, pa;
};
void vm_expect(const char *what, const struct mapping *m, enum who who, uint64_t status, char kind,
               uint64_t cause);

// The same for every kind of access: those in `ok` succeed, the others end in their page faults.
void vm_expect_kinds(const char *what, const struct mapping *m, enum who who, uint64_t status,
                     const char *ok);

// A page of pages[] mapped by one leaf of a new root that is in use.
struct mapping vm_simple(int level, uint64_t flags);

#endif
