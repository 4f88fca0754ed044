/* SPDX-License-Identifier: Apache-2.0 */
/* Symbols of the linker script and the paint that reset lays over the unused stack. */
#ifndef STARTUP_H
#define STARTUP_H

#include <stdbool.h>
#include <stdint.h>

#define STACK_PAINT 0xC0DEFACEU

extern uint32_t stack_limit[], stack_top[]; /* lowest word, and one behind the highest */
extern uint32_t spare_start[], spare_end[]; /* RAM that nothing uses, for the memory tests */
extern const uint32_t vectors_start[];      /* first word of the image */

/* Whether a hook took the interrupt (cpu_irq_catch). */
bool cpu_irq_hooked(uint32_t irq);

#endif
