/* SPDX-License-Identifier: Apache-2.0 */
/* Asking for a lease, and listing them. */
#include "daemon/cli/lease_wish.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/spec/tags.h"
#include "daemon/cli/api.h"
#include "daemon/cli/job_images.h"
#include "daemon/cli/list_table.h"
#include "daemon/cli/table.h"
#include "daemon/cli/text.h"

int lease_wish_length(const char *name, const char *text, int64_t *ret_ms)
{
	if (!text || doc_duration_ms(text, ret_ms))
		return 0;
	return cli_usage("--%s: found \"%s\", expected a duration such as 90s, 30m or 2h", name, text);
}

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

/* Says so when the farm has no board of that name either. */
static int check_board(struct cli *cli, const char *name)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	json_t *answer = NULL;
	char path[400] = "/boards/";
	int status = 0;

	if (!client_append_escaped(path, sizeof path, name))
		return cli_usage("\"%.40s...\" is too long for a name", name);
	if (!client || client_get(client, path, &answer, &err))
		status =
			err.code == ERR_NOT_FOUND
				? cli_usage(
					  "\"%s\" is no board type and no board of the farm; `assay boards` lists both",
					  name)
				: cli_fail(cli, &err);
	json_decref(answer);
	return status;
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

int lease_wish_body(struct cli *cli, const char *name, const struct lease_wish_options *options, json_t *body)
{
	int64_t for_ms = 3600000, grace_ms = -1;
	bool type;
	int status = lease_wish_length("for", options->length, &for_ms);

	if (!status)
		status = lease_wish_length("grace", options->grace, &grace_ms);
	if (!status)
		status = is_type(cli, name, &type);
	if (!status && !type)
		status = check_board(cli, name);
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

static void add_row(struct table *table, const json_t *lease)
{
	int64_t now_us = text_now_us(), until_us = api_int(lease, "until_us");
	const char *board = api_text(lease, "board");
	char scratch[64];

	table_cellf(table, TONE_STRONG, "%" PRId64, api_int(lease, "id"));
	table_word(table, api_text(lease, "state"));
	if (!board[0])
		board = api_text(lease, "wanted_board");
	table_cell(table, TONE_PLAIN, board[0] ? board : api_text(lease, "board_type"));
	table_cell(table, TONE_PLAIN, api_text(lease, "holder"));
	table_cell(table, TONE_DIM, text_time(api_int(lease, "from_us"), now_us, scratch, sizeof scratch));
	table_cell(table, TONE_DIM, text_time(until_us, now_us, scratch, sizeof scratch));
	table_cell(table, TONE_DIM, until_us ? text_duration(until_us - now_us, scratch, sizeof scratch) : "");
	table_cell(table, TONE_PLAIN, api_text(lease, "why"));
}

int lease_list(struct cli *cli)
{
	static const char *const headings[] = {">LEASE", "STATE", "BOARD", "HOLDER", "FROM",
					       "UNTIL",  ">LEFT", "WHY",   NULL};

	return list_table_show(cli, &(struct list_table){.path = "/leases",
							 .key = "leases",
							 .headings = headings,
							 .add_row = add_row,
							 .none = "no leases"});
}
