/* SPDX-License-Identifier: Apache-2.0 */
/* The BBC micro:bit 1 (nRF51822, Cortex-M0): crystal, tick and counter. The nRF51 has no SysTick: TIMER1 makes the
 * tick. */
#include "board.h"

#include "cpu.h"
#include "port.h"

#define CLOCK_HFCLKSTART   REG32(0x40000000U)
#define CLOCK_HFCLKSTARTED REG32(0x40000100U)

/* A TIMER's registers, by its base. */
#define TIMER0                0x40008000U
#define TIMER1                0x40009000U
#define TIMER_START(base)     REG32((base) + 0x000U)
#define TIMER_STOP(base)      REG32((base) + 0x004U)
#define TIMER_CLEAR(base)     REG32((base) + 0x00CU)
#define TIMER_CAPTURE0(base)  REG32((base) + 0x040U)
#define TIMER_COMPARE0(base)  REG32((base) + 0x140U)
#define TIMER_INTENSET(base)  REG32((base) + 0x304U)
#define TIMER_MODE(base)      REG32((base) + 0x504U)
#define TIMER_BITMODE(base)   REG32((base) + 0x508U)
#define TIMER_PRESCALER(base) REG32((base) + 0x510U)
#define TIMER_CC0(base)       REG32((base) + 0x540U)

enum {
	TIMER1_IRQ = 9,
	COMPARE0_BIT = 16,
	BITS_16 = 0,
	BITS_32 = 3,
	PRESCALE_TO_1MHZ = 4, /* 16 MHz / 2^4 */
	TICK_US = 1000,
	CRYSTAL_LIMIT = 1000000,
};

const struct port_board port_board = {
	.name = "microbit",
	.bad_address = 0x70000000U, /* no bus slave there */
	.clock_tolerance_percent = 5,
};

static volatile uint32_t ticks;

/* Without the crystal the RC oscillator goes on (1.5 % off, still fit for 115200 baud), so a dead one is not the end.
 */
static void start_crystal(void)
{
	CLOCK_HFCLKSTARTED = 0;
	CLOCK_HFCLKSTART = 1;
	for (uint32_t i = 0; i < CRYSTAL_LIMIT && !CLOCK_HFCLKSTARTED; i++) {
	}
}

static void timer_set_up(uint32_t base, uint32_t bits)
{
	TIMER_STOP(base) = 1;
	TIMER_MODE(base) = 0;
	TIMER_BITMODE(base) = bits;
	TIMER_PRESCALER(base) = PRESCALE_TO_1MHZ;
	TIMER_CLEAR(base) = 1;
}

void port_init(void)
{
	start_crystal();
	console_start();
}

void port_clock_start(void)
{
	timer_set_up(TIMER1, BITS_16);
	TIMER_COMPARE0(TIMER1) = 0;
	TIMER_CC0(TIMER1) = TICK_US;
	TIMER_INTENSET(TIMER1) = 1U << COMPARE0_BIT;
	NVIC_ISER = 1U << TIMER1_IRQ;
	TIMER_START(TIMER1) = 1;
}

/* The compare value moves on and the counter is never cleared: a late interrupt delays one tick and loses no time. */
void port_irq(uint32_t irq)
{
	if (irq != TIMER1_IRQ)
		cpu_fault_unexpected(NULL);
	TIMER_COMPARE0(TIMER1) = 0;
	TIMER_CC0(TIMER1) = (TIMER_CC0(TIMER1) + TICK_US) & 0xFFFFU;
	ticks++;
}

uint32_t port_clock_ms(void)
{
	return ticks;
}

static uint32_t read_counter(void)
{
	TIMER_CAPTURE0(TIMER0) = 1;
	return TIMER_CC0(TIMER0);
}

struct port_counter port_counter_start(void)
{
	timer_set_up(TIMER0, BITS_32);
	TIMER_START(TIMER0) = 1;
	return (struct port_counter){.hz = 1000000, .read = read_counter};
}

struct port_network port_network_start(void)
{
	return (struct port_network){.absent = true};
}
