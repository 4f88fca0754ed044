/* SPDX-License-Identifier: Apache-2.0 */
/* Accesses of the firmware to the register of reset causes, and to a flash controller the emulation lacks, or must be
 * told about.
 *
 * The machine stops before the access: the instruction is decoded, its accesses go to the controller's model, registers
 * and pc are moved on. When the nRF51's controller was closed by it, the flash cells are copied out of the machine. An
 * instruction the decoder does not know leaves the core halted and says so. */
#include "agents/virtual/board/parts.h"
#include "agents/virtual/bytes.h"
#include "agents/virtual/cortexm/thumb.h"
#include "core/base/log.h"

size_t board_owner_points(void *context, struct core_point *ret_points, size_t count)
{
	static const struct core_point f4[] = {
		/* one for each register, since a stop tells the start of the watched range only; ACR is harmless */
		{VM_WATCH_ACCESS, STM32F4_FLASH_REGS + F4_KEYR, 4, POINT_OWNER},
		{VM_WATCH_ACCESS, STM32F4_FLASH_REGS + F4_OPTKEYR, 4, POINT_OWNER},
		{VM_WATCH_ACCESS, STM32F4_FLASH_REGS + F4_SR, 4, POINT_OWNER},
		{VM_WATCH_ACCESS, STM32F4_FLASH_REGS + F4_CR, 4, POINT_OWNER},
		{VM_WATCH_ACCESS, STM32F4_FLASH_REGS + F4_OPTCR, 4, POINT_OWNER},
		{VM_WATCH_WRITE, STM32F4_FLASH_BASE, STM32F4_FLASH_SIZE, POINT_OWNER},
		{VM_WATCH_WRITE, 0, STM32F4_FLASH_SIZE, POINT_OWNER},
	};
	static const struct core_point nrf[] = {
		{VM_WATCH_WRITE, NRF51_NVMC + NRF51_CONFIG, 4, POINT_OWNER},
		{VM_WATCH_WRITE, NRF51_NVMC + NRF51_ERASEALL, 4, POINT_OWNER},
		{VM_WATCH_WRITE, NRF51_NVMC + NRF51_ERASEUICR, 4, POINT_OWNER},
		{VM_WATCH_ACCESS, NRF51_UICR, NRF51_UICR_SIZE, POINT_OWNER},
	};
	const struct board *board = context;
	const struct core_point *from = board->chip->flash == CHIP_FLASH_STM32F4 ? f4 : nrf;
	size_t have = board->chip->flash == CHIP_FLASH_STM32F4 ? sizeof f4 / sizeof *f4
		      : board->chip->flash == CHIP_FLASH_NRF51 ? sizeof nrf / sizeof *nrf
							       : 0;
	size_t n = 0;
	for (; n < have && n < count; n++)
		ret_points[n] = from[n];
	if (board->chip->cause.address && n < count)
		ret_points[n++] = (struct core_point){VM_WATCH_ACCESS, board->chip->cause.address, 4, POINT_OWNER};
	return n;
}

/* After an instruction in an IT block the rest of the block moves up by one. */
static uint32_t trap_advance_it(uint32_t xpsr)
{
	uint32_t it = (xpsr >> 25 & 3) | (xpsr >> 8 & 0xfc);
	it = it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0;
	return (xpsr & ~UINT32_C(0x0600fc00)) | (it & 3) << 25 | (it & 0xfc) << 8;
}

static bool trap_one_unit(struct board *board, const struct thumb_access *access, unsigned unit)
{
	struct core *core = &board->core;
	uint32_t address = access->address + unit * access->size, value = 0;
	/* A list may reach beyond what is looked at here. */
	if (access->is_store) {
		uint32_t mask = access->size == 4 ? UINT32_MAX : (UINT32_C(1) << 8 * access->size) - 1;
		value = core_reg(core, access->reg[unit]) & mask;
		return board_flash_write(board, address, access->size, value) ||
		       board_cause_write(board, address, access->size, value) ||
		       !vm_write_unit(core->vm, address, access->size, value);
	}
	if (!board_flash_read(board, address, &value) && !board_cause_read(board, address, &value) &&
	    vm_read_unit(core->vm, address, access->size, &value))
		return false;
	if (access->size < 4) {
		unsigned shift = 32 - 8 * access->size;
		value <<= shift;
		value = access->sign_extend ? (uint32_t)((int32_t)value >> shift) : value >> shift;
	}
	core_set_reg(core, access->reg[unit], value);
	return true;
}

static bool trap_emulate(struct board *board)
{
	struct core *core = &board->core;
	struct thumb_access access;
	uint8_t code[4];
	uint32_t pc = core_reg(core, VM_PC);
	if (vm_read(core->vm, pc, code, sizeof code))
		return false;
	if (!thumb_decode_access(code, core->regs, &access)) {
		log_error(board->serial, "the instruction at %#x accesses the flash in a way that is not emulated",
			  (unsigned)pc);
		board->f4.sr |= F4_SR_PGSERR | F4_SR_OPERR;
		return false;
	}
	uint32_t xpsr = core_reg(core, VM_XPSR);
	for (unsigned i = 0; i < access.count; i++)
		if (!trap_one_unit(board, &access, i))
			return false;
	if (access.base >= 0)
		core_set_reg(core, (unsigned)access.base, access.base_value);
	if (trap_advance_it(xpsr) != xpsr)
		core_set_reg(core, VM_XPSR, trap_advance_it(xpsr));
	core_set_reg(core, VM_PC, pc + access.length);
	return true;
}

bool board_on_owner_watch(void *context, uint32_t address)
{
	struct board *board = context;
	(void)address;
	vm_poll_news(&board->active->vm); /* a reset before this access has locked the controller */
	if (!trap_emulate(board))
		return false;
	board_cells_copy_out(board);
	return true;
}
