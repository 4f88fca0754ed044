/* SPDX-License-Identifier: Apache-2.0 */
/* Console of the micro:bit: nRF51 UART0 on the pins of the interface chip, 115200 8N1. */
#include "board.h"
#include "cpu.h"
#include "port.h"

#define UART_STARTTX REG32(0x40002008U)
#define UART_TXDRDY  REG32(0x4000211CU)
#define UART_ENABLE  REG32(0x40002500U)
#define UART_PSELRTS REG32(0x40002508U)
#define UART_PSELTXD REG32(0x4000250CU)
#define UART_PSELCTS REG32(0x40002510U)
#define UART_PSELRXD REG32(0x40002514U)
#define UART_TXD     REG32(0x4000251CU)
#define UART_BAUD    REG32(0x40002524U)
#define UART_CONFIG  REG32(0x4000256CU)
#define GPIO_OUTSET  REG32(0x50000508U)
#define GPIO_DIRSET  REG32(0x50000518U)

enum { PIN_TXD = 24, PIN_RXD = 25, ENABLED = 4, WAIT_LIMIT = 1000000 };

#define PIN_NONE    0xFFFFFFFFU
#define BAUD_115200 0x01D7E000U

static bool sending; /* a byte was handed over and its TXDRDY not yet seen */

void console_start(void)
{
	GPIO_OUTSET = 1U << PIN_TXD; /* idle high before the UART takes the pin over */
	GPIO_DIRSET = 1U << PIN_TXD;
	UART_PSELTXD = PIN_TXD;
	UART_PSELRXD = PIN_RXD;
	UART_PSELRTS = PIN_NONE;
	UART_PSELCTS = PIN_NONE;
	UART_BAUD = BAUD_115200;
	UART_CONFIG = 0; /* no parity, no flow control */
	UART_ENABLE = ENABLED;
	UART_TXDRDY = 0;
	UART_STARTTX = 1;
	sending = false;
}

bool port_console_drain(void)
{
	for (uint32_t i = 0; sending; i++) {
		if (i == WAIT_LIMIT)
			return false;
		if (UART_TXDRDY) {
			UART_TXDRDY = 0;
			sending = false;
		}
	}
	return true;
}

size_t port_console_write(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (!port_console_drain())
			return i;
		UART_TXD = (uint8_t)bytes[i];
		sending = true;
	}
	return size;
}
