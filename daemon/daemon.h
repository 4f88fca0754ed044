/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's parts, in one struct that main.c puts together and ports.c connects. */
#ifndef ASSAY_DAEMON_DAEMON_H
#define ASSAY_DAEMON_DAEMON_H

#include <libwebsockets.h>

#include "core/farm/farm.h"
#include "daemon/auth/auth.h"
#include "daemon/config.h"
#include "daemon/evidence/evidence.h"
#include "daemon/http/http.h"
#include "daemon/link/link.h"
#include "daemon/live/live.h"
#include "daemon/loop/listener.h"
#include "daemon/loop/loop.h"
#include "daemon/loop/notify.h"
#include "daemon/loop/web.h"
#include "daemon/store/store.h"
#include "daemon/summary/deliver.h"
#include "daemon/summary/summarise.h"
#include "daemon/tunnel/tunnel.h"
#include "daemon/zones/zones.h"

struct daemon {
	struct config config;
	struct loop loop;
	struct notify notify;
	uv_signal_t on_term, on_int;
	uv_async_t store_wake;
	uv_timer_t farm_timer, retention_timer;
	int64_t pruned; /* rows, of this time */
	json_t *kept;   /* how much there is, as store_prune tells; NULL: not known yet */
	struct store *store;
	struct auth *auth;
	struct zones zones;
	char machine_boot[BOOT_MAX]; /* the machine's start, since which the loop's clock goes on; "": not known */
	struct farm *farm;
	struct evidence evidence;
	struct summariser summariser;
	struct deliverer *deliverer;
	struct live *live;
	struct link *link;
	struct tunnels *tunnels;
	struct http *http;
	struct web *web;
	struct listener *listener;
	struct lws_protocols protocols[4];
	char boot[33];
	char info_file[CONFIG_TEXT_MAX + 16]; /* STATE/assayd.json; "" until written */
	bool loop_ready;
	unsigned rewinds; /* since a change was last committed */
	bool stopping;    /* what the store tells from now on is for the next start */
	int status;       /* exit status */
};

/* ports.c: what each part needs of the others. */
void daemon_farm_ports(struct daemon *daemon, struct farm_ports *ret_ports);
void daemon_http_ports(struct daemon *daemon, struct http_ports *ret_ports);
void daemon_tunnels_options(struct daemon *daemon, struct tunnels_options *ret_options);
void daemon_store_options(struct daemon *daemon, struct store_options *ret_options);
bool daemon_authenticate(void *context, const char *token, struct principal *ret_who);

/* keys_command.c: `assayd keys …`. Returns the exit status. */
int daemon_keys(int argc, char *argv[]);

/* evidence.c: folders and keys are there. farm_id: the farm's. */
int daemon_start_evidence(struct daemon *daemon, const char *farm_id, struct err *err);
int daemon_evidence(void *context, int64_t job, int *ret_fd, struct err *err);
int daemon_evidence_keys(void *context, bool rotate, json_t **ret_keys, struct err *err);

/* retention.c: takes away what is past its time. */
void daemon_prune(uv_timer_t *timer);

/* suites.c */
void daemon_load_suites(struct daemon *daemon);

/* start.c. Returns 0; on an error what was begun is for daemon_stop to end. */
int daemon_start(struct daemon *daemon, struct err *err);
void daemon_stop(struct daemon *daemon);

#endif
