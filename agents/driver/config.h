/* SPDX-License-Identifier: Apache-2.0 */
/* How one board is reached: the part of the rack file that the drivers work from. */
#ifndef ASSAY_AGENTS_DRIVER_CONFIG_H
#define ASSAY_AGENTS_DRIVER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/spec/equipment.h"

#define CONFIG_MAX_ARGS  32
#define CONFIG_MAX_FILES 8

/* A NULL-terminated argv; every string owned. */
struct argv_config {
	char *arg[CONFIG_MAX_ARGS + 1];
	size_t count;
};

enum console_kind { CONSOLE_NONE, CONSOLE_SERIAL, CONSOLE_TCP };
enum power_kind { POWER_NONE, POWER_COMMAND, POWER_VIRTUAL };

struct console_config {
	enum console_kind kind;
	char device[256]; /* CONSOLE_SERIAL; of a virtual board known once it is up */
	bool comes_late;  /* the device may appear some time after the board has power */
	uint32_t baud;    /* 0: the board type's */
	char host[128];   /* CONSOLE_TCP */
	uint16_t port;
};

struct power_config {
	enum power_kind kind;
	struct argv_config on, off;
	int64_t settle_ms; /* waited after "on" before the board is spoken to */
};

struct board_config {
	char name[41];
	char type[32];
	bool is_virtual;
	char chip[24]; /* virtual */
	char nic[16];  /* virtual */
	char interface[160];
	struct argv_config openocd_args;
	struct argv_config openocd_files; /* instead of the type's when count > 0 */
	char probe_serial[64];
	char probe_usb[32]; /* the port the probe hangs on, as the kernel names it: "1-1.4"; "" when not known */
	bool reset_line;    /* the probe's reset line is wired to the board */
	char unique_id[65]; /* lower-case hex; "" when any will do */
	struct equipment equipment;
	struct console_config console;
	struct power_config power;
	int line; /* in the rack file, for messages */
};

void argv_config_finish(struct argv_config *argv);
void board_config_finish(struct board_config *config);

#endif
