/* SPDX-License-Identifier: Apache-2.0 */
/* Happy path: a night is finished -> what came of it is read and compared -> the farm keeps it, with what is to be
 * delivered -> the next one. Ways it fails: the store cannot read it (too large, damaged): the night gets a summary
 * that says so, so that it is not tried for ever; the daemon ends: it is done after the next start. */
#include "daemon/summary/summarise.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/mem.h"

void summariser_init(struct summariser *summariser, struct farm *farm, const struct archive *archive)
{
	*summariser = (struct summariser){.farm = farm, .archive = archive};
}

/* A night of which nothing can be said still ends. */
static void keep_failure(const struct summariser *summariser, const struct err *err)
{
	json_t *summary = json_pack("{s:I, s:s}", "night", (json_int_t)summariser->night, "error", err->text);
	char *text = summary ? json_dumps(summary, JSON_COMPACT) : NULL;

	log_error("night", "%lld cannot be summed up: %s", (long long)summariser->night, err->text);
	if (text)
		farm_keep_summary(summariser->farm, summariser->night, 0, text, err->text);
	free(text);
	json_decref(summary);
}

static void keep(const struct summariser *summariser, const json_t *answer)
{
	char *json = json_dumps(json_object_get(answer, "summary"), JSON_COMPACT);
	const char *text = json_string_value(json_object_get(answer, "text"));
	struct err err;

	if (json && text) {
		farm_keep_summary(summariser->farm, summariser->night,
				  json_integer_value(json_object_get(answer, "before")), json, text);
	} else {
		(void)err_set(&err, ERR_NOMEM, "there was no memory for it");
		keep_failure(summariser, &err);
	}
	free(json);
}

static void on_summary(void *context, struct answer *answer)
{
	struct summariser *summariser = context;

	if (summariser->closing || answer->err.code == ERR_CANCELLED)
		return;
	if (answer->err.code && answer->err.code != ERR_BUSY)
		keep_failure(summariser, &answer->err);
	else if (!answer->err.code)
		keep(summariser, answer->json);
	summariser->busy = false;
	summariser_look(summariser);
}

void summariser_look(struct summariser *summariser)
{
	static const struct principal farm_itself = {.org = ORG_DEFAULT, .name = "farm", .role = ROLE_ADMIN};
	struct query query = {.kind = QUERY_NIGHT_SUMMARY};

	if (!summariser->farm || summariser->busy || summariser->closing)
		return;
	if (farm_unsummarised(summariser->farm, &summariser->night, 1) == 0)
		return;
	summariser->busy = true;
	query.id = summariser->night;
	mem_text_into(query.state, sizeof(query.state), farm_compare_with(summariser->farm, summariser->night));
	summariser->archive->read(summariser->archive->context, &farm_itself, &query, on_summary, summariser);
}
