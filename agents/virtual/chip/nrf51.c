/* SPDX-License-Identifier: Apache-2.0 */
/* nRF51822 QFAA as on the micro:bit: Cortex-M0, 256 KiB flash whose controller QEMU emulates, 16 KiB RAM. */
#include "agents/virtual/bytes.h"
#include "agents/virtual/chip/chip.h"

static const struct chip_region regions[] = {
	{0x00000000, 0x40000, CHIP_FLASH},   {0x10000000, 0x1000, CHIP_DEVICE}, /* FICR */
	{0x10001000, 0x400, CHIP_UICR},      {0x20000000, 0x4000, CHIP_RAM},
	{0x40000000, 0x20000, CHIP_DEVICE},  {0x50000000, 0x1000, CHIP_DEVICE},
	{0xe0000000, 0x100000, CHIP_DEVICE}, {0xf0000000, 0x1000, CHIP_DEVICE}, /* the chip's own ROM table */
};

static bool fixed(uint32_t address, const uint8_t unique[CHIP_UNIQUE_SIZE], uint32_t *ret_value)
{
	switch (address) {
	case 0x10000010: /* CODEPAGESIZE */
		*ret_value = 1024;
		return true;
	case 0x10000014: /* CODESIZE */
		*ret_value = 256;
		return true;
	case 0x1000002c: /* PPFC: no factory code */
	case 0x10000028: /* CLENR0: no code region 0, so nothing is protected by it */
		*ret_value = UINT32_MAX;
		return true;
	case 0x10000034: /* NUMRAMBLOCK, and the size of one */
		*ret_value = 2;
		return true;
	case 0x10000038:
	case 0x1000003c:
		*ret_value = 0x2000;
		return true;
	case 0x1000005c: /* CONFIGID: HWID of a QFAA, version H0 */
		*ret_value = 0xffff008f;
		return true;
	case 0x10000060: /* DEVICEID */
	case 0x10000064:
		*ret_value = bytes_get32(unique + (address & 4));
		return true;
	case 0x40000600: /* BPROT.CONFIG0 to DISABLEINDEBUG: no protection */
	case 0x40000604:
	case 0x40000608:
	case 0x4000060c:
		*ret_value = 0;
		return true;
	default:
		return false;
	}
}

const struct chip chip_nrf51 = {
	.name = "nrf51",
	.machine = "microbit",
	.icount_shift = 5,
	.dpidr = 0x0bb11477,
	.ap_idr = 0x04770021,
	.ap_base = 0xf0000003,
	.cpuid = 0x410cc200,
	.armv6m = true,
	.breakpoints = 4,
	.watchpoints = 2,
	.scratch = 0x20000000,
	.regions = regions,
	.region_count = sizeof regions / sizeof *regions,
	.flash = CHIP_FLASH_NRF51,
	.flash_base = 0,
	.flash_size = 0x40000,
	.cause = {.address = 0x40000400, .at_reset = 1 << 2}, /* POWER.RESETREAS: SREQ */
	.fixed = fixed,
};
