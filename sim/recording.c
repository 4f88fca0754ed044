/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the jobs of a real farm. */
#include "sim/recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/map.h"
#include "core/base/mem.h"

/* What is known while reading. */
struct reader {
	struct load *load;
	struct recording *recording;
	size_t run_room, job_room;
	struct {
		char name[LOAD_NAME_MAX];
		size_t org;
	} * members; /* who has submitted */
	size_t member_count;
	struct {
		char name[LOAD_NAME_MAX];
		size_t type;
	} * boards; /* that are named */
	size_t board_count;
};

void recording_destroy(struct recording *recording)
{
	if (!recording)
		return;
	free(recording->runs);
	free(recording->jobs);
	free(recording->types);
	free(recording);
}

/* --- Who and what ---------------------------------------------------------------------------------------------- */

static size_t org_of(struct reader *reader, const char *name)
{
	struct load_org *org = load_find_org(reader->load, name);

	if (!org) {
		org = load_add_org(reader->load, name);
		org->members = 0;
	}
	return (size_t)(org - reader->load->orgs);
}

/* The how manieth of its organisation. */
static size_t member_of(struct reader *reader, size_t org, const char *name)
{
	size_t before = 0, count = reader->member_count;

	for (size_t i = 0; i < count; i++) {
		if (reader->members[i].org != org)
			continue;
		if (strcmp(reader->members[i].name, name) == 0)
			return before;
		before++;
	}
	reader->members = mem_resize_array(reader->members, count + 1, sizeof(*reader->members));
	mem_text_into(reader->members[count].name, LOAD_NAME_MAX, name);
	reader->members[count].org = org;
	reader->member_count++;
	if (reader->load->orgs[org].members <= (int64_t)before)
		reader->load->orgs[org].members = (int64_t)before + 1;
	return before;
}

static size_t type_of(struct recording *recording, const char *name)
{
	struct recorded_type *type;

	for (size_t i = 0; i < recording->type_count; i++)
		if (strcmp(recording->types[i].name, name) == 0)
			return i;
	recording->types = mem_resize_array(recording->types, recording->type_count + 1, sizeof(*type));
	type = &recording->types[recording->type_count++];
	*type = (struct recorded_type){0};
	mem_text_into(type->name, LOAD_NAME_MAX, name);
	return recording->type_count - 1;
}

/* The how manieth of its type. */
static int64_t note_board(struct reader *reader, size_t type, const char *name)
{
	size_t count = reader->board_count;
	int64_t before = 0;

	for (size_t i = 0; i < count; i++) {
		if (reader->boards[i].type != type)
			continue;
		if (strcmp(reader->boards[i].name, name) == 0)
			return before;
		before++;
	}
	reader->boards = mem_resize_array(reader->boards, count + 1, sizeof(*reader->boards));
	mem_text_into(reader->boards[count].name, LOAD_NAME_MAX, name);
	reader->boards[count].type = type;
	reader->board_count++;
	return before;
}

/* --- Jobs and runs --------------------------------------------------------------------------------------------- */

static void add_run(struct reader *reader, const struct recorded_run *run)
{
	struct recording *recording = reader->recording;
	struct recorded_type *type = &recording->types[run->type];

	if (recording->run_count == reader->run_room) {
		reader->run_room = reader->run_room ? reader->run_room * 2 : 1024;
		recording->runs = mem_resize_array(recording->runs, reader->run_room, sizeof(*recording->runs));
	}
	recording->runs[recording->run_count++] = *run;
	type->runs++;
	type->sum_us += (double)run->takes_us;
	if (run->takes_us > type->longest_us)
		type->longest_us = run->takes_us;
}

static int read_run(struct reader *reader, const json_t *value, struct err *err)
{
	struct recorded_run run = {.job = reader->recording->job_count - 1};
	const char *type = "", *board = "", *wanted = "", *sha256 = "";
	int64_t began_us = 0, assigned_us = 0, ended_us = 0;
	json_t *image = NULL;

	if (json_read_text(value, "board_type", true, &type, err) ||
	    json_read_text(value, "board", true, &board, err) ||
	    json_read_text(value, "wanted_board", false, &wanted, err) ||
	    json_read_int(value, "queued_at_us", true, 0, INT64_MAX, &run.at_us, err) ||
	    json_read_int(value, "assigned_at_us", false, 0, INT64_MAX, &assigned_us, err) ||
	    json_read_int(value, "started_at_us", true, 0, INT64_MAX, &began_us, err) ||
	    json_read_int(value, "finished_at_us", true, 0, INT64_MAX, &ended_us, err) ||
	    json_read_object(value, "image", false, &image, err) ||
	    (image && json_read_text(image, "sha256", false, &sha256, err)))
		return (int)err->code;
	if (assigned_us > 0)
		began_us = assigned_us;
	if (began_us == 0 || ended_us <= began_us || board[0] == '\0') {
		reader->recording->skipped++;
		return 0;
	}
	if (reader->recording->run_count == RECORDING_MAX_RUNS)
		return err_set(err, ERR_TOO_BIG, "more than %d runs", RECORDING_MAX_RUNS);
	run.takes_us = ended_us - began_us;
	run.image = sha256[0] ? map_hash_text(sha256) : 0;
	run.type = type_of(reader->recording, type);
	(void)note_board(reader, run.type, board);
	run.wanted = wanted[0] ? note_board(reader, run.type, wanted) : -1;
	add_run(reader, &run);
	return 0;
}

static int read_job(struct reader *reader, const json_t *value, struct err *err)
{
	struct recording *recording = reader->recording;
	const char *org = "", *owner = "";
	int64_t priority = 50;
	struct recorded_job job;
	json_t *runs, *run;
	size_t i;

	if (json_read_text(value, "org", true, &org, err) || json_read_text(value, "owner", false, &owner, err) ||
	    json_read_int(value, "priority", true, 0, PLAN_PRIORITY_MAX, &priority, err) ||
	    json_read_array(value, "runs", true, &runs, err))
		return (int)err->code;
	job.org = org_of(reader, org);
	job.member = member_of(reader, job.org, owner);
	job.priority = (int)priority;
	if (recording->job_count == reader->job_room) {
		reader->job_room = reader->job_room ? reader->job_room * 2 : 1024;
		recording->jobs = mem_resize_array(recording->jobs, reader->job_room, sizeof(*recording->jobs));
	}
	recording->jobs[recording->job_count++] = job;
	json_array_foreach(runs, i, run)
	{
		if (read_run(reader, run, err))
			return err_prefix(err, "runs[%zu]", i);
	}
	return 0;
}

static int read_value(struct reader *reader, const json_t *value, struct err *err)
{
	const json_t *job;
	size_t i;

	if (!json_is_array(value))
		return read_job(reader, value, err);
	json_array_foreach(value, i, job)
	{
		if (read_job(reader, job, err))
			return err_prefix(err, "[%zu]", i);
	}
	return 0;
}

/* One JSON value after the other. */
static int read_file(struct reader *reader, FILE *file, struct err *err)
{
	for (size_t number = 1;; number++) {
		json_error_t error;
		json_t *value;
		int code, next;

		do
			next = getc(file);
		while (next == ' ' || next == '\n' || next == '\r' || next == '\t');
		if (next == EOF)
			return 0;
		(void)ungetc(next, file);
		value = json_loadf(file, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error);
		if (!value)
			return err_set(err, ERR_INVALID, "value %zu: line %d: %s", number, error.line, error.text);
		code = read_value(reader, value, err);
		json_decref(value);
		if (code)
			return err_prefix(err, "value %zu", number);
	}
}

/* --- The whole ------------------------------------------------------------------------------------------------- */

static int by_time(const void *a, const void *b)
{
	const struct recorded_run *x = a, *y = b;

	if (x->at_us != y->at_us)
		return (x->at_us > y->at_us) - (x->at_us < y->at_us);
	if (x->job != y->job)
		return (x->job > y->job) - (x->job < y->job);
	if (x->type != y->type)
		return (x->type > y->type) - (x->type < y->type);
	if (x->wanted != y->wanted)
		return (x->wanted > y->wanted) - (x->wanted < y->wanted);
	return (x->image > y->image) - (x->image < y->image);
}

static void add_missing_boards(struct reader *reader)
{
	struct recording *recording = reader->recording;

	for (size_t type = 0; type < recording->type_count; type++) {
		int64_t boards = 0;

		if (load_has_type(reader->load, recording->types[type].name))
			continue;
		for (size_t i = 0; i < reader->board_count; i++)
			boards += reader->boards[i].type == type;
		load_add_group(reader->load, recording->types[type].name, recording->types[type].name, boards);
		recording->types[type].has_names = true;
	}
}

static int settle(struct reader *reader, struct err *err)
{
	struct recording *recording = reader->recording;
	int64_t first_us;

	if (recording->run_count == 0)
		return err_set(err, ERR_INVALID, "no run in it had a board and ended");
	qsort(recording->runs, recording->run_count, sizeof(*recording->runs), by_time);
	first_us = recording->runs[0].at_us;
	for (size_t i = 0; i < recording->run_count; i++)
		recording->runs[i].at_us -= first_us;
	reader->load->start_us = first_us;
	reader->load->horizon_us = recording->runs[recording->run_count - 1].at_us + 1;
	add_missing_boards(reader);
	return 0;
}

int recording_read(const char *path, struct load *load, struct recording **ret_recording, struct err *err)
{
	struct reader reader = {.load = load};
	FILE *file = fopen(path, "r");
	int code;

	if (!file)
		return err_set_errno(err, errno, "cannot open %s", path);
	reader.recording = mem_alloc(sizeof(*reader.recording));
	code = read_file(&reader, file, err);
	if (code || (code = settle(&reader, err)) != 0) {
		err_prefix(err, "%s", path);
		recording_destroy(reader.recording);
	} else {
		*ret_recording = reader.recording;
	}
	(void)fclose(file);
	free(reader.members);
	free(reader.boards);
	return code;
}
