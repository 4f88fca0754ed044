/* SPDX-License-Identifier: Apache-2.0 */
/* assay lease: a board for oneself, for a time. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/cli/api.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/lease_session.h"
#include "daemon/cli/lease_wish.h"
#include "daemon/cli/text.h"

static const struct command_help help = {
	"lease TYPE|BOARD | list | extend N | hand-over N MEMBER | end N | attach N",
	"Gets a board for oneself: waits for its turn, then gives a port for gdb, and makes this terminal the board's\n"
	"console until it is left (~. at the beginning of a line, or an interrupt), which gives the board back, or "
	"the\n"
	"time is over. A lease whose client is gone for --grace ends by itself.\n"
	"list shows open leases; extend makes one longer by --for; hand-over gives it to another member of the\n"
	"organisation; end gives it back; attach comes back to one, or comes to it a second time.\n",
	1,
	3,
};

struct options {
	struct lease_wish_options wish;
	struct lease_wishes session;
};

/* --- asking for one --- */

static int lease_board(struct cli *cli, const char *name, struct options *options)
{
	struct err err = {0};
	json_t *body = json_object(), *answer = NULL;
	int64_t lease = 0;
	int status = cli_client(cli, &err) ? lease_wish_body(cli, name, &options->wish, body) : cli_fail(cli, &err);

	if (!status && client_post(cli->client, "/leases", body, &answer, &err))
		status = cli_fail(cli, &err);
	else if (!status)
		lease = api_int(cli_object(answer, "lease"), "id");
	if (lease && options->wish.detached) {
		if (cli->json)
			status = cli_print_json(answer);
		else
			printf("lease %" PRId64 "; `assay lease attach %" PRId64 "` comes to it\n", lease, lease);
	}
	json_decref(body);
	json_decref(answer);
	if (status || !lease || options->wish.detached)
		return status;
	options->session.give_back = true;
	return lease_session(cli, lease, &options->session);
}

/* --- about those that are there --- */

static int print_lease(struct cli *cli, json_t *answer, const char *what)
{
	const json_t *lease = cli_object(answer, "lease");
	bool open = strcmp(api_text(lease, "state"), "ending") != 0 && strcmp(api_text(lease, "state"), "ended") != 0;
	int64_t until_us = open ? api_int(lease, "until_us") : 0;
	char until[32];

	if (cli->json)
		return cli_print_json(answer);
	printf("lease %" PRId64 " %s%s%s\n", api_int(lease, "id"), what, until_us ? ", until " : "",
	       text_time(until_us, text_now_us(), until, sizeof until));
	return CLI_PASSED;
}

static int change(struct cli *cli, int64_t lease, const char *verb, json_t *body, const char *what)
{
	struct client *client;
	struct err err = {0};
	json_t *answer = NULL;
	char path[64];
	int status;

	snprintf(path, sizeof path, "/leases/%" PRId64 "%s%s", lease, verb[0] ? "/" : "", verb);
	client = cli_client(cli, &err);
	if (!client ||
	    (verb[0] ? client_post(client, path, body, &answer, &err) : client_delete(client, path, &answer, &err)))
		status = cli_fail(cli, &err);
	else
		status = print_lease(cli, answer, what);
	json_decref(body);
	json_decref(answer);
	return status;
}

static int extend(struct cli *cli, int64_t lease, const struct options *options)
{
	int64_t for_ms = 0;

	if (!options->wish.length)
		return cli_usage("extend needs --for, how much longer");
	if (lease_wish_length("for", options->wish.length, &for_ms))
		return CLI_USAGE;
	return change(cli, lease, "extend", json_pack("{s:I}", "for_ms", (json_int_t)for_ms), "is longer");
}

static int hand_over(struct cli *cli, int64_t lease, const char *member)
{
	char what[100];

	snprintf(what, sizeof what, "is %.64s's", member);
	return change(cli, lease, "hand-over", json_pack("{s:s}", "to", member), what);
}

static int dispatch(struct cli *cli, const struct operands *operands, struct options *options)
{
	const char *verb = operands->word[0];
	int64_t lease = 0;

	if (operands->count == 1 && strcmp(verb, "list") == 0)
		return lease_list(cli);
	if (operands->count == 1)
		return lease_board(cli, verb, options);
	if (!cli_number(operands->word[1], "lease", &lease))
		return CLI_USAGE;
	if (operands->count == 2 && strcmp(verb, "extend") == 0)
		return extend(cli, lease, options);
	if (operands->count == 3 && strcmp(verb, "hand-over") == 0)
		return hand_over(cli, lease, operands->word[2]);
	if (operands->count == 2 && strcmp(verb, "end") == 0)
		return change(cli, lease, "", NULL, "is given back");
	if (operands->count == 2 && strcmp(verb, "attach") == 0)
		return lease_session(cli, lease, &options->session);
	return cli_usage_of(&help);
}

int cmd_lease(struct cli *cli, int argc, char **argv)
{
	struct options options = {.wish = {.priority = -1}, .session = {.console_port = -1}};
	const struct option_row rows[] = {
		{"for", 'f', "TIME", "how long (default 1h), or with extend how much longer", OPTION_TEXT,
		 &options.wish.length},
		{"tags", 0, "TAGS", "only a board that has all of these: a,b", OPTION_TEXT, &options.wish.tags},
		{"image", 'i', "FILE", "flashed first (default: the board keeps what it has)", OPTION_TEXT,
		 &options.wish.image},
		{"why", 0, "TEXT", "what for, for others to see", OPTION_TEXT, &options.wish.why},
		{"priority", 0, "N", "0 (patient) to 100 (urgent), default 70", OPTION_NUMBER, &options.wish.priority},
		{"grace", 0, "TIME", "how long it goes on without a client (default: the farm's)", OPTION_TEXT,
		 &options.wish.grace},
		{"detached", 'd', NULL, "it needs no client: only ask for it", OPTION_FLAG, &options.wish.detached},
		{"gdb-port", 0, "PORT", "where gdb finds the board (default: any free port)", OPTION_NUMBER,
		 &options.session.gdb_port},
		{"console-port", 0, "PORT", "the console at a port (0: any free one) instead of in this terminal",
		 OPTION_NUMBER, &options.session.console_port},
		{"no-console", 0, NULL, "no console in this terminal", OPTION_FLAG, &options.session.no_console},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (options.session.gdb_port > 65535 || options.session.console_port > 65535)
		return cli_usage("a port is 0 to 65535");
	options.session.listen_console = options.session.console_port >= 0;
	options.session.no_console = options.session.no_console || cli->json;
	return dispatch(cli, &operands, &options);
}
