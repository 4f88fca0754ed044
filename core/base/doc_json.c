/* SPDX-License-Identifier: Apache-2.0 */
/* Between documents and JSON values. */
#include "core/base/doc_json.h"

int doc_from_json(const json_t *value, struct doc **ret_doc, struct doc_problems *problems)
{
	struct buf text;
	int rc;

	buf_init(&text, DOC_MAX_BYTES);
	rc = json_write(value, &text);
	if (rc == ERR_TOO_BIG) {
		doc_problem_add(problems, 1, "", "a larger value", "at most 4 MiB");
		rc = ERR_INVALID;
	}
	if (!rc)
		rc = doc_parse("", buf_text(&text), text.len, ret_doc, problems);
	buf_finish(&text);
	return rc;
}

int doc_read_json(const json_t *value, doc_reader_fn read, void *target, struct err *err)
{
	struct doc_problems problems;
	struct doc *doc = NULL;
	int rc;

	doc_problems_init(&problems, "");
	rc = doc_from_json(value, &doc, &problems);
	if (!rc)
		rc = read(doc->root, target, &problems);
	doc_destroy(doc);
	if (rc == ERR_NOMEM)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (rc && !problems.count)
		return err_set(err, ERR_INVALID, "found something else than what is read here");
	return doc_problems_err(&problems, err);
}

json_t *doc_problems_to_json(const struct doc_problems *problems)
{
	size_t kept = problems->count < DOC_MAX_PROBLEMS ? problems->count : DOC_MAX_PROBLEMS;
	json_t *list = json_array();

	for (size_t i = 0; list && i < kept; i++) {
		const struct doc_problem *problem = &problems->item[i];
		json_t *entry =
			json_pack("{s:o, s:i, s:o, s:o, s:o}", "file", json_text(problems->file, sizeof problems->file),
				  "line", problem->line, "field", json_text(problem->field, sizeof problem->field),
				  "found", json_text(problem->found, sizeof problem->found), "expected",
				  json_text(problem->expected, sizeof problem->expected));

		if (!entry || json_array_append_new(list, entry)) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}
