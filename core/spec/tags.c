/* SPDX-License-Identifier: Apache-2.0 */
/* Words with a space between them. */
#include "core/spec/tags.h"

#include <stdio.h>
#include <string.h>

bool tag_valid(const char *tag)
{
	size_t len = strlen(tag);

	return len > 0 && len < TAG_SIZE && strspn(tag, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == len;
}

const char *tags_next(const char *at, char ret_tag[TAG_SIZE])
{
	size_t len = strcspn(at, " ");

	if (len == 0 || len >= TAG_SIZE)
		return NULL;
	memcpy(ret_tag, at, len);
	ret_tag[len] = '\0';
	return at[len] ? at + len + 1 : at + len;
}

bool tags_add(char tags[TAGS_SIZE], const char *tag)
{
	const char *at = tags;
	char other[TAG_SIZE];
	size_t count = 0, used = strlen(tags);

	if (!tag_valid(tag))
		return false;
	while ((at = tags_next(at, other))) {
		if (strcmp(other, tag) == 0)
			return true;
		count++;
	}
	if (count == TAGS_MAX)
		return false;
	(void)snprintf(tags + used, TAGS_SIZE - used, "%s%s", used ? " " : "", tag);
	return true;
}

void tags_read(const struct doc_node *mapping, char ret_tags[TAGS_SIZE], struct doc_problems *problems)
{
	const struct doc_node *list = doc_read_sequence(mapping, "tags", false, TAGS_MAX, problems);
	const char *tag;

	for (size_t i = 0; list && i < list->count; i++) {
		if (doc_node_text(list->child[i], TAG_SIZE - 1, &tag, problems) && !tags_add(ret_tags, tag))
			doc_problem_add(problems, list->child[i]->line, list->child[i]->path, tag,
					"lower-case letters, digits, '-', '_' and '.'");
	}
}

json_t *tags_to_json(const char *tags)
{
	json_t *list = json_array();
	char tag[TAG_SIZE];

	while ((tags = tags_next(tags, tag)))
		json_push(&list, json_string(tag));
	return list;
}

bool tags_from_json(const json_t *list, char ret_tags[TAGS_SIZE])
{
	char tags[TAGS_SIZE] = "";
	const json_t *tag;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > TAGS_MAX)
		return false;
	json_array_foreach(list, i, tag)
	{
		if (!json_is_string(tag) || !tags_add(tags, json_string_value(tag)))
			return false;
	}
	memcpy(ret_tags, tags, sizeof(tags));
	return true;
}
