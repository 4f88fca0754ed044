/* SPDX-License-Identifier: Apache-2.0 */
/* Has what is past its time taken away: after the start and every hour, piece by piece, with a pause after each so that
 * whoever waits for the store's writer goes first. What cannot be taken now is tried in an hour; a stop or a crash in
 * between leaves the rest to the next start. */
#include "core/base/log.h"
#include "daemon/daemon.h"

#define PAUSE_MS 50
#define HOUR_MS  3600000

static void on_pruned(void *context, struct answer *answer)
{
	struct daemon *daemon = (struct daemon *)context;
	int64_t removed = json_integer_value(json_object_get(answer->json, "removed"));

	if (daemon->stopping || answer->err.code == ERR_CANCELLED)
		return;
	if (answer->err.code)
		log_warn("assayd", "nothing old could be taken away: %s", answer->err.text);
	daemon->pruned += removed;
	if (removed == 0 && daemon->pruned > 0)
		log_info("assayd", "took away %lld rows that were past their time", (long long)daemon->pruned);
	if (removed == 0)
		daemon->pruned = 0;
	if (json_is_object(json_object_get(answer->json, "kept"))) {
		json_decref(daemon->kept);
		daemon->kept = json_incref(json_object_get(answer->json, "kept"));
	}
	uv_timer_start(&daemon->retention_timer, daemon_prune, removed > 0 ? PAUSE_MS : HOUR_MS, 0);
}

void daemon_prune(uv_timer_t *timer)
{
	struct daemon *daemon = (struct daemon *)timer->data;
	struct prune_limits limits = {.now_us = loop_unix_us(),
				      .night_days = daemon->config.keep_nights,
				      .delivery_days = daemon->config.keep_deliveries,
				      .drop_versions = daemon->config.keep_drops,
				      .recovery_days = daemon->config.keep_recoveries};

	if (daemon->store)
		store_prune(daemon->store, &limits, on_pruned, daemon);
}
