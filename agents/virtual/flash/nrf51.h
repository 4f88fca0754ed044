/* SPDX-License-Identifier: Apache-2.0 */
/* The nRF51's flash controller as far as the emulation lacks it: whether it is open, and the words of the UICR, which
 * the emulation forgets at each reset and lets anybody write. */
#ifndef ASSAY_VIRTUAL_FLASH_NRF51_H
#define ASSAY_VIRTUAL_FLASH_NRF51_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NRF51_NVMC      UINT32_C(0x4001e000)
#define NRF51_UICR      UINT32_C(0x10001000)
#define NRF51_UICR_SIZE UINT32_C(0x400)

/* Offsets of the controller's registers. */
enum { NRF51_CONFIG = 0x504, NRF51_ERASEALL = 0x50c, NRF51_ERASEUICR = 0x514 };

enum { NRF51_CONFIG_WRITE = 1, NRF51_CONFIG_ERASE = 2 };

struct nrf51_flash {
	uint32_t config;
	uint8_t *uicr; /* NRF51_UICR_SIZE cells, the owner's; NULL on other chips */
};

void nrf51_flash_init(struct nrf51_flash *flash, uint8_t *uicr);
/* The controller closes; cells stay. */
void nrf51_flash_reset(struct nrf51_flash *flash);

/* Whether it lets cells be changed. */
bool nrf51_flash_open(const struct nrf51_flash *flash);

/* Registers as offsets from NRF51_NVMC: whether one is looked at here, and a write to it. Erasing everything takes the
 * UICR with it; erasing the UICR by itself does nothing, as on a chip without factory code. */
bool nrf51_flash_has_reg(uint32_t offset);
void nrf51_flash_write_reg(struct nrf51_flash *flash, uint32_t offset, uint32_t value);

/* A write of size bytes to the UICR: whole words only, while the controller is open for it, and it only clears bits. */
void nrf51_flash_program_uicr(struct nrf51_flash *flash, uint32_t offset, unsigned size, uint32_t value);

#endif
