/* SPDX-License-Identifier: Apache-2.0 */
/* welcome: where each run of a hello goes on. */
#include <stdio.h>

#include "core/wire/codec.h"

void wire_welcome_encode(const struct wire_message *message, json_t **object)
{
	const struct wire_welcome *welcome = &message->as.welcome;
	json_t *list = json_array();

	for (size_t i = 0; i < welcome->run_count; i++) {
		const struct wire_known_run *run = &welcome->runs[i];

		json_push(&list, json_pack("{s:I, s:I, s:b, s:b}", "run", (json_int_t)run->run, "have",
					   (json_int_t)run->have, "known", run->known, "cancel", run->cancel));
	}
	json_put(object, "farm", wire_word(welcome->farm));
	json_put(object, "runs", list);
}

static void read_run(struct wire_reader *parent, const json_t *object, size_t index, struct wire_known_run *run)
{
	static const char *const known[] = {"run", "have", "known", "cancel", NULL};
	char where[32];
	struct wire_reader reader = {.object = object, .where = where, .err = parent->err};

	snprintf(where, sizeof where, "runs[%zu].", index);
	wire_known(&reader, known);
	wire_read_id(&reader, "run", &run->run);
	wire_read_count(&reader, "have", &run->have);
	wire_read_bool(&reader, "known", &run->known);
	wire_read_bool(&reader, "cancel", &run->cancel);
	parent->rc = reader.rc;
}

void wire_welcome_decode(struct wire_reader *reader, struct wire_message *message)
{
	static const char *const known[] = {"type", "farm", "runs", NULL};
	struct wire_welcome *welcome = &message->as.welcome;
	json_t *list;

	wire_known(reader, known);
	wire_read_name(reader, "farm", &welcome->farm);
	list = wire_read_objects(reader, "runs", WIRE_MAX_RUNS);
	if (!list)
		return;
	welcome->runs = wire_array(reader, json_array_size(list), sizeof *welcome->runs);
	for (size_t i = 0; i < json_array_size(list) && !reader->rc; i++) {
		read_run(reader, json_array_get(list, i), i, &welcome->runs[i]);
		welcome->run_count++;
	}
}
