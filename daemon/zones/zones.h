/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's time zones: the files of TZDIR, or of /usr/share/zoneinfo. */
#ifndef ASSAY_ZONES_ZONES_H
#define ASSAY_ZONES_ZONES_H

#include "core/base/list.h"
#include "core/calendar/timezone.h"

/* A zone that was read stays as it is until zones_finish: a newer file counts from the next start on. */
struct zones {
	struct time_zones zones; /* for who reads calendars */
	struct list read;
};

/* Stays where it is. */
void zones_init(struct zones *zones);
/* What was read with them is gone. */
void zones_finish(struct zones *zones);

#endif
