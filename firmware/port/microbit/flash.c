/* SPDX-License-Identifier: Apache-2.0 */
/* Flash of the nRF51822 through its NVMC: pages of 1 KiB, of which the last four are spare and one
 * more is the journal's. */
#include "cpu.h"
#include "port.h"

#define NVMC_READY     REG32(0x4001E400U)
#define NVMC_CONFIG    REG32(0x4001E504U)
#define NVMC_ERASEPAGE REG32(0x4001E508U)

enum { CONFIG_READ = 0, CONFIG_WRITE = 1, CONFIG_ERASE = 2, PAGE_BYTES = 1024, SPARE_COUNT = 4, WAIT_LIMIT = 2000000 };

#define SPARE_PAGES 0x0003F000U

struct port_flash port_flash(void)
{
	return (struct port_flash){.address = SPARE_PAGES, .sector_bytes = PAGE_BYTES, .sectors = SPARE_COUNT};
}

static bool wait_ready(void)
{
	for (uint32_t i = 0; i < WAIT_LIMIT; i++) {
		if (NVMC_READY & 1U)
			return true;
	}
	return false;
}

/* The NVMC has no keys: the mode it was told is the mode it must show. */
static enum port_flash_result set_mode(uint32_t mode)
{
	if (!wait_ready())
		return PORT_FLASH_BUSY;
	NVMC_CONFIG = mode;
	return (NVMC_CONFIG & 3U) == mode ? PORT_FLASH_OK : PORT_FLASH_LOCKED;
}

enum port_flash_result port_flash_erase(uintptr_t address)
{
	enum port_flash_result result = set_mode(CONFIG_ERASE);

	if (result == PORT_FLASH_OK) {
		NVMC_ERASEPAGE = (uint32_t)address;
		result = wait_ready() ? PORT_FLASH_OK : PORT_FLASH_BUSY;
	}
	NVMC_CONFIG = CONFIG_READ;
	return result;
}

enum port_flash_result port_flash_program(uintptr_t address, const uint32_t *words, size_t count)
{
	enum port_flash_result result = set_mode(CONFIG_WRITE);

	for (size_t i = 0; i < count && result == PORT_FLASH_OK; i++) {
		REG32(address + 4 * i) = words[i];
		result = wait_ready() ? PORT_FLASH_OK : PORT_FLASH_BUSY;
	}
	NVMC_CONFIG = CONFIG_READ;
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
