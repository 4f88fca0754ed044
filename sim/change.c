/* SPDX-License-Identifier: Apache-2.0 */
/* Sets values in a document that was read. */
#include "sim/change.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

#define PATH_MAX_BYTES 256

/* A value, and where it is new the mapping's longer list of children. */
struct change {
	struct list link;
	struct doc_node node;
	struct doc_node **child;
	char path[PATH_MAX_BYTES];
	char key[PATH_MAX_BYTES];
	char value[PATH_MAX_BYTES];
};

void changes_init(struct changes *changes)
{
	list_init(&changes->made);
}

void changes_finish(struct changes *changes)
{
	list_for_each_safe (link, &changes->made) {
		struct change *change = list_container(link, struct change, link);

		free(change->child);
		free(change);
	}
	list_init(&changes->made);
}

static struct doc_node *element(const struct doc_node *list, const char *word)
{
	char *end;
	size_t number;

	for (size_t i = 0; i < list->count; i++) {
		const struct doc_node *name = doc_get(list->child[i], "name");

		if (name && name->text && strcmp(name->text, word) == 0)
			return list->child[i];
	}
	number = strtoul(word, &end, 10);
	return *word && !*end && number < list->count ? list->child[number] : NULL;
}

static struct doc_node *step(const struct doc_node *node, const char *word)
{
	if (node->kind == DOC_SEQUENCE)
		return element(node, word);
	for (size_t i = 0; node->kind == DOC_MAPPING && i < node->count; i++)
		if (strcmp(node->child[i]->key, word) == 0)
			return node->child[i];
	return NULL;
}

/* A name may have dots: the longest word that leads on does. *rest becomes what follows it, "" at the end. */
static struct doc_node *step_longest(const struct doc_node *node, const char *path, const char **rest)
{
	char word[PATH_MAX_BYTES];
	size_t len = strlen(path);

	for (;;) {
		struct doc_node *found;

		memcpy(word, path, len);
		word[len] = '\0';
		found = step(node, word);
		if (found) {
			*rest = path[len] == '.' ? path + len + 1 : path + len;
			return found;
		}
		while (len > 0 && path[--len] != '.')
			;
		if (len == 0)
			return NULL;
	}
}

static void add_child(struct change *change, struct doc_node *mapping)
{
	change->node.kind = DOC_SCALAR;
	change->node.line = mapping->line;
	change->node.path = change->path;
	change->node.key = change->key;
	change->child = mem_alloc_array(mapping->count + 1, sizeof(struct doc_node *));
	if (mapping->count > 0)
		memcpy(change->child, mapping->child, mapping->count * sizeof(struct doc_node *));
	change->child[mapping->count++] = &change->node;
	mapping->child = change->child;
}

int changes_apply(struct changes *changes, struct doc *doc, const char *text, struct err *err)
{
	const char *equals = strchr(text, '=');
	struct doc_node *node = doc->root;
	struct change *change;
	const char *rest;

	if (!equals || equals == text || strlen(text) >= PATH_MAX_BYTES)
		return err_set(err, ERR_INVALID, "found \"%.100s\", expected PATH=VALUE", text);
	change = mem_alloc(sizeof(*change));
	list_append(&changes->made, &change->link);
	mem_text_into(change->path, sizeof(change->path), text);
	change->path[equals - text] = '\0';
	mem_text_into(change->value, sizeof(change->value), equals + 1);
	for (rest = change->path; *rest;) {
		struct doc_node *next = step_longest(node, rest, &rest);

		if (!next)
			break;
		node = next;
	}
	if (*rest && node->kind == DOC_MAPPING && !strchr(rest, '.')) {
		mem_text_into(change->key, sizeof(change->key), rest);
		add_child(change, node);
		node = &change->node;
	} else if (*rest || node->kind != DOC_SCALAR) {
		return err_set(err, ERR_INVALID, "%s: found nothing like it, expected a value of the file",
			       change->path);
	}
	node->text = change->value;
	node->plain = true;
	return 0;
}
