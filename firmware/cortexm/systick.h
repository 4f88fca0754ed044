/* SPDX-License-Identifier: Apache-2.0 */
/* The core's own timer as a 1 kHz tick, for ports whose chip has it. */
#ifndef SYSTICK_H
#define SYSTICK_H

#include <stdint.h>

/* Starts the tick from the core's clock. */
void systick_start(uint32_t core_hz);

/* Milliseconds since then; wraps. */
uint32_t systick_ms(void);

#endif
