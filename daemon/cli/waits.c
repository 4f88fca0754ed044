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

/* "for a board of type x: 2 running; 3 before it; expected in 1:10 min". */
static json_t *reason_of(const json_t *entry)
{
	int64_t before = api_int(entry, "position"), expected_us = api_int(entry, "expected_at_us") - text_now_us();
	char turn[48] = "", when[64] = "", scratch[32];

	if (before > 0)
		(void)snprintf(turn, sizeof(turn), "; %lld before it", (long long)before);
	if (expected_us > 0)
		(void)snprintf(when, sizeof(when), "; expected in %s",
			       text_duration(expected_us, scratch, sizeof(scratch)));
	return json_sprintf("%s%s%s", api_text(entry, "waits"), turn, when);
}

static void add_reason(json_t *run, const json_t *queue)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(queue, i, entry)
	{
		if (api_int(entry, "run") == api_int(run, "id")) {
			json_object_set_new(run, "text", reason_of(entry));
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
