/* SPDX-License-Identifier: Apache-2.0 */
/* The wiring: each part's ports, answered by the others. */
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "daemon/daemon.h"
#include "daemon/link/tunnel.h"
#include "daemon/report/night_page.h"
#include "daemon/report/report.h"

#define REWINDS_MAX 16

/* --- the farm's world --- */

static int64_t now_us(void *context)
{
	(void)context;
	return loop_monotonic_us();
}

static int64_t unix_us(void *context)
{
	(void)context;
	return loop_unix_us();
}

static void on_farm_timer(uv_timer_t *timer)
{
	struct daemon *daemon = (struct daemon *)timer->data;

	farm_tick(daemon->farm);
}

static void set_timer(void *context, int64_t due_us)
{
	struct daemon *daemon = (struct daemon *)context;

	if (due_us < 0) {
		uv_timer_stop(&daemon->farm_timer);
		return;
	}
	int64_t wait_us = due_us - loop_monotonic_us();
	uint64_t wait_ms = wait_us > 0 ? (uint64_t)(wait_us + 999) / 1000 : 0;
	/* The loop's idea of now may be older than the clock's, by as long as this turn has taken. */
	uv_update_time(&daemon->loop.uv);
	uv_timer_start(&daemon->farm_timer, on_farm_timer, wait_ms, 0);
}

static void commit(void *context, struct change *change)
{
	struct daemon *daemon = (struct daemon *)context;

	if (daemon->store)
		store_commit(daemon->store, change);
	else
		change_destroy(change); /* stopping: nothing is kept any more */
}

static void publish(void *context, const struct event_record *event)
{
	struct daemon *daemon = (struct daemon *)context;

	live_publish_event(daemon->live, event);
	if (event->type == EVENT_NIGHT_CHANGED)
		summariser_look(&daemon->summariser);
	if (event->type == EVENT_NIGHT_SUMMARISED)
		deliverer_look(daemon->deliverer);
}

static void publish_console(void *context, const struct console_record *console, int64_t job, const char *org,
			    const char *board)
{
	struct daemon *daemon = (struct daemon *)context;

	live_publish_console(daemon->live, console, job, org, board);
}

static void health(void *context, const struct err *err)
{
	struct daemon *daemon = (struct daemon *)context;

	if (err)
		log_error("farm", "degraded, nothing new is begun: %s", err->text);
	else
		log_info("farm", "works again");
	notify_status(&daemon->notify, err ? err->text : "serving");
}

static void flow(void *context, bool wait)
{
	struct daemon *daemon = (struct daemon *)context;

	log_info("farm", wait ? "the store is behind: agents wait" : "the store has caught up: agents go on");
	link_flow(daemon->link, wait);
}

static const struct image *image(void *context, const struct principal *who, const char *sha256, struct err *err)
{
	struct daemon *daemon = (struct daemon *)context;

	return store_image(daemon->store, who, sha256, err);
}

static bool token_of(void *context, const char *name, struct principal *ret_who)
{
	return auth_named(((struct daemon *)context)->auth, name, ret_who);
}

static int job_verdict(void *context, const struct principal *who, int64_t job, enum run_verdict *ret_verdict,
		       struct err *err)
{
	return store_job_verdict(((struct daemon *)context)->store, who, job, ret_verdict, err);
}

static void send_welcome(void *context, const char *agent, const char *id, const struct agent_known_run *runs,
			 size_t run_count)
{
	link_send_welcome(((struct daemon *)context)->link, agent, id, runs, run_count);
}

static void send_assign(void *context, const char *agent, const struct agent_assign *assign)
{
	link_send_assign(((struct daemon *)context)->link, agent, assign);
}

static void send_cancel(void *context, const char *agent, int64_t run, int64_t fence, enum cause cause,
			const char *reason)
{
	link_send_cancel(((struct daemon *)context)->link, agent, run, fence, cause, reason);
}

static void send_extend(void *context, const char *agent, int64_t run, int64_t fence, int64_t hold_ms)
{
	link_send_extend(((struct daemon *)context)->link, agent, run, fence, hold_ms);
}

static void send_ack(void *context, const char *agent, int64_t run, int64_t n)
{
	link_send_ack(((struct daemon *)context)->link, agent, run, n);
}

static void send_stale(void *context, const char *agent, int64_t run, int64_t fence)
{
	link_send_stale(((struct daemon *)context)->link, agent, run, fence);
}

static void lease_cut(void *context, int64_t job, const char *text)
{
	struct daemon *daemon = (struct daemon *)context;

	if (daemon->tunnels)
		tunnels_cut(daemon->tunnels, job, text);
}

static void send_recover(void *context, const char *agent, const char *board, const char *reason)
{
	link_send_recover(((struct daemon *)context)->link, agent, board, reason);
}

void daemon_farm_ports(struct daemon *daemon, struct farm_ports *ret_ports)
{
	*ret_ports = (struct farm_ports){
		.context = daemon,
		.zones = &daemon->zones.zones,
		.now_us = now_us,
		.boot = daemon->machine_boot,
		.unix_us = unix_us,
		.set_timer = set_timer,
		.commit = commit,
		.publish = publish,
		.publish_console = publish_console,
		.health = health,
		.flow = flow,
		.image = image,
		.token_of = token_of,
		.job_verdict = job_verdict,
		.send_welcome = send_welcome,
		.send_assign = send_assign,
		.send_cancel = send_cancel,
		.send_extend = send_extend,
		.send_ack = send_ack,
		.send_stale = send_stale,
		.lease_cut = lease_cut,
		.send_recover = send_recover,
	};
}

/* --- the store's --- */

static void wake(void *context)
{
	struct daemon *daemon = (struct daemon *)context;

	uv_async_send(&daemon->store_wake);
}

static void on_committed(void *context, int64_t number)
{
	struct daemon *daemon = (struct daemon *)context;

	daemon->rewinds = 0;
	if (daemon->farm && !daemon->stopping)
		farm_committed(daemon->farm, number);
}

static void on_trouble(void *context, const struct err *err)
{
	struct daemon *daemon = (struct daemon *)context;

	if (daemon->farm && !daemon->stopping)
		farm_trouble(daemon->farm, err);
}

/* The farm goes back to what is stored, and the agents come again as after a restart. What is refused again and again
 * without anything being stored in between is left at that: the farm stays degraded. */
static void on_refused(void *context, const struct change_refusal *refusal)
{
	struct daemon *daemon = (struct daemon *)context;
	struct farm_records records = {0};
	struct err err = {0};

	if (!daemon->farm || daemon->stopping)
		return;
	if (++daemon->rewinds > REWINDS_MAX) {
		farm_trouble(daemon->farm, &refusal->err);
		return;
	}
	link_restart(daemon->link);
	store_rewind(daemon->store);
	int rc = store_load(daemon->store, &records, &err);
	if (!rc)
		rc = farm_rewind(daemon->farm, &records, refusal, &err);
	farm_records_finish(&records);
	if (!rc)
		return;
	log_error("assayd", "cannot go back to what is stored, ending: %s", err.text);
	daemon->status = EXIT_FAILURE;
	loop_stop(&daemon->loop);
}

void daemon_store_options(struct daemon *daemon, struct store_options *ret_options)
{
	*ret_options = (struct store_options){
		.dir = daemon->config.state_dir,
		.context = daemon,
		.wake = wake,
		.on_committed = on_committed,
		.on_trouble = on_trouble,
		.on_refused = on_refused,
	};
}

/* --- the tunnels' --- */

static int open_tunnel(void *context, const char *agent, const struct tunnel_frame *open,
		       void (*on_frame)(void *channel, const struct tunnel_frame *frame), void *channel,
		       void **ret_tunnel, struct err *err)
{
	struct link_tunnel_events events = {.context = channel, .on_frame = on_frame};
	struct link_tunnel *tunnel;
	int rc = link_tunnel_open(((struct daemon *)context)->link, agent, open, &events, &tunnel, err);

	if (!rc)
		*ret_tunnel = tunnel;
	return rc;
}

static int send_tunnel(void *tunnel, const struct tunnel_frame *frame, struct err *err)
{
	return link_tunnel_send((struct link_tunnel *)tunnel, frame, err);
}

static void close_tunnel(void *tunnel, enum tunnel_end end, const char *text)
{
	link_tunnel_close((struct link_tunnel *)tunnel, end, text);
}

void daemon_tunnels_options(struct daemon *daemon, struct tunnels_options *ret_options)
{
	*ret_options = (struct tunnels_options){
		.relay = {.context = daemon, .open = open_tunnel, .send = send_tunnel, .close = close_tunnel},
		.context = daemon,
		.authenticate = daemon_authenticate,
	};
}

/* --- HTTP's --- */

bool daemon_authenticate(void *context, const char *token, struct principal *ret_who)
{
	return auth_check(((struct daemon *)context)->auth, token, ret_who);
}

static void add_token(void *context, const struct principal *who, on_answer_fn on_answer, void *answer_context)
{
	auth_add(((struct daemon *)context)->auth, who, on_answer, answer_context);
}

static void remove_token(void *context, const char *name, on_answer_fn on_answer, void *answer_context)
{
	struct daemon *daemon = (struct daemon *)context;

	auth_remove(daemon->auth, name, on_answer, answer_context);
	live_revoke(daemon->live, name);
	link_revoke(daemon->link, name);
	tunnels_revoke(daemon->tunnels, name);
}

static bool prepare_images(void *context, const char *const *sha256, size_t count, on_prepared_fn on_prepared,
			   void *prepared_context)
{
	return store_prepare_images(((struct daemon *)context)->store, sha256, count, on_prepared, prepared_context);
}

static int report(void *context, const char *format, struct job_writer *ret_writer, struct err *err)
{
	(void)context;
	return report_writer(format, ret_writer, err);
}

static int night_page(void *context, const json_t *night, const json_t *nights, char **ret_html, size_t *ret_len,
		      struct err *err)
{
	(void)context;
	return report_night_page(night, nights, ret_html, ret_len, err);
}

static const json_t *kept(void *context)
{
	return ((struct daemon *)context)->kept;
}

void daemon_http_ports(struct daemon *daemon, struct http_ports *ret_ports)
{
	*ret_ports = (struct http_ports){
		.context = daemon,
		.farm = daemon->farm,
		.archive = store_archive(daemon->store),
		.authenticate = daemon_authenticate,
		.token_of = token_of,
		.add_token = add_token,
		.remove_token = remove_token,
		.prepare_images = prepare_images,
		.report = report,
		.night_page = night_page,
		.kept = kept,
		.sealer = &daemon->evidence.writer,
		.evidence = daemon_evidence,
		.keys = daemon_evidence_keys,
		.client_timeout_s = (int)((daemon->config.client_timeout_ms + 999) / 1000),
		.web_dir = daemon->config.web_dir,
		.boot = daemon->machine_boot,
	};
}
