/* SPDX-License-Identifier: Apache-2.0 */
/* A job in memory. */
#include "tests/unit/daemon/evidence/support.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "core/base/mem.h"
#include "daemon/evidence/keys.h"
#include "tests/unit/core/base/cmocka_all.h"

#define IMAGE "an image, as far as this test goes"
#define CORE  "a core file, the same"

static const char ONE_FAILS[] = "TEST(Full, one) PASS\nTEST(Full, two)t.c:5::FAIL: Expected 1 Was 2\n\n"
				"-----------------------\n2 Tests 1 Failures 0 Ignored\nFAIL\n";
static const char REQUIRE[] = "{\"groups\":[\"Full\"]}";

static const struct world_run *run_of(const struct world *world, int64_t id)
{
	for (size_t i = 0; i < world->run_count; i++) {
		if (world->runs[i].id == id)
			return &world->runs[i];
	}
	fail_msg("there is no run %lld", (long long)id);
	return NULL;
}

static void facts_of(const struct world_run *run, struct run_facts *facts)
{
	run_facts_init(facts);
	facts->judge.capture = run->end;
	facts->judge.console_bytes = run->console_len;
}

static void asked_of(const struct world_run *run, struct asked *asked)
{
	json_t *require = json_loads(run->require, 0, NULL);
	struct err err = {0};

	asked_init(asked);
	asked->end = (struct end_rule){.when = END_REQUIRED, .silence_ms = 1000, .limit_ms = 60000};
	if (!require || requirements_from_json(require, &asked->require, &err))
		fail_msg("%s: %s", run->require, err.text);
	json_decref(require);
}

/* Judges the run's console and hands over each case, and the judgement. */
static void judge_run(const struct world_run *run, struct run_judgement *ret_judgement, reader_row_fn on_row,
		      void *context, int *ret_rc)
{
	struct run_facts facts;
	struct asked asked;
	struct rejudge *rejudge;
	const struct case_result *results;
	struct err err = {0};
	size_t count;

	facts_of(run, &facts);
	asked_of(run, &asked);
	rejudge = rejudge_create(&asked, &facts);
	rejudge_feed(rejudge, run->console, run->console_len);
	rejudge_end(rejudge, ret_judgement);
	results = rejudge_results(rejudge, &count);
	for (size_t i = 0; i < count && on_row && *ret_rc == 0; i++) {
		json_t *row = case_result_to_json(&results[i]);

		*ret_rc = on_row(context, row, &err);
		json_decref(row);
	}
	rejudge_destroy(rejudge);
	asked_finish(&asked);
	run_facts_finish(&facts);
}

static void hash_text(const char *text, size_t len, char hex[65])
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const uint8_t *)text, len);
	sodium_bin2hex(hex, 65, hash, sizeof(hash));
}

static json_t *run_json(const struct world_run *run)
{
	struct run_judgement judgement = {0};
	enum cause cause = run->cause;
	char sha256[65], image[65];
	int rc = 0;

	if (run->judged)
		judge_run(run, &judgement, NULL, NULL, &rc);
	if (cause == CAUSE_NONE)
		cause = judgement.cause;
	hash_text(run->console, run->console_len, sha256);
	hash_text(IMAGE, strlen(IMAGE), image);
	return json_pack("{s:I,s:I,s:I,s:I,s:s,s:s,s:s,s:{s:s},s:{s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:i},s:{s:I,s:i,s:s}}",
			 "id", (json_int_t)run->id, "job", (json_int_t)3, "index", (json_int_t)run->index, "attempt",
			 (json_int_t)run->attempt, "verdict", run_verdict_name(cause_verdict(cause)), "cause",
			 cause_name(cause), "state", "finished", "image", "sha256", image, "counts", "passed",
			 (int)judgement.passed, "failed", (int)judgement.failed, "ignored", (int)judgement.ignored,
			 "missing", (int)judgement.missing, "crashed", (int)judgement.crashed, "error",
			 (int)judgement.error, "waived", (int)judgement.waived, "expected", (int)judgement.expected,
			 "console", "bytes", (json_int_t)run->console_len, "dropped", 0, "sha256", sha256);
}

static int read_job(void *context, json_t **ret_job, struct err *err)
{
	const struct world *world = context;
	json_t *job = json_pack("{s:i,s:s,s:s,s:s,s:s,s:s}", "id", 3, "name", "a job", "org", "default", "state",
				world->state, "verdict", world->verdict, "cause", world->cause);
	json_t *runs = json_array();

	(void)err;
	for (size_t i = 0; i < world->run_count; i++)
		json_push(&runs, run_json(&world->runs[i]));
	json_put(&job, "runs", runs);
	*ret_job = job;
	return 0;
}

static int read_steps(void *context, int64_t id, reader_row_fn on_row, void *row_context, struct err *err)
{
	const struct world_run *run = run_of(context, id);
	json_t *row = json_pack("{s:s,s:s,s:s,s:s}", "step", run->step ? run->step : "power-on", "phase", "forward",
				"cause", run->step ? cause_name(run->cause) : "none", "text", "as it went");
	int rc = on_row(row_context, row, err);

	json_decref(row);
	return rc;
}

static int read_cases(void *context, int64_t id, reader_row_fn on_row, void *row_context, struct err *err)
{
	const struct world_run *run = run_of(context, id);
	struct run_judgement judgement;
	int rc = 0;

	(void)err;
	if (run->judged)
		judge_run(run, &judgement, on_row, row_context, &rc);
	return rc;
}

static int read_console(void *context, int64_t id, uint64_t from, void *buffer, size_t size, size_t *ret_len,
			struct err *err)
{
	const struct world_run *run = run_of(context, id);
	size_t len = from < run->console_len ? run->console_len - (size_t)from : 0;

	(void)err;
	*ret_len = len < size ? len : size;
	if (*ret_len)
		memcpy(buffer, run->console + from, *ret_len);
	return 0;
}

static int read_records(void *context, json_t **ret_records, struct err *err)
{
	(void)context;
	(void)err;
	*ret_records =
		json_pack("{s:{},s:n,s:[{s:s}],s:[]}", "spec", "suite", "board_types", "name", "virt", "waivers");
	return 0;
}

static int read_run_records(void *context, int64_t id, json_t **ret_records, struct err *err)
{
	const struct world_run *run = run_of(context, id);
	struct run_facts facts;
	struct asked asked;

	(void)err;
	facts_of(run, &facts);
	asked_of(run, &asked);
	*ret_records = json_object();
	json_put(ret_records, "asked", asked_to_json(&asked));
	json_put(ret_records, "facts", run->judged ? run_facts_to_json(&facts) : json_null());
	json_put(ret_records, "identity", json_null());
	asked_finish(&asked);
	run_facts_finish(&facts);
	return 0;
}

static int read_loose(void *context, int64_t run, reader_row_fn on_row, void *row_context, struct err *err)
{
	(void)context;
	(void)run;
	(void)on_row;
	(void)row_context;
	(void)err;
	return 0;
}

static int read_time(void *context, int64_t run, uint64_t offset, int64_t *ret_at_us, struct err *err)
{
	(void)context;
	(void)run;
	(void)err;
	*ret_at_us = 1700000000000000 + (int64_t)offset;
	return 0;
}

static int read_artefacts(void *context, int64_t run, json_t **ret_list, struct err *err)
{
	char sha256[65];

	(void)context;
	(void)err;
	hash_text(CORE, strlen(CORE), sha256);
	*ret_list = json_array();
	if (run == 11)
		json_push(ret_list, json_pack("{s:s,s:s,s:s,s:b}", "name", "core.elf", "kind", "core", "sha256", sha256,
					      "present", 1));
	if (run == 11)
		json_push(ret_list, json_pack("{s:s,s:s,s:s,s:b}", "name", "late", "kind", "core", "sha256", sha256,
					      "present", 0));
	return 0;
}

static void write_file(const struct world *world, const char *name, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", world->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static int open_file(const struct world *world, const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", world->dir, name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	return fd;
}

static int read_artefact(void *context, int64_t run, const char *name, int *ret_fd, struct err *err)
{
	(void)run;
	(void)name;
	(void)err;
	*ret_fd = open_file(context, "core");
	return 0;
}

static int read_image(void *context, const char *sha256, int *ret_fd, struct err *err)
{
	(void)sha256;
	(void)err;
	*ret_fd = open_file(context, "image");
	return 0;
}

static int64_t fixed_time(void)
{
	return 1700000001500000;
}

static int write_report(const void *context, const struct job_reader *reader, int64_t run, FILE *out, struct err *err)
{
	(void)context;
	(void)reader;
	(void)run;
	(void)err;
	fputs("all there is to report\n", out);
	return 0;
}

char *world_console(size_t cases)
{
	struct buf text;

	buf_init(&text, 64u << 20);
	for (size_t i = 0; i < cases; i++)
		buf_appendf(&text, "TEST(Full, case_%zu) PASS\n", i);
	buf_appendf(&text, "\n-----------------------\n%zu Tests 0 Failures 0 Ignored\nOK\n", cases);
	return buf_take(&text);
}

struct world_run *world_add(struct world *world, int64_t index, int64_t attempt, const char *console,
			    const char *require)
{
	struct world_run *run = &world->runs[world->run_count++];

	*run = (struct world_run){.id = 10 + (int64_t)world->run_count,
				  .index = index,
				  .attempt = attempt,
				  .judged = true,
				  .console = mem_text(console),
				  .console_len = strlen(console),
				  .require = require,
				  .end = CAPTURE_COMPLETE};
	return run;
}

static void add_runs(struct world *world)
{
	struct world_run *run;
	char *console = world_console(3);

	world_add(world, 0, 1, ONE_FAILS, REQUIRE);
	world_add(world, 0, 2, console, REQUIRE);
	run = world_add(world, 1, 1, "", REQUIRE);
	run->judged = false;
	run->cause = CAUSE_FLASH;
	run->step = "flash";
	run = world_add(world, 2, 1, "TEST(Full, one) PA", REQUIRE);
	run->cause = CAUSE_CANCELLED;
	run->end = CAPTURE_CANCELLED;
	free(console);
}

struct world *world_create(void)
{
	static const struct job_writer report = {.write = write_report, .content_type = "text/plain"};
	const struct evidence_report reports[] = {{"report.txt", &report}};
	struct world *world = mem_alloc(sizeof(*world));
	struct minisig_secret secret;
	struct err err = {0};

	assert_true(sodium_init() >= 0);
	snprintf(world->dir, sizeof(world->dir), "/tmp/test_evidence.XXXXXX");
	assert_non_null(mkdtemp(world->dir));
	world->state = "finished";
	world->verdict = "infrastructure";
	world->cause = "flash";
	world->reader = (struct job_reader){.context = world,
					    .job = read_job,
					    .steps = read_steps,
					    .cases = read_cases,
					    .console = read_console,
					    .records = read_records,
					    .run_records = read_run_records,
					    .loose = read_loose,
					    .console_time = read_time,
					    .artefacts = read_artefacts,
					    .artefact = read_artefact,
					    .image = read_image};
	if (evidence_init(&world->evidence, world->dir, "cafe", fixed_time, reports, 1, &err) ||
	    keys_load(world->evidence.keys_dir, &secret, &err))
		fail_msg("%s", err.text);
	world->key = secret.public_key;
	write_file(world, "core", CORE);
	write_file(world, "image", IMAGE);
	add_runs(world);
	return world;
}

/* The folders are of one shape: state, its parts, and past keys. */
static void remove_tree(const char *dir)
{
	char command[160];
	pid_t child;

	snprintf(command, sizeof(command), "%s", dir);
	child = fork();
	if (child == 0) {
		execlp("rm", "rm", "-rf", command, (char *)NULL);
		_exit(127);
	}
	waitpid(child, NULL, 0);
}

void world_destroy(struct world *world)
{
	for (size_t i = 0; i < world->run_count; i++)
		free(world->runs[i].console);
	remove_tree(world->dir);
	free(world);
}

void world_seal(struct world *world)
{
	FILE *out = fopen("/dev/null", "w");
	struct err err = {0};

	assert_non_null(out);
	if (evidence_seal(&world->evidence, &world->reader, 0, out, &err))
		fail_msg("%s", err.text);
	fclose(out);
}

void world_path(const struct world *world, char path[128])
{
	snprintf(path, 128, "%s/evidence/job-3.tar", world->dir);
}

static void append(char *text, size_t size, const char *what, const char *said)
{
	size_t len = strlen(text);

	snprintf(text + len, size - len, "%s: %s\n", what, said);
}

static void on_told(void *context, enum verify_word word, const char *what, const char *text)
{
	struct told *told = context;

	if (word == VERIFY_BROKEN) {
		told->broken_count++;
		append(told->broken, sizeof(told->broken), what, text);
	} else if (word == VERIFY_NOTE) {
		append(told->notes, sizeof(told->notes), what, text);
	} else {
		told->holds_count++;
	}
}

int told_verify(int fd, const struct minisig_public *key, struct told *told)
{
	struct err err = {0};

	*told = (struct told){0};
	return verify_bundle(fd, key, on_told, told, &err);
}

int world_verify(const struct world *world, const struct minisig_public *key, struct told *told)
{
	struct err err = {0};
	int fd = -1;
	int rc;

	if (evidence_open(&world->evidence, 3, &fd, &err))
		fail_msg("%s", err.text);
	rc = told_verify(fd, key, told);
	close(fd);
	return rc;
}
