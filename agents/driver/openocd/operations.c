/* SPDX-License-Identifier: Apache-2.0 */
/* The probe's operations that are one exchange with OpenOCD each (procs.tcl). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agents/driver/openocd/private.h"

#define SHORT_LIMIT_MS 3000   /* a few accesses */
#define RESET_LIMIT_MS 8000   /* resets may wait for the target's own settings */
#define LONG_LIMIT_MS  280000 /* whole memories */

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
		openocd_finish_err(openocd, &failure);
		return;
	}
	result.text = reply->text;
	if (openocd->wants_words)
		parse_words(reply->text, &result);
	openocd_finish(openocd, &result);
}

static int call(struct probe *probe, const char *script, int64_t limit_ms, probe_done_fn done, void *context,
		struct err *err)
{
	struct openocd *openocd = openocd_of(probe);
	int rc;

	if (!openocd->process || !openocd->up)
		return err_set(err, ERR_CLOSED, "OpenOCD is not running");
	rc = openocd_begin(openocd, done, context, err);
	if (rc)
		return rc;
	rc = process_call(openocd->process, script, limit_ms, on_reply, openocd, err);
	if (rc)
		openocd->done = NULL;
	return rc;
}

int openocd_attach(struct probe *probe, bool at_vector, probe_done_fn done, void *context, struct err *err)
{
	return call(probe, at_vector ? "assay_attach 1" : "assay_attach 0", RESET_LIMIT_MS, done, context, err);
}

int openocd_dpidr(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	int rc = call(probe, "assay_dpidr", SHORT_LIMIT_MS, done, context, err);

	if (rc == 0)
		openocd_of(probe)->wants_words = true;
	return rc;
}

int openocd_read_words(struct probe *probe, const uint32_t *addresses, size_t count, probe_done_fn done, void *context,
		       struct err *err)
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
		openocd_of(probe)->wants_words = true;
	return rc;
}

int openocd_read_file(struct probe *probe, uint32_t address, uint32_t size_bytes, const char *path, probe_done_fn done,
		      void *context, struct err *err)
{
	char script[OPENOCD_PATH_BYTES + 80];

	snprintf(script, sizeof script, "dump_image {%s} 0x%" PRIx32 " %" PRIu32, path, address, size_bytes);
	return call(probe, script, LONG_LIMIT_MS, done, context, err);
}

int openocd_write_flash(struct probe *probe, const char *hex_path, bool erase, probe_done_fn done, void *context,
			struct err *err)
{
	char script[OPENOCD_PATH_BYTES + 80];

	snprintf(script, sizeof script, "assay_write_flash {%s} %s", hex_path, erase ? "erase" : "{}");
	return call(probe, script, LONG_LIMIT_MS, done, context, err);
}

int openocd_sectors(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	int rc = call(probe, "assay_sectors", RESET_LIMIT_MS, done, context, err);

	if (rc == 0)
		openocd_of(probe)->wants_words = true;
	return rc;
}

int openocd_erase_chip(struct probe *probe, const char *command, probe_done_fn done, void *context, struct err *err)
{
	char script[160];

	snprintf(script, sizeof script, "assay_erase_chip {%s}", command);
	return call(probe, script, LONG_LIMIT_MS, done, context, err);
}

int openocd_load(struct probe *probe, uint32_t address, const char *path, probe_done_fn done, void *context,
		 struct err *err)
{
	char script[OPENOCD_PATH_BYTES + 80];

	snprintf(script, sizeof script, "load_image {%s} 0x%" PRIx32 " bin", path, address);
	return call(probe, script, LONG_LIMIT_MS, done, context, err);
}

int openocd_reset_halt(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	return call(probe, "assay_reset_halt", RESET_LIMIT_MS, done, context, err);
}

int openocd_line_reset(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	return call(probe, "assay_line_reset", RESET_LIMIT_MS, done, context, err);
}

int openocd_target_reset(struct probe *probe, bool has_line, probe_done_fn done, void *context, struct err *err)
{
	return call(probe, has_line ? "assay_target_reset 1" : "assay_target_reset 0", RESET_LIMIT_MS, done, context,
		    err);
}

int openocd_under_reset(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	return call(probe, "assay_under_reset", RESET_LIMIT_MS, done, context, err);
}

int openocd_set_core(struct probe *probe, uint32_t sp, uint32_t pc, uint32_t vectors, probe_done_fn done, void *context,
		     struct err *err)
{
	char script[120];

	snprintf(script, sizeof script, "assay_set_core 0x%" PRIx32 " 0x%" PRIx32 " 0x%" PRIx32, sp, pc, vectors);
	return call(probe, script, SHORT_LIMIT_MS, done, context, err);
}

int openocd_release(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	int rc = call(probe, "assay_release", SHORT_LIMIT_MS, done, context, err);

	if (rc == 0)
		openocd_of(probe)->watched = true;
	return rc;
}

int openocd_unwatch(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	openocd_of(probe)->watched = false;
	return call(probe, "assay_unwatch", SHORT_LIMIT_MS, done, context, err);
}

int openocd_watch(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	int rc = call(probe, "assay_watch", SHORT_LIMIT_MS, done, context, err);

	if (rc == 0)
		openocd_of(probe)->watched = true;
	return rc;
}

int openocd_reset_run(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	int rc = call(probe, "assay_reset_run", RESET_LIMIT_MS, done, context, err);

	if (rc == 0) {
		openocd_of(probe)->wants_words = true;
		openocd_of(probe)->watched = true;
	}
	return rc;
}

int openocd_snapshot(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	int rc = call(probe, "assay_snapshot", SHORT_LIMIT_MS, done, context, err);

	if (rc == 0)
		openocd_of(probe)->wants_words = true;
	openocd_of(probe)->watched = false;
	return rc;
}

int openocd_registers(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	int rc = call(probe, "assay_registers", SHORT_LIMIT_MS, done, context, err);

	if (rc == 0)
		openocd_of(probe)->wants_words = true;
	return rc;
}

int openocd_hand_over(struct probe *probe, bool reset, probe_done_fn done, void *context, struct err *err)
{
	openocd_of(probe)->watched = false;
	return call(probe, reset ? "assay_hand_over 1" : "assay_hand_over 0", RESET_LIMIT_MS, done, context, err);
}

int openocd_detach(struct probe *probe, probe_done_fn done, void *context, struct err *err)
{
	openocd_of(probe)->watched = false;
	return call(probe, "assay_detach", SHORT_LIMIT_MS, done, context, err);
}
