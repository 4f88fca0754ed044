/* SPDX-License-Identifier: Apache-2.0 */
/* A time zone out of the bytes of a TZif file (RFC 8536), and the way between UTC and the time that clocks there show.
 * Pure: whoever uses it reads the file. All times are whole seconds since 1970; a *local* time is what clocks show,
 * counted as if it were UTC. Good for instants within TIME_ZONE_LIMIT_S of 1970. */
#ifndef ASSAY_CALENDAR_TIMEZONE_H
#define ASSAY_CALENDAR_TIMEZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

#define TIME_ZONE_NAME_MAX    64 /* with the NUL */
#define TIME_ZONE_ABBREV_MAX  16 /* with the NUL */
#define TIME_ZONE_MAX_BYTES   (256u << 10)
#define TIME_ZONE_MAX_CHANGES 10000
#define TIME_ZONE_LIMIT_S     (INT64_C(1) << 58)

struct time_zone;

/* A stretch of time with one offset from UTC. The next one may have the same. */
struct time_zone_span {
	int64_t from_s;   /* INT64_MIN: since ever */
	int64_t until_s;  /* no longer part of it; INT64_MAX: for ever */
	int32_t offset_s; /* local time is UTC + this */
	bool daylight_saving;
	char abbreviation[TIME_ZONE_ABBREV_MAX];
};

/* How often clocks show a time. */
enum local_time { LOCAL_ONCE, LOCAL_TWICE, LOCAL_NEVER };

/* Reads a file of version 2 or later. name (as "Europe/Berlin") is copied. Returns 0 and the zone, ERR_CORRUPT,
 * ERR_UNSUPPORTED (version 1; leap seconds), ERR_TOO_BIG, ERR_INVALID (the name) or ERR_NOMEM, with err filled. */
int time_zone_read(const char *name, const void *bytes, size_t len, struct time_zone **ret_zone, struct err *err);
void time_zone_destroy(struct time_zone *zone);

/* Always there; never destroyed. */
const struct time_zone *time_zone_utc(void);

const char *time_zone_name(const struct time_zone *zone);

/* Whether name may be looked up as a file below the folder of zones: words of letters, digits, '_', '+' and '-', with
 * '/' between them, that begin with a letter. */
bool time_zone_name_valid(const char *name);

void time_zone_span_at(const struct time_zone *zone, int64_t at_s, struct time_zone_span *ret_span);
int64_t time_zone_to_local(const struct time_zone *zone, int64_t at_s);

/* The first instant at which clocks show local_s, or, when they never do (they were put forward over it), the instant
 * they were put forward. Later local times never give earlier instants. */
enum local_time time_zone_from_local(const struct time_zone *zone, int64_t local_s, int64_t *ret_at_s);

/* Where zones come from. */
struct time_zones {
	void *context;
	/* The zone of that name, which is valid, or NULL; it must live as long as what was read with it. */
	const struct time_zone *(*find)(void *context, const char *name);
};

/* "UTC" without asking; NULL when there is no such zone, or zones is NULL. */
const struct time_zone *time_zones_find(const struct time_zones *zones, const char *name);

#endif
