/* SPDX-License-Identifier: Apache-2.0 */
/* ARM MPS2 with the AN385 image: Cortex-M3, 4 MiB code RAM at 0, no flash. */
#include "agents/virtual/bytes.h"
#include "agents/virtual/chip/chip.h"

/* The serial communication controller's registers; AID and ID tell board and image. */
enum { SCC_BASE = 0x4002f000, SCC_UNIQUE = 0xf00 };

static const struct chip_region regions[] = {
	{0x00000000, 0x400000, CHIP_RAM},    {0x20000000, 0x400000, CHIP_RAM},  {0x21000000, 0x1000000, CHIP_RAM},
	{0x40000000, 0x30000, CHIP_DEVICE},  {0x40200000, 0x1000, CHIP_DEVICE}, /* Ethernet */
	{0xe0000000, 0x100000, CHIP_DEVICE},
};

/* The board has no unique id in silicon; the debug port finds one in a hole of the controller's registers. */
static bool fixed(uint32_t address, const uint8_t unique[CHIP_UNIQUE_SIZE], uint32_t *ret_value)
{
	uint32_t offset = address - (SCC_BASE + SCC_UNIQUE);
	if (offset >= CHIP_UNIQUE_SIZE || offset & 3)
		return false;
	*ret_value = bytes_get32(unique + offset);
	return true;
}

const struct chip chip_mps2_an385 = {
	.name = "mps2-an385",
	.machine = "mps2-an385",
	.icount_shift = 5,
	.dpidr = 0x2ba01477,
	.ap_idr = 0x24770011,
	.ap_base = 0xe00ff003,
	.cpuid = 0x412fc231,
	.breakpoints = 6,
	.watchpoints = 4,
	.scratch = 0x20000000,
	.regions = regions,
	.region_count = sizeof regions / sizeof *regions,
	.flash = CHIP_FLASH_NONE,
	.fixed = fixed,
};
