/* SPDX-License-Identifier: Apache-2.0 */
/* assay submit: checks a job file here, brings its images to the farm, hands it in, and sees it through if asked. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/spec/spec.h"
#include "daemon/cli/api.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/files.h"
#include "daemon/cli/job_images.h"
#include "daemon/cli/job_wait.h"
#include "daemon/cli/text.h"

static const struct command_help help = {
	"submit JOB.yaml [--wait]",
	"Hands in a job file (\"-\": standard input; see assay-job(5)). Images it names are looked for beside it and\n"
	"brought to the farm when it lacks them. Mistakes are told with file and line.\n"
	"With --wait shows each run as it goes, then the verdicts, and exits with the job's: 0 passed, 1 failed,\n"
	"3 infrastructure or inconclusive, 4 cancelled. An interrupt (Ctrl-C) leaves the job to itself, status 130.\n",
	1,
	1,
};

/* A job on its way in. */
struct submission {
	struct cli *cli;
	const char *file;
	struct buf text;
	struct job_spec *spec;
	struct job_images images;
	struct doc_problems problems;
};

static void say_upload(void *context, const struct job_image *image)
{
	char bytes[32];

	(void)context;
	fprintf(stderr, "sending %s (%s)\n", image->written, text_bytes(image->size_bytes, bytes, sizeof bytes));
}

/* Reads and checks all that can be checked without the farm. Returns an exit status; 0 to go on. */
static int prepare(struct submission *submission)
{
	struct err err = {0};
	int code;

	if (files_read(submission->file, &submission->text, &err))
		return cli_usage("%s", err.text);
	doc_problems_init(&submission->problems, submission->file);
	code = job_spec_read(submission->file, buf_text(&submission->text), submission->text.len, NULL, NULL,
			     &submission->spec, &submission->problems);
	if (!code)
		code = job_images_find(submission->file, submission->spec, &submission->images, &submission->problems);
	if (code == ERR_NOMEM)
		return cli_fail(submission->cli, &(struct err){ERR_NOMEM, "out of memory"});
	return code ? files_print_problems(&submission->problems) : 0;
}

static int hand_in(const struct submission *submission, struct client *client, json_t **ret_answer, struct err *err)
{
	json_t *images = job_images_to_json(&submission->images), *body = NULL;
	int code;

	if (images)
		body = json_pack("{s:s, s:s%, s:O}", "file", submission->file, "text", buf_text(&submission->text),
				 submission->text.len, "images", images);
	code = body ? client_post(client, "/jobs", body, ret_answer, err)
		    : err_set(err, ERR_INVALID, "%s: names of files must be UTF-8", submission->file);
	json_decref(images);
	json_decref(body);
	return code;
}

/* Brings the job to the farm, at once: it mostly holds the images already. Where it does not take the job, that may be
 * for an image: the ones it lacks are brought, and then it has to say. Returns the job's number, or 0 with err. */
static int64_t send(struct submission *submission, json_t **ret_answer, struct err *err)
{
	struct client *client = cli_client(submission->cli, err);
	json_t *answer = NULL;
	int64_t job = 0;
	int code;

	if (!client)
		return 0;
	code = hand_in(submission, client, &answer, err);
	if (code == ERR_INVALID && submission->images.count) {
		code = job_images_upload(&submission->images, client, say_upload, NULL, err);
		if (!code)
			code = hand_in(submission, client, &answer, err);
	}
	if (!code)
		job = api_int(cli_object(answer, "job"), "id");
	if (answer && !job)
		err_set(err, ERR_PROTOCOL, "assayd took the job but gave it no number");
	*ret_answer = answer;
	return job;
}

static void say_submitted(struct cli *cli, const struct submission *submission, int64_t job)
{
	size_t runs = 0;

	for (size_t i = 0; i < submission->spec->run_count; i++)
		runs += submission->spec->runs[i].count;
	fprintf(cli->json ? stderr : stdout, "job %" PRId64 ": %zu run%s\n", job, runs, runs == 1 ? "" : "s");
	fflush(stdout);
}

static int submit(struct submission *submission, bool wait, bool cancel_on_interrupt)
{
	struct cli *cli = submission->cli;
	struct err err = {0};
	json_t *answer = NULL;
	int64_t job;
	int status = prepare(submission);

	if (status)
		return status;
	job = send(submission, &answer, &err);
	if (!job)
		status = cli_fail(cli, &err);
	else if (!wait && cli->json)
		status = cli_print_json(cli_object(answer, "job"));
	else
		say_submitted(cli, submission, job);
	if (job && wait)
		status = job_wait(cli, job, cancel_on_interrupt);
	json_decref(answer);
	return status;
}

int cmd_submit(struct cli *cli, int argc, char **argv)
{
	bool wait = false, cancel_on_interrupt = false;
	const struct option_row rows[] = {
		{"wait", 'w', NULL, "wait for the verdict, showing how it goes", OPTION_FLAG, &wait},
		{"cancel-on-interrupt", 0, NULL, "with --wait: an interrupt cancels the job", OPTION_FLAG,
		 &cancel_on_interrupt},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct submission *submission;
	struct operands operands;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	submission = calloc(1, sizeof *submission);
	if (!submission)
		return CLI_INFRASTRUCTURE;
	submission->cli = cli;
	submission->file = operands.word[0];
	buf_init(&submission->text, DOC_MAX_BYTES);
	status = submit(submission, wait, cancel_on_interrupt);
	job_images_finish(&submission->images);
	job_spec_destroy(submission->spec);
	buf_finish(&submission->text);
	free(submission);
	return status;
}
