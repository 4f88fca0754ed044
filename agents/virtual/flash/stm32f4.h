/* SPDX-License-Identifier: Apache-2.0 */
/* The flash controller of an STM32F405: keys, program size, sector erase, error flags; on a memory of its owner's. */
#ifndef ASSAY_VIRTUAL_FLASH_STM32F4_H
#define ASSAY_VIRTUAL_FLASH_STM32F4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STM32F4_FLASH_BASE UINT32_C(0x08000000)
#define STM32F4_FLASH_SIZE UINT32_C(0x100000)
#define STM32F4_FLASH_REGS UINT32_C(0x40023c00)
#define STM32F4_REGS_SIZE  UINT32_C(0x400)

enum { STM32F4_SECTORS = 12 };

/* Offsets of the registers. */
enum { F4_ACR = 0x00, F4_KEYR = 0x04, F4_OPTKEYR = 0x08, F4_SR = 0x0c, F4_CR = 0x10, F4_OPTCR = 0x14 };

enum {
	F4_SR_EOP = 1 << 0,
	F4_SR_OPERR = 1 << 1,
	F4_SR_WRPERR = 1 << 4,
	F4_SR_PGAERR = 1 << 5,
	F4_SR_PGPERR = 1 << 6,
	F4_SR_PGSERR = 1 << 7,
	F4_SR_ERRORS = 0xf2,
};

#define F4_CR_PG    UINT32_C(0x00000001)
#define F4_CR_SER   UINT32_C(0x00000002)
#define F4_CR_MER   UINT32_C(0x00000004)
#define F4_CR_STRT  UINT32_C(0x00010000)
#define F4_CR_LOCK  UINT32_C(0x80000000)
#define F4_CR_PSIZE 8

/* What the controller does to the cells. offset counts from the start of flash. */
struct stm32f4_port {
	/* Writes cells; the owner only ever clears bits: stored &= data. */
	void (*program)(void *context, uint32_t offset, const uint8_t *data, size_t len);
	void (*erase)(void *context, uint32_t offset, size_t len);
	void *context;
};

struct stm32f4_flash {
	struct stm32f4_port port;
	uint32_t acr, sr, cr, optcr;
	bool key_given, option_key_given;
	bool refused_until_reset; /* a wrong key was written */
};

void stm32f4_flash_init(struct stm32f4_flash *flash, const struct stm32f4_port *port);
void stm32f4_flash_reset(struct stm32f4_flash *flash);

/* Registers; offset from STM32F4_FLASH_REGS. Only whole words have an effect. */
uint32_t stm32f4_flash_read_reg(const struct stm32f4_flash *flash, uint32_t offset);
void stm32f4_flash_write_reg(struct stm32f4_flash *flash, uint32_t offset, uint32_t value);

/* A write of size bytes to flash memory; sets SR. False when it was refused. */
bool stm32f4_flash_program(struct stm32f4_flash *flash, uint32_t offset, unsigned size, uint32_t value);

/* Offset and length of a sector; false when there is none of that number. */
bool stm32f4_flash_sector(unsigned sector, uint32_t *ret_offset, uint32_t *ret_len);

#endif
