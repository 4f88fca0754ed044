/* SPDX-License-Identifier: Apache-2.0 */
/* A bench: one board with its probe, console and power, and the walk of a run over it. The table of steps is in
 * table.c, one step a file; how the walk ends in every case is the step engine's (core/farm/steps.h).
 *
 * Happy path: bench_create -> bench_recover(RUNG_LOOK): power, attach, identify and back, to prove that the board is
 * there and to have OpenOCD warm -> on_ended -> bench_run per run -> steps, console and cases as they come -> on_ended.
 * Ways it fails: every one is an outcome with a cause; on_ended always comes, once, and the board is without power then
 * (as far as it can be switched; but for a rung that did not help). A tool or virtual board that dies between walks is
 * replaced by the next one. */
#ifndef ASSAY_AGENTS_BENCH_BENCH_H
#define ASSAY_AGENTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "agents/driver/config.h"
#include "core/base/err.h"
#include "core/farm/steps.h"
#include "core/health/ladder.h"
#include "core/image/board_type.h"
#include "core/judge/facts.h"
#include "core/judge/judge.h"
#include "core/spec/spec.h"

#define BENCH_MAX_HELD_BYTES    (256u << 20) /* recorded of a hold's console; what comes after is not */
#define BENCH_MAX_CONSOLE_BYTES (64u << 20)  /* of one run; a board that prints more has reached its limit */

struct bench;

/* Where images come from. Strings outlive the bench. */
struct bench_images {
	const char *dir;        /* the cache: <dir>/<sha256> */
	const char *url;        /* the farm, as http://host:port; NULL: cache only */
	const char *token_file; /* bearer token for url, read for each download */
	const char *ca_file;    /* PEM; whom to trust for https; NULL: this machine's authorities */
};

/* All strings and structs outlive the bench. */
struct bench_options {
	const struct board_config *config;
	const struct board_type *type;
	const struct bench_images *images;
	const char *dir;            /* the board's own directory; exists */
	const char *scripts_dir;    /* more OpenOCD files; may be NULL */
	const char *vboard_program; /* assay-vboard */
	const void *of_kind;        /* what only a kind of bench other than the real one looks at; NULL */
};

/* What a run is about. Copied shallowly: the pointers outlive the walk. */
struct bench_job {
	const char *image_sha256;
	const char *image_name; /* for people */
	int64_t image_size_bytes;
	const struct requirements *require;
	const struct end_rule *end;
	const struct waiver_rules *waivers;  /* in force; NULL: none */
	const struct measure_limits *limits; /* NULL: none */
	/* > 0: no test: the board is held for a person so long, from the beginning of the step "hold", and nothing
	 * above but the image matters, which may be "": then nothing is flashed. */
	int64_t hold_ms;
};

/* How a walk ended. */
struct bench_outcome {
	enum cause cause; /* CAUSE_ALL_REQUIRED_SEEN when the run passed; CAUSE_NONE when a rung helped;
			   * CAUSE_LEASE_ENDED when a hold did */
	const char *text;
	struct run_judgement counts; /* of the cases; zero when nothing was judged */
	size_t cases_total;          /* on_case calls */
	uint64_t console_bytes;
	uint64_t console_dropped; /* lost on the way; not what lies beyond BENCH_MAX_CONSOLE_BYTES */
	char console_sha256[65];
	const struct measurement *measurements; /* printed while no case was open */
	size_t measurement_count;
	const char *core;              /* post-mortem in words; NULL when none was taken */
	const struct run_facts *facts; /* what the verdict rests on besides the console; NULL: nothing was judged */
	const json_t *identity;        /* what was read of board and probe in this walk; NULL: nothing was */
	bool teardown_failed;          /* an undo failed: the board's state is not known */
	bool lost;                     /* a step never came back */
};

/* What a run leaves behind besides its messages. Valid during the call. */
struct bench_artefact {
	const char *name; /* "core.elf", "backtrace.txt", "registers.txt" */
	const char *kind; /* "core", "backtrace", "registers" */
	const char *text; /* its content; NULL: it is the file at path, which the receiver may move away */
	const char *path;
	uint64_t size_bytes;
	const char *sha256; /* of the file */
};

/* What a walk tells, in order. Pointers are valid during the call. */
struct bench_events {
	void *context;
	void (*on_step_begun)(void *context, size_t row, enum step_phase phase, const char *name);
	void (*on_step_ended)(void *context, size_t row, enum step_phase phase, const char *name,
			      const struct step_result *result, int64_t took_us);
	/* at_us: when the first of these bytes came, on the rack's clock. */
	void (*on_console)(void *context, uint64_t offset, const uint8_t *data, size_t size_bytes, int64_t at_us);
	void (*on_case)(void *context, const struct case_result *result);
	void (*on_artefact)(void *context, const struct bench_artefact *artefact); /* NULL: none are made */
	/* bench_write_console takes bytes again; NULL: nobody writes. */
	void (*on_console_room)(void *context);
	/* The last call of a walk; another walk may be begun from a later turn of the loop. */
	void (*on_ended)(void *context, const struct bench_outcome *outcome);
	/* Between walks: a tool of the bench died. The next walk replaces it. */
	void (*on_tool_died)(void *context, enum cause cause, const char *text);
};

int bench_create(uv_loop_t *loop, const struct bench_options *options, const struct bench_events *events,
		 struct bench **ret_bench, struct err *err);
/* Begin a walk. ERR_BUSY while one is under way; on failure nothing is called. */
int bench_run(struct bench *bench, const struct bench_job *job, struct err *err);
/* One rung of the recovery ladder, with its proof: attach and identify. The outcome's cause is CAUSE_NONE when it
 * helped, its text what was done; the board has no power then. Else it keeps what power it has for the next rung:
 * bench_power_off ends a ladder that did not help. */
int bench_recover(struct bench *bench, enum recovery_rung rung, struct err *err);
void bench_means(const struct bench *bench, struct ladder_means *ret_means);
/* Only takes the power away, whatever state the board is in. */
int bench_power_off(struct bench *bench, struct err *err);
void bench_cancel(struct bench *bench);
const char *bench_unique_id(const struct bench *bench); /* hex as last read from the chip; "" while unknown */
/* Not during a walk. Kills the tools; the memory goes when libuv has let go of it. Accepts NULL. */
void bench_destroy(struct bench *bench);

/* A hold: the step "hold" is under way, and a person has the board. bench_hold_for: it ends so long from now, also one
 * that has not begun yet, from then on. bench_end_hold ends it well, and says why; does nothing when there is none. */
bool bench_holding(const struct bench *bench);
void bench_hold_for(struct bench *bench, int64_t hold_ms);
void bench_end_hold(struct bench *bench, const char *why);
/* Where the board's gdb server listens on the loopback address; 0: nowhere, or not now. */
uint16_t bench_gdb_port(const struct bench *bench);
/* Bytes to the board's console. Returns how many were taken: 0 while it writes, and on_console_room comes. */
size_t bench_write_console(struct bench *bench, const uint8_t *data, size_t size_bytes);

/* What a board's life needs of a bench, so that it is the same whatever stands on the bench. A kind's struct bench is
 * its own: only that kind's functions look inside. They promise what those above do. */
struct bench_kind {
	int (*create)(uv_loop_t *loop, const struct bench_options *options, const struct bench_events *events,
		      struct bench **ret_bench, struct err *err);
	int (*run)(struct bench *bench, const struct bench_job *job, struct err *err);
	int (*recover)(struct bench *bench, enum recovery_rung rung, struct err *err);
	void (*means)(const struct bench *bench, struct ladder_means *ret_means);
	int (*power_off)(struct bench *bench, struct err *err);
	void (*cancel)(struct bench *bench);
	const char *(*unique_id)(const struct bench *bench);
	bool (*holding)(const struct bench *bench);
	void (*hold_for)(struct bench *bench, int64_t hold_ms);
	void (*end_hold)(struct bench *bench, const char *why);
	uint16_t (*gdb_port)(const struct bench *bench); /* NULL: it never has a gdb server */
	size_t (*write_console)(struct bench *bench, const uint8_t *data, size_t size_bytes);
	bool (*refuses)(struct bench *bench); /* whether it takes no run just now; NULL: it takes every one */
	void (*destroy)(struct bench *bench);
};

extern const struct bench_kind bench_real;

#endif
