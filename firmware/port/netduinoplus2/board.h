/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this port share: the clocks as they came out, and the start functions. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

struct board_clocks {
	uint32_t core_hz;
	uint32_t apb2_hz;  /* USART1 */
	uint32_t timer_hz; /* TIM2, before its prescaler */
};

/* Brings the PLL up as far as the chip lets it, and says what clocks there are now. */
struct board_clocks clocks_start(void);
void console_start(uint32_t apb2_hz);

#endif
