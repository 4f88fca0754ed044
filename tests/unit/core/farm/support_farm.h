/* SPDX-License-Identifier: Apache-2.0 */
/* A farm with ports that remember what was asked of them. Nothing is durable until commit_all. */
#ifndef ASSAY_TESTS_FARM_SUPPORT_FARM_H
#define ASSAY_TESTS_FARM_SUPPORT_FARM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/list.h"
#include "core/farm/farm.h"

#define IMAGE_SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct farm_world {
	struct farm *farm;
	struct list queue; /* struct change */
	int64_t now_us, timer_us;
	int64_t jumped_us; /* how far the clock that people read was put forward */
	struct image image;
	struct board_type type;
	/* what was told */
	unsigned welcomes, assigns, cancels, extends, acks, stales, recovers, published, consoles, healths;
	int64_t extended_ms;
	struct agent_known_run known[8];
	size_t known_count;
	int64_t assigned_run, assigned_fence;
	char assigned_board[FARM_NAME_MAX], assigned_image[SHA256_HEX];
	struct {
		int64_t run, fence;
		char board[FARM_NAME_MAX];
	} assigned[128]; /* the first so many of all */
	char recovered_board[FARM_NAME_MAX];
	int64_t acked_n, stale_run;
	unsigned cuts;
	char cut_text[200];
	char heard[4096]; /* types of events, each with a blank before; what comes when it is full is left out */
	char last_event[2048], cancel_reason[200];
	enum cause cancel_cause;
	bool flow_waits;
	const struct principal *holder; /* of the only token there is; the boss at first; NULL: none */
	/* the last submit and the last wish */
	int64_t job;
	bool submitted, done;
	struct err err;
};

extern const struct principal boss, mary, vera, bob, rack;

/* A farm without records, an image that fits the type "microbit" under IMAGE_SHA. */
void farm_world_init(struct farm_world *world);
void farm_world_init_from(struct farm_world *world, const struct farm_records *records);
void farm_world_finish(struct farm_world *world);
/* Of a test: its state is a world, with setup_rack one in which rack1 has said hello. */
int setup_farm(void **state);
int setup_rack(void **state);
int teardown_farm(void **state);
/* Everything queued becomes durable. */
void commit_all(struct farm_world *world);
/* What waits is dropped. */
void drop_queue(struct farm_world *world);
#define OTHER_IMAGE_SHA "1111111111111111111111111111111111111111111111111111111111111111" /* as good */
#define TWIN_IMAGE_SHA  "0123456789111111111111111111111111111111111111111111111111111111" /* begins as the first */

/* What an agent says that has the boards, of the world's type, and no runs; for more it is filled in. */
struct agent_hello hello_of(const struct farm_world *world, const char *agent, const struct agent_board *boards,
			    size_t count);
/* "rack1" with boards mb1 and mb2, both microbits, and the runs it holds. */
int say_hello(struct farm_world *world, const char *agent, const struct agent_held_run *runs, size_t run_count,
	      struct agent_refusal *refusal);
/* Submits text; problems are kept. */
int submit(struct farm_world *world, const struct principal *who, const char *text, struct doc_problems *problems);
/* One run on any microbit. */
void submit_one(struct farm_world *world);
int tell_step(struct farm_world *world, int64_t n, bool ended);
int tell_step_named(struct farm_world *world, int64_t n, const char *step, bool ended);
int tell_end(struct farm_world *world, int64_t n, enum cause cause);
int tell_console(struct farm_world *world, int64_t n, uint64_t offset, const char *text);
/* So much later the farm's timer goes off, which must be set for then or earlier. */
void tick_after(struct farm_world *world, int64_t ms);
/* How many there are by farm_status_json: "boards" that are "free", "runs" that are "queued". */
int64_t status_count(const struct farm_world *world, const char *what, const char *state);
void expect_board(const struct farm_world *world, const char *name, const char *state);
void on_submitted(void *context, int64_t job, const struct err *err);
void on_done(void *context, const struct err *err);

#endif
