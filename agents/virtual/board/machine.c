/* SPDX-License-Identifier: Apache-2.0 */
/* The board's machines: starting one, and reading from its log why it ended. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/virtual/board/parts.h"
#include "core/base/mem.h"

#define LOG_TAIL_MAX 8192

static void on_reset_news(void *context, bool by_firmware)
{
	struct board *board = context;
	if (!by_firmware)
		return;
	/* The controllers are reset here and now: the firmware may be at them again before the core is told. */
	board_reset_controllers(board);
	board->firmware_resets++;
	board->firmware_reset_news = true;
}

void board_machine_begin_log(const struct board *board, struct board_machine *machine)
{
	struct stat stat_buf;
	machine->log_start = stat(board->log_path, &stat_buf) ? 0 : (long)stat_buf.st_size;
}

int board_machine_start(struct board *board, struct board_machine *machine, struct err *err)
{
	bool has_rom = board->chip->flash == CHIP_FLASH_STM32F4;
	struct proc_config config = {
		.machine = board->chip->machine,
		.nic = board->nic,
		.dir = board->dir,
		.log_path = board->log_path,
		.load_name = has_rom ? BOARD_FLASH_NAME : NULL,
		.load_address = board->chip->flash_base,
		.icount_shift = board->chip->icount_shift,
	};
	vm_init(&machine->vm);
	board_machine_begin_log(board, machine);
	machine->vm.on_reset = on_reset_news;
	machine->vm.context = board;
	if (board->chip->flash_size && !machine->held)
		machine->held = mem_alloc(board->chip->flash_size);
	/* QEMU loads the ROM by itself at its start; other flash begins as zeros and is written once it answers. */
	if (has_rom)
		memcpy(machine->held, board->store.cells, board->chip->flash_size);
	else if (machine->held)
		memset(machine->held, 0, board->chip->flash_size);
	return vm_start(&machine->vm, &config, board->console, err);
}

void board_machine_finish(struct board_machine *machine)
{
	vm_finish(&machine->vm);
	free(machine->held);
	machine->held = NULL;
}

/* The text "NAME=xxxxxxxx" of QEMU's register dump. */
static bool dump_value(const char *dump, const char *name, uint32_t *ret_value)
{
	char key[16];
	snprintf(key, sizeof key, "%s=", name);
	const char *at = strstr(dump, key);
	if (!at)
		return false;
	*ret_value = (uint32_t)strtoul(at + strlen(key), NULL, 16);
	return true;
}

static size_t log_tail(const char *path, long from, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	long end = lseek(fd, 0, SEEK_END);
	if (end - from > (long)size - 1)
		from = end - (long)size + 1;
	ssize_t n = pread(fd, text, size - 1, from);
	close(fd);
	text[n > 0 ? n : 0] = 0;
	return n > 0 ? (size_t)n : 0;
}

bool board_machine_lockup(struct board *board, const struct board_machine *machine, uint32_t ret_regs[VM_REGS])
{
	char text[LOG_TAIL_MAX];
	if (!log_tail(board->log_path, machine->log_start, text, sizeof text))
		return false;
	const char *dump = strstr(text, "Lockup:");
	if (!dump)
		return false;
	snprintf(board->reason, sizeof board->reason, "%.*s", (int)strcspn(dump, "\n"), dump);
	json_decref(board->lockup_registers);
	board->lockup_registers = json_object();
	for (unsigned i = 0; i < VM_REGS; i++) {
		char name[8];
		uint32_t value = 0;
		snprintf(name, sizeof name, i == VM_XPSR ? "XPSR" : "R%02u", i);
		dump_value(dump, name, &value);
		ret_regs[i] = value;
		char hex[16];
		snprintf(hex, sizeof hex, "0x%08x", (unsigned)value);
		json_object_set_new(board->lockup_registers, name, json_string(hex));
	}
	return true;
}
