/* SPDX-License-Identifier: Apache-2.0 */
/* A load file: which boards there are, who asks, and what comes when. Pure. */
#ifndef ASSAY_SIM_LOAD_H
#define ASSAY_SIM_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/doc.h"
#include "core/calendar/calendar.h"
#include "core/plan/plan.h"

#define LOAD_NAME_MAX     64 /* with the NUL */
#define LOAD_MAX_GROUPS   1000
#define LOAD_MAX_BOARDS   1000000
#define LOAD_MAX_ORGS     1000
#define LOAD_MAX_MEMBERS  1000
#define LOAD_MAX_STREAMS  1000
#define LOAD_MAX_PARTS    16
#define LOAD_MAX_RUNS     10000    /* of a job */
#define LOAD_MAX_JOBS     10000000 /* of a stream */
#define LOAD_MAX_TRAITS   8
#define LOAD_MAX_SPAN_MS  (INT64_C(400) * 24 * 3600 * 1000)
#define LOAD_MAX_TAKES_MS (INT64_C(30) * 24 * 3600 * 1000)

/* Tags, features and a site: what boards have, and what jobs ask for. */
struct load_traits {
	struct {
		enum plan_trait_kind kind;
		char name[LOAD_NAME_MAX];
	} item[LOAD_MAX_TRAITS];
	size_t count;
};

/* Boards of one kind, spread evenly over their hosts. */
struct load_group {
	char name[LOAD_NAME_MAX];
	char type[LOAD_NAME_MAX];
	char owner[LOAD_NAME_MAX]; /* "": everybody's */
	int64_t count;
	int64_t hosts;
	int64_t tokens; /* placements at a time on each host; 0: no limit */
	struct load_traits traits;
};

struct load_org {
	char name[LOAD_NAME_MAX];
	int64_t weight, cap, guaranteed, members;
};

enum load_arrivals {
	ARRIVE_RANDOMLY, /* exponential times between them (a Poisson process) */
	ARRIVE_EVERY,
	ARRIVE_AT /* when a calendar says so */
};

/* How long runs take. */
enum load_shape {
	TAKES_FIXED,      /* a */
	TAKES_UNIFORM,    /* a to b */
	TAKES_LOGNORMAL,  /* median a; sigma */
	TAKES_EXPONENTIAL /* mean a */
};

struct load_takes {
	enum load_shape shape;
	int64_t a_us, b_us;
	double sigma;
};

struct load_part {
	char type[LOAD_NAME_MAX];
	int64_t count;
	struct load_traits traits;
};

/* Jobs of one kind. */
struct load_stream {
	char name[LOAD_NAME_MAX];
	char org[LOAD_NAME_MAX];
	enum load_arrivals arrivals;
	int64_t between_us;
	struct calendar at;
	int64_t burst; /* jobs at each time */
	int64_t total; /* jobs at most */
	struct load_part part[LOAD_MAX_PARTS];
	size_t part_count;
	bool together; /* all boards at once */
	struct load_takes takes;
	double estimate; /* what is expected of a run, as a part of what runs take on average */
	int64_t limit_us;
	int64_t priority, parallel;
	bool preemptible;
	bool has_window;
	struct calendar_window window;
	int64_t images;   /* each job has one of so many; 0: what a board holds is no matter */
	int64_t flash_us; /* what a run takes longer on a board that does not hold its image */
};

struct load {
	char name[LOAD_NAME_MAX];
	int64_t seed;
	int64_t start_us; /* since 1970: what time 0 of the simulation is to calendars */
	int64_t horizon_us;
	int64_t ageing_us; /* 0: never */
	int64_t yield_us;  /* a run that is asked to yield does so after that */
	struct load_group *groups;
	size_t group_count;
	struct load_org *orgs;
	size_t org_count;
	struct load_stream *streams;
	size_t stream_count;
};

/* Reads a load; needs_jobs: there must be streams, and boards and organisations for them (a recording brings its own).
 * The zones must outlive the load. Returns 0 and the load (load_destroy), or ERR_INVALID with what is wrong in
 * problems. */
int load_read(const struct doc_node *root, bool needs_jobs, const struct time_zones *zones, struct load **ret_load,
	      struct doc_problems *problems);
/* One without anything, to be filled from a recording. */
struct load *load_create(const char *name);
void load_destroy(struct load *load);

/* NULL: there is none of that name. */
struct load_org *load_find_org(const struct load *load, const char *name);
bool load_has_type(const struct load *load, const char *type);
struct load_org *load_add_org(struct load *load, const char *name);
struct load_group *load_add_group(struct load *load, const char *name, const char *type, int64_t count);

/* What runs take on average. */
int64_t load_mean_us(const struct load_takes *takes);

/* load_stream.c, for load_read: an element of `jobs`. */
void load_read_stream(const struct doc_node *node, const struct time_zones *zones, struct load *load,
		      struct load_stream *stream, struct doc_problems *problems);
/* load.c: tags, features and site of a mapping; `name` of it, which is to be a word. */
void load_read_traits(const struct doc_node *node, struct load_traits *traits, struct doc_problems *problems);
bool load_read_word(const struct doc_node *node, const char *key, bool required, char target[LOAD_NAME_MAX],
		    struct doc_problems *problems);
/* As doc_read_duration_ms, in microseconds. */
bool load_read_span(const struct doc_node *node, const char *key, bool required, int64_t min_ms, int64_t max_ms,
		    int64_t *ret_us, struct doc_problems *problems);

#endif
