/* SPDX-License-Identifier: Apache-2.0 */
/* What distinguishes one chip from another: identity, memory map, debug units, flash; one file a chip. */
#ifndef ASSAY_VIRTUAL_CHIP_CHIP_H
#define ASSAY_VIRTUAL_CHIP_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum chip_memory {
	CHIP_RAM,
	CHIP_FLASH,  /* cells kept in flash.bin */
	CHIP_ALIAS,  /* the flash once more, at another address */
	CHIP_DEVICE, /* registers: accessed one by one */
	CHIP_UICR,   /* cells kept in uicr.bin: not in the emulation */
	CHIP_FIXED,  /* answered by chip->fixed only: not in the emulation */
};

struct chip_region {
	uint32_t base, size;
	enum chip_memory memory;
};

/* Who erases and programs the flash. */
enum chip_flash {
	CHIP_FLASH_NONE,
	CHIP_FLASH_STM32F4, /* this program; the emulation has ROM there */
	CHIP_FLASH_NRF51,   /* the emulation; this program copies the cells out */
};

enum { CHIP_UNIQUE_SIZE = 12 };

/* The register of reset causes; address 0: none is kept here. */
struct chip_cause {
	uint32_t address;
	uint32_t at_power;   /* what it shows after the power came */
	uint32_t at_reset;   /* what a reset by SYSRESETREQ adds */
	uint32_t clears_all; /* writing this bit clears all; 0: each bit is cleared by writing a one */
};

struct chip {
	const char *name;    /* as --chip takes it */
	const char *machine; /* QEMU's */
	int icount_shift;
	uint32_t dpidr, ap_idr, ap_base, cpuid;
	bool has_fpu;
	bool armv6m; /* Cortex-M0: no fault registers, BPU instead of FPB */
	unsigned breakpoints, watchpoints;
	uint32_t scratch; /* RAM that is borrowed, and given back, to run single instructions from */
	const struct chip_region *regions;
	size_t region_count;
	enum chip_flash flash;
	uint32_t flash_base, flash_size;
	struct chip_cause cause;
	/* Words the debug port sees that the emulation lacks or has wrong. unique are bytes made from the board's
	 * serial number. False when the emulation is to be asked. */
	bool (*fixed)(uint32_t address, const uint8_t unique[CHIP_UNIQUE_SIZE], uint32_t *ret_value);
};

extern const struct chip chip_nrf51, chip_stm32f405, chip_mps2_an385;

/* NULL when there is none of that name. */
const struct chip *chip_find(const char *name);
/* "a, b, c" for error messages. */
const char *chip_names(void);

/* The region that holds all of [address, address + len), or NULL. */
const struct chip_region *chip_region_of(const struct chip *chip, uint32_t address, size_t len);

/* Twelve bytes that differ from serial to serial, the same every time. */
void chip_unique(const char *serial, uint8_t ret_unique[CHIP_UNIQUE_SIZE]);

#endif
