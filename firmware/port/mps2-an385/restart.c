/* SPDX-License-Identifier: Apache-2.0 */
/* The MPS2's CMSDK watchdog, why it started, and the journal: the image lies in RAM, which a reset leaves alone. */
#include "board.h"
#include "cpu.h"
#include "port.h"

#define WATCHDOG_LOAD   REG32(0x40008000U)
#define WATCHDOG_CTRL   REG32(0x40008008U)
#define WATCHDOG_INTCLR REG32(0x4000800CU)
#define WATCHDOG_LOCK   REG32(0x40008C00U)
#define SYSCON_RSTINFO  REG32(0x4001F010U)
#define SYSCON_PID0     REG32(0x4001FFE0U)

#define WATCHDOG_KEY 0x1ACCE551U
#define CTRL_INTEN   1U
#define CTRL_RESEN   2U

#define RSTINFO_SOFTWARE 1U
#define RSTINFO_WATCHDOG 2U
#define RSTINFO_LOCKUP   4U

/* The first time it runs out it raises the NMI, the second time it resets: so it is given half of the time. */
bool port_watchdog_start(uint32_t limit_ms)
{
	WATCHDOG_LOCK = WATCHDOG_KEY;
	WATCHDOG_LOAD = BOARD_HZ / 2000U * limit_ms;
	WATCHDOG_CTRL = CTRL_INTEN | CTRL_RESEN;
	return true;
}

void port_watchdog_feed(void)
{
	WATCHDOG_INTCLR = 1;
}

void port_nmi(void)
{
}

/* QEMU has no model of the system controller; where there is one it has an identity. */
struct port_reset port_reset_cause(void)
{
	static struct port_reset reset;
	static bool is_read;

	if (is_read)
		return reset;
	is_read = true;
	reset.power_is_zero = true;
	reset.absent = SYSCON_PID0 == 0;
	if (SYSCON_RSTINFO & RSTINFO_SOFTWARE)
		reset.causes |= PORT_RESET_SOFTWARE;
	if (SYSCON_RSTINFO & RSTINFO_WATCHDOG)
		reset.causes |= PORT_RESET_WATCHDOG;
	if (SYSCON_RSTINFO & RSTINFO_LOCKUP)
		reset.causes |= PORT_RESET_OTHER;
	SYSCON_RSTINFO = RSTINFO_SOFTWARE | RSTINFO_WATCHDOG | RSTINFO_LOCKUP; /* written ones clear */
	return reset;
}

enum port_flash_result port_journal_erase(uintptr_t address)
{
	for (uint32_t i = 0; i < 128; i++)
		REG32(address + 4 * i) = 0xFFFFFFFFU;
	return PORT_FLASH_OK;
}

enum port_flash_result port_journal_program(uintptr_t address, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		REG32(address + 4 * i) = words[i];
	return PORT_FLASH_OK;
}
