/* SPDX-License-Identifier: Apache-2.0 */
/* Texts and names, as jobs and suites write them. */
#include "core/spec/spec_fields.h"

#include <stdio.h>
#include <string.h>

static bool has_control(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	}
	return false;
}

bool spec_read_text(const struct doc_node *node, const char *key, bool required, char *target, size_t size,
		    struct doc_problems *problems)
{
	const struct doc_node *child = doc_get(node, key);
	const char *text;

	if (!doc_read_text(node, key, required, size - 1, &text, problems))
		return false;
	if (has_control(text)) {
		doc_problem_add(problems, child->line, child->path, "a control character", "one line of text");
		return false;
	}
	snprintf(target, size, "%s", text);
	return true;
}

bool spec_read_name(const struct doc_node *node, const char *key, bool required, char *target, size_t size,
		    struct doc_problems *problems)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	const struct doc_node *child = doc_get(node, key);
	const char *text;

	if (!doc_read_text(node, key, required, size - 1, &text, problems))
		return false;
	if (text[strspn(text, letters)] || strchr("._-", text[0])) {
		doc_problem_add(problems, child->line, child->path, text,
				"a name of letters, digits, '.', '_' and '-' that begins with a letter or digit");
		return false;
	}
	snprintf(target, size, "%s", text);
	return true;
}
