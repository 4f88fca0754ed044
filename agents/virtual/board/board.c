/* SPDX-License-Identifier: Apache-2.0 */
/* Power of the board, and what becomes of it when its machine ends.
 *
 * On: the spare machine (or a new one) gets the flash cells and is let out of reset. Off: cells are copied out, the
 * machine is killed. The next spare is started while the board is on (main.c says when), at the latest at power off,
 * without waiting for it.
 * A machine that ends by itself: with a lockup in its log the core is locked up (the debugger sees so, a reset brings a
 * new machine); otherwise the board is dead until the next power cycle. The same for one that does not answer. */
#include "agents/virtual/board/board.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agents/virtual/board/parts.h"
#include "core/base/log.h"
#include "core/base/mem.h"

/* How long a machine that closed its streams may take to end and to have its log written. */
#define BOARD_END_LIMIT_MS 500

/* A log beyond this begins anew with the next process. */
#define BOARD_LOG_MAX (1 << 20)

const char *board_power_name(enum board_power power)
{
	static const char *const names[] = {
#define X(name, text) [BOARD_##name] = text,
		BOARD_POWERS(X)
#undef X
	};
	return names[power];
}

static struct board_machine *board_other(struct board *board, const struct board_machine *machine)
{
	return machine == &board->machines[0] ? &board->machines[1] : &board->machines[0];
}

void board_start_spare(struct board *board)
{
	struct err err;
	if (board->spare)
		return;
	struct board_machine *machine = board->active ? board_other(board, board->active) : &board->machines[0];
	if (board_machine_start(board, machine, &err)) {
		log_warn(board->serial, "no spare machine: %s", err.text);
		board_machine_finish(machine);
		return;
	}
	board->spare = machine;
	board->port.on_machine(board->port.context);
}

int board_spare_fd(const struct board *board)
{
	return board->spare && !board->spare->vm.ready && !board->spare->vm.broken ? board->spare->vm.qmp.fd : -1;
}

/* A spare that fails here is found broken when it is needed. */
void board_warm_spare(struct board *board)
{
	if (board->spare && !vm_ready(&board->spare->vm))
		board_cells_load(board, board->spare);
	board->port.on_machine(board->port.context);
}

static void board_end_machine(struct board *board)
{
	struct board_machine *machine = board->active;
	if (!machine)
		return;
	board->port.drain_console(board->port.context);
	board->active = NULL;
	board->service.loader = NULL;
	board->firmware_reset_news = false;
	board->port.on_machine(board->port.context);
	board_machine_finish(machine);
}

/* Makes the spare the active machine, standing at its reset vector with the flash in place. A spare that has died
 * meanwhile is replaced once. */
static int board_bring_machine(struct board *board, struct err *err)
{
	int failed = ERR_IO;
	for (int attempt = 0; attempt < 2; attempt++) {
		board_start_spare(board);
		struct board_machine *machine = board->spare;
		board->spare = NULL;
		board->port.on_machine(board->port.context);
		if (!machine)
			return err_set(err, ERR_IO, "QEMU cannot be started");
		failed = vm_ready(&machine->vm);
		if (!failed)
			failed = board_cells_load(board, machine);
		if (!failed)
			failed = vm_reset(&machine->vm); /* the vectors are fetched at reset */
		if (!failed) {
			board_machine_begin_log(board, machine);
			board->active = machine;
			board->port.on_machine(board->port.context);
			return 0;
		}
		board_machine_finish(machine);
	}
	return err_set(err, (enum err_code)failed, "QEMU does not start (%s), see %s", err_name((enum err_code)failed),
		       board->log_path);
}

static struct vm *on_new_machine(void *context)
{
	struct board *board = context;
	struct err err;
	if (board_bring_machine(board, &err)) {
		log_error(board->serial, "%s", err.text);
		return NULL;
	}
	board->reason[0] = 0;
	return &board->active->vm;
}

void board_reset_controllers(struct board *board)
{
	stm32f4_flash_reset(&board->f4);
	nrf51_flash_reset(&board->nrf);
	board_cause_reset(board);
}

/* Whatever image resets itself from here on is the one that is there now: the resets of the one before are not its. */
static void on_core_reset(void *context)
{
	struct board *board = context;

	board_reset_controllers(board);
	board->resets_before_start = board->firmware_resets;
	board->firmware_reset_news = false;
}

static int64_t board_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int board_power_on(struct board *board, struct err *err)
{
	if (board->power == BOARD_DEAD)
		board_power_off(board, NULL);
	if (board->power == BOARD_ON)
		return 0;
	int failed = board_bring_machine(board, err);
	if (failed)
		return failed;
	board->power = BOARD_ON;
	faults_power_came(&board->faults, board_now_ms());
	board->reason[0] = 0;
	board->power_ons++;
	board->nrf_changed = false;
	dap_power_up(&board->dap);
	core_attach(&board->core, &board->active->vm);
	board_cells_note_code(board);
	core_leave_reset(&board->core);
	board_cause_power(
		board); /* and not what leaving reset told of; the firmware's access comes here to be answered */
	board_check(board);
	if (board->power == BOARD_DEAD)
		return err_set(err, ERR_IO, "%s", board->reason);
	return 0;
}

int board_power_off(struct board *board, struct err *err)
{
	(void)err;
	if (board->power == BOARD_OFF)
		return 0;
	nrf51_flash_reset(&board->nrf);
	board_cells_copy_out(board);
	core_detach(&board->core);
	board_end_machine(board);
	board->power = BOARD_OFF;
	board->reason[0] = 0;
	faults_power_gone(&board->faults, board_now_ms());
	board_start_spare(board);
	return 0;
}

/* The end of the process decides what is told; one that is stuck is killed. */
static int board_await_end(struct board *board)
{
	struct proc *proc = &board->active->vm.proc;
	struct pollfd fd = {.fd = proc->pidfd, .events = POLLIN};
	bool ended = poll(&fd, 1, board->active->vm.broken == ERR_TIMEOUT ? 0 : BOARD_END_LIMIT_MS) > 0;
	board->port.drain_console(board->port.context); /* its streams are closed now */
	int status = proc_finish(proc);
	return ended ? status : -1;
}

static void board_died(struct board *board, int status)
{
	if (status < 0)
		snprintf(board->reason, sizeof board->reason, "QEMU did not answer (%s) and was killed",
			 err_name((enum err_code)board->active->vm.broken));
	else if (WIFSIGNALED(status))
		snprintf(board->reason, sizeof board->reason, "QEMU was ended by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(board->reason, sizeof board->reason, "QEMU ended by itself with status %d",
			 WEXITSTATUS(status));
	log_error(board->serial, "%s; the board is dead until its next power cycle", board->reason);
	core_detach(&board->core);
	board_end_machine(board);
	board->power = BOARD_DEAD;
}

void board_on_machine_end(struct board *board)
{
	uint32_t regs[VM_REGS];
	if (!board->active)
		return;
	int status = board_await_end(board);
	if (status < 0 || !WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT ||
	    !board_machine_lockup(board, board->active, regs)) {
		board_died(board, status);
		return;
	}
	log_warn(board->serial, "%s", board->reason);
	board->lockups++;
	regs[VM_PC] = 0xfffffffe; /* where a locked up core stands */
	board->core.vm = NULL;
	board_end_machine(board);
	core_locked_up(&board->core, regs);
	board_start_spare(board);
}

void board_check(struct board *board)
{
	if (board->active && board->active->vm.broken)
		board_on_machine_end(board);
	if (board->firmware_reset_news && board->active) {
		board->firmware_reset_news = false;
		core_firmware_reset(&board->core);
		board_check(board);
	}
}

bool board_on_machine_news(struct board *board)
{
	if (!board->active)
		return false;
	vm_poll_news(&board->active->vm);
	bool more = core_poll(&board->core);
	board_check(board);
	return more && board->active;
}

static void board_paths(struct board *board, const char *dir)
{
	mem_text_into(board->dir, sizeof board->dir, dir);
	snprintf(board->log_path, sizeof board->log_path, "%s/qemu.log", board->dir);
	snprintf(board->flash_path, sizeof board->flash_path, "%s/" BOARD_FLASH_NAME, board->dir);
	snprintf(board->copy_path, sizeof board->copy_path, "%s/" BOARD_COPY_NAME, board->dir);
	snprintf(board->uicr_path, sizeof board->uicr_path, "%s/" BOARD_UICR_NAME, board->dir);
}

int board_init(struct board *board, const struct board_config *config, struct err *err)
{
	const struct chip *chip = config->chip;
	*board = (struct board){.chip = chip, .port = config->port, .console = config->console};
	mem_text_into(board->serial, sizeof board->serial, config->serial);
	mem_text_into(board->nic, sizeof board->nic, config->nic);
	chip_unique(board->serial, board->unique);
	board_paths(board, config->dir);
	vm_init(&board->machines[0].vm);
	vm_init(&board->machines[1].vm);
	struct core_port port = {.take_over = board_take_over,
				 .on_owner_watch = board_on_owner_watch,
				 .owner_points = board_owner_points,
				 .new_machine = on_new_machine,
				 .on_reset = on_core_reset,
				 .context = board};
	core_init(&board->core, chip, &port);
	board_bus_init(board);
	dap_init(&board->dap, &board->bus, chip->dpidr, chip->ap_idr, chip->ap_base);
	board_f4_init(board);
	struct stat log;
	if (!stat(board->log_path, &log) && log.st_size > BOARD_LOG_MAX)
		unlink(board->log_path);
	int failed = flash_store_init(&board->store, board->flash_path, chip->flash_size, err);
	if (!failed)
		failed = flash_store_init(&board->uicr, board->uicr_path,
					  chip->flash == CHIP_FLASH_NRF51 ? NRF51_UICR_SIZE : 0, err);
	nrf51_flash_init(&board->nrf, board->uicr.cells);
	if (!failed)
		board_start_spare(board);
	return failed;
}

void board_finish(struct board *board)
{
	board_power_off(board, NULL);
	board->spare = NULL;
	board->port.on_machine(board->port.context);
	for (int i = 0; i < 2; i++)
		board_machine_finish(&board->machines[i]);
	flash_store_finish(&board->store);
	flash_store_finish(&board->uicr);
	json_decref(board->lockup_registers);
}

json_t *board_status(const struct board *board)
{
	int pid = board->active ? (int)board->active->vm.proc.pid : 0;
	json_t *status =
		json_pack("{s:b, s:s, s:s, s:i, s:i, s:i, s:i, s:i}", "powered", board->power != BOARD_OFF, "state",
			  board_power_name(board->power), "cpu", core_state_name(board->core.state), "qemu_pid", pid,
			  "resets", (int)board->firmware_resets, "probe_resets", (int)board->probe_resets, "lockups",
			  (int)board->lockups, "power_ons", (int)board->power_ons);
	if (status)
		json_object_set_new(status, "resets_since_start",
				    json_integer(board->firmware_resets - board->resets_before_start));
	if (status && board->faults.fault != FAULT_NONE)
		json_object_set_new(status, "fault", json_string(fault_name(board->faults.fault)));
	if (status && board->reason[0])
		json_object_set_new(status, "reason", json_string(board->reason));
	if (status && board->core.planted_overflow)
		json_object_set_new(status, "breakpoints_missed", json_true());
	if (status && board->lockup_registers)
		json_object_set(status, "lockup_registers", board->lockup_registers);
	return status;
}
