/* SPDX-License-Identifier: Apache-2.0 */
/* A bus of 4 KiB of memory at 0x20000000 for tests of what stands on a bus. */
#ifndef ASSAY_TEST_FAKE_BUS_H
#define ASSAY_TEST_FAKE_BUS_H

#include <stdbool.h>
#include <string.h>

#include "agents/virtual/bus.h"
#include "agents/virtual/bytes.h"

struct fake_bus {
	uint8_t memory[4096];
	bool unpowered;
	int line_low;
	unsigned line_changes, accesses;
};

static inline enum bus_status fake_at(struct fake_bus *fake, uint32_t address, size_t len, uint8_t **ret)
{
	uint32_t offset = address - 0x20000000;
	fake->accesses++;
	if (offset > sizeof fake->memory || len > sizeof fake->memory - offset)
		return BUS_FAULT;
	*ret = fake->memory + offset;
	return BUS_OK;
}

static inline enum bus_status fake_read(void *context, uint32_t address, unsigned size, uint32_t *ret_value)
{
	uint8_t *at;
	enum bus_status status = fake_at(context, address, size, &at);
	if (status == BUS_OK)
		*ret_value = bytes_get(at, size);
	return status;
}

static inline enum bus_status fake_write(void *context, uint32_t address, unsigned size, uint32_t value)
{
	uint8_t *at;
	enum bus_status status = fake_at(context, address, size, &at);
	if (status == BUS_OK)
		bytes_put(at, size, value);
	return status;
}

static inline enum bus_status fake_read_block(void *context, uint32_t address, unsigned size, void *data, size_t len)
{
	uint8_t *at;
	enum bus_status status = fake_at(context, address, len, &at);
	(void)size;
	if (status == BUS_OK)
		memcpy(data, at, len);
	return status;
}

static inline enum bus_status fake_write_block(void *context, uint32_t address, unsigned size, const void *data,
					       size_t len)
{
	uint8_t *at;
	enum bus_status status = fake_at(context, address, len, &at);
	(void)size;
	if (status == BUS_OK)
		memcpy(at, data, len);
	return status;
}

static inline enum bus_status fake_state(void *context)
{
	return ((struct fake_bus *)context)->unpowered ? BUS_NO_TARGET : BUS_OK;
}

static inline void fake_line(void *context, int low)
{
	struct fake_bus *fake = context;
	fake->line_changes += fake->line_low != low;
	fake->line_low = low;
}

static inline struct bus fake_bus_make(struct fake_bus *fake)
{
	return (struct bus){.read = fake_read,
			    .write = fake_write,
			    .read_block = fake_read_block,
			    .write_block = fake_write_block,
			    .state = fake_state,
			    .reset_line = fake_line,
			    .context = fake};
}

#endif
