/* SPDX-License-Identifier: Apache-2.0 */
/* Readers that turn nodes of a document into values, or into problems that a person can act on. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"

#define DESCRIBED_MAX 80 /* bytes of a value that are shown */

const char *doc_describe(const struct doc_node *node, char *scratch, size_t size)
{
	size_t len;

	if (!node)
		return "nothing";
	if (node->kind == DOC_MAPPING)
		return "a mapping";
	if (node->kind == DOC_SEQUENCE)
		return "a list";
	if (node->plain && node->text[0] == '\0')
		return "nothing";
	len = strlen(node->text);
	if (len <= DESCRIBED_MAX) {
		snprintf(scratch, size, "\"%s\"", node->text);
		return scratch;
	}
	len = DESCRIBED_MAX;
	while ((node->text[len] & 0xc0) == 0x80)
		len--;
	snprintf(scratch, size, "\"%.*s…\"", (int)len, node->text);
	return scratch;
}

const struct doc_node *doc_get(const struct doc_node *mapping, const char *key)
{
	if (!mapping || mapping->kind != DOC_MAPPING)
		return NULL;
	for (size_t i = 0; i < mapping->count; i++) {
		if (strcmp(mapping->child[i]->key, key) == 0)
			return mapping->child[i];
	}
	return NULL;
}

static void complain(struct doc_problems *problems, const struct doc_node *node, const char *expected)
{
	char scratch[100];

	doc_problem_add(problems, node->line, node->path, doc_describe(node, scratch, sizeof scratch), "%s", expected);
}

/* The child under key; when it is missing and required, the problem is told at the mapping's line. */
static const struct doc_node *lookup(const struct doc_node *mapping, const char *key, bool required,
				     const char *expected, struct doc_problems *problems)
{
	const struct doc_node *node = doc_get(mapping, key);
	char field[240];

	if (node && node->kind == DOC_SCALAR && node->plain &&
	    (strcmp(node->text, "null") == 0 || strcmp(node->text, "~") == 0))
		node = NULL;
	if (!node && required) {
		snprintf(field, sizeof field, "%s%s%s", mapping ? mapping->path : "",
			 mapping && mapping->path[0] ? "." : "", key);
		doc_problem_add(problems, mapping ? mapping->line : 1, field, "nothing", "%s", expected);
	}
	return node;
}

bool doc_node_text(const struct doc_node *node, size_t max_len, const char **ret_text, struct doc_problems *problems)
{
	char expected[80];

	snprintf(expected, sizeof expected, "text of 1 to %zu bytes", max_len);
	if (node->kind != DOC_SCALAR || node->text[0] == '\0' || strlen(node->text) > max_len) {
		complain(problems, node, expected);
		return false;
	}
	*ret_text = node->text;
	return true;
}

bool doc_read_text(const struct doc_node *mapping, const char *key, bool required, size_t max_len,
		   const char **ret_text, struct doc_problems *problems)
{
	const struct doc_node *node = lookup(mapping, key, required, "text", problems);

	return node && doc_node_text(node, max_len, ret_text, problems);
}

/* Parses a whole number with an optional K or M (1024) suffix. */
static bool parse_int(const char *text, int64_t *ret_value)
{
	long long value, scale = 1;
	char *end;

	errno = 0;
	value = strtoll(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
	if (end == text || errno)
		return false;
	if (*end == 'K')
		scale = 1024;
	else if (*end == 'M')
		scale = 1024 * 1024;
	if (scale > 1)
		end++;
	if (*end || __builtin_mul_overflow(value, scale, &value))
		return false;
	*ret_value = value;
	return true;
}

bool doc_read_int(const struct doc_node *mapping, const char *key, bool required, int64_t min, int64_t max,
		  int64_t *ret_value, struct doc_problems *problems)
{
	const struct doc_node *node = lookup(mapping, key, required, "a whole number", problems);
	char expected[100];
	int64_t value = 0;

	if (!node)
		return false;
	if (node->kind != DOC_SCALAR || !node->plain || !parse_int(node->text, &value)) {
		complain(problems, node, "a whole number");
		return false;
	}
	if (value < min || value > max) {
		snprintf(expected, sizeof expected, "%lld to %lld", (long long)min, (long long)max);
		complain(problems, node, expected);
		return false;
	}
	*ret_value = value;
	return true;
}

bool doc_read_number(const struct doc_node *mapping, const char *key, bool required, double *ret_value,
		     struct doc_problems *problems)
{
	const struct doc_node *node = lookup(mapping, key, required, "a number", problems);
	double value = 0;
	char *end;

	if (!node)
		return false;
	if (node->kind == DOC_SCALAR && node->plain && node->text[0] &&
	    !node->text[strspn(node->text, "0123456789+-.eE")]) {
		value = strtod(node->text, &end);
		if (end != node->text && !*end && isfinite(value)) {
			*ret_value = value;
			return true;
		}
	}
	complain(problems, node, "a number");
	return false;
}

bool doc_read_bool(const struct doc_node *mapping, const char *key, bool required, bool *ret_value,
		   struct doc_problems *problems)
{
	static const char *const words[] = {"false", "no", "true", "yes"};
	const struct doc_node *node = lookup(mapping, key, required, "true or false", problems);

	if (!node)
		return false;
	for (size_t i = 0; node->kind == DOC_SCALAR && node->plain && i < 4; i++) {
		if (strcmp(node->text, words[i]) == 0) {
			*ret_value = i >= 2;
			return true;
		}
	}
	complain(problems, node, "true or false");
	return false;
}

/* "one of a, b, c", cut with … when it would not fit. */
static void list_words(char *out, size_t size, const char *const words[], size_t count)
{
	size_t len = (size_t)snprintf(out, size, "one of ");

	for (size_t i = 0; i < count; i++) {
		size_t need = strlen(words[i]) + (i ? 2 : 0);

		if (len + need + sizeof ", …" > size) {
			snprintf(out + len, size - len, ", …");
			return;
		}
		len += (size_t)snprintf(out + len, size - len, "%s%s", i ? ", " : "", words[i]);
	}
}

bool doc_read_enum(const struct doc_node *mapping, const char *key, bool required, const char *const names[],
		   size_t name_count, size_t *ret_index, struct doc_problems *problems)
{
	const struct doc_node *node;
	char expected[240];

	list_words(expected, sizeof expected, names, name_count);
	node = lookup(mapping, key, required, expected, problems);
	if (!node)
		return false;
	for (size_t i = 0; node->kind == DOC_SCALAR && i < name_count; i++) {
		if (strcmp(node->text, names[i]) == 0) {
			*ret_index = i;
			return true;
		}
	}
	complain(problems, node, expected);
	return false;
}

bool doc_duration_ms(const char *text, int64_t *ret_ms)
{
	static const struct {
		const char *suffix;
		int64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
	long long value;
	char *end;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || errno || value < 0)
		return false;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		long long ms;

		if (strcmp(end, units[i].suffix) == 0 && !__builtin_mul_overflow(value, units[i].ms, &ms)) {
			*ret_ms = ms;
			return true;
		}
	}
	return false;
}

bool doc_read_duration_ms(const struct doc_node *mapping, const char *key, bool required, int64_t min_ms,
			  int64_t max_ms, int64_t *ret_ms, struct doc_problems *problems)
{
	const struct doc_node *node =
		lookup(mapping, key, required, "a duration such as 500ms, 5s, 2m or 1h", problems);
	char expected[120];
	int64_t ms = 0;

	if (!node)
		return false;
	if (node->kind != DOC_SCALAR || !doc_duration_ms(node->text, &ms)) {
		complain(problems, node, "a duration such as 500ms, 5s, 2m or 1h");
		return false;
	}
	if (ms < min_ms || ms > max_ms) {
		snprintf(expected, sizeof expected, "a duration of %lldms to %llds", (long long)min_ms,
			 (long long)(max_ms / 1000));
		complain(problems, node, expected);
		return false;
	}
	*ret_ms = ms;
	return true;
}

const struct doc_node *doc_read_mapping(const struct doc_node *mapping, const char *key, bool required,
					struct doc_problems *problems)
{
	const struct doc_node *node = lookup(mapping, key, required, "a mapping", problems);

	if (node && node->kind != DOC_MAPPING) {
		complain(problems, node, "a mapping");
		return NULL;
	}
	return node;
}

const struct doc_node *doc_read_sequence(const struct doc_node *mapping, const char *key, bool required,
					 size_t max_count, struct doc_problems *problems)
{
	const struct doc_node *node = lookup(mapping, key, required, "a list", problems);
	char expected[80];

	if (!node)
		return NULL;
	if (node->kind != DOC_SEQUENCE) {
		complain(problems, node, "a list");
		return NULL;
	}
	if (node->count > max_count) {
		snprintf(expected, sizeof expected, "at most %zu entries", max_count);
		doc_problem_add(problems, node->line, node->path, "a longer list", "%s", expected);
		return NULL;
	}
	return node;
}

/* Edit distance of two short words, at most 15 characters each; larger words count as far apart. */
static size_t distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), row[16];

	if (la > 15 || lb > 15)
		return 99;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

const char *doc_nearest(const char *text, const char *const known[])
{
	const char *nearest = NULL;
	size_t best = 3;

	for (size_t i = 0; known[i]; i++) {
		size_t far = distance(text, known[i]);

		/* Most letters must agree: "abc" is no slip of "run". */
		if (far < best && 2 * far < strlen(known[i])) {
			best = far;
			nearest = known[i];
		}
	}
	return nearest;
}

static void refuse_key(const struct doc_node *child, const char *const known[], struct doc_problems *problems)
{
	const char *nearest = doc_nearest(child->key, known);
	char expected[240];
	size_t count = 0;

	if (nearest) {
		doc_problem_add(problems, child->line, child->path, "an unknown field", "%s (did you mean it?)",
				nearest);
		return;
	}
	while (known[count])
		count++;
	list_words(expected, sizeof expected, known, count);
	doc_problem_add(problems, child->line, child->path, "an unknown field", "%s", expected);
}

bool doc_refuse_unknown(const struct doc_node *mapping, const char *const known[], struct doc_problems *problems)
{
	bool good = true;

	if (!mapping || mapping->kind != DOC_MAPPING) {
		if (mapping)
			complain(problems, mapping, "a mapping");
		return false;
	}
	for (size_t i = 0; i < mapping->count; i++) {
		bool found = false;

		for (size_t k = 0; known[k] && !found; k++)
			found = strcmp(mapping->child[i]->key, known[k]) == 0;
		if (!found) {
			refuse_key(mapping->child[i], known, problems);
			good = false;
		}
	}
	return good;
}
