/* SPDX-License-Identifier: Apache-2.0 */
/* Measurements, which cases carry, and the end of a run. */
#include "core/wire/codec.h"

json_t *wire_measurements(const struct measurement *measurements, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_push(&list, measurement_to_json(&measurements[i]));
	return list;
}

const struct measurement *wire_read_measurements(struct wire_reader *reader, struct wire_message *message,
						 size_t *ret_count)
{
	json_t *list;
	size_t count;

	if (wire_read_empty_list(reader, "measurements"))
		return NULL;
	list = wire_read_objects(reader, "measurements", WIRE_MAX_MEASUREMENTS);
	count = json_array_size(list);
	if (reader->rc || count == 0)
		return NULL;
	message->measurements = wire_array(reader, count, sizeof(struct measurement));
	for (size_t i = 0; i < count && !reader->rc; i++) {
		reader->rc = measurement_from_json(json_array_get(list, i), &message->measurements[i], reader->err);
		if (reader->rc)
			err_prefix(reader->err, "measurements[%zu]", i);
	}
	*ret_count = reader->rc ? 0 : count;
	return message->measurements;
}
