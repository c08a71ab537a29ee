// SPDX-License-Identifier: MIT
//
// Device interrupts. The kernel is never interrupted: it looks, at well-defined places, whether
// the interrupt controller (PLIC) has something for it.
#ifndef TABLEWALK_PAGER_INTERRUPT_H
#define TABLEWALK_PAGER_INTERRUPT_H

struct kernel;

// Lets the UART and the disks through to this hart.
void interrupt_start(struct kernel *kernel);

// Serves every interrupt that is pending.
void interrupt_serve(struct kernel *kernel);

#endif
