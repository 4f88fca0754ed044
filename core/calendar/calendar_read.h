/* SPDX-License-Identifier: Apache-2.0 */
/* The parts that expressions and windows are both made of; private to calendar*.c. */
#ifndef ASSAY_CALENDAR_CALENDAR_READ_H
#define ASSAY_CALENDAR_CALENDAR_READ_H

#include "core/calendar/calendar.h"

#define CALENDAR_EVERY_WEEKDAY 0x7f
#define CALENDAR_MAX_WORDS     4
#define CALENDAR_US            INT64_C(1000000) /* microseconds in a second */

/* A text being read, and where its problems go. */
struct calendar_reading {
	const struct time_zones *zones;
	int line;
	const char *field;
	struct doc_problems *problems;
	char text[CALENDAR_TEXT_MAX]; /* cut into the words */
	const char *word[CALENDAR_MAX_WORDS];
	size_t count;
};

/* Cuts text into words. Refuses an empty text, control characters, and what is too long or has too many words. */
bool calendar_reading_start(struct calendar_reading *reading, const char *text);

/* Takes away the last of several words when it begins with a letter, as the name of a zone; else takes UTC. */
bool calendar_read_zone(struct calendar_reading *reading, const struct time_zone **ret_zone);

/* Whether the word begins as only a list of weekdays does. */
bool calendar_is_weekdays(const char *word);
bool calendar_read_weekdays(const struct calendar_reading *reading, const char *word, uint8_t *ret_weekdays);

/* Tells the problem; returns false. */
bool calendar_refuse(const struct calendar_reading *reading, const char *found, const char *expected);

/* Whole seconds at or before an instant. */
int64_t calendar_seconds(int64_t at_us);

#endif
