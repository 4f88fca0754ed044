/* SPDX-License-Identifier: Apache-2.0 */
/* A preemptive round-robin kernel of one page: tasks, sleeping, time. SysTick ticks, PendSV switches. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stddef.h>
#include <stdint.h>

enum { KERNEL_TASKS = 4 };

/* First of all; leaves nothing of an earlier run, even where RAM was not cleared. */
void kernel_init(void);

/* Between kernel_init and kernel_start. stack: aligned to 8 bytes, at least 64 words; run must not return. */
void kernel_add(void (*run)(void), uint64_t *stack, size_t stack_bytes);

/* Becomes the idle task; does not return. */
_Noreturn void kernel_start(void);

uint32_t kernel_ms(void);
void kernel_sleep(uint32_t ms);
uint32_t kernel_switches(void); /* how often another task was chosen */

/* Keeps the other tasks out; short and not nested. */
void kernel_lock(void);
void kernel_unlock(void);

#endif
