/* SPDX-License-Identifier: Apache-2.0 */
/* Where a run may be: what its board must be and have. */
#include <string.h>

#include "core/spec/spec_read.h"

static void read_type_or_board(const struct doc_node *node, struct run_spec *run, struct doc_problems *problems)
{
	const struct doc_node *type = doc_get(node, "type"), *board = doc_get(node, "board");

	if (type && board)
		doc_problem_add(problems, board->line, board->path, "both type and board",
				"either a type (any board of it) or one board");
	else if (board)
		spec_read_name(node, "board", true, run->board, sizeof run->board, problems);
	else if (spec_read_text(node, "type", true, run->board_type, sizeof run->board_type, problems) &&
		 !board_type_name_valid(run->board_type))
		doc_problem_add(problems, type->line, type->path, run->board_type,
				"the name of a board type: lower case letters, digits and '-'");
}

/* "each", or how many. */
static void read_boards(const struct doc_node *node, struct run_spec *run, struct doc_problems *problems)
{
	const struct doc_node *boards = doc_get(node, "boards");
	int64_t number = 0;
	char scratch[100];

	if (!boards)
		return;
	if (doc_get(node, "board")) {
		doc_problem_add(problems, boards->line, boards->path, "a board and how many",
				"a type, when several boards are asked for");
		return;
	}
	if (boards->kind == DOC_SCALAR && strcmp(boards->text, "each") == 0)
		run->boards = SPEC_EACH_BOARD;
	else if (boards->kind != DOC_SCALAR || strspn(boards->text, "0123456789") != strlen(boards->text))
		doc_problem_add(problems, boards->line, boards->path, doc_describe(boards, scratch, sizeof scratch),
				"a number of boards, or each");
	else if (doc_read_int(node, "boards", false, 1, SPEC_MAX_RUNS, &number, problems))
		run->boards = (uint32_t)number;
}

static void read_site(const struct doc_node *node, struct run_spec *run, struct doc_problems *problems)
{
	const struct doc_node *site = doc_get(node, "site");

	if (spec_read_text(node, "site", false, run->site, sizeof run->site, problems) && !tag_valid(run->site))
		doc_problem_add(problems, site->line, site->path, run->site,
				"lower-case letters, digits, '-', '_' and '.'");
}

/* Of a board one can only ask what it has. */
static void read_features(const struct doc_node *node, struct run_spec *run, struct doc_problems *problems)
{
	struct feature wanted[FEATURES_MAX];
	size_t count = features_read(node, wanted, problems);
	const struct doc_node *features = doc_get(node, "features");

	if (count > SPEC_MAX_FEATURES) {
		doc_problem_add(problems, features->line, features->path, "more features", "at most %d",
				SPEC_MAX_FEATURES);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (strcmp(wanted[i].value, "false") == 0 || strcmp(wanted[i].value, "no") == 0)
			doc_problem_add(problems, features->line, features->path, wanted[i].name,
					"true, or the value that the board must have");
		run->features[run->feature_count++] = wanted[i];
	}
}

void spec_read_place(const struct doc_node *node, struct run_spec *run, struct doc_problems *problems)
{
	read_type_or_board(node, run, problems);
	read_boards(node, run, problems);
	tags_read(node, run->tags, problems);
	read_site(node, run, problems);
	read_features(node, run, problems);
}
