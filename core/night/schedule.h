/* SPDX-License-Identifier: Apache-2.0 */
/* A schedule: jobs by calendar. Every time it is due, each suite is run with each image on each board type of its
 * matrix; what came of it is a night, which is compared with the last one that was accepted. Pure. */
#ifndef ASSAY_NIGHT_SCHEDULE_H
#define ASSAY_NIGHT_SCHEDULE_H

#include "core/calendar/calendar.h"

#define SCHEDULE_NAME_MAX      64  /* of schedules, suites, images and secrets; with the NUL */
#define SCHEDULE_TYPE_MAX      32  /* of board types; with the NUL */
#define SCHEDULE_SOURCE_MAX    128 /* with the NUL; so long after {type} became a name, too */
#define SCHEDULE_URL_MAX       512
#define SCHEDULE_MAIL_MAX      255
#define SCHEDULE_MAX_LIST      100  /* suites, images, board types */
#define SCHEDULE_MAX_CELLS     1000 /* a job has no more runs */
#define SCHEDULE_MAX_MAILS     20
#define SCHEDULE_MAX_BOARDS    1000
#define SCHEDULE_MAX_PARALLEL  10000
#define SCHEDULE_MAX_COUNT     1000
#define SCHEDULE_ANY_BOARD     0
#define SCHEDULE_EACH_BOARD    UINT32_MAX
#define SCHEDULE_LATE_LIMIT_US (60 * INT64_C(1000000)) /* what is later was missed */

/* What a night is compared with. */
#define SCHEDULE_COMPARISONS(X)                                                                                        \
	X(ACCEPTED, "accepted") /* the last one that a person accepted */                                              \
	X(PREVIOUS, "previous") /* the one before it */                                                                \
	X(NOTHING, "nothing")

enum schedule_comparison {
#define X(name, text) COMPARE_##name,
	SCHEDULE_COMPARISONS(X)
#undef X
};

/* What becomes of a time at which the farm was down. */
#define SCHEDULE_MISSES(X)                                                                                             \
	X(RUN, "run")   /* the last one missed is run late, unless its window is over */                               \
	X(SKIP, "skip") /* nothing */

enum schedule_missed {
#define X(name, text) MISSED_##name,
	SCHEDULE_MISSES(X)
#undef X
};

/* What becomes of a time at which the night before is still under way. */
#define SCHEDULE_OVERLAPS(X)                                                                                           \
	X(SKIP, "skip") /* it is left out */                                                                           \
	X(WAIT, "wait") /* it begins when that one has ended; more than one does not wait */

enum schedule_overlap {
#define X(name, text) OVERLAP_##name,
	SCHEDULE_OVERLAPS(X)
#undef X
};

/* name: the word that stands for it in every night, whatever bytes it has. */
struct schedule_image {
	char name[SCHEDULE_NAME_MAX];
	char source[SCHEDULE_SOURCE_MAX]; /* "sha256:" and the hash of a stored image, or "drop:" and a name: what was
					   * dropped under it last, of several files "drop:NAME/FILE"; {type} in it is
					   * the board type */
	bool *on_type;                    /* for each type of the matrix; NULL: on all */
};

/* name: nightly
 * when: Mon..Fri 22:00 Europe/Berlin        # core/calendar/calendar.h
 * window: 22:00-06:00 Europe/Berlin         # its runs begin only then; default always
 * matrix:
 *   suites: [reference, reference-network]
 *   types: [microbit, mps2-an385]
 *   images:
 *     - drop:main-{type}                    # its name is what follows "drop:"
 *     - {name: release, image: "sha256:…", types: [microbit]}     # default all of the matrix's types
 * boards: 2                                 # each cell on so many different boards of the type; each: on all of them;
 *                                           # default: on any
 * count: 1                                  # runs on each of those, or on any
 * retries: 1                                # 0 to 5
 * parallel: 20                              # runs at a time; default no limit
 * priority: 20                              # 0 to 100
 * preemptible: true                         # a run may be broken off for one with a higher priority
 * missed: run                               # run, skip
 * overlap: skip                             # skip, wait: when the night before it is still under way
 * compare-with: accepted                    # accepted, previous, nothing
 * notify:
 *   webhook: {url: "https://ci.example/assay", secret: ci-hook}   # secret: the name of one that the farm keeps
 *   mail: [firmware@example.org] */
struct schedule {
	char name[SCHEDULE_NAME_MAX];
	struct calendar when;
	bool has_window;
	char window_text[CALENDAR_TEXT_MAX]; /* as it was written */
	struct calendar_window window;
	char (*suites)[SCHEDULE_NAME_MAX];
	size_t suite_count;
	char (*types)[SCHEDULE_TYPE_MAX];
	size_t type_count;
	struct schedule_image *images;
	size_t image_count;
	uint32_t boards; /* different ones; or SCHEDULE_ANY_BOARD, SCHEDULE_EACH_BOARD */
	uint32_t count;  /* runs on each */
	uint32_t retries;
	uint32_t parallel; /* 0: no limit */
	int priority;
	bool preemptible;
	enum schedule_missed missed;
	enum schedule_overlap overlap;
	enum schedule_comparison compare_with;
	char webhook_url[SCHEDULE_URL_MAX];     /* "": none */
	char webhook_secret[SCHEDULE_NAME_MAX]; /* with a webhook only */
	char (*mails)[SCHEDULE_MAIL_MAX];
	size_t mail_count;
};

/* One cell of the matrix; texts point into the schedule, but for the source. */
struct schedule_cell {
	const char *suite, *image, *type;
	char source[SCHEDULE_SOURCE_MAX]; /* without {type} */
};

/* Reads a schedule file. zones live as long as the schedule. Returns 0, ERR_INVALID (problems say why) or ERR_NOMEM. */
int schedule_read(const char *file, const char *text, size_t len, const struct time_zones *zones,
		  struct schedule **ret_schedule, struct doc_problems *problems);
void schedule_destroy(struct schedule *schedule);

/* Goes through the matrix, by image, type and suite: *cursor is 0 at first. False at the end. */
bool schedule_cell_next(const struct schedule *schedule, size_t *cursor, struct schedule_cell *ret_cell);

/* Whether it has to run now, when last_us is the last time it was due and dealt with (or when it was made): then
 * *ret_due_us is the latest time in between. Those before that one are not made up for. */
bool schedule_due(const struct schedule *schedule, int64_t last_us, int64_t now_us, int64_t *ret_due_us);

/* Of schedules, drops and secrets. */
bool schedule_name_valid(const char *name);
#define SCHEDULE_NAME_RULE "a name of at most 63 letters, digits, '.', '_' and '-' that begins with a letter or digit"

const char *schedule_comparison_name(enum schedule_comparison comparison);

#endif
