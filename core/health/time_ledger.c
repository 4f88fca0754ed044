/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger of a board's time, and the table of what is which kind. */
#include "core/health/time_ledger.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const kind_names[] = {
#define X(name, text) text,
	TIME_KINDS(X)
#undef X
};

/* Any other step, and the time between two, is staging. */
static const struct {
	const char *step;
	enum time_kind kind;
} steps[] = {
	{"power-on", TIME_POWER},  {"power-off", TIME_POWER},  {"flash", TIME_FLASH},   {"verify", TIME_FLASH},
	{"capture", TIME_RUNNING}, {"snapshot", TIME_RUNNING}, {"judge", TIME_RUNNING},
};

const char *time_kind_name(enum time_kind kind)
{
	return (size_t)kind < COUNT(kind_names) ? kind_names[kind] : "unknown";
}

bool time_kind_parse(const char *name, enum time_kind *ret_kind)
{
	for (size_t i = 0; i < COUNT(kind_names); i++) {
		if (strcmp(name, kind_names[i]) == 0) {
			*ret_kind = (enum time_kind)i;
			return true;
		}
	}
	return false;
}

static enum time_kind of_step(const char *step)
{
	for (size_t i = 0; step && i < COUNT(steps); i++) {
		if (strcmp(step, steps[i].step) == 0)
			return steps[i].kind;
	}
	return TIME_STAGING;
}

enum time_kind time_kind_of(enum board_state state, bool is_looked_into, const char *step)
{
	switch (state) {
	case BOARD_FREE:
		return TIME_IDLE;
	case BOARD_LEASED:
		return TIME_LEASED;
	case BOARD_RUNNING:
		return is_looked_into ? TIME_CHECKING : of_step(step);
	case BOARD_RECOVERING:
		return TIME_RECOVERING;
	case BOARD_SUSPECT:
		return TIME_CHECKING;
	case BOARD_OFFLINE:
	case BOARD_QUARANTINED:
	case BOARD_RETIRED:
	case BOARD_STATE_COUNT:
		break;
	}
	return TIME_OFFLINE;
}

static int64_t day_of(int64_t at_us)
{
	return at_us / TIME_DAY_US - (at_us % TIME_DAY_US < 0);
}

static void begin(struct time_ledger *ledger, enum time_kind kind, int64_t at_us)
{
	ledger->begun = true;
	ledger->kind = kind;
	ledger->since_us = at_us;
	memset(&ledger->today, 0, sizeof(ledger->today));
	ledger->today.day = day_of(at_us);
}

void time_ledger_begin(struct time_ledger *ledger, enum time_kind kind, int64_t at_us)
{
	memset(ledger, 0, sizeof(*ledger));
	begin(ledger, kind, at_us);
}

void time_ledger_finish(struct time_ledger *ledger)
{
	free(ledger->past);
	memset(ledger, 0, sizeof(*ledger));
}

/* A farm of thousands of boards is mostly younger than a month, or has boards that are. */
static void make_room(struct time_ledger *ledger)
{
	size_t room = ledger->past_room ? 2 * ledger->past_room : 1;

	if (ledger->past_count < ledger->past_room)
		return;
	room = room < TIME_DAYS_KEPT - 1 ? room : TIME_DAYS_KEPT - 1;
	ledger->past = mem_resize_array(ledger->past, room, sizeof(*ledger->past));
	ledger->past_room = room;
}

void time_ledger_restore_past(struct time_ledger *ledger, const struct time_day *day)
{
	if (ledger->past_count == TIME_DAYS_KEPT - 1)
		memmove(ledger->past, ledger->past + 1, --ledger->past_count * sizeof(ledger->past[0]));
	make_room(ledger);
	ledger->past[ledger->past_count++] = *day;
}

void time_ledger_restore_open(struct time_ledger *ledger, const struct time_day *day, enum time_kind kind,
			      int64_t since_us)
{
	ledger->begun = true;
	ledger->kind = kind;
	ledger->since_us = since_us;
	ledger->today = *day;
}

static void spend(struct time_ledger *ledger, int64_t until_us)
{
	ledger->today.us[ledger->kind] += until_us - ledger->since_us;
	ledger->since_us = until_us;
}

void time_ledger_move(struct time_ledger *ledger, enum time_kind kind, int64_t at_us, time_on_day_fn on_day,
		      void *context)
{
	int64_t last = day_of(at_us);

	if (last - ledger->today.day > TIME_GAP_MAX_DAYS) {
		if (on_day)
			on_day(context, &ledger->today);
		ledger->past_count = 0;
		begin(ledger, kind, at_us);
		return;
	}
	while (ledger->today.day < last) {
		struct time_day over;

		spend(ledger, (ledger->today.day + 1) * TIME_DAY_US);
		over = ledger->today;
		time_ledger_restore_past(ledger, &over);
		memset(&ledger->today, 0, sizeof(ledger->today));
		ledger->today.day = over.day + 1;
		if (on_day)
			on_day(context, &over);
	}
	if (at_us > ledger->since_us)
		spend(ledger, at_us);
	ledger->kind = kind;
}

size_t time_ledger_days(const struct time_ledger *ledger, int64_t seen_us, int64_t now_us, size_t max,
			struct time_day ret_days[TIME_DAYS_KEPT], int64_t *ret_until_us)
{
	struct time_day before[TIME_DAYS_KEPT - 1];
	struct time_ledger copy = *ledger;
	size_t past, first;

	*ret_until_us = now_us;
	if (!ledger->begun || max == 0)
		return 0;
	copy.past = before;
	copy.past_room = COUNT(before);
	if (copy.past_count)
		memcpy(before, ledger->past, copy.past_count * sizeof(before[0]));
	if (seen_us < now_us)
		time_ledger_move(&copy, TIME_OFFLINE, seen_us, NULL, NULL);
	time_ledger_move(&copy, copy.kind, now_us, NULL, NULL);
	*ret_until_us = copy.since_us;
	past = copy.past_count < max - 1 ? copy.past_count : max - 1;
	first = copy.past_count - past;
	memcpy(ret_days, copy.past + first, past * sizeof(*ret_days));
	ret_days[past] = copy.today;
	return past + 1;
}

int64_t time_day_sum_us(const struct time_day *day)
{
	int64_t sum_us = 0;

	for (size_t i = 0; i < TIME_KIND_COUNT; i++)
		sum_us += day->us[i];
	return sum_us;
}
