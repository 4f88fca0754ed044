/* SPDX-License-Identifier: Apache-2.0 */
/* Console of the MPS2: CMSDK UART 0, 115200 8N1. */
#include "board.h"
#include "cpu.h"
#include "port.h"

#define UART_DATA    REG32(0x40004000U)
#define UART_STATE   REG32(0x40004004U)
#define UART_CTRL    REG32(0x40004008U)
#define UART_BAUDDIV REG32(0x40004010U)

#define STATE_TX_FULL 1U
#define CTRL_TX_ON    1U

enum { BAUD = 115200, WAIT_LIMIT = 1000000 };

void console_start(void)
{
	UART_BAUDDIV = BOARD_HZ / BAUD;
	UART_CTRL = CTRL_TX_ON;
}

static bool wait_for_room(void)
{
	for (uint32_t i = 0; i < WAIT_LIMIT; i++) {
		if (!(UART_STATE & STATE_TX_FULL))
			return true;
	}
	return false;
}

size_t port_console_write(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (!wait_for_room())
			return i;
		UART_DATA = (uint8_t)bytes[i];
	}
	return size;
}

/* This UART buffers one byte and does not say when the shift register is empty. */
bool port_console_drain(void)
{
	return wait_for_room();
}
