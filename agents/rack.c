/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the rack file and the board types it uses. */
#include "agents/rack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/base/files.h"
#include "agents/rack_board.h"

const struct board_type *rack_type(const struct rack *rack, const char *name)
{
	for (size_t i = 0; i < rack->type_count; i++) {
		if (strcmp(rack->types[i].name, name) == 0)
			return &rack->types[i];
	}
	return NULL;
}

const struct board_config *rack_board(const struct rack *rack, const char *name)
{
	for (size_t i = 0; i < rack->board_count; i++) {
		if (strcmp(rack->boards[i].name, name) == 0)
			return &rack->boards[i];
	}
	return NULL;
}

void rack_destroy(struct rack *rack)
{
	if (!rack)
		return;
	for (size_t i = 0; i < rack->board_count; i++)
		board_config_finish(&rack->boards[i]);
	free(rack->boards);
	free(rack->types);
	free(rack);
}

static void read_rack_name(const struct doc_node *root, struct rack *rack, struct doc_problems *problems)
{
	const char *name;

	if (!doc_read_text(root, "rack", true, RACK_NAME_MAX, &name, problems))
		return;
	if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(name) || name[0] == '-') {
		doc_problem_add(problems, doc_get(root, "rack")->line, "rack", name,
				"lower-case letters, digits and '-'");
		return;
	}
	snprintf(rack->name, sizeof rack->name, "%s", name);
}

static void read_site(const struct doc_node *root, struct rack *rack, struct doc_problems *problems)
{
	const char *site;

	if (!doc_read_text(root, "site", false, TAG_SIZE - 1, &site, problems))
		return;
	if (!tag_valid(site))
		doc_problem_add(problems, doc_get(root, "site")->line, "site", site,
				"lower-case letters, digits, '-', '_' and '.'");
	snprintf(rack->site, sizeof rack->site, "%s", site);
}

/* What a board says of itself goes with its rack and its type. */
static void check_equipment(const struct rack *rack, const struct board_config *board, const struct doc_node *node,
			    struct doc_problems *problems)
{
	const struct equipment *equipment = &board->equipment;
	const struct board_type *type = rack_type(rack, board->type);
	size_t hub = 0;

	while (hub < rack->hub_count && strcmp(rack->hubs[hub].name, equipment->hub) != 0)
		hub++;
	if (equipment->hub[0] && hub == rack->hub_count)
		doc_problem_add(problems, doc_get(node, "hub")->line, doc_get(node, "hub")->path, equipment->hub,
				"one of the rack's hubs");
	for (size_t i = 0; type && i < equipment->feature_count; i++) {
		for (size_t k = 0; k < type->feature_count; k++) {
			if (strcmp(type->features[k].name, equipment->features[i].name) == 0)
				doc_problem_add(problems, doc_get(node, "features")->line,
						doc_get(node, "features")->path, equipment->features[i].name,
						"a feature that its type says nothing of");
		}
	}
}

static void read_inline_types(const struct doc_node *root, struct rack *rack, struct doc_problems *problems)
{
	const struct doc_node *list = doc_read_sequence(root, "types", false, RACK_MAX_TYPES, problems);
	struct board_type *type;

	for (size_t i = 0; list && i < list->count; i++) {
		type = &rack->types[rack->type_count];
		if (!board_type_read(list->child[i], type, problems))
			continue;
		if (rack_type(rack, type->name))
			doc_problem_add(problems, list->child[i]->line, list->child[i]->path, type->name,
					"a name that is not taken by an earlier type");
		rack->type_count++;
	}
}

/* Puts what is wrong with a type file among the rack file's problems, with the type file's own place in the field. */
static void adopt_problems(struct doc_problems *problems, int line, const struct doc_problems *of_type)
{
	char field[420];

	for (size_t i = 0; i < of_type->count && i < DOC_MAX_PROBLEMS; i++) {
		snprintf(field, sizeof field, "%s:%d: %s", of_type->file, of_type->item[i].line,
			 of_type->item[i].field);
		doc_problem_add(problems, line, field, of_type->item[i].found, "%s", of_type->item[i].expected);
	}
}

static void parse_type(const char *file, const char *text, size_t len, struct rack *rack, int line,
		       struct doc_problems *problems)
{
	struct doc_problems *of_type = calloc(1, sizeof *of_type);
	struct doc *doc = NULL;

	if (!of_type)
		return;
	doc_problems_init(of_type, file);
	if (doc_parse(file, text, len, &doc, of_type) == 0 &&
	    board_type_read(doc->root, &rack->types[rack->type_count], of_type))
		rack->type_count++;
	adopt_problems(problems, line, of_type);
	doc_destroy(doc);
	free(of_type);
}

/* Finds the type of a board: written out in the rack file, read before, or in its own file. */
static void find_type(const struct board_config *board, const char *path, const char *types_dir, struct rack *rack,
		      struct doc_problems *problems)
{
	char file[512], field[200];
	struct err err = {0};
	char *text;
	size_t len;

	if (!board->type[0] || rack_type(rack, board->type))
		return;
	snprintf(field, sizeof field, "%s.type", path);
	snprintf(file, sizeof file, "%s/%s.yaml", types_dir ? types_dir : "", board->type);
	if (!types_dir || !board_type_name_valid(board->type) || rack->type_count == RACK_MAX_TYPES ||
	    files_read(file, DOC_MAX_BYTES, &text, &len, &err)) {
		doc_problem_add(problems, board->line, field, board->type,
				"a type written out under \"types\", or one with a file %s/<type>.yaml",
				types_dir ? types_dir : "<types-dir>");
		return;
	}
	parse_type(file, text, len, rack, board->line, problems);
	free(text);
	if (rack->type_count && !rack_type(rack, board->type))
		doc_problem_add(problems, board->line, field, board->type, "the type that %s describes", file);
}

static void read_boards(const struct doc_node *root, const char *types_dir, struct rack *rack,
			struct doc_problems *problems)
{
	const struct doc_node *list = doc_read_sequence(root, "boards", true, RACK_MAX_BOARDS, problems);
	struct board_config *board;

	if (list && list->count == 0)
		doc_problem_add(problems, list->line, "boards", "an empty list", "at least one board");
	for (size_t i = 0; list && i < list->count; i++) {
		board = &rack->boards[rack->board_count];
		rack_board_read(list->child[i], board, problems);
		if (board->name[0] && rack_board(rack, board->name))
			doc_problem_add(problems, list->child[i]->line, list->child[i]->path, board->name,
					"a name that no other board has");
		if (board_type_is_simulated(board->type))
			doc_problem_add(problems, list->child[i]->line, list->child[i]->path, board->type,
					"a type of a board that exists; simulated ones come from --simulate");
		rack->board_count++;
		find_type(board, list->child[i]->path, types_dir, rack, problems);
		check_equipment(rack, board, list->child[i], problems);
	}
}

static struct rack *rack_create(void)
{
	struct rack *rack = calloc(1, sizeof *rack);

	if (!rack)
		return NULL;
	rack->types = calloc(RACK_MAX_TYPES + 1, sizeof *rack->types);
	rack->boards = calloc(RACK_MAX_BOARDS, sizeof *rack->boards);
	if (rack->types && rack->boards)
		return rack;
	rack_destroy(rack);
	return NULL;
}

int rack_read(const char *file, const char *text, size_t len, const char *types_dir, struct rack **ret_rack,
	      struct doc_problems *problems)
{
	static const char *const known[] = {"rack", "limit", "site", "hubs", "types", "boards", NULL};
	struct rack *rack = rack_create();
	struct doc *doc = NULL;
	int rc;

	if (!rack)
		return ERR_NOMEM;
	rc = doc_parse(file, text, len, &doc, problems);
	if (rc) {
		rack_destroy(rack);
		return rc;
	}
	doc_refuse_unknown(doc->root, known, problems);
	read_rack_name(doc->root, rack, problems);
	doc_read_int(doc->root, "limit", false, 1, RACK_MAX_BOARDS, &rack->limit, problems);
	read_site(doc->root, rack, problems);
	rack->hub_count = equipment_hubs_read(doc->root, rack->hubs, problems);
	read_inline_types(doc->root, rack, problems);
	read_boards(doc->root, types_dir, rack, problems);
	doc_destroy(doc);
	if (problems->count) {
		rack_destroy(rack);
		return ERR_INVALID;
	}
	*ret_rack = rack;
	return 0;
}

int rack_load(const char *file, const char *types_dir, struct rack **ret_rack, struct doc_problems *problems)
{
	struct err err = {0};
	char *text;
	size_t len;
	int rc;

	if (files_read(file, DOC_MAX_BYTES, &text, &len, &err)) {
		const char *why = strstr(err.text, ": "); /* behind the file's name, which is told anyway */

		doc_problem_add(problems, 0, "", why ? why + 2 : err.text, "a readable rack file");
		return ERR_INVALID;
	}
	rc = rack_read(file, text, len, types_dir, ret_rack, problems);
	free(text);
	return rc;
}
