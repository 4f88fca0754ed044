/* SPDX-License-Identifier: Apache-2.0 */
/* The probe's operations, done by OpenOCD. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/base/clock.h"
#include "agents/driver/openocd/process.h"
#include "agents/driver/probe.h"
#include "core/base/log.h"

#define SHORT_LIMIT_MS 3000   /* a few accesses */
#define RESET_LIMIT_MS 8000   /* resets may wait for the target's own settings */
#define LONG_LIMIT_MS  280000 /* whole memories */
#define ARGV_MAX       64
#define PATH_BYTES     512

struct openocd {
	struct probe probe;
	uv_loop_t *loop;
	struct probe_events events;
	char name[48];
	char target[48];
	char scripts_dir[PATH_BYTES];
	char directory[PATH_BYTES];
	char *argv[ARGV_MAX + 1];
	struct process *process; /* NULL: down */
	bool up;
	int64_t start_us;
	uv_idle_t later;    /* answers a start that found OpenOCD warm */
	probe_done_fn done; /* of the operation under way */
	void *done_context;
	bool wants_words;
	bool watched; /* between release and detach */
	bool destroyed;
};

static struct openocd *of_probe(struct probe *probe)
{
	return (struct openocd *)(void *)probe;
}

static void finish(struct openocd *openocd, const struct probe_result *result)
{
	probe_done_fn done = openocd->done;

	openocd->done = NULL;
	if (done)
		done(openocd->done_context, result);
}

static void finish_err(struct openocd *openocd, const struct err *err)
{
	struct probe_result result = {.err = err, .text = ""};

	finish(openocd, &result);
}

static int begin(struct openocd *openocd, probe_done_fn done, void *context, struct err *err)
{
	if (openocd->done)
		return err_set(err, ERR_BUSY, "the probe has an operation under way");
	openocd->done = done;
	openocd->done_context = context;
	openocd->wants_words = false;
	return 0;
}

/* Numbers parted by blanks, as far as there are. */
static void parse_words(const char *text, struct probe_result *result)
{
	char *end;

	while (result->word_count < PROBE_MAX_WORDS) {
		errno = 0;
		result->words[result->word_count] = (uint32_t)strtoul(text, &end, 0);
		if (end == text || errno)
			return;
		result->word_count++;
		text = end;
	}
}

/* OpenOCD's words for a failure: what it logged, on one line and short; else Tcl's message. */
static void describe_failure(const struct tcl_reply *reply, struct err *err)
{
	const char *text = reply->log[0] ? reply->log : reply->text;
	char line[360];
	size_t len = 0;

	for (; *text && len < sizeof line - 3; text++) {
		if (*text != '\n')
			line[len++] = *text;
		else if (text[1] && text[1] != '\n') {
			line[len++] = ';';
			line[len++] = ' ';
		}
	}
	line[len] = '\0';
	err_set(err, ERR_IO, "OpenOCD: %s", len ? line : "failed without a word");
}

static void on_reply(void *context, const struct err *err, const struct tcl_reply *reply)
{
	struct openocd *openocd = context;
	struct probe_result result = {.text = ""};
	struct err failure = {0};

	if (err || reply->code) {
		if (err)
			failure = *err;
		else
			describe_failure(reply, &failure);
		finish_err(openocd, &failure);
		return;
	}
	result.text = reply->text;
	if (openocd->wants_words)
		parse_words(reply->text, &result);
	finish(openocd, &result);
}

static int call(struct probe *probe, const char *script, int64_t limit_ms, probe_done_fn done, void *context,
		struct err *err)
{
	struct openocd *openocd = of_probe(probe);
	int rc;

	if (!openocd->process || !openocd->up)
		return err_set(err, ERR_CLOSED, "OpenOCD is not running");
	rc = begin(openocd, done, context, err);
	if (rc)
		return rc;
	rc = process_call(openocd->process, script, limit_ms, on_reply, openocd, err);
	if (rc)
		openocd->done = NULL;
	return rc;
}

static void drop_process(struct openocd *openocd)
{
	process_destroy(openocd->process);
	openocd->process = NULL;
	openocd->up = false;
}

static void on_up(void *context, const struct err *err)
{
	struct openocd *openocd = context;
	struct probe_result result = {0};
	char text[80];

	if (err) {
		log_warn(openocd->name, "%s", err->text);
		drop_process(openocd);
		finish_err(openocd, err);
		return;
	}
	openocd->up = true;
	snprintf(text, sizeof text, "OpenOCD started in %" PRId64 " ms",
		 (clock_monotonic_us() - openocd->start_us) / 1000);
	log_info(openocd->name, "%s, pid %d", text, process_pid(openocd->process));
	result.text = text;
	finish(openocd, &result);
}

static void on_down(void *context, const struct err *err)
{
	struct openocd *openocd = context;
	struct err copy = *err;

	log_warn(openocd->name, "%s", copy.text);
	openocd->watched = false;
	drop_process(openocd);
	if (openocd->done)
		finish_err(openocd, &copy);
	else
		openocd->events.on_notice(openocd->events.context, PROBE_DIED, copy.text);
}

static void notice(struct openocd *openocd, enum probe_notice kind, const char *text)
{
	/* What OpenOCD says while it does something for us is about that, not about the firmware. */
	if (openocd->watched && !openocd->done)
		openocd->events.on_notice(openocd->events.context, kind, text);
}

static void on_line(void *context, const char *line)
{
	struct openocd *openocd = context;

	if (strstr(line, "external reset detected"))
		notice(openocd, PROBE_CORE_RESET, line);
	else if (strstr(line, "clearing lockup"))
		notice(openocd, PROBE_CORE_HALTED, "the core locked up");
	else if (strstr(line, "Polling target") && strstr(line, "failed"))
		notice(openocd, PROBE_NO_TARGET, line);
}

static void on_tcl_notice(void *context, const char *text)
{
	struct openocd *openocd = context;

	if (strstr(text, "target_event event halted"))
		notice(openocd, PROBE_CORE_HALTED, "the core stopped by itself");
}

static void on_warm(uv_idle_t *idle)
{
	struct openocd *openocd = idle->data;
	struct probe_result result = {.text = "OpenOCD warm"};

	uv_idle_stop(idle);
	if (openocd->up)
		finish(openocd, &result);
	else if (!openocd->process)
		finish_err(openocd, &(struct err){.code = ERR_CLOSED, .text = "OpenOCD died"});
}

static int do_start(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	struct openocd *openocd = of_probe(probe);
	struct openocd_options options = {.name = openocd->name,
					  .argv = (const char *const *)openocd->argv,
					  .scripts_dir = openocd->scripts_dir[0] ? openocd->scripts_dir : NULL,
					  .directory = openocd->directory[0] ? openocd->directory : NULL,
					  .target = openocd->target};
	struct process_events events = {
		.context = openocd, .on_up = on_up, .on_down = on_down, .on_line = on_line, .on_notice = on_tcl_notice};
	int rc = begin(openocd, done, context, err);

	if (rc)
		return rc;
	if (openocd->up) {
		uv_idle_start(&openocd->later, on_warm);
		return 0;
	}
	openocd->start_us = clock_monotonic_us();
	rc = process_start(openocd->loop, &options, &events, &openocd->process, err);
	if (rc)
		openocd->done = NULL;
	return rc;
}

static int do_attach(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	return call(probe, "assay_attach", RESET_LIMIT_MS, done, context, err);
}

static int do_dpidr(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	int rc = call(probe, "assay_dpidr", SHORT_LIMIT_MS, done, context, err);

	if (rc == 0)
		of_probe(probe)->wants_words = true;
	return rc;
}

static int do_read_words(struct probe *probe, const uint32_t *addresses, size_t count, probe_done_fn done,
			 void *context, struct err *err)
{
	char script[32 + PROBE_MAX_WORDS * 12];
	int rc, len = snprintf(script, sizeof script, "assay_words {");

	if (count > PROBE_MAX_WORDS)
		return err_set(err, ERR_TOO_BIG, "more than %d words at once", PROBE_MAX_WORDS);
	for (size_t i = 0; i < count; i++)
		len += snprintf(script + len, sizeof script - (size_t)len, " 0x%" PRIx32, addresses[i]);
	snprintf(script + len, sizeof script - (size_t)len, "}");
	rc = call(probe, script, SHORT_LIMIT_MS, done, context, err);
	if (rc == 0)
		of_probe(probe)->wants_words = true;
	return rc;
}

static int do_read_file(struct probe *probe, uint32_t address, uint32_t size_bytes, const char *path,
			probe_done_fn done, void *context, struct err *err)
{
	char script[PATH_BYTES + 80];

	snprintf(script, sizeof script, "dump_image {%s} 0x%" PRIx32 " %" PRIu32, path, address, size_bytes);
	return call(probe, script, LONG_LIMIT_MS, done, context, err);
}

static int do_write_flash(struct probe *probe, const char *hex_path, probe_done_fn done, void *context, struct err *err)
{
	char script[PATH_BYTES + 80];

	snprintf(script, sizeof script, "assay_write_flash {%s}", hex_path);
	return call(probe, script, LONG_LIMIT_MS, done, context, err);
}

static int do_load(struct probe *probe, uint32_t address, const char *path, probe_done_fn done, void *context,
		   struct err *err)
{
	char script[PATH_BYTES + 80];

	snprintf(script, sizeof script, "load_image {%s} 0x%" PRIx32 " bin", path, address);
	return call(probe, script, LONG_LIMIT_MS, done, context, err);
}

static int do_reset_halt(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	return call(probe, "assay_reset_halt", RESET_LIMIT_MS, done, context, err);
}

static int do_set_core(struct probe *probe, uint32_t sp, uint32_t pc, uint32_t vectors, probe_done_fn done,
		       void *context, struct err *err)
{
	char script[120];

	snprintf(script, sizeof script, "assay_set_core 0x%" PRIx32 " 0x%" PRIx32 " 0x%" PRIx32, sp, pc, vectors);
	return call(probe, script, SHORT_LIMIT_MS, done, context, err);
}

static int do_release(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	int rc = call(probe, "assay_release", SHORT_LIMIT_MS, done, context, err);

	if (rc == 0)
		of_probe(probe)->watched = true;
	return rc;
}

static int do_snapshot(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	int rc = call(probe, "assay_snapshot", SHORT_LIMIT_MS, done, context, err);

	if (rc == 0)
		of_probe(probe)->wants_words = true;
	of_probe(probe)->watched = false;
	return rc;
}

static int do_detach(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	of_probe(probe)->watched = false;
	return call(probe, "assay_detach", SHORT_LIMIT_MS, done, context, err);
}

static bool do_running(const struct probe *probe)
{
	return ((const struct openocd *)(const void *)probe)->up;
}

static int do_pid(const struct probe *probe)
{
	const struct openocd *openocd = (const struct openocd *)(const void *)probe;

	return openocd->process ? process_pid(openocd->process) : 0;
}

static void do_kill(struct probe *probe)
{
	struct openocd *openocd = of_probe(probe);

	if (!openocd->process)
		return;
	/* With an operation under way its end is the news; else there is nobody to tell, and the next start is a fresh
	 * one at once. */
	if (openocd->done)
		process_kill(openocd->process);
	else
		drop_process(openocd);
}

static void on_closed(uv_handle_t *handle)
{
	struct openocd *openocd = handle->data;

	for (size_t i = 0; openocd->argv[i]; i++)
		free(openocd->argv[i]);
	free(openocd);
}

static void do_destroy(struct probe *probe)
{
	struct openocd *openocd = of_probe(probe);

	if (openocd->destroyed)
		return;
	openocd->destroyed = true;
	openocd->done = NULL;
	drop_process(openocd);
	uv_close((uv_handle_t *)&openocd->later, on_closed);
}

static const struct probe_ops openocd_ops = {
	.start = do_start,
	.attach = do_attach,
	.dpidr = do_dpidr,
	.read_words = do_read_words,
	.read_file = do_read_file,
	.write_flash = do_write_flash,
	.load = do_load,
	.reset_halt = do_reset_halt,
	.set_core = do_set_core,
	.release = do_release,
	.snapshot = do_snapshot,
	.detach = do_detach,
	.running = do_running,
	.pid = do_pid,
	.kill = do_kill,
	.destroy = do_destroy,
};

int openocd_create(uv_loop_t *loop, const struct openocd_options *options, const struct probe_events *events,
		   struct probe **ret_probe, struct err *err)
{
	struct openocd *openocd = calloc(1, sizeof *openocd);

	if (!openocd)
		return err_set(err, ERR_NOMEM, "out of memory");
	openocd->probe.ops = &openocd_ops;
	openocd->loop = loop;
	openocd->events = *events;
	snprintf(openocd->name, sizeof openocd->name, "%s", options->name);
	snprintf(openocd->target, sizeof openocd->target, "%s", options->target);
	snprintf(openocd->scripts_dir, sizeof openocd->scripts_dir, "%s",
		 options->scripts_dir ? options->scripts_dir : "");
	snprintf(openocd->directory, sizeof openocd->directory, "%s", options->directory ? options->directory : "");
	uv_idle_init(loop, &openocd->later);
	openocd->later.data = openocd;
	for (size_t i = 0; options->argv[i] && i < ARGV_MAX; i++) {
		openocd->argv[i] = strdup(options->argv[i]);
		if (!openocd->argv[i]) {
			do_destroy(&openocd->probe);
			return err_set(err, ERR_NOMEM, "out of memory");
		}
	}
	*ret_probe = &openocd->probe;
	return 0;
}
