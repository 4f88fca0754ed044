/* SPDX-License-Identifier: Apache-2.0 */
/* Listening to a run. */
#include "agents/bench/capture.h"

#include <inttypes.h>
#include <string.h>

#include "agents/base/clock.h"
#include "core/base/log.h"

/* A board that talks on after its end was seen is listened to for so many times the settling time. */
#define SETTLE_TIMES 10

#define STOPPED_SETTLE_MS 30 /* after a crash or reboot: what is still on its way is taken in */

#define STALL_MS 500 /* a timer this late says that the agent itself stood still */

static void arm(struct capture *capture);

/* An agent that stood still may hear of a reset from the probe before it reads on the console that the firmware would
 * make it: then the reset that chose the end was that one. */
static bool explains_reset(struct capture *capture)
{
	uint32_t allowed = capture->require->resets;

	if (capture->end != CAPTURE_OPEN || capture->ending != CAPTURE_REBOOT || capture->probe_resets <= allowed ||
	    collector_reboots(capture->collector) > allowed)
		return false;
	capture->probe_resets--;
	capture->ending = capture->probe_resets > allowed ? CAPTURE_REBOOT : CAPTURE_OPEN;
	arm(capture);
	return true;
}

static void on_granted(struct capture *capture, const struct parse_event *event)
{
	if (event->ask == PARSE_ASK_SELF_RESET) {
		capture->self_resets++;
		if (!explains_reset(capture))
			capture->self_unseen++;
	} else {
		capture->asked = true;
	}
	capture->events.on_ask(capture->events.context, event->ask, event->ask_ms);
}

static void on_parse_event(void *context, const struct parse_event *event)
{
	struct capture *capture = context;
	uint32_t asks = collector_asks(capture->collector);

	collector_feed(capture->collector, event, capture->now_us);
	if (event->kind == PARSE_MARK && run_facts_mark(&capture->facts, event->offset, capture->now_us))
		capture->facts.marks_cut = true;
	if (event->kind == PARSE_ASK && collector_asks(capture->collector) > asks)
		on_granted(capture, event);
}

static void give_chunk(struct capture *capture)
{
	size_t len = capture->chunk_len;

	uv_timer_stop(&capture->chunk_timer);
	if (len == 0)
		return;
	capture->chunk_len = 0;
	capture->chunks++;
	capture->chunk_given_us = clock_monotonic_us();
	capture->events.on_chunk(capture->events.context, capture->chunk_offset, capture->chunk, len,
				 capture->chunk_at_us);
}

/* The bytes a result rests on are told before it. */
static void on_case(void *context, const struct case_result *result)
{
	struct capture *capture = context;

	give_chunk(capture);
	capture->events.on_case(capture->events.context, result);
}

static void on_chunk_timer(uv_timer_t *timer)
{
	give_chunk(timer->data);
}

static uint64_t chunk_wait_ms(const struct capture *capture)
{
	int64_t since_us = clock_monotonic_us() - capture->chunk_given_us;

	return capture->parser || since_us > 2000 * CAPTURE_RECORD_MS ? CAPTURE_CHUNK_MS : CAPTURE_RECORD_MS;
}

static void keep_bytes(struct capture *capture, const uint8_t *data, size_t size_bytes, int64_t at_us)
{
	size_t part;

	/* A chunk that cannot be kept ends the run, and with it the listening, from inside. */
	while (size_bytes && capture->listening) {
		if (capture->chunk_len == 0) {
			capture->chunk_offset = capture->bytes;
			capture->chunk_at_us = at_us;
			uv_timer_start(&capture->chunk_timer, on_chunk_timer, chunk_wait_ms(capture), 0);
		}
		part = CAPTURE_CHUNK_BYTES - capture->chunk_len;
		if (part > size_bytes)
			part = size_bytes;
		memcpy(capture->chunk + capture->chunk_len, data, part);
		capture->chunk_len += part;
		capture->bytes += part;
		data += part;
		size_bytes -= part;
		if (capture->chunk_len == CAPTURE_CHUNK_BYTES)
			give_chunk(capture);
	}
}

/* When the end that was chosen takes effect: a complete run once the console was quiet for settle_ms, since what
 * contradicts the end is told after it. */
static int64_t ending_due_us(const struct capture *capture)
{
	int64_t settle_us = capture->settle_ms * 1000, due_us = capture->ending_us + settle_us;
	int64_t quiet_us = capture->last_byte_us + settle_us;

	if (capture->ending != CAPTURE_COMPLETE || quiet_us < due_us)
		return due_us;
	return quiet_us < capture->ending_us + SETTLE_TIMES * settle_us ? quiet_us
									: capture->ending_us + SETTLE_TIMES * settle_us;
}

/* Chooses an end that takes effect after settle_ms; the first one chosen stays. */
static void end_after(struct capture *capture, enum capture_end end, int64_t settle_ms)
{
	if (capture->ending != CAPTURE_OPEN || capture->end != CAPTURE_OPEN)
		return;
	capture->ending = end;
	capture->ending_us = clock_monotonic_us();
	capture->settle_ms = settle_ms;
	arm(capture);
}

static void end_now(struct capture *capture, enum capture_end end)
{
	if (capture->end != CAPTURE_OPEN)
		return;
	capture->end = end;
	uv_timer_stop(&capture->timer);
	capture->events.on_over(capture->events.context, end);
}

/* Looks whether what was read has met the end rule. */
static void look(struct capture *capture)
{
	if (collector_reboots(capture->collector) > capture->require->resets)
		end_after(capture, CAPTURE_REBOOT, STOPPED_SETTLE_MS);
	else if (collector_wrong_image(capture->collector))
		end_after(capture, CAPTURE_COMPLETE, 0);
	else if (collector_complete(capture->collector))
		end_after(capture, CAPTURE_COMPLETE, capture->rule->settle_ms);
}

void capture_data(struct capture *capture, const uint8_t *data, size_t size_bytes, int64_t at_us)
{
	uint64_t room;

	if (!capture->listening)
		return;
	room = capture->max_bytes - capture->bytes;
	if (!capture->parser && capture->chunks >= CAPTURE_RECORD_MAX && capture->chunk_len == 0)
		room = 0;
	if (size_bytes > room) {
		/* Nobody listened to them, which is the limit's doing: nothing was lost. */
		capture->unheard += size_bytes - room;
		size_bytes = (size_t)room;
		if (capture->parser)
			end_after(capture, CAPTURE_LIMIT, 0);
	}
	capture->last_byte_us = clock_monotonic_us();
	capture->now_us = at_us;
	crypto_hash_sha256_update(&capture->hash, data, size_bytes);
	keep_bytes(capture, data, size_bytes, at_us);
	if (!capture->listening || !capture->parser)
		return;
	collector_text(capture->collector, data, size_bytes);
	parser_feed(capture->parser, data, size_bytes);
	if (capture->end == CAPTURE_OPEN)
		look(capture);
}

/* An agent that was stopped, or starved by its host, heard nothing meanwhile: that time is not the board's silence, and
 * what waits on the console has yet to be read. Returns whether it was so. */
static bool forgive_stall(struct capture *capture, int64_t now_us)
{
	int64_t late_us = now_us - capture->due_us;

	if (late_us < STALL_MS * 1000 || capture->ending != CAPTURE_OPEN)
		return false;
	log_warn("capture", "the agent stood still for %" PRId64 " ms: listening goes on", late_us / 1000);
	capture->begun_us += late_us + STALL_MS * 1000;
	capture->last_byte_us = now_us;
	return true;
}

static void on_timer(uv_timer_t *timer)
{
	struct capture *capture = timer->data;
	int64_t now_us = clock_monotonic_us();

	if (forgive_stall(capture, now_us))
		arm(capture);
	else if (capture->ending != CAPTURE_OPEN && now_us >= ending_due_us(capture))
		end_now(capture, capture->ending);
	else if (now_us >= capture->begun_us + capture->rule->limit_ms * 1000)
		end_now(capture, capture->ending != CAPTURE_OPEN ? capture->ending : CAPTURE_LIMIT);
	else if (!capture->asked && now_us >= capture->last_byte_us + capture->rule->silence_ms * 1000)
		end_now(capture, capture->ending != CAPTURE_OPEN ? capture->ending : CAPTURE_SILENCE);
	else
		arm(capture);
}

/* The timer goes off at the earliest end that could come; a byte in between only moves silence, which is seen then. */
static void arm(struct capture *capture)
{
	int64_t due_us = capture->begun_us + capture->rule->limit_ms * 1000;
	int64_t silence_us = capture->last_byte_us + capture->rule->silence_ms * 1000;
	int64_t wait_us;

	if (silence_us < due_us && !capture->asked)
		due_us = silence_us;
	if (capture->ending != CAPTURE_OPEN && ending_due_us(capture) < due_us)
		due_us = ending_due_us(capture);
	capture->due_us = due_us;
	wait_us = due_us - clock_monotonic_us();
	uv_update_time(capture->timer.loop);
	uv_timer_start(&capture->timer, on_timer, wait_us > 0 ? (uint64_t)(wait_us + 999) / 1000 : 0, 0);
}

void capture_reset_seen(struct capture *capture)
{
	if (!capture->listening || !capture->parser)
		return;
	if (capture->self_unseen > 0) {
		capture->self_unseen--;
		return;
	}
	if (++capture->probe_resets > capture->require->resets)
		end_after(capture, CAPTURE_REBOOT, STOPPED_SETTLE_MS);
}

void capture_count_anew(struct capture *capture)
{
	capture->self_resets = capture->self_unseen = 0;
}

void capture_answered(struct capture *capture, bool more)
{
	if (!capture->listening || !capture->parser)
		return;
	capture->asked = more;
	capture->last_byte_us = clock_monotonic_us();
	if (capture->end == CAPTURE_OPEN)
		arm(capture);
}

void capture_resets_counted(struct capture *capture, uint32_t resets)
{
	resets -= resets < capture->self_resets ? resets : capture->self_resets;
	if (resets > capture->probe_resets)
		capture->probe_resets = resets;
	if (resets > capture->require->resets && capture->end == CAPTURE_COMPLETE)
		capture->end = CAPTURE_REBOOT;
}

void capture_bytes_lost(struct capture *capture, uint64_t lost)
{
	capture->dropped += lost;
}

void capture_stop(struct capture *capture, enum capture_end end)
{
	if (!capture->listening || !capture->parser)
		return;
	if (end == CAPTURE_CRASHED)
		end_after(capture, end, STOPPED_SETTLE_MS);
	else
		end_now(capture, capture->ending != CAPTURE_OPEN && end != CAPTURE_CANCELLED ? capture->ending : end);
}

void capture_init(struct capture *capture, uv_loop_t *loop, const struct capture_events *events)
{
	memset(capture, 0, offsetof(struct capture, chunk));
	capture->events = *events;
	uv_timer_init(loop, &capture->timer);
	uv_timer_init(loop, &capture->chunk_timer);
	capture->timer.data = capture->chunk_timer.data = capture;
	capture->open_handles = 2;
}

int capture_begin(struct capture *capture, const struct requirements *require, const struct end_rule *rule,
		  const char *build_id, uint64_t max_bytes, struct err *err)
{
	capture_reset(capture);
	capture->require = require;
	capture->rule = rule;
	capture->max_bytes = max_bytes;
	capture->collector = collector_create(require, rule, on_case, capture);
	capture->parser = parser_create(on_parse_event, capture);
	if (!capture->collector || !capture->parser) {
		capture_reset(capture);
		return err_set(err, ERR_NOMEM, "no memory to listen with");
	}
	collector_expect_image(capture->collector, build_id);
	crypto_hash_sha256_init(&capture->hash);
	capture->hashed = true;
	capture->begun_us = capture->last_byte_us = clock_monotonic_us();
	capture->listening = true;
	arm(capture);
	return 0;
}

void capture_record(struct capture *capture, uint64_t max_bytes)
{
	capture_reset(capture);
	capture->max_bytes = max_bytes;
	crypto_hash_sha256_init(&capture->hash);
	capture->hashed = true;
	capture->begun_us = capture->last_byte_us = clock_monotonic_us();
	capture->listening = true;
}

void capture_close(struct capture *capture)
{
	if (!capture->listening)
		return;
	capture->listening = false;
	uv_timer_stop(&capture->timer);
	if (capture->parser)
		parser_end(capture->parser);
	give_chunk(capture);
}

void capture_hash(const struct capture *capture, char ret_hex[65])
{
	crypto_hash_sha256_state state = capture->hash;
	uint8_t hash[crypto_hash_sha256_BYTES];

	if (!capture->hashed)
		crypto_hash_sha256_init(&state);
	crypto_hash_sha256_final(&state, hash);
	sodium_bin2hex(ret_hex, 65, hash, sizeof hash);
}

void capture_reset(struct capture *capture)
{
	uv_timer_stop(&capture->timer);
	uv_timer_stop(&capture->chunk_timer);
	parser_destroy(capture->parser);
	collector_destroy(capture->collector);
	capture->parser = NULL;
	capture->collector = NULL;
	capture->listening = capture->hashed = false;
	capture->end = capture->ending = CAPTURE_OPEN;
	capture->bytes = capture->dropped = capture->unheard = 0;
	capture->probe_resets = capture->self_resets = capture->self_unseen = 0;
	capture->asked = false;
	capture->chunks = 0;
	capture->chunk_given_us = 0;
	capture->chunk_len = 0;
	run_facts_finish(&capture->facts);
}

void capture_finish(struct capture *capture, uv_close_cb on_closed, void *data)
{
	capture_reset(capture);
	capture->timer.data = capture->chunk_timer.data = data;
	uv_close((uv_handle_t *)&capture->timer, on_closed);
	uv_close((uv_handle_t *)&capture->chunk_timer, on_closed);
}
