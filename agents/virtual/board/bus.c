/* SPDX-License-Identifier: Apache-2.0 */
/* The address map as the debug access port sees it: who answers where. */
#include <string.h>

#include "agents/virtual/board/parts.h"
#include "agents/virtual/bytes.h"

#define PPB_BASE UINT32_C(0xe0000000)
#define PPB_SIZE UINT32_C(0x100000)
#define ROM_BASE UINT32_C(0xf0000000)

static bool is_debug(uint32_t address)
{
	return address - PPB_BASE < PPB_SIZE || (address & ~UINT32_C(0xfff)) == ROM_BASE;
}

static enum bus_status bus_state(void *context)
{
	const struct board *board = context;
	return board->power == BOARD_ON && faults_target_answers(&board->faults, board->core.line_low) ? BUS_OK
												       : BUS_NO_TARGET;
}

/* What every access ends with: a machine found broken during it turns the answer into a fault. */
static enum bus_status bus_done(struct board *board, enum bus_status status)
{
	bool broken = board->active && board->active->vm.broken;
	board_check(board);
	return broken ? BUS_FAULT : status;
}

/* What must happen before memory is looked at. */
static void bus_prepare(struct board *board, uint32_t address)
{
	if (!is_debug(address))
		core_release(&board->core);
	if (!is_debug(address) || address == UINT32_C(0xe000edf0))
		board_service(board);
}

/* After a lockup the machine is gone: flash is still known, RAM and peripherals are not. */
static enum bus_status bus_read_gone(struct board *board, const struct chip_region *region, uint32_t address,
				     void *ret_data, size_t len)
{
	if (is_debug(address)) {
		memset(ret_data, 0, len);
		return BUS_OK;
	}
	if (region->memory != CHIP_FLASH && region->memory != CHIP_ALIAS)
		return BUS_FAULT;
	memcpy(ret_data, board->store.cells + (address - region->base), len);
	return BUS_OK;
}

static enum bus_status bus_read_unit(struct board *board, uint32_t address, unsigned size, uint32_t *ret_value)
{
	const struct chip_region *region = chip_region_of(board->chip, address, size);
	uint32_t word;
	uint8_t raw[4];
	if (!region)
		return BUS_FAULT;
	if (board->chip->fixed(address & ~3U, board->unique, &word)) {
		*ret_value = word >> 8 * (address & 3);
		return BUS_OK;
	}
	if (board_flash_read(board, address, ret_value) || board_cause_read(board, address, ret_value))
		return BUS_OK;
	if (is_debug(address) && size == 4 && core_read_debug(&board->core, address, ret_value))
		return BUS_OK;
	if (!board->core.vm) {
		enum bus_status status = bus_read_gone(board, region, address, raw, size);
		if (status == BUS_OK)
			*ret_value = bytes_get(raw, size);
		return status;
	}
	if (region->memory == CHIP_FIXED)
		return BUS_FAULT;
	if (region->memory == CHIP_DEVICE)
		return vm_read_unit(board->core.vm, address, size, ret_value) ? BUS_FAULT : BUS_OK;
	if (vm_read(board->core.vm, address, raw, size))
		return BUS_FAULT;
	*ret_value = bytes_get(raw, size);
	return BUS_OK;
}

static enum bus_status bus_read(void *context, uint32_t address, unsigned size, uint32_t *ret_value)
{
	struct board *board = context;
	uint32_t value = 0;
	if (faults_port_fails(&board->faults))
		return BUS_FAULT;
	bus_prepare(board, address);
	enum bus_status status = bus_done(board, bus_read_unit(board, address, size, &value));
	if (status == BUS_OK)
		*ret_value = size == 4 ? value : value & ((UINT32_C(1) << 8 * size) - 1);
	return status;
}

static enum bus_status bus_write_unit(struct board *board, uint32_t address, unsigned size, uint32_t value)
{
	const struct chip_region *region = chip_region_of(board->chip, address, size);
	uint8_t raw[4];
	if (!region || region->memory == CHIP_FIXED)
		return BUS_FAULT;
	if (is_debug(address) && size == 4) {
		unsigned before = board->core.reset_count;
		bool taken = core_write_debug(&board->core, address, value);
		board->probe_resets += board->core.reset_count - before;
		if (taken || !board->core.vm)
			return BUS_OK;
	}
	if (!board->core.vm)
		return BUS_FAULT;
	if (board_flash_write(board, address, size, value) || board_cause_write(board, address, size, value))
		return BUS_OK;
	if (region->memory != CHIP_RAM)
		return vm_write_unit(board->core.vm, address, size, value) ? BUS_FAULT : BUS_OK;
	bytes_put(raw, size, value);
	if (vm_write(board->core.vm, address, raw, size))
		return BUS_FAULT;
	core_note_code(&board->core, address, raw, size);
	return BUS_OK;
}

static enum bus_status bus_write(void *context, uint32_t address, unsigned size, uint32_t value)
{
	struct board *board = context;
	if (faults_port_fails(&board->faults))
		return BUS_FAULT;
	value = faults_core_write(&board->faults, address, value);
	bus_prepare(board, address);
	enum bus_status status = bus_done(board, bus_write_unit(board, address, size, value));
	if (!is_debug(address))
		board_service(board);
	return status;
}

static bool is_plain(const struct chip_region *region)
{
	return region && region->memory != CHIP_DEVICE && region->memory != CHIP_UICR && region->memory != CHIP_FIXED;
}

static enum bus_status bus_read_block(void *context, uint32_t address, unsigned size, void *ret_data, size_t len)
{
	struct board *board = context;
	const struct chip_region *region = chip_region_of(board->chip, address, len);
	enum bus_status status = BUS_OK;
	if (faults_port_fails(&board->faults))
		return BUS_FAULT;
	bus_prepare(board, address);
	if (is_plain(region) && board->core.vm)
		return bus_done(board, vm_read(board->core.vm, address, ret_data, len) ? BUS_FAULT : BUS_OK);
	if (is_plain(region))
		return bus_read_gone(board, region, address, ret_data, len);
	for (size_t at = 0; status == BUS_OK && at < len; at += size) {
		uint32_t value;
		status = bus_read(board, address + (uint32_t)at, size, &value);
		if (status == BUS_OK)
			bytes_put((uint8_t *)ret_data + at, size, value);
	}
	return status;
}

static enum bus_status bus_write_block(void *context, uint32_t address, unsigned size, const void *data, size_t len)
{
	struct board *board = context;
	const struct chip_region *region = chip_region_of(board->chip, address, len);
	enum bus_status status = BUS_OK;
	if (faults_port_fails(&board->faults))
		return BUS_FAULT;
	if (region && region->memory == CHIP_RAM && board->core.vm) {
		bus_prepare(board, address);
		if (vm_write(board->core.vm, address, data, len))
			return bus_done(board, BUS_FAULT);
		core_note_code(&board->core, address, data, len);
		board_service(board);
		return bus_done(board, BUS_OK);
	}
	/* Cells that are programmed one by one reach the machine together. */
	board->f4_batch = true;
	for (size_t at = 0; status == BUS_OK && at < len; at += size)
		status = bus_write(board, address + (uint32_t)at, size, bytes_get((const uint8_t *)data + at, size));
	board->f4_batch = false;
	board_cells_push(board);
	return bus_done(board, status);
}

static void bus_reset_line(void *context, int low)
{
	struct board *board = context;
	unsigned before = board->core.reset_count;
	core_reset_line(&board->core, low);
	board->probe_resets += board->core.reset_count - before;
	board_check(board);
	faults_line_moved(&board->faults, low, board->core.state == CORE_HALTED);
}

static void bus_abort(void *context)
{
	struct board *board = context;
	faults_port_aborted(&board->faults);
}

void board_bus_init(struct board *board)
{
	board->bus = (struct bus){.read = bus_read,
				  .write = bus_write,
				  .read_block = bus_read_block,
				  .write_block = bus_write_block,
				  .state = bus_state,
				  .reset_line = bus_reset_line,
				  .abort = bus_abort,
				  .context = board};
}
