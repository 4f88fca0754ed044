/* SPDX-License-Identifier: Apache-2.0 */
/* A golden image as it is given: a job file of one run on any board of a type, checked like any other. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/state_board.h"
#include "core/farm/state_image.h"
#include "core/farm/state_standard.h"
#include "core/farm/submit_private.h"

/* Any board of the type must be able to be checked by it. */
static void check_single(struct submit *s)
{
	const struct run_spec *run = &s->spec->runs[0];
	const struct job_when *when = &s->spec->when;

	if (s->spec->run_count != 1 || run->count != 1 || run->boards)
		doc_problem_add(s->problems, run->line, "runs", "several", "one run, of the golden image");
	else if (run->board[0])
		submit_problem(s, 0, "board", run->board, "a type: the golden image is for all boards of it");
	else if (run->tags[0] || run->site[0] || run->feature_count)
		submit_problem(s, 0, "tags", "tags, a site or features",
			       "none of them: the golden image is for all boards of the type");
	else if (when->not_before[0] || when->deadline[0] || when->window[0] || when->after_count)
		submit_problem(s, 0, "runs", "when it may start", "nothing of that: a board in doubt does not wait");
}

static void fill(const struct submit *s, struct golden_record *ret_record)
{
	const struct checked_run *checked = &s->checked[0];
	const char *image = s->spec->runs[0].image, *slash = strrchr(image, '/');
	json_t *spec = job_spec_to_json(s->spec);

	mem_text_into(ret_record->board_type, sizeof(ret_record->board_type), checked->pool->name);
	mem_text_into(ret_record->suite, sizeof(ret_record->suite), s->spec->suite);
	mem_text_into(ret_record->image.sha256, sizeof(ret_record->image.sha256), checked->sha256);
	mem_text_into(ret_record->image.build_id, sizeof(ret_record->image.build_id), checked->build_id);
	mem_text_into(ret_record->image.name, sizeof(ret_record->image.name), slash ? slash + 1 : image);
	ret_record->image.size_bytes = checked->image_bytes;
	ret_record->spec = json_compact(spec);
	json_decref(spec);
}

int submission_check_golden(struct farm *farm, const struct principal *who, const struct submission *submission,
			    struct golden_record *ret_record, struct doc_problems *problems, struct err *err)
{
	struct submit s = {.farm = farm, .who = who, .submission = submission, .problems = problems};
	int rc;

	doc_problems_init(problems, submission->file);
	if (!principal_may_submit(who))
		return err_set(err, ERR_DENIED, "a %s may not change golden images", role_name(who->role));
	if (farm_degraded(farm))
		return farm_refuse(farm, err);
	rc = job_spec_read(submission->file, submission->text, submission->len, suite_lookup, farm, &s.spec, problems);
	if (rc)
		return rc == ERR_INVALID ? doc_problems_err(problems, err)
					 : err_set(err, (enum err_code)rc, "%s", err_name((enum err_code)rc));
	s.checked = mem_alloc_array(s.spec->run_count, sizeof(*s.checked));
	check_single(&s);
	if (problems->count == 0)
		submit_check_run(&s, 0);
	if (problems->count == 0)
		fill(&s, ret_record);
	job_spec_destroy(s.spec);
	free(s.checked);
	return problems->count > 0 ? doc_problems_err(problems, err) : 0;
}
