/* SPDX-License-Identifier: Apache-2.0 */
/* The flash cells: kept in the store, mirrored into the machine, copied out of it where the machine programs them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "agents/virtual/board/parts.h"
#include "agents/virtual/bytes.h"
#include "core/base/log.h"

#define CELLS_CHUNK 1024

/* Runs write while the core stands, and lets it go on when it ran. */
static void cells_write(struct board *board, uint32_t offset, const uint8_t *data, size_t len)
{
	struct vm *vm = &board->active->vm;
	bool was_running = vm->running;
	struct vm_stop stop = {.kind = VM_STOP_PAUSED};
	if (was_running)
		vm_halt(vm, &stop);
	vm_write_rom(vm, board->chip->flash_base + offset, data, len);
	if (was_running) /* a trap that came first comes again: machines stop before what they trap on */
		vm_go(vm);
}

int board_cells_load(struct board *board, struct board_machine *machine)
{
	for (uint32_t at = 0; at < board->chip->flash_size; at += CELLS_CHUNK) {
		if (!memcmp(machine->held + at, board->store.cells + at, CELLS_CHUNK))
			continue;
		int failed =
			vm_write_rom(&machine->vm, board->chip->flash_base + at, board->store.cells + at, CELLS_CHUNK);
		if (failed)
			return failed;
		memcpy(machine->held + at, board->store.cells + at, CELLS_CHUNK);
	}
	return 0;
}

void board_cells_note_code(struct board *board)
{
	size_t used = board->store.size;
	while (used && board->store.cells[used - 1] == 0xff)
		used--;
	if (board->store.size) {
		core_forget_code(&board->core, board->chip->flash_base, board->store.size);
		core_note_code(&board->core, board->chip->flash_base, board->store.cells, used);
	}
}

void board_cells_push(struct board *board)
{
	if (board->f4_low >= board->f4_high)
		return;
	uint32_t offset = board->f4_low, len = board->f4_high - offset;
	board->f4_low = UINT32_MAX;
	board->f4_high = 0;
	if (!board->active)
		return;
	cells_write(board, offset, board->store.cells + offset, len);
	core_note_code(&board->core, board->chip->flash_base + (offset & ~1U), board->store.cells + (offset & ~1U),
		       len);
}

/* QEMU writes the cells into a file much faster than they come through qtest. */
static int cells_fetch(struct board *board)
{
	int failed =
		vm_save_memory(&board->active->vm, board->chip->flash_base, board->chip->flash_size, BOARD_COPY_NAME);
	if (failed)
		return failed;
	int fd = open(board->copy_path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ERR_IO;
	size_t done = 0;
	while (done < board->store.size) {
		ssize_t n = read(fd, board->store.cells + done, board->store.size - done);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	close(fd);
	unlink(board->copy_path);
	return done == board->store.size ? 0 : ERR_IO;
}

void board_cells_copy_out(struct board *board)
{
	if (!board->nrf_changed || nrf51_flash_open(&board->nrf) || !board->active)
		return;
	if (cells_fetch(board)) {
		log_error(board->serial, "cannot copy the flash contents out of the machine");
		return;
	}
	board->nrf_changed = false;
	board_cells_note_code(board);
}

void board_cells_mirror(struct board *board)
{
	if (board_cells_open(board))
		cells_fetch(board); /* one that fails is made good when the controller is closed, and told then */
}

bool board_cells_open(const struct board *board)
{
	return nrf51_flash_open(&board->nrf) && board->active;
}

static void on_program(void *context, uint32_t offset, const uint8_t *data, size_t len)
{
	struct board *board = context;
	uint8_t *cells = board->store.cells + offset;
	for (size_t i = 0; i < len; i++)
		cells[i] &= data[i]; /* programming only clears bits */
	board->f4_low = offset < board->f4_low ? offset : board->f4_low;
	board->f4_high = offset + (uint32_t)len > board->f4_high ? offset + (uint32_t)len : board->f4_high;
	if (!board->f4_batch)
		board_cells_push(board);
}

static void on_erase(void *context, uint32_t offset, size_t len)
{
	struct board *board = context;
	uint8_t erased[CELLS_CHUNK];
	memset(erased, 0xff, sizeof erased);
	core_forget_code(&board->core, board->chip->flash_base + offset, len);
	for (size_t at = offset; at < offset + len; at += CELLS_CHUNK) {
		if (!memcmp(board->store.cells + at, erased, CELLS_CHUNK))
			continue;
		memset(board->store.cells + at, 0xff, CELLS_CHUNK);
		if (board->active)
			cells_write(board, (uint32_t)at, erased, CELLS_CHUNK);
	}
}

void board_f4_init(struct board *board)
{
	struct stm32f4_port port = {on_program, on_erase, board};
	board->f4_low = UINT32_MAX;
	board->f4_high = 0;
	stm32f4_flash_init(&board->f4, &port);
}

static bool f4_write(struct board *board, uint32_t address, unsigned size, uint32_t value)
{
	uint32_t reg = address - STM32F4_FLASH_REGS;
	if (reg < STM32F4_REGS_SIZE) {
		if (size == 4)
			stm32f4_flash_write_reg(&board->f4, reg, value);
		return true;
	}
	uint32_t offset = address - (address < STM32F4_FLASH_SIZE ? 0 : STM32F4_FLASH_BASE);
	if (offset >= STM32F4_FLASH_SIZE)
		return false;
	stm32f4_flash_program(&board->f4, offset, size, value);
	return true;
}

/* The emulated controller sees what is written to it too: the flash's cells are its own. */
static bool nrf_write(struct board *board, uint32_t address, unsigned size, uint32_t value)
{
	if (address - NRF51_UICR < NRF51_UICR_SIZE) {
		nrf51_flash_program_uicr(&board->nrf, address - NRF51_UICR, size, value);
		return true;
	}
	if (!nrf51_flash_has_reg(address - NRF51_NVMC))
		return false;
	nrf51_flash_write_reg(&board->nrf, address - NRF51_NVMC, value);
	board->nrf_changed = true;
	vm_write_unit(board->core.vm, address, size, value);
	return true;
}

bool board_flash_read(struct board *board, uint32_t address, uint32_t *ret_value)
{
	uint32_t reg = address - STM32F4_FLASH_REGS, word = address - NRF51_UICR, value;
	if (board->chip->flash == CHIP_FLASH_STM32F4 && reg < STM32F4_REGS_SIZE)
		value = stm32f4_flash_read_reg(&board->f4, reg & ~3U);
	else if (board->chip->flash == CHIP_FLASH_NRF51 && word < NRF51_UICR_SIZE)
		value = bytes_get32(board->uicr.cells + (word & ~3U));
	else
		return false;
	*ret_value = value >> 8 * (address & 3);
	return true;
}

bool board_flash_write(struct board *board, uint32_t address, unsigned size, uint32_t value)
{
	if (board->chip->flash == CHIP_FLASH_STM32F4)
		return f4_write(board, address, size, value);
	return board->chip->flash == CHIP_FLASH_NRF51 && nrf_write(board, address, size, value);
}
