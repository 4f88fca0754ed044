/* SPDX-License-Identifier: Apache-2.0 */
/* The board's memory as its debug access port sees it: the port between the DAP and what lies behind it. */
#ifndef ASSAY_VIRTUAL_BUS_H
#define ASSAY_VIRTUAL_BUS_H

#include <stddef.h>
#include <stdint.h>

enum bus_status {
	BUS_OK,
	BUS_FAULT,     /* nothing answers at this address, or it refuses the access */
	BUS_NO_TARGET, /* the board has no power, or its CPU is dead */
};

/* Accesses are aligned to size, which is 1, 2 or 4. Outputs are untouched unless BUS_OK. */
struct bus {
	enum bus_status (*read)(void *context, uint32_t address, unsigned size, uint32_t *ret_value);
	enum bus_status (*write)(void *context, uint32_t address, unsigned size, uint32_t value);
	/* len is a multiple of size; addresses ascend. A fault in the middle leaves what was done before it. */
	enum bus_status (*read_block)(void *context, uint32_t address, unsigned size, void *ret_data, size_t len);
	enum bus_status (*write_block)(void *context, uint32_t address, unsigned size, const void *data, size_t len);
	/* The state of the target itself: BUS_OK or BUS_NO_TARGET. */
	enum bus_status (*state)(void *context);
	/* The board's reset line. */
	void (*reset_line)(void *context, int low);
	/* The debug port gives up the access it is in. NULL: nothing ever hangs. */
	void (*abort)(void *context);
	void *context;
};

#endif
