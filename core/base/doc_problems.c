/* SPDX-License-Identifier: Apache-2.0 */
/* The list of what is wrong with a document. */
#include <stdarg.h>
#include <stdio.h>

#include "core/base/doc.h"
#include "core/base/mem.h"

void doc_problems_init(struct doc_problems *problems, const char *file)
{
	problems->count = 0;
	mem_text_into(problems->file, sizeof problems->file, file);
}

void doc_problem_add(struct doc_problems *problems, int line, const char *field, const char *found,
		     const char *expected_format, ...)
{
	struct doc_problem *problem;
	char expected[sizeof problem->expected + 8]; /* more than is kept, so that the cut is between characters */
	va_list args;

	if (problems->count++ >= DOC_MAX_PROBLEMS)
		return;
	problem = &problems->item[problems->count - 1];
	problem->line = line;
	mem_text_into(problem->field, sizeof problem->field, field);
	mem_text_into(problem->found, sizeof problem->found, found);
	va_start(args, expected_format);
	vsnprintf(expected, sizeof expected, expected_format, args);
	va_end(args);
	mem_text_into(problem->expected, sizeof problem->expected, expected);
}

static int format_one(const struct doc_problems *problems, const struct doc_problem *problem, struct buf *out)
{
	int rc = 0;

	if (problems->file[0] && problem->line > 0)
		rc = buf_appendf(out, "%s:%d: ", problems->file, problem->line);
	else if (problems->file[0])
		rc = buf_appendf(out, "%s: ", problems->file);
	if (rc)
		return rc;
	return buf_appendf(out, "%s%sfound %s, expected %s", problem->field, problem->field[0] ? ": " : "",
			   problem->found, problem->expected);
}

int doc_problems_format(const struct doc_problems *problems, struct buf *out)
{
	size_t kept = problems->count < DOC_MAX_PROBLEMS ? problems->count : DOC_MAX_PROBLEMS;
	int rc = 0;

	for (size_t i = 0; i < kept && !rc; i++) {
		rc = format_one(problems, &problems->item[i], out);
		if (!rc)
			rc = buf_append_text(out, "\n");
	}
	if (!rc && problems->count > kept)
		rc = buf_appendf(out, "%s: and %zu more problems\n", problems->file, problems->count - kept);
	return rc;
}

int doc_problems_err(const struct doc_problems *problems, struct err *err)
{
	struct buf text;

	if (!problems->count)
		return 0;
	buf_init(&text, sizeof err->text);
	format_one(problems, &problems->item[0], &text);
	if (problems->count > 1)
		buf_appendf(&text, " (and %zu more)", problems->count - 1);
	err_set(err, ERR_INVALID, "%s", buf_text(&text));
	buf_finish(&text);
	return ERR_INVALID;
}
