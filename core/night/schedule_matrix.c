/* SPDX-License-Identifier: Apache-2.0 */
/* The matrix of a schedule: reading it, and going through its cells. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/image/board_type.h"
#include "core/night/schedule_read.h"

#define HASH_DIGITS 64
#define TYPE_MARK   "{type}"

static const char name_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

static bool name_valid(const char *text)
{
	return text[0] && !strchr("._-", text[0]) && !text[strspn(text, name_letters)];
}

bool schedule_name_valid(const char *name)
{
	return strlen(name) < SCHEDULE_NAME_MAX && name_valid(name);
}

/* A sequence of names that are all different, each in an array of element_bytes. */
static int read_names(const struct doc_node *matrix, const char *key, size_t element_bytes,
		      bool (*valid)(const char *name), const char *expected, void *ret_names, size_t *ret_count,
		      struct doc_problems *problems)
{
	const struct doc_node *list = doc_read_sequence(matrix, key, true, SCHEDULE_MAX_LIST, problems);
	size_t count = 0;
	char *names;

	if (!list)
		return 0;
	if (!list->count) {
		doc_problem_add(problems, list->line, list->path, "an empty list", "at least one of the %s", key);
		return 0;
	}
	names = calloc(list->count, element_bytes);
	if (!names)
		return ERR_NOMEM;
	for (size_t i = 0; i < list->count; i++) {
		const struct doc_node *node = list->child[i];
		const char *text;

		if (!doc_node_text(node, element_bytes - 1, &text, problems))
			continue;
		if (!valid(text))
			doc_problem_add(problems, node->line, node->path, text, "%s", expected);
		for (size_t k = 0; k < count; k++) {
			if (strcmp(names + k * element_bytes, text) == 0)
				doc_problem_add(problems, node->line, node->path, text, "each of the %s once", key);
		}
		snprintf(names + count++ * element_bytes, element_bytes, "%s", text);
	}
	memcpy(ret_names, &names, sizeof names);
	*ret_count = count;
	return 0;
}

/* A name, in which the mark may stand for a part, up to end. */
static bool part_valid(const char *name, const char *end)
{
	const char *first = name;

	while (name < end) {
		size_t len = strspn(name, name_letters);

		if (len && name == first && strchr("._-", name[0]))
			return false;
		name += len;
		if (strncmp(name, TYPE_MARK, strlen(TYPE_MARK)) == 0)
			name += strlen(TYPE_MARK);
		else if (name < end)
			return false;
	}
	return name > first;
}

/* A name, or a name, a slash and a file. */
static bool drop_valid(const char *name)
{
	const char *end = name + strlen(name), *slash = strchr(name, '/');

	if (!slash)
		return part_valid(name, end);
	return part_valid(name, slash) && part_valid(slash + 1, end);
}

static bool source_valid(const char *source)
{
	if (strncmp(source, "drop:", 5) == 0)
		return drop_valid(source + 5);
	return strncmp(source, "sha256:", 7) == 0 && strlen(source) == 7 + HASH_DIGITS &&
	       strspn(source + 7, "0123456789abcdef") == HASH_DIGITS;
}

/* The source with the type in place of each mark; false when it is too long. */
static bool resolve(const char *source, const char *type, char *target, size_t size)
{
	size_t len = 0;

	while (*source) {
		bool mark = strncmp(source, TYPE_MARK, strlen(TYPE_MARK)) == 0;
		size_t more = mark ? strlen(type) : 1;

		if (len + more >= size)
			return false;
		memcpy(target + len, mark ? type : source, more);
		len += more;
		source += mark ? strlen(TYPE_MARK) : 1;
	}
	target[len] = '\0';
	return true;
}

/* An image's own `types:`. */
static int read_image_types(const struct doc_node *node, const struct schedule *schedule, struct schedule_image *image,
			    struct doc_problems *problems)
{
	const struct doc_node *list = doc_read_sequence(node, "types", false, SCHEDULE_MAX_LIST, problems);

	if (!list || !schedule->type_count)
		return 0;
	if (!list->count)
		doc_problem_add(problems, list->line, list->path, "an empty list",
				"at least one of the matrix's types");
	image->on_type = calloc(schedule->type_count, sizeof *image->on_type);
	if (!image->on_type)
		return ERR_NOMEM;
	for (size_t i = 0; i < list->count; i++) {
		const struct doc_node *child = list->child[i];
		const char *text;
		size_t type = 0;

		if (!doc_node_text(child, SCHEDULE_TYPE_MAX - 1, &text, problems))
			continue;
		while (type < schedule->type_count && strcmp(schedule->types[type], text) != 0)
			type++;
		if (type == schedule->type_count)
			doc_problem_add(problems, child->line, child->path, text, "one of the matrix's types");
		else
			image->on_type[type] = true;
	}
	return 0;
}

static void check_source(const struct doc_node *node, const struct schedule *schedule,
			 const struct schedule_image *image, struct doc_problems *problems)
{
	char resolved[SCHEDULE_SOURCE_MAX];

	if (!source_valid(image->source)) {
		doc_problem_add(
			problems, node->line, node->path, image->source,
			"sha256: and the hash of a stored image, or drop:NAME or drop:NAME/FILE ({type} in it is "
			"the board type)");
		return;
	}
	for (size_t i = 0; i < schedule->type_count; i++) {
		if (!resolve(image->source, schedule->types[i], resolved, sizeof resolved)) {
			doc_problem_add(problems, node->line, node->path, image->source,
					"a name that is shorter with the board type in it");
			return;
		}
	}
}

static void name_image(const struct doc_node *node, const struct doc_node *name, const struct schedule *schedule,
		       struct schedule_image *image, struct doc_problems *problems)
{
	const char *text = image->source + (strncmp(image->source, "drop:", 5) == 0 ? 5 : 0);

	if (name) {
		if (!doc_node_text(name, sizeof image->name - 1, &text, problems))
			return;
		if (!name_valid(text))
			doc_problem_add(problems, name->line, name->path, text,
					"a name of letters, digits, '.', '_' and '-' that begins with a letter or "
					"digit");
	} else if (text == image->source || strlen(text) >= sizeof image->name) {
		doc_problem_add(problems, node->line, node->path, "an image without a name",
				"a mapping with name and image (only what was dropped has a name of its own, of at "
				"most 63 bytes)");
		return;
	}
	snprintf(image->name, sizeof image->name, "%s", text);
	for (size_t i = 0; i < schedule->image_count; i++) {
		if (strcmp(schedule->images[i].name, image->name) == 0)
			doc_problem_add(problems, node->line, node->path, text, "each image under a name of its own");
	}
}

/* A source alone, or a mapping. */
static int read_image(const struct doc_node *node, struct schedule *schedule, struct doc_problems *problems)
{
	static const char *const known[] = {"name", "image", "types", NULL};
	struct schedule_image *image = &schedule->images[schedule->image_count];
	const struct doc_node *source = node;
	const char *text;
	int rc = 0;

	if (node->kind == DOC_SCALAR) {
		if (!doc_node_text(node, sizeof image->source - 1, &text, problems))
			return 0;
	} else {
		doc_refuse_unknown(node, known, problems);
		if (!doc_read_text(node, "image", true, sizeof image->source - 1, &text, problems))
			return 0;
		source = doc_get(node, "image");
		rc = read_image_types(node, schedule, image, problems);
	}
	snprintf(image->source, sizeof image->source, "%s", text);
	check_source(source, schedule, image, problems);
	name_image(node, doc_get(node, "name"), schedule, image, problems);
	schedule->image_count++;
	return rc;
}

static int read_images(const struct doc_node *matrix, struct schedule *schedule, struct doc_problems *problems)
{
	const struct doc_node *list = doc_read_sequence(matrix, "images", true, SCHEDULE_MAX_LIST, problems);
	int rc = 0;

	if (!list)
		return 0;
	if (!list->count) {
		doc_problem_add(problems, list->line, list->path, "an empty list", "at least one of the images");
		return 0;
	}
	schedule->images = calloc(list->count, sizeof *schedule->images);
	if (!schedule->images)
		return ERR_NOMEM;
	for (size_t i = 0; !rc && i < list->count; i++)
		rc = read_image(list->child[i], schedule, problems);
	return rc;
}

int schedule_matrix_read(const struct doc_node *root, struct schedule *schedule, struct doc_problems *problems)
{
	static const char *const known[] = {"suites", "images", "types", NULL};
	const struct doc_node *matrix = doc_read_mapping(root, "matrix", true, problems);
	struct schedule_cell cell;
	size_t before = problems->count, cursor = 0, cells = 0;
	int rc;

	if (!matrix)
		return 0;
	doc_refuse_unknown(matrix, known, problems);
	rc = read_names(matrix, "suites", sizeof schedule->suites[0], name_valid,
			"a suite's name of letters, digits, '.', '_' and '-'", &schedule->suites,
			&schedule->suite_count, problems);
	if (!rc)
		rc = read_names(matrix, "types", sizeof schedule->types[0], board_type_name_valid,
				"a board type's name of lower case letters, digits and '-' that begins with a letter",
				&schedule->types, &schedule->type_count, problems);
	if (!rc)
		rc = read_images(matrix, schedule, problems);
	if (rc || problems->count > before)
		return rc;
	while (schedule_cell_next(schedule, &cursor, &cell))
		cells++;
	if (cells > SCHEDULE_MAX_CELLS)
		doc_problem_add(problems, matrix->line, matrix->path, "a matrix with more cells than a job has runs",
				"at most %d of suites × images × types", SCHEDULE_MAX_CELLS);
	return 0;
}

bool schedule_cell_next(const struct schedule *schedule, size_t *cursor, struct schedule_cell *ret_cell)
{
	size_t end = schedule->image_count * schedule->type_count * schedule->suite_count;

	for (; *cursor < end; ++*cursor) {
		size_t suite = *cursor % schedule->suite_count;
		size_t type = *cursor / schedule->suite_count % schedule->type_count;
		const struct schedule_image *image =
			&schedule->images[*cursor / schedule->suite_count / schedule->type_count];

		if (image->on_type && !image->on_type[type])
			continue;
		ret_cell->suite = schedule->suites[suite];
		ret_cell->image = image->name;
		ret_cell->type = schedule->types[type];
		resolve(image->source, ret_cell->type, ret_cell->source, sizeof ret_cell->source);
		++*cursor;
		return true;
	}
	return false;
}
