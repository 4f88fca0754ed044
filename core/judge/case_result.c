/* SPDX-License-Identifier: Apache-2.0 */
/* One case's result as JSON. */
#include "core/judge/judge.h"

json_t *case_result_to_json(const struct case_result *result)
{
	json_t *measurements = json_array(), *object;

	for (size_t i = 0; i < result->measurement_count; i++)
		json_push(&measurements, measurement_to_json(&result->measurements[i]));
	object = json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "group", result->group,
			   "name", result->name, "verdict", case_verdict_name(result->verdict), "message",
			   result->message, "required", (int)result->required, "waived_ignore",
			   (int)result->waived_ignore, "category", case_category_name(result->category), "standing",
			   case_standing_name(result->standing), "waiver", (json_int_t)result->waiver, "offset",
			   (json_int_t)result->offset, "end", (json_int_t)result->end, "begun_at_us",
			   (json_int_t)result->begun_us, "ended_at_us", (json_int_t)result->ended_us);
	json_put(&object, "measurements", measurements);
	return object;
}
