/* SPDX-License-Identifier: Apache-2.0 */
/* The nRF51's flash controller as far as the emulation lacks it. */
#include "agents/virtual/flash/nrf51.h"

#include <string.h>

#include "agents/virtual/bytes.h"

void nrf51_flash_init(struct nrf51_flash *flash, uint8_t *uicr)
{
	*flash = (struct nrf51_flash){.uicr = uicr};
}

void nrf51_flash_reset(struct nrf51_flash *flash)
{
	flash->config = 0;
}

bool nrf51_flash_open(const struct nrf51_flash *flash)
{
	return flash->config != 0;
}

bool nrf51_flash_has_reg(uint32_t offset)
{
	return offset == NRF51_CONFIG || offset == NRF51_ERASEALL || offset == NRF51_ERASEUICR;
}

void nrf51_flash_write_reg(struct nrf51_flash *flash, uint32_t offset, uint32_t value)
{
	if (offset == NRF51_CONFIG)
		flash->config = value & (NRF51_CONFIG_WRITE | NRF51_CONFIG_ERASE);
	else if (offset == NRF51_ERASEALL && value == 1 && flash->config & NRF51_CONFIG_ERASE)
		memset(flash->uicr, 0xff, NRF51_UICR_SIZE);
}

void nrf51_flash_program_uicr(struct nrf51_flash *flash, uint32_t offset, unsigned size, uint32_t value)
{
	if (size != 4 || offset % 4 || offset >= NRF51_UICR_SIZE || !(flash->config & NRF51_CONFIG_WRITE))
		return;
	bytes_put32(flash->uicr + offset, bytes_get32(flash->uicr + offset) & value);
}
