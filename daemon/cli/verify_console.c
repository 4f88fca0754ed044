/* SPDX-License-Identifier: Apache-2.0 */
/* A run's console against its hash chain, and against the hash that the agent made while the bytes came. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/cli/verify_private.h"

/* The next segment as console.chain.json has it: each on a line, with "[" or "," before it. */
static bool next_segment(struct verify_file *file, struct buf *line, struct chain_segment *ret_segment)
{
	json_t *object = NULL;
	bool good;

	if (!verify_line(file, line) || line->len < 2 || (line->data[0] != '[' && line->data[0] != ','))
		return false;
	good = json_parse(line->data + 1, line->len - 1, line->len, &object, NULL) == 0 &&
	       chain_segment_from_json(object, ret_segment, NULL) == 0;
	json_decref(object);
	return good;
}

/* Reads one whole segment, or what there is left. */
static size_t read_segment(struct verify_file *file, char *segment)
{
	size_t len = 0, got;
	const char *data;

	while (len < CHAIN_SEGMENT_BYTES && (got = verify_next(file, &data, CHAIN_SEGMENT_BYTES - len)) > 0) {
		memcpy(segment + len, data, got);
		len += got;
	}
	return len;
}

/* "" when the chain holds, else what is wrong with it. */
static const char *walk(struct verify_file *console, struct verify_file *list, const struct manifest_run *run,
			char *bytes, struct buf *line)
{
	struct chain_segment said, made;
	char head[CHAIN_HEX];
	struct chain chain;
	size_t len;

	chain_init(&chain, run->run);
	while ((len = read_segment(console, bytes)) > 0) {
		if (!next_segment(list, line, &said))
			return "it has fewer segments than the console";
		chain_add(&chain, bytes, len, said.at_us, &made);
		if (said.offset != made.offset || said.size_bytes != made.size_bytes ||
		    strcmp(said.sha256, made.sha256) != 0 || strcmp(said.head, made.head) != 0)
			return "a segment is not what the console has there";
	}
	if (next_segment(list, line, &said))
		return "it has more segments than the console";
	chain_head(&chain, head);
	return strcmp(head, run->chain) == 0 ? "" : "its head is not the manifest's";
}

static void check_chain(struct verify *verify, const struct manifest_run *run, const char *path, const char *list_path)
{
	char *bytes = malloc(CHAIN_SEGMENT_BYTES);
	struct verify_file console = {0}, list = {0};
	struct buf line;
	const char *wrong = "there is no console, or no chain";

	buf_init(&line, 4096);
	if (!bytes)
		err_set(&verify->err, ERR_NOMEM, "out of memory");
	else if (verify_open(verify, path, &console) && verify_open(verify, list_path, &list))
		wrong = walk(&console, &list, run, bytes, &line);
	if (wrong[0])
		verify_tell(verify, VERIFY_BROKEN, list_path, "%s", wrong);
	verify_close(&console);
	verify_close(&list);
	buf_finish(&line);
	free(bytes);
}

void verify_console(struct verify *verify, const struct manifest_run *run, const json_t *record)
{
	const json_t *console = json_object_get(record, "console");
	const char *told = json_string_value(json_object_get(console, "sha256"));
	int64_t dropped = json_integer_value(json_object_get(console, "dropped"));
	char path[USTAR_PATH_MAX], list_path[USTAR_PATH_MAX], what[40];
	const struct manifest_file *file;

	snprintf(what, sizeof(what), "run %" PRId64, run->run);
	snprintf(path, sizeof(path), "runs/%" PRId64 "/console.bin", run->run);
	snprintf(list_path, sizeof(list_path), "runs/%" PRId64 "/console.chain.json", run->run);
	check_chain(verify, run, path, list_path);
	file = verify_find(verify, path);
	if (!file)
		return;
	if (file->size_bytes != run->console_bytes || strcmp(file->sha256, run->console_sha256) != 0)
		verify_tell(verify, VERIFY_BROKEN, path, "it is another console than the manifest has for run %" PRId64,
			    run->run);
	if (dropped > 0)
		verify_tell(verify, VERIFY_NOTE, what, "%" PRId64 " bytes of its console were lost on the way",
			    dropped);
	else if (told && told[0] && strcmp(told, file->sha256) != 0)
		verify_tell(verify, VERIFY_BROKEN, path, "its agent read other bytes: %s", told);
}
