/* SPDX-License-Identifier: Apache-2.0 */
/* What a run listens with: console bytes go into the parser as they come, are counted and hashed, and are given on in
 * chunks; it says when the run is over and why.
 *
 * Happy path: capture_begin, just before reset is released -> capture_data … -> the end rule is met -> quiet for settle
 * -> on_over(CAPTURE_COMPLETE). Ways it ends else: silence, limit, more resets than allowed, the core stopped, the
 * console lost, cancelled; each calls on_over once. After that bytes are still taken in until capture_close, so that a
 * drained tail is part of the record.
 *
 * A board that is held for a person is only recorded: capture_record -> capture_data … -> capture_close, with no end
 * and no cases. */
#ifndef ASSAY_AGENTS_BENCH_CAPTURE_H
#define ASSAY_AGENTS_BENCH_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include <sodium.h>
#include <uv.h>

#include "core/base/err.h"
#include "core/judge/facts.h"
#include "core/judge/judge.h"
#include "core/parse/parse.h"
#include "core/spec/spec.h"

#define CAPTURE_CHUNK_BYTES 32768
#define CAPTURE_CHUNK_MS    2 /* bytes wait at most so long for more to come */
/* The same when nobody judges and a chunk was given just before: a board that prints all day makes fewer chunks, and
 * what a person types is still echoed at once. No more chunks than this are recorded (the spool has its own limit). */
#define CAPTURE_RECORD_MS  20
#define CAPTURE_RECORD_MAX 1500000u

struct capture_events {
	void *context;
	void (*on_chunk)(void *context, uint64_t offset, const uint8_t *data, size_t size_bytes, int64_t at_us);
	void (*on_case)(void *context, const struct case_result *result);
	void (*on_over)(void *context, enum capture_end end);
	/* The firmware asks for something, and may: what comes of it is told with capture_answered, but for a reset of
	 * its own, which needs nothing. Called from inside capture_data. */
	void (*on_ask)(void *context, enum parse_ask ask, uint32_t ask_ms);
};

/* In the caller's memory; all private except what is marked. */
struct capture {
	struct capture_events events;
	uv_timer_t timer;       /* silence, limit or settle, whichever is next */
	uv_timer_t chunk_timer; /* gives the chunk on */
	int open_handles;
	struct parser *parser;       /* NULL between runs, and while it only records */
	struct collector *collector; /* read by the judge */
	const struct requirements *require;
	const struct end_rule *rule;
	enum capture_end end; /* CAPTURE_OPEN until on_over; read by everyone */
	enum capture_end ending;
	int64_t ending_us; /* when ending was chosen */
	int64_t settle_ms; /* of ending */
	int64_t begun_us;
	int64_t last_byte_us;
	int64_t due_us;         /* when the timer should go off */
	int64_t now_us;         /* of the bytes being parsed, rack clock */
	uint64_t bytes;         /* so far: read by the judge */
	uint64_t dropped;       /* printed and lost on the way: read by the judge */
	uint64_t unheard;       /* beyond max_bytes: not listened to */
	uint32_t probe_resets;  /* read by the judge */
	struct run_facts facts; /* its marks, as they come; the rest is the judge's */
	uint32_t self_resets; /* that the firmware said it would make, since the power came or a reset was asked for */
	uint32_t self_unseen; /* of them, those that the probe may still see */
	bool asked;           /* a request is carried out: the board's silence is not its own */
	crypto_hash_sha256_state hash;
	uint64_t chunk_offset;
	size_t chunk_len;
	int64_t chunk_at_us;
	uint64_t max_bytes;
	uint32_t chunks; /* recorded */
	int64_t chunk_given_us;
	bool listening;
	bool hashed; /* hash is of this run */
	uint8_t chunk[CAPTURE_CHUNK_BYTES];
};

void capture_init(struct capture *capture, uv_loop_t *loop, const struct capture_events *events);
/* Begins to listen. require and rule outlive it; build_id may be "". ERR_NOMEM. */
int capture_begin(struct capture *capture, const struct requirements *require, const struct end_rule *rule,
		  const char *build_id, uint64_t max_bytes, struct err *err);
/* Begins to listen to what nobody judges: chunks only. What comes after max_bytes, or
 * CAPTURE_RECORD_MAX chunks, is counted as unheard. */
void capture_record(struct capture *capture, uint64_t max_bytes);
void capture_data(struct capture *capture, const uint8_t *data, size_t size_bytes, int64_t at_us);
/* A reset that the probe saw. */
void capture_reset_seen(struct capture *capture);
/* The board was reset as asked, or its power was taken away: its own counting of resets begins anew. */
void capture_count_anew(struct capture *capture);
/* What the firmware asked for is done; more: it has asked for something else meanwhile. */
void capture_answered(struct capture *capture, bool more);
/* So many resets the board itself counted, at the end of a complete run: more than are allowed make it a reboot. */
void capture_resets_counted(struct capture *capture, uint32_t resets);
/* So many bytes were lost before they came here. */
void capture_bytes_lost(struct capture *capture, uint64_t lost);
/* Ends it for a reason that is not in the bytes; the first reason stays. */
void capture_stop(struct capture *capture, enum capture_end end);
/* No more bytes: the last chunk is given on, the parser's last line read. */
void capture_close(struct capture *capture);
void capture_hash(const struct capture *capture, char ret_hex[65]);
/* Frees what the run had; ready for the next. */
void capture_reset(struct capture *capture);
/* Closes the timers; on_closed is called when libuv has let go of them. */
void capture_finish(struct capture *capture, uv_close_cb on_closed, void *data);

#endif
