/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for the queue only when a run waits in it. */
#include "daemon/cli/waits.h"

#include <stdio.h>
#include <string.h>

#include "daemon/cli/api.h"
#include "daemon/cli/client.h"
#include "daemon/cli/text.h"

static bool is_queued(const json_t *run)
{
	return strcmp(api_text(run, "state"), "queued") == 0;
}

static bool any_queued(const json_t *runs)
{
	const json_t *run;
	size_t i;

	json_array_foreach(runs, i, run)
	{
		if (is_queued(run))
			return true;
	}
	return false;
}

#define SECOND_US INT64_C(1000000)
#define DAY_US    (86400 * SECOND_US)

/* From a to b µs from now, in the coarsest unit that says enough. */
static void write_range(int64_t a, int64_t b, char *text, size_t size)
{
	static const struct {
		int64_t us, most;
		const char *word;
	} units[] = {
		{SECOND_US, 90, "s"}, {60 * SECOND_US, 90, "min"}, {3600 * SECOND_US, 36, "h"}, {DAY_US, 0, "days"}};
	size_t unit = 0;
	int64_t low, high;

	while (units[unit].most && b > units[unit].most * units[unit].us)
		unit++;
	low = a / units[unit].us;
	high = (b + units[unit].us - 1) / units[unit].us;
	if (b < 3 * SECOND_US)
		(void)snprintf(text, size, "any moment");
	else if (low == 0)
		(void)snprintf(text, size, "within %lld %s", (long long)high, units[unit].word);
	else if (high - low <= 1)
		(void)snprintf(text, size, "in about %lld %s", (long long)high, units[unit].word);
	else
		(void)snprintf(text, size, "in %lld to %lld %s", (long long)low, (long long)high, units[unit].word);
}

/* A daemon of before the range was told says one time only. */
static int64_t time_of(const json_t *entry, const char *key, int64_t now_us)
{
	int64_t at_us = api_int(entry, key);

	at_us = at_us ? at_us : api_int(entry, "expected_at_us");
	return at_us > now_us ? at_us - now_us : 0;
}

const char *waits_when(const json_t *entry, int64_t now_us, char *scratch, size_t size)
{
	int64_t slowest_us = time_of(entry, "expected_to_us", now_us), latest_us = api_int(entry, "latest_at_us");
	char range[64], clock[32];

	scratch[0] = '\0';
	if (!api_int(entry, "expected_at_us"))
		return scratch;
	write_range(time_of(entry, "expected_from_us", now_us), slowest_us, range, sizeof(range));
	if (latest_us > now_us + slowest_us && latest_us - now_us < DAY_US)
		(void)snprintf(scratch, size, "%s, by %s at the latest", range,
			       text_time(latest_us, now_us, clock, sizeof(clock)));
	else
		(void)snprintf(scratch, size, "%s", range);
	return scratch;
}

void waits_reason(const json_t *entry, char *text, size_t size)
{
	int64_t before = api_int(entry, "position");
	char turn[48] = "", when[128];

	if (before > 0)
		(void)snprintf(turn, sizeof(turn), "; %lld before it", (long long)before);
	waits_when(entry, text_now_us(), when, sizeof(when));
	(void)snprintf(text, size, "%.300s%s%s%s", api_text(entry, "waits"), turn, when[0] ? "; expected " : "", when);
}

static void add_reason(json_t *run, const json_t *queue)
{
	char text[512];
	const json_t *entry;
	size_t i;

	json_array_foreach(queue, i, entry)
	{
		if (api_int(entry, "run") == api_int(run, "id")) {
			waits_reason(entry, text, sizeof(text));
			json_object_set_new(run, "text", json_string(text));
			return;
		}
	}
}

void waits_add(struct cli *cli, json_t *runs)
{
	struct client *client;
	struct err err = {0};
	json_t *answer = NULL, *run;
	size_t i;

	if (!any_queued(runs))
		return;
	client = cli_client(cli, &err);
	if (!client || client_get(client, "/queue?limit=1000", &answer, &err))
		return;
	json_array_foreach(runs, i, run)
	{
		if (is_queued(run))
			add_reason(run, cli_list(answer, "queue"));
	}
	json_decref(answer);
}
