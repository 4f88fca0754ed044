/* SPDX-License-Identifier: Apache-2.0 */
/* assay lease: a board for oneself, for a time. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/spec/tags.h"
#include "daemon/cli/api.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/job_images.h"
#include "daemon/cli/lease_session.h"
#include "daemon/cli/list_table.h"
#include "daemon/cli/table.h"
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
	const char *length, *tags, *image, *why, *grace;
	int64_t priority;
	bool detached, console_port_given;
	struct lease_wishes session;
};

/* Returns an exit status; 0 to go on. */
static int read_length(const char *name, const char *text, int64_t *ret_ms)
{
	if (!text || doc_duration_ms(text, ret_ms))
		return 0;
	return cli_usage("--%s: found \"%s\", expected a duration such as 90s, 30m or 2h", name, text);
}

/* --- asking for one --- */

/* The farm's types and boards have names of their own; a type is meant where both have it. */
static int is_type(struct cli *cli, const char *name, bool *ret_is)
{
	const json_t *type;
	json_t *answer;
	size_t i;
	int status = cli_get(cli, "/board-types", &answer);

	if (status)
		return status;
	*ret_is = false;
	json_array_foreach(cli_list(answer, "board_types"), i, type) *ret_is =
		*ret_is || strcmp(api_text(type, "type"), name) == 0;
	json_decref(answer);
	return 0;
}

/* Brings the image to the farm; adds its hash and name to the body. */
static int add_image(struct cli *cli, const char *file, json_t *body)
{
	struct job_spec *spec = calloc(1, sizeof *spec);
	struct run_spec *run = calloc(1, sizeof *run);
	struct doc_problems *problems = calloc(1, sizeof *problems);
	struct job_images images = {0};
	struct err err = {0};
	int code = ERR_NOMEM;

	if (spec && run && problems && strlen(file) < sizeof run->image) {
		spec->runs = run;
		spec->run_count = 1;
		snprintf(run->image, sizeof run->image, "%s", file);
		doc_problems_init(problems, "");
		code = job_images_find("lease", spec, &images, problems);
		if (code == ERR_INVALID)
			err_set(&err, ERR_INVALID, "--image: %s: found %s, expected %s", file, problems->item[0].found,
				"a firmware file");
		if (!code)
			code = job_images_upload(&images, cli->client, NULL, NULL, &err);
	}
	if (!code &&
	    (json_object_set_new(body, "image", json_string(images.image[0].sha256)) ||
	     json_object_set_new(body, "image_name", json_string(strrchr(file, '/') ? strrchr(file, '/') + 1 : file))))
		code = err_set(&err, ERR_INVALID, "%s: names of files must be UTF-8", file);
	job_images_finish(&images);
	free(problems);
	free(run);
	free(spec);
	return code ? cli_fail(cli, &err) : 0;
}

/* "a,b" as a list. */
static int add_tags(const char *text, json_t *body)
{
	char tags[TAGS_SIZE] = "", copy[TAGS_SIZE];
	char *at = copy, *tag;

	snprintf(copy, sizeof copy, "%s", text);
	while ((tag = strsep(&at, ","))) {
		if (!tags_add(tags, tag))
			return cli_usage(
				"--tags: found \"%s\", expected at most %d tags of lower-case letters, digits, "
				"'-', '_' and '.'",
				tag, TAGS_MAX);
	}
	return json_object_set_new(body, "tags", tags_to_json(tags)) ? CLI_INFRASTRUCTURE : 0;
}

static int write_body(struct cli *cli, const char *name, const struct options *options, json_t *body)
{
	int64_t for_ms = 3600000, grace_ms = -1;
	bool type;
	int status = read_length("for", options->length, &for_ms);

	if (!status)
		status = read_length("grace", options->grace, &grace_ms);
	if (!status)
		status = is_type(cli, name, &type);
	if (status)
		return status;
	json_object_set_new(body, type ? "type" : "board", json_string(name));
	json_object_set_new(body, "for_ms", json_integer(for_ms));
	if (options->detached || grace_ms >= 0)
		json_object_set_new(body, "grace_ms", json_integer(options->detached ? 0 : grace_ms));
	if (options->priority >= 0)
		json_object_set_new(body, "priority", json_integer(options->priority));
	if (options->why && json_object_set_new(body, "why", json_string(options->why)))
		return cli_usage("--why must be UTF-8");
	if (options->tags)
		status = add_tags(options->tags, body);
	if (!status && options->image)
		status = add_image(cli, options->image, body);
	return status;
}

static int lease_board(struct cli *cli, const char *name, struct options *options)
{
	struct err err = {0};
	json_t *body = json_object(), *answer = NULL;
	int64_t lease = 0;
	int status = cli_client(cli, &err) ? write_body(cli, name, options, body) : cli_fail(cli, &err);

	if (!status && client_post(cli->client, "/leases", body, &answer, &err))
		status = cli_fail(cli, &err);
	else if (!status)
		lease = api_int(cli_object(answer, "lease"), "id");
	if (lease && options->detached) {
		if (cli->json)
			status = cli_print_json(answer);
		else
			printf("lease %" PRId64 "; `assay lease attach %" PRId64 "` comes to it\n", lease, lease);
	}
	json_decref(body);
	json_decref(answer);
	if (status || !lease || options->detached)
		return status;
	options->session.give_back = true;
	return lease_session(cli, lease, &options->session);
}

/* --- about those that are there --- */

static void add_row(struct table *table, const json_t *lease)
{
	int64_t now_us = text_now_us(), until_us = api_int(lease, "until_us");
	const char *board = api_text(lease, "board");
	char scratch[64];

	table_cellf(table, TONE_STRONG, "%" PRId64, api_int(lease, "id"));
	table_word(table, api_text(lease, "state"));
	table_cell(table, TONE_PLAIN, board[0] ? board : api_text(lease, "board_type"));
	table_cell(table, TONE_PLAIN, api_text(lease, "holder"));
	table_cell(table, TONE_DIM, text_time(until_us, now_us, scratch, sizeof scratch));
	table_cell(table, TONE_DIM, until_us ? text_duration(until_us - now_us, scratch, sizeof scratch) : "");
	table_cell(table, TONE_PLAIN, api_text(lease, "why"));
}

static int list_leases(struct cli *cli)
{
	static const char *const headings[] = {">LEASE", "STATE", "BOARD", "HOLDER", "UNTIL", ">LEFT", "WHY", NULL};

	return list_table_show(cli, &(struct list_table){.path = "/leases",
							 .key = "leases",
							 .headings = headings,
							 .add_row = add_row,
							 .none = "no leases"});
}

static int print_lease(struct cli *cli, json_t *answer, const char *what)
{
	const json_t *lease = cli_object(answer, "lease");
	int64_t until_us = api_int(lease, "until_us");
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

	if (!options->length)
		return cli_usage("extend needs --for, how much longer");
	if (read_length("for", options->length, &for_ms))
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
		return list_leases(cli);
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
	return cli_usage("usage: assay %s", help.usage);
}

int cmd_lease(struct cli *cli, int argc, char **argv)
{
	struct options options = {.priority = -1, .session = {.console_port = -1}};
	const struct option_row rows[] = {
		{"for", 'f', "TIME", "how long (default 1h), or with extend how much longer", OPTION_TEXT,
		 &options.length},
		{"tags", 0, "TAGS", "only a board that has all of these: a,b", OPTION_TEXT, &options.tags},
		{"image", 'i', "FILE", "flashed first (default: the board keeps what it has)", OPTION_TEXT,
		 &options.image},
		{"why", 0, "TEXT", "what for, for others to see", OPTION_TEXT, &options.why},
		{"priority", 0, "N", "0 (patient) to 100 (urgent), default 70", OPTION_NUMBER, &options.priority},
		{"grace", 0, "TIME", "how long it goes on without a client (default: the farm's)", OPTION_TEXT,
		 &options.grace},
		{"detached", 'd', NULL, "it needs no client: only ask for it", OPTION_FLAG, &options.detached},
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
