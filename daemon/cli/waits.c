/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for the queue only when a run waits in it. */
#include "daemon/cli/waits.h"

#include <string.h>

#include "daemon/cli/api.h"
#include "daemon/cli/client.h"

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

static void add_reason(json_t *run, const json_t *queue)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(queue, i, entry)
	{
		if (api_int(entry, "run") == api_int(run, "id")) {
			json_object_set(run, "text", json_object_get(entry, "waits"));
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
