/* SPDX-License-Identifier: Apache-2.0 */
/* Options from the command line and the configuration file. */
#include "agents/options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/base/files.h"
#include "core/base/doc.h"
#include "core/base/wrap.h"

enum place { ANYWHERE, COMMAND_LINE };

/* Sorted by name. Those of ANYWHERE may stand in the configuration file too. */
static const struct {
	const char *name;
	size_t offset;
	enum place place;
	const char *argument;
	const char *help;
} table[] = {
	{"board", offsetof(struct options, board), COMMAND_LINE, "NAME", "run: the board to run on"},
	{"ca-file", offsetof(struct options, ca_file), ANYWHERE, "FILE",
	 "farm over https: trust these authorities; default: this machine's"},
	{"check", offsetof(struct options, check), COMMAND_LINE, "FILE",
	 "check a rack file, say what it would do, and end"},
	{"config", offsetof(struct options, config), COMMAND_LINE, "FILE", "YAML file with these options by name"},
	{"daemon", offsetof(struct options, daemon), ANYWHERE, "URL", "the farm; default http://127.0.0.1:7180"},
	{"dev", offsetof(struct options, dev), COMMAND_LINE, "DIR", "scan: where serial devices are; default /dev"},
	{"image", offsetof(struct options, image), COMMAND_LINE, "FILE", "run: the firmware"},
	{"job", offsetof(struct options, job), COMMAND_LINE, "FILE",
	 "run: JSON with \"require\" and \"end\", as in a job; default: nothing is required"},
	{"log-level", offsetof(struct options, log_level), ANYWHERE, "LEVEL", "debug, info (default), warn, error"},
	{"rack", offsetof(struct options, rack), ANYWHERE, "FILE",
	 "the rack file: which boards there are; scan: the one to write"},
	{"script", offsetof(struct options, script), COMMAND_LINE, "FILE", "simulate: what the boards do; YAML"},
	{"scripts-dir", offsetof(struct options, scripts_dir), ANYWHERE, "DIR",
	 "more OpenOCD files; default: openocd beside the types"},
	{"simulate", offsetof(struct options, simulate), COMMAND_LINE, "N", "serve the farm with N simulated boards"},
	{"state-dir", offsetof(struct options, state_dir), ANYWHERE, "DIR",
	 "spool, images, boards; default $XDG_STATE_HOME/assay/agent"},
	{"sysfs", offsetof(struct options, sysfs), COMMAND_LINE, "DIR", "scan: what the kernel tells; default /sys"},
	{"token-file", offsetof(struct options, token_file), ANYWHERE, "FILE",
	 "the agent's token; default $XDG_STATE_HOME/assay/agent.token"},
	{"type", offsetof(struct options, type), COMMAND_LINE, "TYPE", "run: on the first board of this type"},
	{"types-dir", offsetof(struct options, types_dir), ANYWHERE, "DIR",
	 "board types, one <type>.yaml each; default " ASSAY_DATA_DIR "/board-types"},
	{"vboard", offsetof(struct options, vboard), ANYWHERE, "PROGRAM",
	 "assay-vboard; default: beside this program, else " ASSAY_BIN_DIR},
};

#define OPTION_COUNT (sizeof table / sizeof table[0])

static char *value_of(struct options *options, size_t i)
{
	return (char *)options + table[i].offset;
}

static void print_option(const char *name, const char *argument, const char *help)
{
	int column = printf("  --%-12s %-8s ", name, argument);

	wrap_print(stdout, help, (size_t)column, (size_t)column, WRAP_COLUMNS);
}

void options_print_help(void)
{
	printf("assay-agent works the boards of one rack for an assay farm.\n\n"
	       "    assay-agent --rack FILE [OPTION…]         serve the farm\n"
	       "    assay-agent --check FILE                  check a rack file\n"
	       "    assay-agent run --rack FILE --image FILE  one run by hand, its messages as\n"
	       "                (--board NAME | --type TYPE)  JSON lines on standard output\n"
	       "    assay-agent --simulate N [--script FILE]  racks of N boards that do not\n"
	       "                                              exist, for load and faults\n"
	       "    assay-agent scan [--rack FILE] [--probe]  a rack file of what is attached\n\n");
	for (size_t i = 0; i < OPTION_COUNT; i++)
		print_option(table[i].name, table[i].argument, table[i].help);
	print_option("force", "", "scan: overwrite the rack file");
	print_option("probe", "", "scan: ask each probe what is on it, with OpenOCD");
	print_option("help", "", "this text");
	print_option("version", "", "the version");
	printf("\nExit status: 0 done (run: passed), 1 run: failed, 2 bad input or usage,\n"
	       "3 trouble (run: infrastructure or inconclusive), 4 run: cancelled.\n");
}

static int store(struct options *options, size_t i, const char *value, struct err *err)
{
	if (strlen(value) >= OPTION_MAX)
		return err_set(err, ERR_INVALID, "--%s is longer than %d bytes", table[i].name, OPTION_MAX - 1);
	snprintf(value_of(options, i), OPTION_MAX, "%s", value);
	return 0;
}

static bool find_option(const char *name, size_t len, size_t *ret_index)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (strlen(table[i].name) == len && strncmp(table[i].name, name, len) == 0) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

/* One "--name value" or "--name=value"; *at is moved over what it took. */
static int read_argument(int argc, char **argv, int *at, struct options *options, struct err *err)
{
	const char *argument = argv[*at], *equals = strchr(argument, '=');
	size_t i, len = equals ? (size_t)(equals - argument) : strlen(argument);

	if (strncmp(argument, "--", 2) != 0 || !find_option(argument + 2, len - 2, &i))
		return err_set(err, ERR_INVALID, "no such option: %s (see --help)", argument);
	if (!equals && *at + 1 >= argc)
		return err_set(err, ERR_INVALID, "%s needs a value", argument);
	return store(options, i, equals ? equals + 1 : argv[++*at], err);
}

static int read_arguments(int argc, char **argv, struct options *options, struct err *err)
{
	int at = 1, rc = 0;

	if (argc > 1 && strcmp(argv[1], "run") == 0) {
		options->command = COMMAND_RUN;
		at = 2;
	} else if (argc > 1 && strcmp(argv[1], "scan") == 0) {
		options->command = COMMAND_SCAN;
		at = 2;
	}
	for (; at < argc && rc == 0; at++) {
		if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0)
			options->command = COMMAND_HELP;
		else if (strcmp(argv[at], "--version") == 0)
			options->command = COMMAND_VERSION;
		else if (strcmp(argv[at], "--force") == 0)
			options->force = true;
		else if (strcmp(argv[at], "--probe") == 0)
			options->probe = true;
		else
			rc = read_argument(argc, argv, &at, options, err);
	}
	if (options->check[0] && options->command == COMMAND_SERVE)
		options->command = COMMAND_CHECK;
	else if (options->simulate[0] && options->command == COMMAND_SERVE)
		options->command = COMMAND_SIMULATE;
	return rc;
}

static void read_config_values(const struct doc_node *root, struct options *options, struct doc_problems *problems)
{
	const char *known[OPTION_COUNT + 1] = {NULL}, *text;
	size_t count = 0;

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (table[i].place == COMMAND_LINE)
			continue;
		known[count++] = table[i].name;
		if (doc_read_text(root, table[i].name, false, OPTION_MAX - 1, &text, problems) &&
		    !value_of(options, i)[0])
			snprintf(value_of(options, i), OPTION_MAX, "%s", text);
	}
	doc_refuse_unknown(root, known, problems);
}

static int read_config(struct options *options, struct err *err)
{
	struct doc_problems *problems;
	struct doc *doc = NULL;
	char *text;
	size_t len;
	int rc;

	if (!options->config[0])
		return 0;
	if (files_read(options->config, DOC_MAX_BYTES, &text, &len, err))
		return (int)err->code;
	problems = calloc(1, sizeof *problems);
	if (!problems) {
		free(text);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	doc_problems_init(problems, options->config);
	if (doc_parse(options->config, text, len, &doc, problems) == 0)
		read_config_values(doc->root, options, problems);
	rc = problems->count ? doc_problems_err(problems, err) : 0;
	doc_destroy(doc);
	free(problems);
	free(text);
	return rc;
}

static void set_default(char *value, const char *first, const char *rest)
{
	if (!value[0])
		snprintf(value, OPTION_MAX, "%s%s", first, rest);
}

/* The program beside this one, so that a build tree needs no installation. */
static void default_vboard(struct options *options)
{
	char own[OPTION_MAX - 16];
	ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);
	char *slash;

	if (options->vboard[0])
		return;
	own[len > 0 ? len : 0] = '\0';
	slash = strrchr(own, '/');
	if (slash) {
		*slash = '\0';
		snprintf(options->vboard, OPTION_MAX, "%s/assay-vboard", own);
		if (access(options->vboard, X_OK) == 0)
			return;
	}
	snprintf(options->vboard, OPTION_MAX, "%s/assay-vboard", ASSAY_BIN_DIR);
}

static void default_scripts_dir(struct options *options)
{
	char beside[OPTION_MAX];
	char *slash;
	struct stat info;

	if (options->scripts_dir[0])
		return;
	snprintf(beside, sizeof beside - 8, "%.*s", (int)(sizeof beside - 16), options->types_dir);
	slash = strrchr(beside, '/');
	if (!slash)
		return;
	snprintf(slash, 9, "/openocd");
	if (stat(beside, &info) == 0 && S_ISDIR(info.st_mode))
		snprintf(options->scripts_dir, OPTION_MAX, "%s", beside);
}

/* OpenOCD and the virtual boards work in folders of their own: a path they are given must not depend on ours. */
static int make_absolute(char *path, struct err *err)
{
	char here[OPTION_MAX], whole[2 * OPTION_MAX];

	if (!path[0] || path[0] == '/')
		return 0;
	if (!getcwd(here, sizeof here) || (size_t)snprintf(whole, sizeof whole, "%s/%s", here, path) >= OPTION_MAX)
		return err_set(err, ERR_INVALID, "path too long: %s", path);
	memcpy(path, whole, strlen(whole) + 1);
	return 0;
}

static int fill_defaults(struct options *options, struct err *err)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char base[OPTION_MAX - 32];

	if (state && state[0])
		snprintf(base, sizeof base, "%s/assay", state);
	else
		snprintf(base, sizeof base, "%s/.local/state/assay", home ? home : "");
	set_default(options->state_dir, base, "/agent");
	set_default(options->token_file, base, "/agent.token");
	set_default(options->daemon, "http://127.0.0.1:7180", "");
	set_default(options->log_level, "info", "");
	set_default(options->sysfs, "/sys", "");
	set_default(options->dev, "/dev", "");
	set_default(options->types_dir, ASSAY_DATA_DIR "/board-types", "");
	if (make_absolute(options->types_dir, err) || make_absolute(options->state_dir, err))
		return (int)err->code;
	default_scripts_dir(options);
	default_vboard(options);
	if (make_absolute(options->scripts_dir, err) || make_absolute(options->vboard, err))
		return (int)err->code;
	return 0;
}

static int check_complete(const struct options *options, struct err *err)
{
	if (options->command == COMMAND_HELP || options->command == COMMAND_VERSION ||
	    options->command == COMMAND_CHECK)
		return 0;
	if ((options->force || options->probe) && options->command != COMMAND_SCAN)
		return err_set(err, ERR_INVALID, "--force and --probe go with scan (see --help)");
	if (options->script[0] && options->command != COMMAND_SIMULATE)
		return err_set(err, ERR_INVALID, "--script goes with --simulate N (see --help)");
	if (options->simulate[0] && (options->command != COMMAND_SIMULATE || options->rack[0]))
		return err_set(err, ERR_INVALID, "--simulate N is for serving, without --rack (see --help)");
	if (options->command == COMMAND_SIMULATE || options->command == COMMAND_SCAN)
		return 0;
	if (!options->rack[0])
		return err_set(err, ERR_INVALID, "--rack FILE is needed (see --help)");
	if (options->command == COMMAND_RUN && !options->image[0])
		return err_set(err, ERR_INVALID, "run needs --image FILE (see --help)");
	if (options->command == COMMAND_RUN && !options->board[0] == !options->type[0])
		return err_set(err, ERR_INVALID, "run needs either --board NAME or --type TYPE (see --help)");
	return 0;
}

int options_read(int argc, char **argv, struct options *ret_options, struct err *err)
{
	memset(ret_options, 0, sizeof *ret_options);
	if (read_arguments(argc, argv, ret_options, err) || read_config(ret_options, err) ||
	    fill_defaults(ret_options, err))
		return (int)err->code;
	return check_complete(ret_options, err);
}
