/* SPDX-License-Identifier: Apache-2.0 */
/* One virtual board: chip, flash contents, emulated machine, power; what a probe sees of it is board->bus. */
#ifndef ASSAY_VIRTUAL_BOARD_BOARD_H
#define ASSAY_VIRTUAL_BOARD_BOARD_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "agents/virtual/bus.h"
#include "agents/virtual/chip/chip.h"
#include "agents/virtual/cortexm/core.h"
#include "agents/virtual/dap/dap.h"
#include "agents/virtual/faults.h"
#include "agents/virtual/flash/nrf51.h"
#include "agents/virtual/flash/stm32f4.h"
#include "agents/virtual/flash/store.h"
#include "agents/virtual/qemu/vm.h"
#include "core/base/err.h"

#define BOARD_POWERS(X)                                                                                                \
	X(OFF, "off")                                                                                                  \
	X(ON, "on")                                                                                                    \
	X(DEAD, "dead") /* it has power, but its CPU answers no more until the next power cycle */

enum board_power {
#define X(name, text) BOARD_##name,
	BOARD_POWERS(X)
#undef X
};

const char *board_power_name(enum board_power power);

/* A flash loader of a debugger's whose work is done here. */
struct board_service {
	const struct board_loader *loader; /* NULL: none */
};

/* A machine with what its emulated flash holds, as far as it was written from here. */
struct board_machine {
	struct vm vm;
	uint8_t *held;  /* flash_size bytes; NULL without flash */
	long log_start; /* where in qemu.log its output begins */
};

/* What the event loop around the board has to know. */
struct board_port {
	/* The running machine, or the spare, is another one or none: the descriptors have changed. */
	void (*on_machine)(void *context);
	/* The machine's console is about to be closed: take what is in it. */
	void (*drain_console)(void *context);
	void *context;
};

struct board_config {
	const struct chip *chip;
	const char *dir, *serial, *nic;
	struct wire_idle *console; /* drained while QEMU is waited for */
	struct board_port port;
};

struct board {
	const struct chip *chip;
	struct board_port port;
	struct wire_idle *console;
	char serial[64], nic[64];
	char dir[PATH_MAX], log_path[PATH_MAX + 16], flash_path[PATH_MAX + 16], copy_path[PATH_MAX + 16],
		uicr_path[PATH_MAX + 16];
	uint8_t unique[CHIP_UNIQUE_SIZE];

	enum board_power power;
	char reason[512]; /* why it is dead, or the lockup's first line */
	json_t *lockup_registers;
	unsigned resets_before_start; /* of firmware_resets: before the power came, or the probe last reset it */
	unsigned firmware_resets, probe_resets, lockups, power_ons;
	uint32_t causes;          /* of the last resets, as the chip's register shows them */
	bool firmware_reset_news; /* one was told and the core does not know yet */

	struct flash_store store, uicr;
	struct stm32f4_flash f4;
	bool f4_batch;            /* programmed cells are pushed to the machine at the end */
	uint32_t f4_low, f4_high; /* programmed and not pushed yet; empty when low >= high */
	struct nrf51_flash nrf;
	bool nrf_changed; /* flash cells not copied out of the machine yet */

	struct board_machine machines[2];
	struct board_machine *active, *spare; /* NULL: none */
	struct core core;
	struct dap dap;
	struct bus bus;
	struct board_service service;
	struct faults faults;
};

int board_init(struct board *board, const struct board_config *config, struct err *err);
void board_finish(struct board *board);

/* Returns when the CPU is out of reset, or QEMU is gone. On a dead board, on starts afresh. */
int board_power_on(struct board *board, struct err *err);
int board_power_off(struct board *board, struct err *err);

/* After anything that may have found the machine broken: decides between lockup and death. */
void board_check(struct board *board);
/* The machine's process has ended by itself. */
void board_on_machine_end(struct board *board);
/* The machine's gdb or QMP stream has something to read. True: there may be more; it is to be called again soon. */
bool board_on_machine_news(struct board *board);

/* Whether the machine's own flash controller lets cells be changed now, which only the machine knows of. */
bool board_cells_open(const struct board *board);
/* Copies such cells out meanwhile, so that a machine that dies then loses little. */
void board_cells_mirror(struct board *board);

/* Begins to start the next machine, if there is none yet: without waiting for it, so that the next power on need not
 * either. */
void board_start_spare(struct board *board);
/* The spare has something to say: sets it up, so that power on is quick. */
void board_warm_spare(struct board *board);
/* What to watch for that; -1: nothing. */
int board_spare_fd(const struct board *board);

/* Fields of `status`; the caller owns the object. */
json_t *board_status(const struct board *board);

#endif
