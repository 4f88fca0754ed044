/* SPDX-License-Identifier: Apache-2.0 */
/* One board of the rack file. */
#include "agents/rack_board.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/driver/console.h"
#include "agents/rack.h"

#define ARG_MAX_BYTES 1024
#define SETTLE_MAX_MS 30000 /* power-on has its limit, which leaves the command itself 10 s */

static void copy(char *target, size_t size, const char *text)
{
	snprintf(target, size, "%s", text);
}

static void complain(const struct doc_node *node, struct doc_problems *problems, const char *expected)
{
	char scratch[100];

	doc_problem_add(problems, node->line, node->path, doc_describe(node, scratch, sizeof scratch), "%s", expected);
}

/* Whether node stands for "there is none": the word none, or nothing. */
static bool is_none(const struct doc_node *node)
{
	return !node || (node->kind == DOC_SCALAR && strcmp(node->text, "none") == 0);
}

static void read_argv(const struct doc_node *mapping, const char *key, bool required, struct argv_config *argv,
		      struct doc_problems *problems)
{
	const struct doc_node *list = doc_read_sequence(mapping, key, required, CONFIG_MAX_ARGS, problems);
	const char *text;

	if (!list)
		return;
	if (required && list->count == 0)
		complain(list, problems, "a program and its arguments, one list element each");
	for (size_t i = 0; i < list->count; i++) {
		if (!doc_node_text(list->child[i], ARG_MAX_BYTES, &text, problems))
			continue;
		argv->arg[argv->count] = strdup(text);
		if (argv->arg[argv->count])
			argv->count++;
	}
}

static void read_name(const struct doc_node *node, struct board_config *config, struct doc_problems *problems)
{
	const char *name;

	if (!doc_read_text(node, "name", true, RACK_NAME_MAX, &name, problems))
		return;
	for (const char *c = name; *c; c++) {
		/* The name is also a folder's, so it must not look like a path or an option. */
		if (!isalnum((unsigned char)*c) && (c == name || !strchr("-_.", *c))) {
			complain(doc_get(node, "name"), problems,
				 "letters, digits, '-', '_' and '.', beginning with a letter or digit");
			return;
		}
	}
	copy(config->name, sizeof config->name, name);
}

static void read_virtual(const struct doc_node *node, struct board_config *config, struct doc_problems *problems)
{
	static const char *const known[] = {"chip", "nic", NULL};
	static const char *const chips[] = {"nrf51", "stm32f405", "mps2-an385"};
	static const char *const nics[] = {"none", "user", "isolated"};
	static const char *const not_here[] = {"openocd", "console", "probe-serial", "probe-usb"};
	size_t chip = 0, nic = 0;

	config->is_virtual = true;
	config->console.kind = CONSOLE_SERIAL;
	doc_refuse_unknown(doc_get(node, "virtual"), known, problems);
	doc_read_enum(doc_get(node, "virtual"), "chip", true, chips, 3, &chip, problems);
	doc_read_enum(doc_get(node, "virtual"), "nic", false, nics, 3, &nic, problems);
	copy(config->chip, sizeof config->chip, chips[chip]);
	copy(config->nic, sizeof config->nic, nics[nic]);
	for (size_t i = 0; i < sizeof not_here / sizeof not_here[0]; i++) {
		if (doc_get(node, not_here[i]))
			complain(doc_get(node, not_here[i]), problems,
				 "nothing: a virtual board brings its own probe and console");
	}
}

static void read_openocd(const struct doc_node *node, struct board_config *config, struct doc_problems *problems)
{
	static const char *const known[] = {"interface", "args", "files", NULL};
	const struct doc_node *openocd = doc_read_mapping(node, "openocd", true, problems);
	const char *text;

	if (!openocd)
		return;
	doc_refuse_unknown(openocd, known, problems);
	if (doc_read_text(openocd, "interface", false, sizeof config->interface - 1, &text, problems))
		copy(config->interface, sizeof config->interface, text);
	read_argv(openocd, "args", false, &config->openocd_args, problems);
	read_argv(openocd, "files", false, &config->openocd_files, problems);
	if (config->openocd_files.count > CONFIG_MAX_FILES)
		complain(doc_get(openocd, "files"), problems, "at most 8 files");
	if (!config->interface[0] && config->openocd_args.count == 0)
		complain(openocd, problems, "\"interface: FILE\", or args that set the adapter up");
}

static void read_probe_serial(const struct doc_node *node, struct board_config *config, struct doc_problems *problems)
{
	const char *text;

	if (!doc_read_text(node, "probe-serial", false, sizeof config->probe_serial - 1, &text, problems))
		return;
	copy(config->probe_serial, sizeof config->probe_serial, text);
	for (size_t i = 0; i < config->openocd_args.count; i++) {
		if (strstr(config->openocd_args.arg[i], text))
			return;
	}
	complain(doc_get(node, "probe-serial"), problems,
		 "also an element of openocd.args, such as \"adapter serial <serial>\": else any probe could answer");
}

static void read_probe_usb(const struct doc_node *node, struct board_config *config, struct doc_problems *problems)
{
	const char *text;

	if (!doc_read_text(node, "probe-usb", false, sizeof config->probe_usb - 1, &text, problems))
		return;
	/* It becomes part of a path. */
	if (!isdigit((unsigned char)text[0]) || !strchr(text, '-') || text[strspn(text, "0123456789-.")]) {
		complain(doc_get(node, "probe-usb"), problems, "a USB port as the kernel names it, such as 1-1.4");
		return;
	}
	copy(config->probe_usb, sizeof config->probe_usb, text);
}

static void read_console(const struct doc_node *node, struct board_config *config, struct doc_problems *problems)
{
	static const char *const known[] = {"device", "baud", "tcp", NULL};
	const struct doc_node *console = doc_get(node, "console");
	const char *text;
	int64_t baud = 0;

	if (is_none(console))
		return;
	if (!doc_read_mapping(node, "console", true, problems) || !doc_refuse_unknown(console, known, problems))
		return;
	if (!doc_get(console, "device") == !doc_get(console, "tcp")) {
		complain(console, problems, "either \"device\" or \"tcp\"");
		return;
	}
	if (doc_get(console, "tcp")) {
		config->console.kind = CONSOLE_TCP;
		if (doc_read_text(console, "tcp", true, 160, &text, problems) &&
		    !console_parse_address(text, config->console.host, sizeof config->console.host,
					   &config->console.port))
			complain(doc_get(console, "tcp"), problems, "host:port");
		return;
	}
	config->console.kind = CONSOLE_SERIAL;
	if (doc_read_text(console, "device", true, sizeof config->console.device - 1, &text, problems))
		copy(config->console.device, sizeof config->console.device, text);
	if (doc_read_int(console, "baud", false, 300, 12000000, &baud, problems) && !console_baud_known((uint32_t)baud))
		complain(doc_get(console, "baud"), problems, "a standard rate such as 9600, 115200, 921600");
	config->console.baud = (uint32_t)baud;
}

static void read_power(const struct doc_node *node, struct board_config *config, struct doc_problems *problems)
{
	static const char *const known[] = {"on", "off", "settle", NULL};
	const struct doc_node *power = doc_get(node, "power");

	if (config->is_virtual && (!power || (power->kind == DOC_SCALAR && strcmp(power->text, "virtual") == 0))) {
		config->power.kind = POWER_VIRTUAL;
		return;
	}
	if (is_none(power))
		return;
	if (power->kind != DOC_MAPPING) {
		complain(power, problems,
			 "none, or a mapping with \"on\" and \"off\", each a list: [program, argument …]");
		return;
	}
	config->power.kind = POWER_COMMAND;
	doc_refuse_unknown(power, known, problems);
	read_argv(power, "on", true, &config->power.on, problems);
	read_argv(power, "off", true, &config->power.off, problems);
	doc_read_duration_ms(power, "settle", false, 0, SETTLE_MAX_MS, &config->power.settle_ms, problems);
}

static void read_unique_id(const struct doc_node *node, struct board_config *config, struct doc_problems *problems)
{
	const char *text;
	size_t len;

	if (!doc_read_text(node, "unique-id", false, sizeof config->unique_id - 1, &text, problems))
		return;
	len = strlen(text);
	if (strspn(text, "0123456789abcdefABCDEF") != len || len % 8) {
		complain(doc_get(node, "unique-id"), problems, "hex digits, eight for each word of the chip's id");
		return;
	}
	for (size_t i = 0; i <= len; i++)
		config->unique_id[i] = (char)tolower((unsigned char)text[i]);
}

void rack_board_read(const struct doc_node *node, struct board_config *config, struct doc_problems *problems)
{
	static const char *const known[] = {"name",      "type",       "virtual",   "openocd", "probe-serial",
					    "probe-usb", "reset-line", "unique-id", "console", "power",
					    "tags",      "features",   "hub",       NULL};
	const char *type;

	config->line = node->line;
	if (!doc_refuse_unknown(node, known, problems) && node->kind != DOC_MAPPING)
		return;
	read_name(node, config, problems);
	if (doc_read_text(node, "type", true, sizeof config->type - 1, &type, problems))
		copy(config->type, sizeof config->type, type);
	read_unique_id(node, config, problems);
	equipment_read(node, &config->equipment, problems);
	config->reset_line = doc_get(node, "virtual") != NULL;
	doc_read_bool(node, "reset-line", false, &config->reset_line, problems);
	if (doc_get(node, "virtual")) {
		read_virtual(node, config, problems);
		read_power(node, config, problems);
		return;
	}
	if (!doc_get(node, "openocd")) {
		complain(node, problems, "\"virtual\" or \"openocd\": how the board is reached");
		return;
	}
	read_openocd(node, config, problems);
	read_probe_serial(node, config, problems);
	read_probe_usb(node, config, problems);
	read_console(node, config, problems);
	read_power(node, config, problems);
}
