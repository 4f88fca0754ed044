/* SPDX-License-Identifier: Apache-2.0 */
/* What the steps of a bench share. Only for agents/bench. */
#ifndef ASSAY_AGENTS_BENCH_PRIVATE_H
#define ASSAY_AGENTS_BENCH_PRIVATE_H

#include <stdatomic.h>

#include "agents/bench/bench.h"
#include "agents/bench/capture.h"
#include "agents/driver/console.h"
#include "agents/driver/power.h"
#include "agents/driver/probe.h"
#include "agents/driver/vboard.h"
#include "core/health/wear.h"
#include "core/image/image.h"

#define BENCH_MAX_SECTOR_RUNS (PROBE_MAX_WORDS / 3)
#define BENCH_MAX_ROWS        12
#define BENCH_MAX_TOOLS       5 /* deaths of the probe's tool that a hold bears */
#define BENCH_PATH_MAX        1024
#define BENCH_TEXT_MAX        400
#define BENCH_FILE_PATH       (BENCH_PATH_MAX + 64)

struct snapshot; /* step_snapshot.c */

/* Ends a comparison with what was read back. difference is "" when all is equal, else it says what differs. */
typedef void (*bench_compared_fn)(struct bench *bench, const char *difference);

/* A pass over the image's segments that reads them back. */
struct readback {
	bool flash, ram; /* the segments wanted */
	enum cause cause;
	bench_compared_fn on_compared;
	size_t segment;
	/* What was found: bytes that differ in flash that is erased by sectors, in flash that is erased with the chip,
	 * and whether bits have to be set again in the latter. */
	bool sectors_differ, words_differ, must_erase_chip;
};

/* What is still to be done to flash, in this order. */
struct flash_plan {
	bool erase_chip, write_sectors, write_words;
};

/* What the firmware asked for (ask.c). */
struct bench_ask {
	enum parse_ask kind; /* of the one carried out now, and the two below */
	uint32_t ms;
	int64_t begun_us;
	bool busy;
	bool pending; /* another one waits: for this one's end, or for the capture row */
	enum parse_ask next_kind;
	uint32_t next_ms;
	int64_t next_us;
	uint64_t serial; /* of the capture row's call */
	size_t row;      /* the capture row's number */
	char text[160];
};

struct bench {
	uv_loop_t *loop;
	struct bench_options options;
	struct bench_events events;
	char dir[BENCH_PATH_MAX]; /* absolute */
	int open_handles;         /* what libuv still holds of it: handles, and works on the thread pool */
	bool destroyed;

	struct vboard *vboard; /* NULL for a real board */
	struct power *power;
	struct probe *probe; /* of a virtual board: NULL until it is up for the first time */
	struct console_config console_config;
	struct console *console; /* open between console-open and console-close */
	bool console_lost;       /* it went away since it was opened */
	int64_t lost_before;     /* console bytes that a virtual board had lost before the run was listened to */
	bool power_unknown;      /* nobody knows yet whether the supply is on */
	bool powered;            /* it was switched on, and not off since */
	char unique_id[65];
	json_t *identity; /* read in this walk, {"dpidr","chip","unique_id","probe"}; NULL: nothing was */

	/* The walk. */
	struct step_row rows[BENCH_MAX_ROWS];
	struct steps steps;
	uv_timer_t steps_timer;
	bool walking;
	uint64_t serial;       /* of the row's call under way */
	uint64_t probe_serial; /* of the call that began the probe's operation under way */
	uint64_t power_serial; /* the same for the supply */
	uv_idle_t later;       /* delivers later_result */
	uint64_t later_serial;
	struct step_result later_result;
	bool recovering;            /* the walk is a rung of the ladder */
	enum recovery_rung rung;    /* that one */
	char rung_text[160];        /* what it did */
	struct step_result failing; /* what bench_fail was told, while the virtual board is asked for its state */
	uint64_t failing_serial;
	unsigned works; /* on the thread pool */

	/* The run. */
	struct bench_job job; /* its end is end */
	struct end_rule end;  /* with what the job leaves to the board */
	struct image image;
	bool has_image;
	atomic_bool *image_cancel; /* of the image being fetched */
	bool flash_equal;          /* read back before writing and found equal */
	char difference[160];      /* what was found there instead; "" when equal */
	bool chip_erased;          /* before writing */
	struct flash_plan plan;
	struct flash_sectors sectors[BENCH_MAX_SECTOR_RUNS]; /* of the board's flash, as the probe's tool tells them */
	size_t sectors_count;
	struct flashed flashed;
	bool flash_written;     /* in this walk's step flash: flashed says what was erased */
	bool core_at_vector;    /* stopped before the first instruction of what is in memory now */
	bool restarted;         /* OpenOCD was replaced in this attach */
	bool capturing;         /* the capture row is under way */
	bool vectors_set;       /* SP, PC and VTOR were set by hand */
	uv_timer_t quiet_timer; /* reset: waits for a quiet line; capture: its first look; snapshot: its limit */
	bool console_heard;     /* bytes came since the timer was set */
	int quiet_tries;
	size_t segment; /* being loaded to RAM */
	struct readback readback;
	struct capture capture;
	struct bench_ask ask;
	uv_timer_t ask_timer;
	struct run_judgement judgement;
	bool judged;
	size_t cases_total;
	char core_text[160];
	bool core_faulted;
	bool has_core;
	bool case_failed;          /* one told so far did, and nothing excuses it */
	struct snapshot *snapshot; /* NULL but during its row */

	/* The hold (step_hold.c). */
	bool holding;   /* its row is under way, and the board is a person's */
	bool held;      /* it ended as it should */
	unsigned tools; /* of the probe, that died in it */
	uv_timer_t hold_timer;
	char held_text[160];
};

/* The tables. Copied, so that a run's own limits can be put in. Return the number of rows. */
size_t bench_table_run(struct step_row *rows, const struct end_rule *end, int64_t image_bytes);
size_t bench_table_hold(struct step_row *rows, bool has_image, int64_t image_bytes);
size_t bench_table_power_off(struct step_row *rows);
size_t bench_table_recover(struct step_row *rows, enum recovery_rung rung);

/* The first thing a row's start or undo does: context is the bench, serial its call's. */
struct bench *bench_enter(void *context, uint64_t serial);
/* Ends the call under way; never from inside a row's start or undo. */
void bench_done(struct bench *bench, enum cause cause, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same from the next turn of the loop: for rows that have nothing to wait for. Returns 0, for their start. */
int bench_done_later(struct bench *bench, enum cause cause, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Ends the call under way with a failure whose cause is looked into first: a virtual board that is gone is told from a
 * probe that is gone, and both from a target that does not answer. err may be NULL. */
void bench_fail(struct bench *bench, enum cause cause, const struct err *err, const char *what);
/* What a virtual board's answer to "status" (or the error instead) says is wrong with it, though it should be alive:
 * CAUSE_NONE, CAUSE_BOARD_LOST, or CAUSE_POWER when it is its supply's command that does not switch it on. */
enum cause bench_board_trouble(const struct bench *bench, const struct err *err, const json_t *status, char *ret_why,
			       size_t size);
/* For a row's start: an operation that was refused at once. Fills refused and returns nonzero. */
int bench_refuse(struct bench *bench, struct step_result *refused, enum cause cause, const struct err *err);
/* Whether a completion belongs to the call under way. A step that never came back may complete much later. */
bool bench_current(const struct bench *bench, uint64_t serial);
/* After a probe operation was asked for from inside a completion: notes whose it is, or fails the call. */
void bench_began(struct bench *bench, int rc, enum cause cause, const struct err *err, const char *what);

/* The bench's virtual board is up: its probe and console are where it says. */
void bench_adopt_vboard(struct bench *bench);
int bench_make_probe(struct bench *bench, struct err *err);
void bench_make_path(const struct bench *bench, const char *name, size_t index, char *ret_path, size_t size);

/* Work for the thread pool. run gets on with it; done is called on the loop with the bench, or with NULL when the call
 * it was for is no longer under way: then it only frees. */
struct bench_work {
	uv_work_t request;
	struct bench *bench;
	uint64_t serial;
	void (*run)(struct bench_work *work);
	void (*done)(struct bench_work *work, struct bench *bench);
};

/* One of open_handles is closed. */
void bench_release(struct bench *bench);
/* Returns 0, or an error and done is never called. */
int bench_work_queue(struct bench *bench, struct bench_work *work, struct err *err);

/* Reads the image's segments in these kinds of memory back through the probe and compares them, in the call under way;
 * then on_compared, later. A read that fails ends the call with cause. */
void bench_read_back(struct bench *bench, bool flash, bool ram, enum cause cause, bench_compared_fn on_compared);

/* The capture has come to its end while its row is under way. */
void bench_capture_over(struct bench *bench);
/* Ends the capture row with a failure that is not the board's end. */
void bench_capture_fail(struct bench *bench, enum cause cause, const struct err *err, const char *what);

/* The firmware asks for something and may (capture's on_ask); it is carried out while the capture row is under way. */
void bench_ask(struct bench *bench, enum parse_ask kind, uint32_t ask_ms);
/* The capture row has begun: what was asked for before is carried out now. */
void bench_ask_begin(struct bench *bench);
/* The capture is over: nothing more is carried out. False: an operation is still under way; when it comes back
 * bench_capture_over is called again. */
bool bench_ask_ends(struct bench *bench);

/* While capturing: the probe died, or lost the target. Ends the row when that, or what a virtual board says, is so. */
void bench_capture_doubt(struct bench *bench, bool probe_died, const char *text);

/* Whether segment i goes to flash, and to such that is erased with the whole chip only. */
bool bench_segment_in_flash(const struct bench *bench, size_t i);
bool bench_segment_in_words(const struct bench *bench, size_t i);
size_t bench_bytes(const struct bench *bench, bool flash); /* in flash, or in RAM */

/* Ends OpenOCD; the next attach starts another. */
void bench_end_tool(struct bench *bench);

/* The rows. */
int step_image(void *context, uint64_t serial, struct step_result *refused);
void step_image_abort(void *context, uint64_t serial);
int step_power_on(void *context, uint64_t serial, struct step_result *refused);
int step_power_off(void *context, uint64_t serial, struct step_result *refused);
void step_power_kill(void *context, uint64_t serial);
/* A rung that did not help leaves the board its power for the next one. */
int step_power_keep(void *context, uint64_t serial, struct step_result *refused);
int step_power_rest(void *context, uint64_t serial, struct step_result *refused);
int step_rung_by_probe(void *context, uint64_t serial, struct step_result *refused);
int step_rung_probe_restart(void *context, uint64_t serial, struct step_result *refused);
int step_rung_usb_reset(void *context, uint64_t serial, struct step_result *refused);
int step_rung_power_cycle(void *context, uint64_t serial, struct step_result *refused);
int step_console_open(void *context, uint64_t serial, struct step_result *refused);
int step_console_close(void *context, uint64_t serial, struct step_result *refused);
void step_console_kill(void *context, uint64_t serial);
int step_attach(void *context, uint64_t serial, struct step_result *refused);
int step_detach(void *context, uint64_t serial, struct step_result *refused);
void step_probe_kill(void *context, uint64_t serial);
int step_identify(void *context, uint64_t serial, struct step_result *refused);
int step_flash(void *context, uint64_t serial, struct step_result *refused);
int step_verify(void *context, uint64_t serial, struct step_result *refused);
int step_reset(void *context, uint64_t serial, struct step_result *refused);
int step_capture(void *context, uint64_t serial, struct step_result *refused);
void step_capture_abort(void *context, uint64_t serial);
int step_hold(void *context, uint64_t serial, struct step_result *refused);
void step_hold_abort(void *context, uint64_t serial);
/* While holding: the board is lost, or the probe's tool died, which is replaced. */
void bench_hold_board_lost(struct bench *bench, const char *text);
void bench_hold_tool_died(struct bench *bench, const char *text);
int step_snapshot(void *context, uint64_t serial, struct step_result *refused);
void step_snapshot_abort(void *context, uint64_t serial);
/* Ends what the row has under way; nothing is called any more. */
void bench_drop_snapshot(struct bench *bench);
int step_judge(void *context, uint64_t serial, struct step_result *refused);

#endif
