/* SPDX-License-Identifier: Apache-2.0 */
/* What a board must supply so that the reference suite runs on it: one struct, one start function, a console, and what
 * else it has. */
#ifndef PORT_H
#define PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A port lives in firmware/port/<board>/ and begins as a copy of firmware/port/template/.
 *
 * "Required" below means that the link fails without it. Everything else has a weak default (suite/port_default.c) that
 * fails the calling case with the text "<function>: not ported": an unfinished port can never look like a passing one.
 * All functions are called from thread mode, privileged, with interrupts enabled, from one place at a time.
 */

/* Required. The board's fixed facts. */
struct port_board {
	const char *name;      /* as in the banner; no blanks */
	uintptr_t bad_address; /* reading a word here must make the bus answer with an error, at once and precisely */
	uint32_t clock_tolerance_percent; /* how far the tick may be off against the independent counter */
};
extern const struct port_board port_board;

/* Required. Clocks, pins and console; afterwards port_console_write works. Called once, first of all. Must not print.
 */
void port_init(void);

/* Required. Sends size bytes, waiting for room; returns how many the transmitter took (fewer only when it is stuck). */
size_t port_console_write(const char *bytes, size_t size);

/* Waits, with a bound, until the last bit has left the pin. False: it never did. */
bool port_console_drain(void);

/* Starts the 1 kHz tick interrupt. Called once, after port_init. */
void port_clock_start(void);

/* Milliseconds since port_clock_start, counted by the tick interrupt; wraps. */
uint32_t port_clock_ms(void);

/* A free-running counter that does not depend on the tick. hz = 0: this board has none, and the case is ignored. */
struct port_counter {
	uint32_t hz;
	uint32_t (*read)(void); /* counts up, wraps at 32 bits */
};
struct port_counter port_counter_start(void);

/* The flash sector that the suite may destroy. size_bytes = 0: the board has no flash, and the cases are ignored. */
struct port_flash {
	uintptr_t address; /* first byte of the spare sector, far away from the image */
	size_t size_bytes; /* of the sector, the unit of erasing */
};
struct port_flash port_flash(void);

enum port_flash_result {
	PORT_FLASH_OK,
	PORT_FLASH_LOCKED, /* the controller did not accept the unlock keys */
	PORT_FLASH_BUSY,   /* it stayed busy beyond every data sheet's limit */
	PORT_FLASH_ERROR,  /* it reported an error: protection, alignment, size, sequence */
};

/* Erases the whole spare sector. OK means that the controller said so; the suite reads the sector back itself. */
enum port_flash_result port_flash_erase(void);

/* Programs count words at address, word aligned, within the spare sector. OK as above. */
enum port_flash_result port_flash_program(uintptr_t address, const uint32_t *words, size_t count);

/* A peripheral's interrupt came; irq counts from 0 as in the reference manual. The default takes it for a fault. */
void port_irq(uint32_t irq);

/* The Cortex-M system timer's interrupt came. The default takes it for a fault. */
void port_systick(void);

/* Used by the weak defaults: fails the case that runs with "<function>: not ported". Does not return. */
_Noreturn void port_not_ported(const char *function);

#endif
