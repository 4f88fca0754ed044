/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a board type: refused with a problem, or taken, and then the same after a way through JSON. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/image/board_type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_that(int good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct board_type type, again;
	struct doc_problems problems;
	struct doc *doc = NULL;
	struct err err = {0};
	json_t *object;

	doc_problems_init(&problems, "t.yaml");
	if (doc_parse("t.yaml", (const char *)data, size, &doc, &problems))
		return 0;
	if (board_type_read(doc->root, &type, &problems)) {
		object = board_type_to_json(&type);
		require_that(object != NULL);
		require_that(board_type_from_json(object, &again, &err) == 0);
		require_that(strcmp(type.name, again.name) == 0 && type.region_count == again.region_count);
		json_decref(object);
	} else {
		require_that(problems.count > 0);
	}
	doc_destroy(doc);
	return 0;
}
