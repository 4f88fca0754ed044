/* SPDX-License-Identifier: Apache-2.0 */
/* Template of a port on its first day: it starts and prints, on the virtual board mps2-an385, and every case fails as
 * not ported. include/port.h documents all that it may have. */
#include "port.h"

#include "cpu.h"

/* This UART is the MPS2's: put your chip's in its place. */
#define UART_DATA    REG32(0x40004000U)
#define UART_STATE   REG32(0x40004004U)
#define UART_CTRL    REG32(0x40004008U)
#define UART_BAUDDIV REG32(0x40004010U)

enum { CLOCK_HZ = 25000000, BAUD = 115200, STATE_TX_FULL = 1, CTRL_TX_ON = 1, WAIT_LIMIT = 1000000 };

/* Clocks, then the console's pins, then the console. */
void port_init(void)
{
	UART_BAUDDIV = CLOCK_HZ / BAUD;
	UART_CTRL = CTRL_TX_ON;
}

size_t port_console_write(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		for (uint32_t turn = 0; UART_STATE & STATE_TX_FULL; turn++) {
			if (turn == WAIT_LIMIT)
				return i;
		}
		UART_DATA = (uint8_t)bytes[i];
	}
	return size;
}

/*
 * Next, in this order, each turning cases from "not ported" to passing:
 *   port_board                                          Memory, Crypto, and most of Hello and Fault
 *   port_console_drain                                  Hello
 *   port_clock_start, port_clock_ms (with port_irq or port_systick), port_counter_start
 *                                                       Clock
 *   port_interrupts                                     Interrupt, Performance
 *   port_flash, port_flash_erase, port_flash_program    Flash
 *   port_entropy_start, port_entropy_read               Entropy
 *   port_mpu_regions, port_crypto                       Protection, Crypto
 *   port_reset_cause, port_watchdog_start, port_watchdog_feed, port_journal_erase, port_journal_program
 *                                                       Reset, Retention, Update (the long suite)
 *   port_network_start, port_network_link, port_network_send, port_network_receive
 *                                                       Network (a suite of its own)
 */
