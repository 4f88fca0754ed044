/* SPDX-License-Identifier: Apache-2.0 */
/* Building the document tree from libyaml's events.
 *
 * All nodes and strings live in one arena that goes with the document. The tree is built by recursion over the event
 * stream, bounded by DOC_MAX_DEPTH; the first thing that cannot be parsed ends it. */
#include "core/base/doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

/* A chunk of memory; chunks form a chain that is freed as a whole. */
struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	max_align_t data[];
};

struct builder {
	yaml_parser_t parser;
	const char *text; /* being parsed */
	size_t len;
	struct arena_chunk *chunk;
	struct doc_problems *problems;
	size_t nodes; /* built so far */
	int rc;       /* the first failure */
};

static void *arena_alloc(struct builder *builder, size_t size)
{
	struct arena_chunk *chunk = builder->chunk;
	void *memory;

	size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
	if (!chunk || chunk->size - chunk->used < size) {
		size_t room = size > 16384 ? size : 16384;

		chunk = calloc(1, sizeof *chunk + room);
		if (!chunk) {
			builder->rc = ERR_NOMEM;
			return NULL;
		}
		chunk->size = room;
		chunk->next = builder->chunk;
		builder->chunk = chunk;
	}
	memory = (char *)chunk->data + chunk->used;
	chunk->used += size;
	return memory;
}

static char *arena_text(struct builder *builder, const char *text, size_t len)
{
	char *copy = arena_alloc(builder, len + 1);

	if (copy)
		memcpy(copy, text, len);
	return copy;
}

static void arena_free(struct arena_chunk *chunk)
{
	while (chunk) {
		struct arena_chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
}

static void refuse(struct builder *builder, size_t line, const char *field, const char *found, const char *expected)
{
	if (!builder->rc) {
		builder->rc = ERR_INVALID;
		doc_problem_add(builder->problems, (int)line + 1, field, found, "%s", expected);
	}
}

/* The line, from 0, of the byte at offset. */
static size_t line_at(const struct builder *builder, size_t offset)
{
	size_t line = 0;

	for (size_t i = 0; i < offset && i < builder->len; i++)
		line += builder->text[i] == '\n';
	return line;
}

/* The line, from 0, where libyaml stumbled. Of bytes it cannot read it gives the offset only, and of what is missing at
 * the end it may give a line that is not there. */
static size_t problem_line(const struct builder *builder)
{
	const yaml_parser_t *parser = &builder->parser;
	size_t line = parser->problem_mark.line ? parser->problem_mark.line : parser->context_mark.line;
	size_t last = builder->len ? line_at(builder, builder->len - 1) : 0;

	if (parser->error == YAML_READER_ERROR)
		return line_at(builder, parser->problem_offset);
	return line < last ? line : last;
}

static bool next_event(struct builder *builder, yaml_event_t *event)
{
	char found[160];

	if (yaml_parser_parse(&builder->parser, event))
		return true;
	snprintf(found, sizeof found, "what cannot be read (%s)",
		 builder->parser.problem ? builder->parser.problem : "bytes that are not UTF-8");
	refuse(builder, problem_line(builder), "", found, "well-formed YAML or JSON");
	return false;
}

static char *join_path(struct builder *builder, const char *parent, const char *key, size_t index)
{
	char path[256];

	if (key)
		snprintf(path, sizeof path, "%s%s%s", parent, parent[0] ? "." : "", key);
	else
		snprintf(path, sizeof path, "%s[%zu]", parent, index);
	return arena_text(builder, path, strlen(path));
}

static struct doc_node *build_node(struct builder *builder, yaml_event_t *event, const char *path, int depth);

static struct doc_node *new_node(struct builder *builder, enum doc_kind kind, const yaml_event_t *event,
				 const char *path)
{
	struct doc_node *node;

	if (builder->nodes++ >= DOC_MAX_NODES) {
		refuse(builder, event->start_mark.line, path, "a larger document", "at most 200000 values");
		return NULL;
	}
	node = arena_alloc(builder, sizeof *node);
	if (node) {
		node->kind = kind;
		node->line = (int)event->start_mark.line + 1;
		node->path = path;
	}
	return node;
}

static bool add_child(struct builder *builder, struct doc_node *node, struct doc_node *child)
{
	/* Capacity is the next power of two of count: grow when count reaches one. */
	if ((node->count & (node->count - 1)) == 0 || node->count == 0) {
		size_t capacity = node->count ? node->count * 2 : 1;
		struct doc_node **grown = arena_alloc(builder, capacity * sizeof(struct doc_node *));

		if (!grown)
			return false;
		if (node->count)
			memcpy(grown, node->child, node->count * sizeof(struct doc_node *));
		node->child = grown;
	}
	node->child[node->count++] = child;
	return true;
}

static struct doc_node *build_scalar(struct builder *builder, const yaml_event_t *event, const char *path)
{
	struct doc_node *node = new_node(builder, DOC_SCALAR, event, path);
	const char *value = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;

	if (!node)
		return NULL;
	if (memchr(value, '\0', len)) {
		refuse(builder, event->start_mark.line, path, "a NUL character", "text");
		return NULL;
	}
	node->text = arena_text(builder, value, len);
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return node->text ? node : NULL;
}

/* Builds children until the end event. Returns whether all went well. */
static bool build_sequence(struct builder *builder, struct doc_node *node, int depth)
{
	for (;;) {
		yaml_event_t event;
		struct doc_node *child;
		const char *path;
		bool end;

		if (!next_event(builder, &event))
			return false;
		end = event.type == YAML_SEQUENCE_END_EVENT;
		path = end ? NULL : join_path(builder, node->path, NULL, node->count);
		child = path ? build_node(builder, &event, path, depth + 1) : NULL;
		yaml_event_delete(&event);
		if (end)
			return true;
		if (!child || !add_child(builder, node, child))
			return false;
	}
}

static bool read_key(struct builder *builder, struct doc_node *node, const yaml_event_t *event, char **ret_key)
{
	const char *text;

	if (event->type != YAML_SCALAR_EVENT) {
		refuse(builder, event->start_mark.line, node->path, "a key that is no plain word", "a word as key");
		return false;
	}
	text = (const char *)event->data.scalar.value;
	if (strlen(text) != event->data.scalar.length) {
		refuse(builder, event->start_mark.line, node->path, "a NUL character", "a word as key");
		return false;
	}
	if (node->count >= DOC_MAX_KEYS) {
		refuse(builder, event->start_mark.line, node->path, "more keys", "at most 1000 keys in a mapping");
		return false;
	}
	if (doc_get(node, text)) {
		refuse(builder, event->start_mark.line, node->path, text, "each key once");
		return false;
	}
	*ret_key = arena_text(builder, text, strlen(text));
	return *ret_key != NULL;
}

static bool build_mapping(struct builder *builder, struct doc_node *node, int depth)
{
	for (;;) {
		yaml_event_t event;
		struct doc_node *child;
		const char *path;
		char *key = NULL;
		bool end, good;

		if (!next_event(builder, &event))
			return false;
		end = event.type == YAML_MAPPING_END_EVENT;
		good = end || read_key(builder, node, &event, &key);
		yaml_event_delete(&event);
		if (end || !good)
			return good;
		path = join_path(builder, node->path, key, 0);
		if (!path || !next_event(builder, &event))
			return false;
		child = build_node(builder, &event, path, depth + 1);
		yaml_event_delete(&event);
		if (!child || !add_child(builder, node, child))
			return false;
		child->key = key;
	}
}

static struct doc_node *build_node(struct builder *builder, yaml_event_t *event, const char *path, int depth)
{
	struct doc_node *node;

	if (depth > DOC_MAX_DEPTH) {
		refuse(builder, event->start_mark.line, path, "deeper nesting", "at most 32 levels");
		return NULL;
	}
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return build_scalar(builder, event, path);
	case YAML_SEQUENCE_START_EVENT:
		node = new_node(builder, DOC_SEQUENCE, event, path);
		return node && build_sequence(builder, node, depth) ? node : NULL;
	case YAML_MAPPING_START_EVENT:
		node = new_node(builder, DOC_MAPPING, event, path);
		return node && build_mapping(builder, node, depth) ? node : NULL;
	default:
		refuse(builder, event->start_mark.line, path, "an alias", "the value itself, written out");
		return NULL;
	}
}

/* Reads "stream start, document start" and leaves the first event of the content in *event. */
static bool open_content(struct builder *builder, yaml_event_t *event)
{
	if (!next_event(builder, event))
		return false;
	yaml_event_delete(event);
	if (!next_event(builder, event))
		return false;
	if (event->type == YAML_STREAM_END_EVENT) {
		yaml_event_delete(event);
		refuse(builder, 0, "", "an empty file", "a document");
		return false;
	}
	yaml_event_delete(event);
	return next_event(builder, event);
}

static void expect_end(struct builder *builder)
{
	yaml_event_t event;

	if (!next_event(builder, &event))
		return;
	yaml_event_delete(&event);
	if (!next_event(builder, &event))
		return;
	if (event.type != YAML_STREAM_END_EVENT)
		refuse(builder, event.start_mark.line, "", "a second document", "one document only");
	yaml_event_delete(&event);
}

static struct doc_node *build_document(struct builder *builder, const char *text, size_t len)
{
	struct doc_node *root;
	yaml_event_t event;

	yaml_parser_set_encoding(&builder->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&builder->parser, (const unsigned char *)text, len);
	if (!open_content(builder, &event))
		return NULL;
	root = build_node(builder, &event, "", 0);
	yaml_event_delete(&event);
	if (root)
		expect_end(builder);
	return builder->rc ? NULL : root;
}

int doc_parse(const char *file, const char *text, size_t len, struct doc **ret_doc, struct doc_problems *problems)
{
	struct builder builder = {.text = text, .len = len, .problems = problems};
	struct doc_node *root = NULL;
	struct doc *doc = NULL;

	if (len > DOC_MAX_BYTES) {
		doc_problem_add(problems, 1, "", "a file over 4 MiB", "at most 4 MiB");
		return ERR_INVALID;
	}
	if (!yaml_parser_initialize(&builder.parser))
		return ERR_NOMEM;
	doc = arena_alloc(&builder, sizeof *doc);
	if (doc)
		doc->file = arena_text(&builder, file, strlen(file));
	if (doc && doc->file)
		root = build_document(&builder, text, len);
	yaml_parser_delete(&builder.parser);
	if (!root) {
		arena_free(builder.chunk);
		return builder.rc ? builder.rc : ERR_NOMEM;
	}
	doc->root = root;
	doc->arena = builder.chunk;
	*ret_doc = doc;
	return 0;
}

void doc_destroy(struct doc *doc)
{
	if (doc)
		arena_free(doc->arena);
}
