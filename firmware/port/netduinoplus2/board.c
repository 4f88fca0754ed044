/* SPDX-License-Identifier: Apache-2.0 */
/* The Netduino Plus 2 (STM32F405, Cortex-M4): its facts, its tick and TIM2 as the independent counter. */
#include "board.h"

#include "cpu.h"
#include "port.h"
#include "systick.h"

#define RCC_APB1ENR REG32(0x40023840U)
#define TIM2_CR1    REG32(0x40000000U)
#define TIM2_EGR    REG32(0x40000014U)
#define TIM2_CNT    REG32(0x40000024U)
#define TIM2_PSC    REG32(0x40000028U)
#define TIM2_ARR    REG32(0x4000002CU)

#define APB1ENR_TIM2 (1U << 0)

enum { COUNTER_HZ = 1000000 };

const struct port_board port_board = {
	.name = "netduinoplus2",
	.bad_address = 0x24000000U, /* reserved between the SRAM and the peripherals */
	.clock_tolerance_percent = 5,
};

static struct board_clocks clocks;

void port_init(void)
{
	clocks = clocks_start();
	console_start(clocks.apb2_hz);
}

void port_clock_start(void)
{
	systick_start(clocks.core_hz);
}

uint32_t port_clock_ms(void)
{
	return systick_ms();
}

static uint32_t read_counter(void)
{
	return TIM2_CNT;
}

struct port_counter port_counter_start(void)
{
	RCC_APB1ENR |= APB1ENR_TIM2;
	(void)RCC_APB1ENR;
	TIM2_CR1 = 0;
	TIM2_PSC = clocks.timer_hz / COUNTER_HZ - 1U;
	TIM2_ARR = 0xFFFFFFFFU;
	TIM2_EGR = 1; /* loads the prescaler */
	TIM2_CR1 = 1;
	return (struct port_counter){.hz = COUNTER_HZ, .read = read_counter};
}

struct port_network port_network_start(void)
{
	return (struct port_network){.absent = true};
}
