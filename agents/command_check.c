/* SPDX-License-Identifier: Apache-2.0 */
/* assay-agent --check: reads a rack file, and says what it would do. */
#include <stdio.h>
#include <stdlib.h>

#include "agents/commands.h"

struct rack *command_load_rack(const char *file, const struct options *options)
{
	struct doc_problems *problems = calloc(1, sizeof *problems);
	struct rack *rack = NULL;
	struct buf text;

	if (!problems)
		return NULL;
	doc_problems_init(problems, file);
	if (rack_load(file, options->types_dir, &rack, problems)) {
		buf_init(&text, 1u << 20);
		doc_problems_format(problems, &text);
		fputs(buf_text(&text), stderr);
		buf_finish(&text);
	}
	free(problems);
	return rack;
}

static void print_argv(const char *what, const struct argv_config *argv)
{
	printf("    %s:", what);
	for (size_t i = 0; i < argv->count; i++)
		printf(" '%s'", argv->arg[i]);
	putchar('\n');
}

static void print_openocd(const struct board_config *board, const struct board_type *type)
{
	printf("    openocd:");
	if (board->interface[0])
		printf(" -f %s", board->interface);
	for (size_t i = 0; i < board->openocd_args.count; i++)
		printf(" '%s'", board->openocd_args.arg[i]);
	for (size_t i = 0; i < board->openocd_files.count; i++)
		printf(" -f %s", board->openocd_files.arg[i]);
	for (size_t i = 0; board->openocd_files.count == 0 && i < type->openocd_config_count; i++)
		printf(" -f %s", type->openocd_config[i]);
	putchar('\n');
}

/* What a board that does not answer can be helped with besides what OpenOCD does. */
static void print_means(const struct board_config *board)
{
	printf("    reset line: %s\n", board->reset_line ? "wired" : "not wired: no contact under reset");
	if (!board->is_virtual && board->probe_usb[0])
		printf("    probe's USB port: %s\n", board->probe_usb);
	else if (!board->is_virtual)
		printf("    probe's USB port: not named: a probe that hangs is not reset\n");
}

static void print_board(const struct board_config *board, const struct board_type *type)
{
	printf("  %s: %s", board->name, type->name);
	if (type->description[0] || type->mcu[0])
		printf(" (%s%s%s)", type->description, type->description[0] && type->mcu[0] ? ", " : "", type->mcu);
	printf("\n");
	if (board->unique_id[0])
		printf("    unique id: must be %s\n", board->unique_id);
	if (board->is_virtual)
		printf("    virtual: assay-vboard --chip %s --nic %s\n", board->chip, board->nic);
	else
		print_openocd(board, type);
	print_means(board);
	if (board->is_virtual)
		printf("    console: its own\n");
	else if (board->console.kind == CONSOLE_SERIAL)
		printf("    console: %s at %u baud\n", board->console.device,
		       board->console.baud ? board->console.baud : type->baud);
	else if (board->console.kind == CONSOLE_TCP)
		printf("    console: %s:%u\n", board->console.host, board->console.port);
	else
		printf("    console: none: no run can be judged by what it prints\n");
	if (board->power.kind == POWER_COMMAND) {
		print_argv("power on", &board->power.on);
		print_argv("power off", &board->power.off);
	} else if (board->power.kind == POWER_VIRTUAL) {
		printf("    power: its own\n");
	} else {
		printf("    power: none: runs begin with a reset, not cold\n");
	}
}

int command_check(const struct options *options)
{
	struct rack *rack = command_load_rack(options->check, options);

	if (!rack)
		return EXIT_BAD_INPUT;
	printf("rack %s, %zu boards of %zu types\n", rack->name, rack->board_count, rack->type_count);
	for (size_t i = 0; i < rack->board_count; i++)
		print_board(&rack->boards[i], rack_type(rack, rack->boards[i].type));
	rack_destroy(rack);
	return EXIT_DONE;
}
