/* SPDX-License-Identifier: Apache-2.0 */
/* The live thread: its life, and what the main thread hands over to it. */
#include "daemon/live/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/log.h"
#include "daemon/live/live_private.h"

/* What comes from the main thread; one heap block, freed when taken in. */
struct delivery {
	struct loop_post post;
	struct live *live;
	size_t bytes; /* counted in inbox_bytes */
	struct live_event *event;
	struct console_record console; /* data in the same block */
	int64_t job;
	char org[ORG_MAX];
	char board[FARM_NAME_MAX];
	int fd;
	char name[PRINCIPAL_MAX];
	uint8_t data[];
};

static void on_news(uv_timer_t *timer);

static void arm_news(struct live *live)
{
	if (!uv_is_active((uv_handle_t *)&live->news))
		uv_timer_start(&live->news, on_news, pace_left_ms(&live->pace, (int64_t)uv_now(&live->loop.uv)), 0);
}

/* A turn of a round: the clients at the front of the list are looked at and go to its end, where new ones also come,
 * until enough of them are to be told something. One that leaves meanwhile only makes the round look at another one
 * twice. */
static void on_news(uv_timer_t *timer)
{
	struct live *live = (struct live *)timer->data;
	size_t woken = 0;

	pace_looked(&live->pace, (int64_t)uv_now(&live->loop.uv), loop_thread_us(),
		    live->client_count / LIVE_TURN_CLIENTS + 1);
	if (live->round_left == 0) {
		live->fresh = false;
		live->horizon = live->ring.last;
		live->round_left = live->client_count;
	}
	for (; live->round_left > 0 && woken < LIVE_TURN_CLIENTS; live->round_left--) {
		struct list *link = list_first(&live->clients);
		if (!link)
			continue;
		list_remove(link);
		list_append(&live->clients, link);
		woken += client_look(list_container(link, struct client, link));
	}
	if (live->round_left > 0 || live->fresh)
		arm_news(live);
}

void live_news(struct live *live)
{
	live->fresh = true;
	arm_news(live);
}

struct buf *live_frame(struct live *live)
{
	buf_reset(&live->frame);
	if (!buf_reserve(&live->frame, LIVE_FRAME_ROOM))
		return NULL;
	live->frame.len = LIVE_FRAME_ROOM;
	return &live->frame;
}

static void deliver(struct delivery *delivery, struct live *live, void (*run)(struct loop_post *post))
{
	delivery->live = live;
	delivery->post.run = run;
	loop_post(&live->loop, &delivery->post);
}

static struct delivery *delivery_create(size_t data_bytes)
{
	struct delivery *delivery = (struct delivery *)calloc(1, sizeof(*delivery) + data_bytes);

	if (!delivery)
		log_warn("live", "out of memory: something was not shown live");
	return delivery;
}

/* The inbox is counted, as the loop's queue itself has no end. What is left out is found again in the archive. */
static bool inbox_take(struct live *live, size_t bytes)
{
	if (atomic_fetch_add(&live->inbox_bytes, bytes) + bytes <= LIVE_INBOX_BYTES)
		return true;
	atomic_fetch_sub(&live->inbox_bytes, bytes);
	return false;
}

static void on_event(struct loop_post *post)
{
	struct delivery *delivery = loop_post_container(post, struct delivery, post);
	struct live *live = delivery->live;
	struct live_event *event = delivery->event;

	atomic_fetch_sub(&live->inbox_bytes, delivery->bytes);
	free(delivery);
	if (live->stopping)
		free(event);
	else if (ring_push(&live->ring, event))
		live_news(live);
}

void live_publish_event(struct live *live, const struct event_record *record)
{
	size_t bytes = strlen(record->body) + sizeof(struct live_event) + sizeof(struct delivery);

	if (!inbox_take(live, bytes))
		return;
	struct delivery *delivery = delivery_create(0);
	struct live_event *event = live_event_create(record);
	if (!delivery || !event) {
		atomic_fetch_sub(&live->inbox_bytes, bytes);
		free(delivery);
		free(event);
		return;
	}
	delivery->bytes = bytes;
	delivery->event = event;
	deliver(delivery, live, on_event);
}

static void on_console(struct loop_post *post)
{
	struct delivery *delivery = loop_post_container(post, struct delivery, post);
	struct live *live = delivery->live;

	atomic_fetch_sub(&live->inbox_bytes, delivery->bytes);
	delivery->console.data = delivery->data;
	struct tail *tail = live->stopping ? NULL
					   : tails_append(&live->tails, &delivery->console, delivery->job,
							  delivery->org, delivery->board);
	if (tail) {
		list_for_each (link, &live->console_subs)
			sub_console_published(list_container(link, struct sub, console_link), tail);
		live_news(live);
	}
	free(delivery);
}

void live_publish_console(struct live *live, const struct console_record *console, int64_t job, const char *org,
			  const char *board)
{
	size_t bytes = console->size_bytes + sizeof(struct delivery);

	if (!inbox_take(live, bytes))
		return;
	struct delivery *delivery = delivery_create(console->size_bytes);
	if (!delivery) {
		atomic_fetch_sub(&live->inbox_bytes, bytes);
		return;
	}
	delivery->bytes = bytes;
	delivery->console = *console;
	delivery->job = job;
	snprintf(delivery->org, sizeof(delivery->org), "%s", org);
	snprintf(delivery->board, sizeof(delivery->board), "%s", board);
	memcpy(delivery->data, console->data, console->size_bytes);
	deliver(delivery, live, on_console);
}

static void on_socket(struct loop_post *post)
{
	struct delivery *delivery = loop_post_container(post, struct delivery, post);
	struct live *live = delivery->live;

	if (live->stopping || live->client_count >= live->options.max_clients) {
		if (!live->stopping)
			log_warn("live", "a viewer was turned away: %zu are connected", live->client_count);
		close(delivery->fd);
	} else {
		if (live->options.send_buffer_bytes)
			(void)setsockopt(delivery->fd, SOL_SOCKET, SO_SNDBUF, &live->options.send_buffer_bytes,
					 sizeof(live->options.send_buffer_bytes));
		web_adopt(live->web, delivery->fd);
	}
	free(delivery);
}

void live_adopt(struct live *live, int fd)
{
	struct delivery *delivery = delivery_create(0);

	if (!delivery) {
		close(fd);
		return;
	}
	delivery->fd = fd;
	deliver(delivery, live, on_socket);
}

static void on_revoke(struct loop_post *post)
{
	struct delivery *delivery = loop_post_container(post, struct delivery, post);

	list_for_each (link, &delivery->live->clients) {
		struct client *client = list_container(link, struct client, link);
		if (client->known && strcmp(client->who.name, delivery->name) == 0)
			client_close(client);
	}
	free(delivery);
}

void live_revoke(struct live *live, const char *token_name)
{
	struct delivery *delivery = delivery_create(0);

	if (!delivery)
		return;
	snprintf(delivery->name, sizeof(delivery->name), "%s", token_name);
	deliver(delivery, live, on_revoke);
}

static void *live_main(void *argument)
{
	struct live *live = (struct live *)argument;

	pthread_setname_np(pthread_self(), "assay-live");
	if (setpriority(PRIO_PROCESS, (id_t)gettid(), LIVE_NICE) != 0)
		log_debug("live", "the thread keeps its priority: %s", strerror(errno));
	loop_run(&live->loop);
	return NULL;
}

int live_create(const struct live_options *options, struct live **ret_live, struct err *err)
{
	struct live *live = (struct live *)calloc(1, sizeof(*live));

	if (!live)
		return err_set(err, ERR_NOMEM, "cannot start the live view: out of memory");
	live->options = *options;
	live->horizon = options->last_seq;
	list_init(&live->clients);
	list_init(&live->console_subs);
	frames_init(&live->frames, LIVE_FRAME_ROOM, LIVE_FRAME_MAX);
	buf_init(&live->frame, LIVE_FRAME_ROOM + LIVE_FRAME_MAX);
	tails_init(&live->tails, options->console_tail_bytes);
	int rc = ring_init(&live->ring, options->ring_events, LIVE_RING_BYTES, options->last_seq);
	if (rc) {
		err_set(err, ERR_NOMEM, "cannot start the live view: out of memory");
		goto out_free;
	}
	rc = loop_init(&live->loop, err);
	if (rc)
		goto out_ring;
	live->protocols[0] = (struct lws_protocols){.name = "http", .callback = on_live_http, .user = live};
	live->protocols[1] = (struct lws_protocols){.name = LIVE_SUBPROTOCOL,
						    .callback = on_live_ws,
						    .per_session_data_size = sizeof(struct client *),
						    .rx_buffer_size = 4096,
						    .tx_packet_size = LIVE_FRAME_ROOM + LIVE_FRAME_MAX,
						    .user = live};
	rc = web_create(&live->loop, "live", live->protocols, &live->web, err);
	if (rc)
		goto out_loop;
	uv_timer_init(&live->loop.uv, &live->retry);
	live->retry.data = live;
	uv_timer_init(&live->loop.uv, &live->news);
	live->news.data = live;
	int failed = pthread_create(&live->thread, NULL, live_main, live);
	if (failed) {
		rc = err_set_errno(err, failed, "cannot start the live thread");
		goto out_web;
	}
	live->thread_runs = true;
	*ret_live = live;
	return 0;

out_web:
	uv_close((uv_handle_t *)&live->retry, NULL);
	uv_close((uv_handle_t *)&live->news, NULL);
	web_destroy(live->web);
out_loop:
	loop_finish(&live->loop);
out_ring:
	ring_finish(&live->ring);
out_free:
	free(live);
	return rc;
}

static void on_stop(struct loop_post *post)
{
	struct delivery *delivery = loop_post_container(post, struct delivery, post);

	loop_stop(&delivery->live->loop);
	free(delivery);
}

void live_stop(struct live *live)
{
	struct delivery *delivery = live && live->thread_runs ? delivery_create(0) : NULL;

	if (!delivery)
		return;
	live->stopping = true; /* at once: the inbox may be long */
	deliver(delivery, live, on_stop);
	pthread_join(live->thread, NULL);
	live->thread_runs = false;
}

void live_destroy(struct live *live)
{
	if (!live)
		return;
	live_stop(live);
	uv_close((uv_handle_t *)&live->retry, NULL);
	uv_close((uv_handle_t *)&live->news, NULL);
	web_destroy(live->web);
	loop_finish(&live->loop);
	ring_finish(&live->ring);
	tails_finish(&live->tails);
	frames_finish(&live->frames);
	buf_finish(&live->frame);
	free(live);
}
