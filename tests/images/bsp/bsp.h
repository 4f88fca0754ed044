/* SPDX-License-Identifier: Apache-2.0 */
/* The little that the test images know of a board: its clock, its console, its reset vector's names. */
#ifndef BSP_H
#define BSP_H

#include <stddef.h>
#include <stdint.h>

#define REG32(address) (*(volatile uint32_t *)(address))

/* Of the core, which is also SysTick's. */
extern const uint32_t bsp_core_hz;

/* Console on, clocks as they are after reset. */
void bsp_init(void);
void bsp_putc(char c);

/* Names of CMSIS; weak defaults stop the core in a loop. */
void SVC_Handler(void);
void PendSV_Handler(void);
void SysTick_Handler(void);
void IRQ13_Handler(void); /* Ethernet on the MPS2 */

#endif
