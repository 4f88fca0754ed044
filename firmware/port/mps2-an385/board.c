/* SPDX-License-Identifier: Apache-2.0 */
/* The MPS2 with AN385 (Cortex-M3 soft core): its clock runs from configuration on, so there is little to set up. */
#include "board.h"

#include "cpu.h"
#include "port.h"
#include "systick.h"

#define TIMER_CTRL   REG32(0x40000000U) /* CMSDK timer 0; counts down from RELOAD */
#define TIMER_VALUE  REG32(0x40000004U)
#define TIMER_RELOAD REG32(0x40000008U)

const struct port_board port_board = {
	.name = "mps2-an385",
	.bad_address = 0x70000000U, /* nothing answers between the PSRAM and the system space */
	.clock_tolerance_percent = 5,
};

void port_init(void)
{
	console_start();
}

void port_clock_start(void)
{
	systick_start(BOARD_HZ);
}

uint32_t port_clock_ms(void)
{
	return systick_ms();
}

static uint32_t read_counter(void)
{
	return ~TIMER_VALUE;
}

struct port_counter port_counter_start(void)
{
	TIMER_CTRL = 0;
	TIMER_RELOAD = 0xFFFFFFFFU;
	TIMER_VALUE = 0xFFFFFFFFU;
	TIMER_CTRL = 1;
	return (struct port_counter){.hz = BOARD_HZ, .read = read_counter};
}

struct port_interrupts port_interrupts(void)
{
	return (struct port_interrupts){.line = {24, 25, 26}}; /* pins of GPIO 0 */
}

struct port_flash port_flash(void)
{
	return (struct port_flash){.sectors = 0};
}

uint32_t port_mpu_regions(void)
{
	return 8;
}

struct port_entropy port_entropy_start(void)
{
	return (struct port_entropy){.absent = true};
}

struct port_crypto port_crypto(void)
{
	return (struct port_crypto){0};
}
