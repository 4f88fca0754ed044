/* SPDX-License-Identifier: Apache-2.0 */
/* Console of the Netduino Plus 2: USART1 on PA9 (TX) and PA10 (RX), 115200 8N1. */
#include "board.h"
#include "cpu.h"
#include "port.h"

#define RCC_AHB1ENR REG32(0x40023830U)
#define RCC_APB2ENR REG32(0x40023844U)
#define GPIOA_MODER REG32(0x40020000U)
#define GPIOA_PUPDR REG32(0x4002000CU)
#define GPIOA_AFRH  REG32(0x40020024U)
#define USART_SR    REG32(0x40011000U)
#define USART_DR    REG32(0x40011004U)
#define USART_BRR   REG32(0x40011008U)
#define USART_CR1   REG32(0x4001100CU)
#define USART_CR2   REG32(0x40011010U)

#define AHB1ENR_GPIOA  (1U << 0)
#define APB2ENR_USART1 (1U << 4)
#define SR_TC          (1U << 6)
#define SR_TXE         (1U << 7)
#define CR1_RE         (1U << 2)
#define CR1_TE         (1U << 3)
#define CR1_UE         (1U << 13)

enum { BAUD = 115200, WAIT_LIMIT = 1000000 };

void console_start(uint32_t apb2_hz)
{
	RCC_AHB1ENR |= AHB1ENR_GPIOA;
	RCC_APB2ENR |= APB2ENR_USART1;
	(void)RCC_APB2ENR; /* erratum: the first access must come two clocks after enabling */

	GPIOA_AFRH = (GPIOA_AFRH & ~0x00000FF0U) | 0x00000770U; /* AF7 on both pins */
	GPIOA_PUPDR = (GPIOA_PUPDR & ~0x003C0000U) | 0x00140000U;
	GPIOA_MODER = (GPIOA_MODER & ~0x003C0000U) | 0x00280000U;

	USART_BRR = (apb2_hz + BAUD / 2) / BAUD;
	USART_CR2 = 0;
	USART_CR1 = CR1_UE | CR1_TE | CR1_RE;
}

static bool wait_for(uint32_t flag)
{
	for (uint32_t i = 0; i < WAIT_LIMIT; i++) {
		if (USART_SR & flag)
			return true;
	}
	return false;
}

size_t port_console_write(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (!wait_for(SR_TXE))
			return i;
		USART_DR = (uint8_t)bytes[i];
	}
	return size;
}

bool port_console_drain(void)
{
	return wait_for(SR_TC);
}
