/* SPDX-License-Identifier: Apache-2.0 */
/* The list of chips, and what is the same for all. */
#include "agents/virtual/chip/chip.h"

#include <string.h>

static const struct chip *const chips[] = {&chip_mps2_an385, &chip_nrf51, &chip_stm32f405};

const struct chip *chip_find(const char *name)
{
	for (size_t i = 0; i < sizeof chips / sizeof *chips; i++)
		if (!strcmp(chips[i]->name, name))
			return chips[i];
	return NULL;
}

const char *chip_names(void)
{
	return "mps2-an385, nrf51, stm32f405";
}

const struct chip_region *chip_region_of(const struct chip *chip, uint32_t address, size_t len)
{
	for (size_t i = 0; i < chip->region_count; i++) {
		const struct chip_region *region = &chip->regions[i];
		if (address >= region->base && len <= region->size && address - region->base <= region->size - len)
			return region;
	}
	return NULL;
}

/* FNV-1a over the serial, once for each word with another start: an identity, not a secret. */
void chip_unique(const char *serial, uint8_t ret_unique[CHIP_UNIQUE_SIZE])
{
	for (unsigned word = 0; word < CHIP_UNIQUE_SIZE / 4; word++) {
		uint32_t hash = UINT32_C(0x811c9dc5) ^ (word * UINT32_C(0x9e3779b9));
		for (const char *c = serial; *c; c++)
			hash = (hash ^ (unsigned char)*c) * UINT32_C(0x01000193);
		hash ^= hash >> 15;
		for (unsigned i = 0; i < 4; i++)
			ret_unique[4 * word + i] = (uint8_t)(hash >> 8 * i);
	}
}
