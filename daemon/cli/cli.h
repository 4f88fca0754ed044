/* SPDX-License-Identifier: Apache-2.0 */
/* What every command of `assay` shares: the command table's row, exit statuses, and how a command finds the daemon,
 * prints and fails. */
#ifndef ASSAY_CLI_CLI_H
#define ASSAY_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "core/base/err.h"
#include "daemon/cli/address.h"
#include "daemon/cli/client.h"
#include "daemon/cli/options.h"
#include "daemon/cli/style.h"

/* The exit statuses, told apart by scripts. DETACHED is 128 + SIGINT, as a shell would say it: the verdict is not
 * known because nobody waited for it. */
#define CLI_EXITS(X)                                                                                                   \
	X(PASSED, 0, "done; with a verdict: passed")                                                                   \
	X(FAILED, 1, "failed: the firmware is to blame")                                                               \
	X(USAGE, 2, "bad usage or bad input")                                                                          \
	X(INFRASTRUCTURE, 3, "infrastructure, inconclusive, or the farm could not do it")                              \
	X(CANCELLED, 4, "cancelled")                                                                                   \
	X(UNREACHABLE, 5, "the daemon cannot be reached, or does not allow it")                                        \
	X(DETACHED, 130, "interrupted while waiting; the job goes on")

enum cli_exit {
#define X(name, status, text) CLI_##name = (status),
	CLI_EXITS(X)
#undef X
};

/* One invocation. In main's memory; client is made when a command first asks for it. */
struct cli {
	struct address_options address_options; /* borrowed from argv */
	struct address address;
	struct client *client;
	struct style style; /* of stdout */
	bool json;          /* --json: print what the API said instead of a table */
	bool no_colour;
};

/* A command: argv[0] is its name. Returns an exit status. `--help` is answered by cli_options. */
struct cli_command {
	const char *name;
	int (*run)(struct cli *cli, int argc, char **argv);
	const char *summary; /* one line, no full stop */
};

/* The table, ended by a row without a name. */
extern const struct cli_command cli_commands[];

/* Runs `assay argv…`; the whole program but for the process itself. */
int cli_main(int argc, char **argv);

/* Parses a command's options (rows ended by one without a name; NULL for none) together with the common ones, and
 * what is left over into the operands. Returns true to go on; false when the command is to return *ret_status at once
 * (help was printed, or the usage was wrong and that was said). */
bool cli_options(struct cli *cli, const struct command_help *help, const struct option_row *rows, int argc, char **argv,
		 struct operands *ret_operands, int *ret_status);

/* The connection to the daemon, found and made at first use; NULL with err. */
struct client *cli_client(struct cli *cli, struct err *err);

/* Says on stderr what went wrong, with the daemon's list of problems when it sent one, and gives the exit status that
 * fits. */
int cli_fail(struct cli *cli, const struct err *err);

/* The same for a mistake of the user's own: "assay: …" and status 2. */
int cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for words that fit none of the forms of a command's usage, which is told. */
int cli_usage_of(const struct command_help *help);

/* Asks the API and hands the JSON answer to the caller (json_decref). On failure says so and returns the exit status;
 * 0 when *ret_value was set. */
int cli_get(struct cli *cli, const char *path, json_t **ret_value);

/* Whether the farm has a "job" or "run" of that number: 0, or it has been said and this is the exit status. */
int cli_check(struct cli *cli, const char *kind, int64_t number);

/* The whole of a command that shows the "job" or "run" whose number is its operand: print gets the object, which stays
 * the caller's, and returns the exit status; with --json it is printed as the API gave it. */
int cli_show(struct cli *cli, const struct command_help *help, int argc, char **argv, const char *kind,
	     int (*print)(struct cli *cli, json_t *object));

/* Prints a value, indented, with a newline. Takes nothing over. */
int cli_print_json(const json_t *value);

/* Parses a job or run number (from 1); says what is wrong and returns false otherwise. */
bool cli_number(const char *text, const char *what, int64_t *ret_number);

/* The exit status for a job's or run's verdict word; NULL, "none" and unknown words are INFRASTRUCTURE. */
int cli_verdict_status(const char *verdict);

/* The list in an API answer that is either a bare array or an object with the array under key; NULL when there is
 * none. Borrowed. */
json_t *cli_list(const json_t *answer, const char *key);

/* The object in an API answer that is either bare or wrapped under key. Borrowed. */
json_t *cli_object(json_t *answer, const char *key);

#endif
