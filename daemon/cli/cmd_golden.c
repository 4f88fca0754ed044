/* SPDX-License-Identifier: Apache-2.0 */
/* assay golden: the images that boards must pass to be known to work. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/spec/spec.h"
#include "daemon/cli/api.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/files.h"
#include "daemon/cli/job_images.h"
#include "daemon/cli/list_table.h"
#include "daemon/cli/text.h"

static const struct command_help help = {
	"golden list | set TYPE --image FILE --suite NAME | set --job FILE | remove TYPE",
	"The golden image of a board type: firmware that is known to be good. Your organisation's boards of the type "
	"run\n"
	"it, past the queue, before anything else whenever something casts doubt on them: they were brought up again,\n"
	"released from quarantine, in a person's hands, or nobody saw them work for long. Without one, that a board "
	"was\n"
	"brought up is taken for proof. --job takes a job file of one run instead.\n",
	1,
	2,
};

static void add_row(struct table *table, const json_t *golden)
{
	char scratch[64];

	table_cell(table, TONE_STRONG, api_text(golden, "board_type"));
	table_cell(table, TONE_PLAIN, api_text(golden, "image"));
	table_cellf(table, TONE_DIM, "%.12s", api_text(golden, "image_sha256"));
	table_cell(table, TONE_PLAIN, api_text(golden, "suite"));
	table_cell(table, TONE_DIM, api_text(golden, "set_by"));
	table_cell(table, TONE_DIM, text_ago(api_int(golden, "set_at_us"), text_now_us(), scratch, sizeof scratch));
}

static const char *const headings[] = {"TYPE", "IMAGE", "SHA-256", "SUITE", "BY", "SET", NULL};
static const struct list_table list = {"/golden", "golden", headings, add_row, "no golden images"};

/* The job of one run that they come to, in JSON, which is YAML too. */
static char *write_job(const char *type, const char *image, const char *suite)
{
	char name[101];
	json_t *job;
	char *text;

	snprintf(name, sizeof name, "golden image of %.60s", type);
	job = json_pack("{s:s, s:s, s:[{s:s, s:s}]}", "name", name, "suite", suite, "runs", "type", type, "image",
			image);
	text = job ? json_dumps(job, JSON_COMPACT) : NULL;
	json_decref(job);
	return text;
}

static int send(struct cli *cli, const char *file, const char *text, size_t len, const struct job_images *images)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	json_t *paths, *body, *answer = NULL;
	int status = CLI_PASSED;

	if (!client || job_images_upload(images, client, NULL, NULL, &err))
		return cli_fail(cli, &err);
	paths = job_images_to_json(images);
	body = paths ? json_pack("{s:s, s:s%, s:O}", "file", file, "text", text, len, "images", paths) : NULL;
	if (!body)
		status = cli_usage("%s: names of files must be UTF-8", file);
	else if (client_post(client, "/golden", body, &answer, &err))
		status = cli_fail(cli, &err);
	else if (cli->json)
		status = cli_print_json(answer);
	json_decref(paths);
	json_decref(body);
	json_decref(answer);
	return status;
}

static int set(struct cli *cli, const char *file, const char *text, size_t len)
{
	struct doc_problems *problems = calloc(1, sizeof *problems);
	struct job_images images = {0};
	struct job_spec *spec = NULL;
	int code, status;

	if (!problems)
		return CLI_INFRASTRUCTURE;
	doc_problems_init(problems, file);
	code = job_spec_read(file, text, len, NULL, NULL, &spec, problems);
	if (!code)
		code = job_images_find(file, spec, &images, problems);
	status = code ? files_print_problems(problems) : send(cli, file, text, len, &images);
	job_images_finish(&images);
	job_spec_destroy(spec);
	free(problems);
	return status;
}

static int set_image(struct cli *cli, const char *type, const char *image, const char *suite)
{
	char *text;
	int status;

	if (!image || !suite)
		return cli_usage("golden set needs --image and --suite, or --job");
	text = write_job(type, image, suite);
	if (!text)
		return cli_usage("type, image and suite must be UTF-8");
	status = set(cli, "golden.json", text, strlen(text));
	free(text);
	return status;
}

static int set_job(struct cli *cli, const char *file)
{
	struct err err = {0};
	struct buf text;
	int status;

	buf_init(&text, DOC_MAX_BYTES);
	if (files_read(file, &text, &err))
		status = cli_usage("%s", err.text);
	else
		status = set(cli, file, buf_text(&text), text.len);
	buf_finish(&text);
	return status;
}

static int remove_one(struct cli *cli, const char *type)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	json_t *answer = NULL;
	char path[512] = "/golden/";
	int status = CLI_PASSED;

	if (!client_append_escaped(path, sizeof path, type))
		return cli_usage("\"%s\" is too long for a board type's name", type);
	if (!client || client_delete(client, path, &answer, &err))
		return cli_fail(cli, &err);
	if (cli->json)
		status = cli_print_json(answer);
	json_decref(answer);
	return status;
}

int cmd_golden(struct cli *cli, int argc, char **argv)
{
	const char *image = NULL, *suite = NULL, *job = NULL;
	const struct option_row rows[] = {
		{"image", 'i', "FILE", "set: the firmware, or sha256:HEX of one that the farm holds", OPTION_TEXT,
		 &image},
		{"suite", 's', "NAME", "set: the suite it must pass", OPTION_TEXT, &suite},
		{"job", 0, "FILE", "set: a job file of one run of a type, instead", OPTION_TEXT, &job},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (operands.count == 1 && strcmp(operands.word[0], "list") == 0)
		return list_table_show(cli, &list);
	if (operands.count == 1 && strcmp(operands.word[0], "set") == 0 && job)
		return set_job(cli, job);
	if (operands.count == 2 && strcmp(operands.word[0], "set") == 0)
		return set_image(cli, operands.word[1], image, suite);
	if (operands.count == 2 && strcmp(operands.word[0], "remove") == 0)
		return remove_one(cli, operands.word[1]);
	return cli_usage_of(&help);
}
