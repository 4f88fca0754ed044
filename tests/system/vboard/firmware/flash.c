/* SPDX-License-Identifier: Apache-2.0 */
/* Erases and programs a spare piece of the flash through the chip's own controller, and does it wrongly as well. */
#include "board.h"

#if defined(CHIP_STM32F405)
#define SPARE     0x080e0000u /* sector 11 */
#define F(offset) REG(0x40023c00 + (offset))
enum { KEYR = 4, SR = 12, CR = 16 };

static void wait(void)
{
	while (F(SR) & 0x10000)
		;
}
static void erase(void)
{
	F(KEYR) = 0x45670123;
	F(KEYR) = 0xcdef89ab;
	F(SR) = 0xf3;
	F(CR) = 2 | 11 << 3 | 2 << 8;
	F(CR) |= 0x10000;
	wait();
}
static void program(uint32_t address, uint32_t value)
{
	F(CR) = 1 | 2 << 8;
	REG(address) = value;
	wait();
	F(CR) = 0;
}
static uint32_t wrong(void)
{
	put_value("sr_good", F(SR));
	F(SR) = 0xf3;
	*(volatile uint8_t *)(SPARE + 64) = 0; /* PG is not set */
	put_value("sr_no_pg", F(SR));
	F(SR) = 0xf3;
	F(CR) = 1 | 2 << 8;
	*(volatile uint16_t *)(SPARE + 64) = 0; /* of another size than PSIZE */
	put_value("sr_size", F(SR));
	F(SR) = 0xf3;
	F(CR) = 0x80000000;
	REG(SPARE + 64) = 0; /* locked */
	put_value("sr_locked", F(SR));
	return REG(SPARE + 64);
}
#else
#define SPARE     0x3fc00u
#define N(offset) REG(0x4001e000 + (offset))
static void erase(void)
{
	N(0x504) = 2;
	N(0x508) = SPARE;
	while (!N(0x400))
		;
	N(0x504) = 0;
}
static void program(uint32_t address, uint32_t value)
{
	N(0x504) = 1;
	REG(address) = value;
	while (!N(0x400))
		;
	N(0x504) = 0;
}
static uint32_t wrong(void)
{
	REG(SPARE + 64) = 0; /* not enabled */
	return REG(SPARE + 64);
}
#endif

int main(void)
{
	uart_init();
	put_value("before", REG(SPARE));
	erase();
	put_value("erased", REG(SPARE));
	program(SPARE, 0x12345678);
	put_value("programmed", REG(SPARE));
	program(SPARE, 0xffff0000);
	put_value("anded", REG(SPARE));
	put_value("wrong", wrong());
	put_text("done\r\n");
	for (;;)
		__asm volatile("wfi");
}
