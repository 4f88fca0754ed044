/* SPDX-License-Identifier: Apache-2.0 */
/* The agent put together: boards, spool and link. What the farm says is in agent_farm.c. */
#include "agents/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <sodium.h>

#include "agents/agent_private.h"
#include "agents/base/files.h"
#include "core/base/log.h"

#define FLUSH_LIMIT_MS 1500 /* at the end, for what the farm has not heard yet */
#define FLUSH_LOOK_MS  10

static void on_board_changed(void *context, struct board *board)
{
	struct agent *agent = context;
	struct wire_board described = board_describe(board);

	if (agent->events.on_board)
		agent->events.on_board(agent->events.context, &described);
	agent_tell_board(agent, board);
}

static void start_link_when_ready(struct agent *agent)
{
	/* A farm that hears of us may take it that no board is powered by an earlier life. */
	if (agent->link && ++agent->started == agent->board_count && !agent->stopping)
		link_start(agent->link);
}

static void on_board_started(void *context, struct board *board)
{
	(void)board;
	start_link_when_ready(context);
}

static void on_board_recovery(void *context, struct board *board)
{
	agent_tell_recovery(context, board);
}

static void on_run_message(void *context, struct run *run)
{
	struct agent *agent = context;
	struct spool_run *spooled = run_spool(run);
	struct buf text;

	if (agent->link) {
		link_wake_run(agent->link, spooled);
		return;
	}
	if (!agent->events.on_message)
		return;
	buf_init(&text, WIRE_MAX_BYTES);
	if (spool_read(spooled, spooled->last, &text, NULL) == 0)
		agent->events.on_message(agent->events.context, text.data, text.len, spooled->ended);
	buf_finish(&text);
}

static void on_run_over(void *context, struct board *board, struct spool_run *spooled)
{
	(void)context;
	(void)board;
	if (spooled)
		spool_sync(spooled);
}

static void on_flush_timer(uv_timer_t *timer)
{
	struct agent *agent = timer->data;

	if (link_is_open(agent->link) && (!link_is_idle(agent->link) || !upload_is_idle(agent->upload)) &&
	    agent->flush_looks++ < FLUSH_LIMIT_MS / FLUSH_LOOK_MS)
		return;
	uv_timer_stop(timer);
	agent->events.on_stopped(agent->events.context);
}

static void on_board_stopped(void *context, struct board *board)
{
	struct agent *agent = context;

	(void)board;
	if (++agent->stopped < agent->board_count)
		return;
	if (agent->link)
		uv_timer_start(&agent->timer, on_flush_timer, 0, FLUSH_LOOK_MS);
	else
		agent->events.on_stopped(agent->events.context);
}

static int take_lock(struct agent *agent, struct err *err)
{
	char path[AGENT_PATH_BYTES];

	snprintf(path, sizeof path, "%s/lock", agent->options.state_dir);
	agent->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (agent->lock_fd < 0)
		return err_set_errno(err, errno, "cannot write the state directory %s", agent->options.state_dir);
	if (flock(agent->lock_fd, LOCK_EX | LOCK_NB)) {
		if (errno == EWOULDBLOCK)
			return err_set(err, ERR_BUSY, "another agent has the state directory %s",
				       agent->options.state_dir);
		return err_set_errno(err, errno, "cannot lock %s", path);
	}
	return 0;
}

static int make_dirs(struct agent *agent, struct err *err)
{
	static const char *const names[] = {"", "/images", "/fences", "/boards", "/spool"};
	char path[AGENT_PATH_BYTES];
	int rc = 0;

	if (strpbrk(agent->options.state_dir, "{}\\\n"))
		return err_set(err, ERR_INVALID,
			       "the state directory's path has a character that OpenOCD cannot take: %s",
			       agent->options.state_dir);
	for (size_t i = 0; i < sizeof names / sizeof names[0] && rc == 0; i++) {
		snprintf(path, sizeof path, "%s%s", agent->options.state_dir, names[i]);
		rc = files_make_dir(path, err);
	}
	snprintf(agent->images_dir, sizeof agent->images_dir, "%s/images", agent->options.state_dir);
	return rc;
}

/* Runs that an earlier life left open end here; their boards are switched off before the farm hears of it. */
static int end_abandoned_runs(struct agent *agent, struct err *err)
{
	list_for_each (link, spool_runs(agent->spool)) {
		struct spool_run *run = list_container(link, struct spool_run, link);

		if (run->ended)
			continue;
		log_warn("agent", "run %" PRId64 " on %s was under way when the agent ended", run->run, run->board);
		if (run_end_abandoned(run, err))
			return (int)err->code;
	}
	return 0;
}

static int create_board(struct agent *agent, const struct board_config *config, struct err *err)
{
	char dir[AGENT_PATH_BYTES], fence[AGENT_PATH_BYTES];
	struct bench_options options = {.config = config,
					.type = rack_type(agent->options.rack, config->type),
					.images = &agent->images,
					.dir = dir,
					.scripts_dir = agent->options.scripts_dir,
					.vboard_program = agent->options.vboard_program,
					.of_kind = agent->options.of_kind};
	struct board_events events = {.context = agent,
				      .on_changed = on_board_changed,
				      .on_started = on_board_started,
				      .on_message = on_run_message,
				      .on_console_room = agent_on_console_room,
				      .on_hold_over = agent_on_hold_over,
				      .on_run_over = on_run_over,
				      .on_recovery = on_board_recovery,
				      .on_stopped = on_board_stopped};
	int rc;

	snprintf(dir, sizeof dir, "%s/boards/%s", agent->options.state_dir, config->name);
	snprintf(fence, sizeof fence, "%s/fences/%s", agent->options.state_dir, config->name);
	rc = files_make_dir(dir, err);
	if (rc == 0)
		rc = board_create(agent->loop, agent->spool, fence, agent->options.kind, &options, &events,
				  &agent->board[agent->board_count], err);
	if (rc)
		return err_prefix(err, "board %s", config->name);
	agent->board_count++;
	return 0;
}

static int create_link(struct agent *agent, struct err *err)
{
	struct link_options options = {
		.url = agent->options.url, .token_file = agent->options.token_file, .ca_file = agent->options.ca_file};
	struct link_events events = {.context = agent,
				     .on_open = agent_on_link_open,
				     .on_message = agent_on_farm_message,
				     .on_frame = agent_on_frame,
				     .on_closed = agent_on_link_closed};

	if (!agent->options.url)
		return 0;
	if (upload_create(agent->loop, agent->spool, &agent->images, &agent->upload, err))
		return (int)err->code;
	return link_create(agent->loop, agent->spool, &options, &events, &agent->link, err);
}

static int create_parts(struct agent *agent, struct err *err)
{
	char path[AGENT_PATH_BYTES];
	int rc = make_dirs(agent, err);

	if (rc == 0)
		rc = take_lock(agent, err);
	snprintf(path, sizeof path, "%s/spool", agent->options.state_dir);
	if (rc == 0)
		rc = spool_open(path, &agent->spool, err);
	if (rc == 0)
		rc = end_abandoned_runs(agent, err);
	if (rc == 0)
		rc = create_link(agent, err);
	if (rc == 0)
		rc = agent_create_tunnels(agent, err);
	for (size_t i = 0; i < agent->options.rack->board_count && rc == 0; i++)
		rc = create_board(agent, &agent->options.rack->boards[i], err);
	return rc;
}

int agent_create(uv_loop_t *loop, const struct agent_options *options, const struct agent_events *events,
		 struct agent **ret_agent, struct err *err)
{
	struct agent *agent = calloc(1, sizeof *agent);
	uint8_t boot[8];
	int rc;

	if (!agent)
		return err_set(err, ERR_NOMEM, "out of memory");
	agent->loop = loop;
	agent->options = *options;
	agent->events = *events;
	agent->lock_fd = -1;
	agent->images = (struct bench_images){.dir = agent->images_dir,
					      .url = options->url,
					      .token_file = options->token_file,
					      .ca_file = options->ca_file};
	randombytes_buf(boot, sizeof boot);
	sodium_bin2hex(agent->boot, sizeof agent->boot, boot, sizeof boot);
	uv_timer_init(loop, &agent->timer);
	agent->timer.data = agent;
	rc = create_parts(agent, err);
	if (rc) {
		agent_destroy(agent);
		return rc;
	}
	*ret_agent = agent;
	return 0;
}

void agent_start(struct agent *agent)
{
	for (size_t i = 0; i < agent->board_count; i++)
		board_start(agent->board[i]);
}

void agent_stop(struct agent *agent)
{
	if (agent->stopping)
		return;
	agent->stopping = true;
	for (size_t i = 0; i < agent->board_count; i++)
		board_stop(agent->board[i]);
}

void agent_ignore_farm(struct agent *agent)
{
	agent->deaf = true;
}

void agent_leave(struct agent *agent, int64_t away_ms)
{
	link_leave(agent->link, away_ms);
}

void agent_forget(struct agent *agent, int64_t run)
{
	struct spool_run *spooled = spool_find(agent->spool, run);

	if (spooled && spooled->ended)
		spool_delete(spooled);
}

static void on_timer_closed(uv_handle_t *handle)
{
	*(bool *)handle->data = true;
}

void agent_destroy(struct agent *agent)
{
	bool timer_closed = false;

	if (!agent)
		return;
	tunnels_destroy(agent->tunnels);
	agent->tunnels = NULL;
	link_destroy(agent->link);
	upload_destroy(agent->upload);
	for (size_t i = 0; i < agent->board_count; i++)
		board_destroy(agent->board[i]);
	agent->timer.data = &timer_closed;
	uv_close((uv_handle_t *)&agent->timer, on_timer_closed);
	while (!timer_closed)
		uv_run(agent->loop, UV_RUN_ONCE);
	spool_close(agent->spool);
	if (agent->lock_fd >= 0)
		close(agent->lock_fd);
	free(agent);
}
