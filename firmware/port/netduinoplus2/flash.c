/* SPDX-License-Identifier: Apache-2.0 */
/* Flash of the STM32F405 through its controller: the last four sectors are spare, and sector 3 is the
 * journal's; words at 2.7 V and above. */
#include "cpu.h"
#include "port.h"

#define FLASH_ACR  REG32(0x40023C00U)
#define FLASH_KEYR REG32(0x40023C04U)
#define FLASH_SR   REG32(0x40023C0CU)
#define FLASH_CR   REG32(0x40023C10U)

#define ACR_DCEN  (1U << 10)
#define ACR_DCRST (1U << 12)
#define SR_EOP    (1U << 0)
#define SR_ERRORS                                                                                                      \
	((1U << 1) | (1U << 4) | (1U << 5) | (1U << 6) | (1U << 7)) /* OPERR, WRPERR, PGAERR, PGPERR, PGSERR */
#define SR_BSY        (1U << 16)
#define CR_PG         (1U << 0)
#define CR_SER        (1U << 1)
#define CR_PSIZE_WORD (2U << 8)
#define CR_STRT       (1U << 16)
#define CR_LOCK       (1U << 31)

enum { SPARE_BYTES = 128 * 1024, SPARE_COUNT = 4, WAIT_LIMIT = 200000000 };

#define FLASH_BASE    0x08000000U
#define SPARE_ADDRESS 0x08080000U

struct port_flash port_flash(void)
{
	return (struct port_flash){.address = SPARE_ADDRESS, .sector_bytes = SPARE_BYTES, .sectors = SPARE_COUNT};
}

/* A sector takes 2 s at most; the bound is above that at 168 MHz, and the CPU is stalled meanwhile anyway. */
static enum port_flash_result wait_done(void)
{
	for (uint32_t i = 0; i < WAIT_LIMIT; i++) {
		uint32_t status = FLASH_SR;

		if (status & SR_BSY)
			continue;
		return status & SR_ERRORS ? PORT_FLASH_ERROR : PORT_FLASH_OK;
	}
	return PORT_FLASH_BUSY;
}

/* Locks first: keys written to an unlocked controller would lock it until the next reset. */
static enum port_flash_result begin(void)
{
	enum port_flash_result result = wait_done();

	if (result == PORT_FLASH_BUSY)
		return result;
	FLASH_CR |= CR_LOCK;
	FLASH_KEYR = 0x45670123U;
	FLASH_KEYR = 0xCDEF89ABU;
	if (FLASH_CR & CR_LOCK)
		return PORT_FLASH_LOCKED;
	FLASH_SR = SR_EOP | SR_ERRORS; /* written ones clear */
	return PORT_FLASH_OK;
}

/* The data cache may still hold what was there before. */
static void end(void)
{
	uint32_t acr = FLASH_ACR;

	FLASH_CR = CR_LOCK;
	FLASH_ACR = acr & ~ACR_DCEN;
	FLASH_ACR = (acr & ~ACR_DCEN) | ACR_DCRST;
	FLASH_ACR = acr & ~ACR_DCRST;
}

/* Four sectors of 16 KiB, one of 64, the others of 128. */
static uint32_t sector_of(uintptr_t address)
{
	uint32_t offset = (uint32_t)address - FLASH_BASE;

	if (offset < 0x10000U)
		return offset / 0x4000U;
	return offset < 0x20000U ? 4 : offset / 0x20000U + 4;
}

enum port_flash_result port_flash_erase(uintptr_t address)
{
	enum port_flash_result result = begin();
	uint32_t sector = sector_of(address);

	if (result == PORT_FLASH_OK) {
		FLASH_CR = CR_PSIZE_WORD | CR_SER | (sector << 3);
		FLASH_CR = CR_PSIZE_WORD | CR_SER | (sector << 3) | CR_STRT;
		__asm volatile("dsb" ::: "memory");
		result = wait_done();
	}
	end();
	return result;
}

enum port_flash_result port_flash_program(uintptr_t address, const uint32_t *words, size_t count)
{
	enum port_flash_result result = begin();

	if (result == PORT_FLASH_OK)
		FLASH_CR = CR_PSIZE_WORD | CR_PG;
	for (size_t i = 0; i < count && result == PORT_FLASH_OK; i++) {
		REG32(address + 4 * i) = words[i];
		__asm volatile("dsb" ::: "memory");
		result = wait_done();
	}
	end();
	return result;
}

enum port_flash_result port_journal_erase(uintptr_t address)
{
	return port_flash_erase(address);
}

enum port_flash_result port_journal_program(uintptr_t address, const uint32_t *words, size_t count)
{
	return port_flash_program(address, words, count);
}
