/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of daemon/live share. Everything here is the live thread's, except as said. */
#ifndef ASSAY_LIVE_PRIVATE_H
#define ASSAY_LIVE_PRIVATE_H

#include <libwebsockets.h>
#include <stdatomic.h>

#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/base/list.h"
#include "daemon/live/frames.h"
#include "daemon/live/live.h"
#include "daemon/live/pace.h"
#include "daemon/live/ring.h"
#include "daemon/live/tail.h"
#include "daemon/loop/web.h"

#define LIVE_MAX_SUBS      64           /* of a client */
#define LIVE_MAX_WATCHES   1000         /* consoles of a subscription */
#define LIVE_MAX_MESSAGE   (16u << 10)  /* from a client */
#define LIVE_MAX_ANSWERS   (64u << 10)  /* bytes of answers a client has not read; beyond, it is closed */
#define LIVE_FRAME_EVENTS  (64u << 10)  /* bytes of events in a frame, about */
#define LIVE_FRAME_CONSOLE (16u << 10)  /* console bytes in a frame */
#define LIVE_FRAME_MAX     (8u << 20)   /* of any frame */
#define LIVE_FRAME_ROOM    LWS_PRE      /* before a frame, for its head */
#define LIVE_PAGE_EVENTS   200          /* asked of the archive at once */
#define LIVE_PAGE_CONSOLE  (128u << 10) /* bytes asked of the archive at once */
#define LIVE_RING_BYTES    (64u << 20)
#define LIVE_INBOX_BYTES   (64u << 20)
#define LIVE_LOGIN_S       10 /* within which a client without a header must send its token */
#define LIVE_RETRY_MS      100
#define LIVE_MAX_READINGS  16 /* asked of the archive at once, by all viewers */
#define LIVE_TURN_CLIENTS  32 /* woken in one turn: between turns others have the processor */
#define LIVE_NICE          10 /* of the thread: viewers never hold up what they look at */

struct live {
	struct live_options options;
	struct loop loop;
	pthread_t thread;
	bool thread_runs; /* main thread's */
	struct web *web;
	struct lws_protocols protocols[3];
	atomic_size_t inbox_bytes; /* published and not yet taken in */

	struct ring ring;
	struct tails tails;
	struct list clients;
	size_t client_count;
	uint64_t last_sub;        /* serial of the last subscription */
	struct list console_subs; /* that ask for console bytes */
	struct frames frames;     /* of events, shared by those who are told the same */
	struct buf frame;         /* of anything else: what is being written */
	uv_timer_t retry;         /* runs while a read has to be asked again */
	uv_timer_t news;          /* runs while something is to be told that was not looked at yet */
	struct pace pace;         /* of those looks */
	size_t round_left;        /* clients that this round has not looked at yet */
	int64_t horizon;          /* seq of the last event when the round began: what came since waits for the next */
	bool fresh;               /* something came since it began */
	size_t readings;          /* questions to the archive that are not answered */
	atomic_bool stopping;     /* set from the main thread: what is still in the inbox is dropped */
};

struct client {
	struct list link;
	struct live *live;
	struct lws *wsi;
	bool known; /* who is good */
	struct principal who;
	struct buf message; /* that is coming in */
	struct buf answers; /* LIVE answers to its messages, each ended by a NUL */
	struct list subs;   /* in turn: the one served last is last */
	size_t sub_count;
	unsigned faults; /* messages that made no sense */
	bool news;       /* woken by the next look whatever its subscriptions stand at */
	bool closing;
};

/* Where the bytes of a watched console come from next. */
enum watch_state {
	WATCH_ARCHIVE, /* must be asked of the archive */
	WATCH_READING, /* is being asked */
	WATCH_PAGE,    /* an answer is waiting to be sent */
	WATCH_TAIL,    /* from the tail, as long as there is one */
	WATCH_IDLE,    /* all that the archive has was told, and there is no tail: waits for one */
	WATCH_RETRY    /* the archive does not have it yet: asked again by the timer */
};

struct watch {
	struct list link;
	int64_t run;
	uint64_t at; /* the next byte to tell */
	enum watch_state state;
	uint8_t *page; /* WATCH_PAGE; owned */
	size_t page_len;
};

enum topic { TOPIC_FARM, TOPIC_BOARD, TOPIC_JOB, TOPIC_RUN };

struct sub {
	struct list link;
	struct list console_link; /* in the live's console_subs, if console */
	struct client *client;
	uint64_t serial; /* never used twice: an answer of the archive finds its subscription by it, or finds none */
	char *id;        /* as JSON text, with its quotes */
	enum topic topic;
	char board[FARM_NAME_MAX];
	int64_t number; /* of the job or run */
	bool console;
	int64_t at;     /* seq of the last event told or passed over */
	bool following; /* has been live: falling behind from now on is told as a gap */
	bool reading;   /* the archive is being asked for events */
	json_t *page;   /* its answer, waiting to be sent; owned */
	struct list watches;
	size_t watch_count;
};

/* live.c: there is something new. Whoever is to be told of it is woken soon, once for all that comes until then: a wake
 * for each event and viewer would cost more than all that is told. */
void live_news(struct live *live);
/* The live's own frame with nothing behind its room, or NULL when memory runs out. */
struct buf *live_frame(struct live *live);

/* client.c */
bool client_look(struct client *client); /* wakes it when there is something for it, and tells so */
/* Queues an answer; closes the client when it does not read them. Takes the reference. */
void client_answer(struct client *client, json_t *answer);
void client_fail(struct client *client, const char *id_json, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void client_wake(struct client *client);
void client_close(struct client *client);
int client_message(struct client *client, const char *text, size_t len);
struct client *client_create(struct live *live, struct lws *wsi);
void client_destroy(struct client *client);
/* The next frame, behind LIVE_FRAME_ROOM bytes that may be overwritten; NULL: nothing to tell now. Valid until the
 * next. */
struct buf *client_next_frame(struct client *client);

/* sub.c */
struct sub *sub_create(struct client *client, const char *id_json);
void sub_destroy(struct sub *sub);
bool sub_wants(const struct sub *sub, const struct live_event *event);
struct watch *sub_watch(struct sub *sub, int64_t run, uint64_t from);
void sub_want_console(struct sub *sub);
void sub_console_published(struct sub *sub, const struct tail *tail);
/* As client_next_frame. */
struct buf *sub_next_frame(struct sub *sub);
void sub_page_came(struct sub *sub, const struct err *err, json_t *page);

/* watch.c */
void watch_destroy(struct sub *sub, struct watch *watch);
bool watch_next_frame(struct sub *sub, struct watch *watch, struct buf *frame);
void watch_page_came(struct sub *sub, struct watch *watch, const struct answer *answer);
void watch_retry_later(struct live *live);

/* reader.c: asks the archive on the main thread; the answer is brought back to the subscription if it is still there.
 * False: too many ask already; the client is woken to try again. */
bool reader_ask_events(struct sub *sub);
bool reader_ask_console(struct sub *sub, struct watch *watch, uint64_t to);
struct sub *live_find_sub(struct live *live, uint64_t serial);

/* protocol.c */
int on_live_ws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);
int on_live_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);

#endif
