/* SPDX-License-Identifier: Apache-2.0 */
/* Flash loaders that are recognised by their exact bytes and done here, while the machine stands.
 *
 * The emulated core could run them through trap.c, an access at a time: right, but slow. A loader that is not in the
 * table runs on the core.
 * Programming loader: the debugger fills a ring in RAM and moves its write pointer; each time it looks at RAM or at the
 * core's state, what is in the ring is programmed through the flash controller, and the read pointer follows. It ends
 * when all is done, when the write pointer becomes 0 (abort), or with the controller's error flags.
 * Checksum loader: one pass over memory as the machine has it. */
#include <string.h>

#include <sodium.h>

#include "agents/virtual/board/parts.h"
#include "agents/virtual/bytes.h"

enum { LOADER_BYTES_MAX = 96, F4_PROGRAM_ERRORS = 0xf0 };

struct board_loader {
	uint32_t length;      /* of the code, constants included */
	uint32_t exit_offset; /* of the BKPT it ends at */
	uint8_t sha256[crypto_hash_sha256_BYTES];
	bool needs_f4;
	bool (*work)(struct board *board); /* true: finished */
};

/* r0: ring (write pointer, read pointer, data), r1: its end, r2: target address, r3: halfwords left, r4: controller */
static bool work_program(struct board *board)
{
	struct core *core = &board->core;
	uint8_t head[8], data[4096];
	uint32_t ring = core_reg(core, 0), end = core_reg(core, 1), to = core_reg(core, 2), left = core_reg(core, 3);
	uint32_t status = board->f4.sr;
	if (vm_read(core->vm, ring, head, sizeof head))
		return false;
	uint32_t from = bytes_get32(head + 4), until = bytes_get32(head);
	bool done = until == 0, failed = false, moved = false;

	board->f4_batch = true;
	while (!done && !failed && from != until) {
		uint32_t n = (until > from ? until : end) - from;
		n = n < sizeof data ? n : (uint32_t)sizeof data;
		n = (n < 2 * left ? n : 2 * left) & ~1U;
		if (!n || vm_read(core->vm, from, data, n))
			break;
		for (uint32_t i = 0; i < n && !failed; i += 2) {
			stm32f4_flash_write_reg(&board->f4, F4_CR, F4_CR_PG | 1 << F4_CR_PSIZE);
			stm32f4_flash_program(&board->f4, to - STM32F4_FLASH_BASE, 2, bytes_get16(data + i));
			status = stm32f4_flash_read_reg(&board->f4, F4_SR);
			failed = status & F4_PROGRAM_ERRORS;
			to += 2;
		}
		left -= n / 2;
		from = from + n >= end ? ring + 8 : from + n;
		moved = true;
		done = left == 0;
	}
	board->f4_batch = false;
	board_cells_push(board);
	if (failed)
		from = 0;
	if (moved) {
		bytes_put32(head, from);
		vm_write(core->vm, ring + 4, head, 4);
		core_set_reg(core, 2, to);
		core_set_reg(core, 3, left);
	}
	if (done || failed)
		core_set_reg(core, 0, status);
	return done || failed;
}

/* CRC-32 with polynomial 0x04c11db7, most significant bit first, as OpenOCD compares it. */
static uint32_t crc32_update(uint32_t crc, const uint8_t *data, size_t len)
{
	static uint32_t table[256];
	if (!table[1])
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t value = i << 24;
			for (int bit = 0; bit < 8; bit++)
				value = value & UINT32_C(0x80000000) ? value << 1 ^ UINT32_C(0x04c11db7) : value << 1;
			table[i] = value;
		}
	for (size_t i = 0; i < len; i++)
		crc = crc << 8 ^ table[(crc >> 24 ^ data[i]) & 0xff];
	return crc;
}

static bool loader_read(struct board *board, uint32_t address, uint8_t *data, uint32_t len)
{
	const struct chip_region *region = chip_region_of(board->chip, address, len);
	if (!region || region->memory != CHIP_UICR)
		return !vm_read(board->core.vm, address, data, len);
	memcpy(data, board->uicr.cells + (address - region->base), len);
	return true;
}

/* r0: address, then the checksum; r1: length */
static bool work_checksum(struct board *board)
{
	struct core *core = &board->core;
	uint8_t data[16384];
	uint32_t address = core_reg(core, 0), left = core_reg(core, 1), crc = UINT32_MAX;
	while (left) {
		uint32_t n = left < sizeof data ? left : (uint32_t)sizeof data;
		if (!loader_read(board, address, data, n))
			return false;
		crc = crc32_update(crc, data, n);
		address += n;
		left -= n;
	}
	core_set_reg(core, 0, crc);
	return true;
}

static const struct board_loader loaders[] = {
	/* OpenOCD's stm32f2x_write, halfword programming */
	{.length = 0x4c,
	 .exit_offset = 0x44,
	 .needs_f4 = true,
	 .work = work_program,
	 .sha256 = {0x3d, 0xad, 0xe9, 0xf8, 0x11, 0x03, 0x99, 0xbc, 0x5f, 0x48, 0x4e, 0x04, 0x98, 0x7c, 0xe2, 0x03,
		    0x7d, 0x89, 0x2f, 0xd5, 0x66, 0x34, 0xc8, 0x9b, 0xcb, 0x6c, 0xea, 0xc5, 0x7c, 0xed, 0x89, 0x3d}},
	/* OpenOCD's armv7m_crc */
	{.length = 0x34,
	 .exit_offset = 0x2e,
	 .work = work_checksum,
	 .sha256 = {0xc4, 0xff, 0xd9, 0xf2, 0xd7, 0x4e, 0x74, 0xf8, 0xcb, 0xf2, 0xda, 0x3f, 0x42, 0x96, 0x89, 0x62,
		    0x16, 0xe4, 0x77, 0xb1, 0xe1, 0xe1, 0x30, 0xda, 0x7e, 0x1d, 0xbc, 0xed, 0x0c, 0xff, 0x1c, 0x0d}},
};

bool board_take_over(void *context)
{
	struct board *board = context;
	struct core *core = &board->core;
	uint8_t code[LOADER_BYTES_MAX], hash[crypto_hash_sha256_BYTES];
	uint32_t pc = core_reg(core, VM_PC);
	board_cells_copy_out(board);
	const struct chip_region *region = chip_region_of(board->chip, pc, sizeof code);
	if (!region || region->memory != CHIP_RAM || !(core->dhcsr & 1) || vm_read(core->vm, pc, code, sizeof code))
		return false;
	for (size_t i = 0; i < sizeof loaders / sizeof *loaders; i++) {
		const struct board_loader *loader = &loaders[i];
		if (loader->needs_f4 &&
		    (board->chip->flash != CHIP_FLASH_STM32F4 || core_reg(core, 4) != STM32F4_FLASH_REGS))
			continue;
		crypto_hash_sha256(hash, code, loader->length);
		if (memcmp(hash, loader->sha256, sizeof hash))
			continue;
		board->service.loader = loader;
		return true;
	}
	return false;
}

void board_service(struct board *board)
{
	const struct board_loader *loader = board->service.loader;
	if (board->core.state != CORE_SERVICE || !loader || !loader->work(board))
		return;
	core_set_reg(&board->core, VM_PC, core_reg(&board->core, VM_PC) + loader->exit_offset);
	board->service.loader = NULL;
	core_service_done(&board->core);
}
