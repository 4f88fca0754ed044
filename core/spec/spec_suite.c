/* SPDX-License-Identifier: Apache-2.0 */
/* Named suites: reading a suite file. */
#include "core/spec/spec_fields.h"

static int read_suite(const struct doc_node *root, struct suite *ret_suite, struct doc_problems *problems)
{
	static const char *const known[] = {"name", "version", "stage", "require", "end", NULL};
	struct suite suite = {.end = END_RULE_DEFAULT};
	const struct doc_node *require, *end;
	size_t before = problems->count;
	int rc = 0;

	requirements_init(&suite.require);
	doc_refuse_unknown(root, known, problems);
	if (root->kind != DOC_MAPPING)
		return ERR_INVALID;
	spec_read_name(root, "name", true, suite.name, sizeof suite.name, problems);
	spec_read_text(root, "version", true, suite.version, sizeof suite.version, problems);
	end = doc_read_mapping(root, "end", false, problems);
	if (end)
		end_rule_read(end, &suite.end, problems);
	require = doc_read_mapping(root, "require", true, problems);
	if (require)
		rc = requirements_read(require, &suite.require, problems);
	if (require && !rc) {
		spec_read_stage(root, &suite.require.stage, NULL, problems);
		requirements_settle(&suite.require, &suite.end);
		if (suite.end.when == END_REQUIRED && !requirements_any(&suite.require))
			requirements_tell_nothing(require, problems);
	}
	if (rc || problems->count > before) {
		requirements_finish(&suite.require);
		return rc ? rc : ERR_INVALID;
	}
	*ret_suite = suite;
	return 0;
}

int suite_read(const char *file, const char *text, size_t len, struct suite *ret_suite, struct doc_problems *problems)
{
	struct doc *doc;
	int rc = doc_parse(file, text, len, &doc, problems);

	if (rc)
		return rc;
	rc = read_suite(doc->root, ret_suite, problems);
	doc_destroy(doc);
	return rc;
}

void suite_finish(struct suite *suite)
{
	requirements_finish(&suite->require);
}
