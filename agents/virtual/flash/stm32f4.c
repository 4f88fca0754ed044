/* SPDX-License-Identifier: Apache-2.0 */
/* STM32F405 flash controller, after the reference manual's chapter on the embedded flash interface. */
#include "agents/virtual/flash/stm32f4.h"

#include "agents/virtual/bytes.h"

#define KEY1        UINT32_C(0x45670123)
#define KEY2        UINT32_C(0xcdef89ab)
#define OPTION_KEY1 UINT32_C(0x08192a3b)
#define OPTION_KEY2 UINT32_C(0x4c5d6e7f)

#define OPTCR_RESET    UINT32_C(0x0fffaaed)
#define OPTCR_LOCK     UINT32_C(0x00000001)
#define OPTCR_START    UINT32_C(0x00000002)
#define OPTCR_NWRP     16 /* bits 16 to 27: a cleared bit protects its sector */
#define OPTCR_WRITABLE UINT32_C(0x0fffffec)

#define CR_WRITABLE UINT32_C(0x0301037f)

void stm32f4_flash_init(struct stm32f4_flash *flash, const struct stm32f4_port *port)
{
	*flash = (struct stm32f4_flash){.port = *port, .optcr = OPTCR_RESET};
	stm32f4_flash_reset(flash);
}

void stm32f4_flash_reset(struct stm32f4_flash *flash)
{
	flash->acr = flash->sr = 0;
	flash->cr = F4_CR_LOCK;
	flash->optcr |= OPTCR_LOCK;
	flash->key_given = flash->option_key_given = flash->refused_until_reset = false;
}

bool stm32f4_flash_sector(unsigned sector, uint32_t *ret_offset, uint32_t *ret_len)
{
	if (sector >= STM32F4_SECTORS)
		return false;
	if (sector < 4) {
		*ret_offset = sector * 0x4000;
		*ret_len = 0x4000;
	} else if (sector == 4) {
		*ret_offset = 0x10000;
		*ret_len = 0x10000;
	} else {
		*ret_offset = (sector - 4) * 0x20000;
		*ret_len = 0x20000;
	}
	return true;
}

static bool flash_protected(const struct stm32f4_flash *flash, unsigned sector)
{
	return !(flash->optcr >> (OPTCR_NWRP + sector) & 1);
}

static unsigned flash_sector_of(uint32_t offset)
{
	return offset < 0x10000 ? offset / 0x4000 : offset < 0x20000 ? 4 : 4 + offset / 0x20000;
}

static void flash_erase_sector(struct stm32f4_flash *flash, unsigned sector)
{
	uint32_t offset, len;
	if (!stm32f4_flash_sector(sector, &offset, &len))
		flash->sr |= F4_SR_PGSERR | F4_SR_OPERR;
	else if (flash_protected(flash, sector))
		flash->sr |= F4_SR_WRPERR | F4_SR_OPERR;
	else {
		flash->port.erase(flash->port.context, offset, len);
		flash->sr |= F4_SR_EOP;
	}
}

static void flash_erase_all(struct stm32f4_flash *flash)
{
	for (unsigned sector = 0; sector < STM32F4_SECTORS; sector++)
		if (flash_protected(flash, sector)) {
			flash->sr |= F4_SR_WRPERR | F4_SR_OPERR;
			return;
		}
	flash->port.erase(flash->port.context, 0, STM32F4_FLASH_SIZE);
	flash->sr |= F4_SR_EOP;
}

static void flash_write_key(struct stm32f4_flash *flash, uint32_t value)
{
	if (value == KEY1 && !flash->key_given && !flash->refused_until_reset) {
		flash->key_given = true;
		return;
	}
	if (value == KEY2 && flash->key_given)
		flash->cr &= ~F4_CR_LOCK;
	else
		flash->refused_until_reset = true;
	flash->key_given = false;
}

static void flash_write_option_key(struct stm32f4_flash *flash, uint32_t value)
{
	if (value == OPTION_KEY2 && flash->option_key_given)
		flash->optcr &= ~OPTCR_LOCK;
	flash->option_key_given = value == OPTION_KEY1;
}

static void flash_write_cr(struct stm32f4_flash *flash, uint32_t value)
{
	if (flash->cr & F4_CR_LOCK)
		return;
	flash->cr = value & CR_WRITABLE & ~F4_CR_STRT;
	if (value & F4_CR_STRT) {
		if (flash->sr & F4_SR_ERRORS & ~(uint32_t)F4_SR_OPERR)
			flash->sr |= F4_SR_PGSERR; /* errors must be cleared first */
		else if (value & F4_CR_MER)
			flash_erase_all(flash);
		else if (value & F4_CR_SER)
			flash_erase_sector(flash, value >> 3 & 15);
		else
			flash->sr |= F4_SR_PGSERR;
	}
	if (value & F4_CR_LOCK)
		flash->cr |= F4_CR_LOCK;
}

static void flash_write_optcr(struct stm32f4_flash *flash, uint32_t value)
{
	if (flash->optcr & OPTCR_LOCK)
		return;
	flash->optcr = (value & OPTCR_WRITABLE) | (value & OPTCR_LOCK);
	if (value & OPTCR_START)
		flash->sr |= F4_SR_EOP;
}

uint32_t stm32f4_flash_read_reg(const struct stm32f4_flash *flash, uint32_t offset)
{
	switch (offset) {
	case F4_ACR:
		return flash->acr;
	case F4_SR:
		return flash->sr;
	case F4_CR:
		return flash->cr;
	case F4_OPTCR:
		return flash->optcr;
	default:
		return 0;
	}
}

void stm32f4_flash_write_reg(struct stm32f4_flash *flash, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case F4_ACR:
		flash->acr = value & 0x1f07;
		break;
	case F4_KEYR:
		flash_write_key(flash, value);
		break;
	case F4_OPTKEYR:
		flash_write_option_key(flash, value);
		break;
	case F4_SR:
		flash->sr &= ~(value & (F4_SR_EOP | F4_SR_ERRORS)); /* write one to clear */
		break;
	case F4_CR:
		flash_write_cr(flash, value);
		break;
	case F4_OPTCR:
		flash_write_optcr(flash, value);
		break;
	default:
		break;
	}
}

bool stm32f4_flash_program(struct stm32f4_flash *flash, uint32_t offset, unsigned size, uint32_t value)
{
	uint32_t error = 0;
	if (offset >= STM32F4_FLASH_SIZE || (flash->cr & F4_CR_LOCK) || !(flash->cr & F4_CR_PG))
		error = F4_SR_PGSERR;
	else if (size != 1U << (flash->cr >> F4_CR_PSIZE & 3) || offset % size)
		error = F4_SR_PGPERR; /* what is not aligned comes over the bus in narrower pieces */
	else if (flash_protected(flash, flash_sector_of(offset)))
		error = F4_SR_WRPERR;
	else if (flash->sr & (F4_SR_WRPERR | F4_SR_PGAERR | F4_SR_PGPERR | F4_SR_PGSERR))
		error = F4_SR_PGSERR; /* errors must be cleared first */
	if (error) {
		flash->sr |= error | F4_SR_OPERR;
		return false;
	}
	uint8_t raw[4];
	bytes_put(raw, size, value);
	flash->port.program(flash->port.context, offset, raw, size);
	flash->sr |= F4_SR_EOP;
	return true;
}
