/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and stopping the daemon's parts, in order.
 *
 * Start: state directory locked and read -> tokens -> live, link, farm, HTTP -> the first tokens are durable -> listen
 * -> assayd.json, READY. Nothing is served before everything is there.
 * Stop: no new connections -> the live thread ended -> the store commits what is queued and closes -> all connections
 * closed -> the parts are freed. The store goes before the connections because libwebsockets, when it is destroyed,
 * closes a descriptor a second time, which by then could be a file that another thread has just opened. That agents
 * are disconnected by this is not kept: the next start knows anyway. A start that fails half-way stops the same way. A
 * stop that takes STOP_LIMIT_S is given up, saying what it was about. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "core/base/log.h"
#include "core/wire/message.h"
#include "daemon/daemon.h"
#include "daemon/loop/room.h"
#include "daemon/report/night_page.h"

#define MAX_FILES    65536
#define STOP_LIMIT_S 15 /* for what takes hundredths of a second when the disk is not held up */

/* Many viewers need many descriptors; libwebsockets sizes its tables by the limit, so it has an end. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max < MAX_FILES ? limit.rlim_max : MAX_FILES;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* The folders that the state directory is to be in. */
static int make_parents(const char *path, struct err *err)
{
	char part[CONFIG_TEXT_MAX];

	snprintf(part, sizeof(part), "%s", path);
	for (char *at = strchr(part + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		int cause = mkdir(part, 0755) == 0 ? 0 : errno;
		/* Of one that is there a file system may say anything. */
		if (cause && access(part, F_OK) != 0)
			return err_set_errno(err, cause, "cannot make %s", part);
		*at = '/';
	}
	return 0;
}

static void on_store_wake(uv_async_t *async)
{
	struct daemon *daemon = (struct daemon *)async->data;

	if (daemon->store)
		store_dispatch(daemon->store);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct daemon *daemon = (struct daemon *)handle->data;

	log_info("assayd", "stopping on %s", number == SIGTERM ? "SIGTERM" : "SIGINT");
	loop_stop(&daemon->loop);
}

static void start_handles(struct daemon *daemon)
{
	uv_loop_t *uv = &daemon->loop.uv;

	uv_async_init(uv, &daemon->store_wake, on_store_wake);
	uv_timer_init(uv, &daemon->farm_timer);
	uv_timer_init(uv, &daemon->retention_timer);
	uv_signal_init(uv, &daemon->on_term);
	uv_signal_init(uv, &daemon->on_int);
	daemon->store_wake.data = daemon->farm_timer.data = daemon->retention_timer.data = daemon->on_term.data =
		daemon->on_int.data = daemon;
	uv_signal_start(&daemon->on_term, on_signal, SIGTERM);
	uv_signal_start(&daemon->on_int, on_signal, SIGINT);
	notify_init(&daemon->notify, &daemon->loop);
}

static int start_auth(struct daemon *daemon, struct err *err)
{
	struct token *tokens = NULL;
	size_t count = 0;
	int rc = store_load_tokens(daemon->store, &tokens, &count, err);

	if (!rc)
		rc = auth_create(store_archive(daemon->store), tokens, count, &daemon->auth, err);
	free(tokens);
	return rc;
}

static int start_live(struct daemon *daemon, int64_t last_seq, struct err *err)
{
	const struct config *config = &daemon->config;
	struct live_options options = {
		.main_loop = &daemon->loop,
		.archive = store_archive(daemon->store),
		.context = daemon,
		.authenticate = daemon_authenticate,
		.last_seq = last_seq,
		.ring_events = (size_t)config->live_ring_events,
		.console_tail_bytes = (size_t)config->live_tail_bytes,
		.max_clients = (size_t)config->live_max_clients,
		.send_buffer_bytes = (int)config->live_send_buffer_bytes,
	};

	return live_create(&options, &daemon->live, err);
}

static void read_boot(char ret_boot[BOOT_MAX])
{
	struct buf text;
	struct err err = {0};

	ret_boot[0] = '\0';
	buf_init(&text, BOOT_MAX);
	if (config_read_file("/proc/sys/kernel/random/boot_id", &text, &err))
		log_warn("farm", "%s: leases go by the wall clock over a restart", err.text);
	else
		(void)snprintf(ret_boot, BOOT_MAX, "%.*s", (int)strcspn(buf_text(&text), "\n"), buf_text(&text));
	buf_finish(&text);
}

static int start_farm(struct daemon *daemon, const struct farm_records *records, struct err *err)
{
	struct farm_config config = farm_config_default;
	struct farm_ports ports;

	config.agent_grace_ms = daemon->config.agent_grace_ms;
	config.cancel_grace_ms = daemon->config.cancel_grace_ms;
	config.run_slack_ms = daemon->config.run_slack_ms;
	config.lease_grace_ms = daemon->config.lease_grace_ms;
	config.lease_max_ms = daemon->config.lease_max_ms;
	config.console_max_bytes = (uint64_t)daemon->config.console_max_bytes;
	config.image_max_boards = (uint32_t)daemon->config.image_boards;
	config.image_trial_boards = (uint32_t)daemon->config.image_trial_boards;
	config.check.after_us = 1000 * daemon->config.check_after_ms;
	config.check.after_runs = (uint32_t)daemon->config.check_after_runs;
	config.max_waiting_runs = (size_t)daemon->config.max_waiting_runs;
	zones_init(&daemon->zones);
	read_boot(daemon->machine_boot);
	daemon_farm_ports(daemon, &ports);
	return farm_create(&ports, &config, records, &daemon->farm, err);
}

static int start_web(struct daemon *daemon, struct err *err)
{
	struct http_ports ports;

	daemon_http_ports(daemon, &ports);
	int rc = http_create(&ports, &daemon->http, err);
	if (rc)
		return rc;
	daemon->protocols[0] = http_protocol(daemon->http);
	daemon->protocols[1] = link_protocol(daemon->link);
	daemon->protocols[2] = tunnels_protocol(daemon->tunnels);
	rc = web_create(&daemon->loop, "http", daemon->protocols, &daemon->web, err);
	if (!rc) {
		link_open(daemon->link, daemon->farm);
		tunnels_open(daemon->tunnels, daemon->farm);
	}
	return rc;
}

/* Whether the head of a request is there, or never will be: an HTTP method is of capital letters. */
static bool head_complete(const char *head, size_t len)
{
	return len == LISTENER_PEEK_BYTES || head[0] < 'A' || head[0] > 'Z' || memmem(head, len, "\r\n\r\n", 4);
}

static bool asks_for(const char *head, size_t len, const char *path)
{
	size_t path_len = strlen(path);

	return len > path_len && memcmp(head, path, path_len) == 0 && (head[path_len] == ' ' || head[path_len] == '?');
}

/* A viewer's upgrade goes to the live thread, everything else stays here. Only with a whole head: a server has few
 * places for heads that are coming in, and half of one would hold its place. */
static bool on_socket(void *context, int fd, const char *head, size_t len)
{
	struct daemon *daemon = (struct daemon *)context;

	if (!head_complete(head, len))
		return false;
	if (fd >= room_end(ROOM_GUESTS) && !asks_for(head, len, "GET " WIRE_PATH))
		web_turn_away(fd);
	else if (asks_for(head, len, "GET " LIVE_PATH))
		live_adopt(daemon->live, fd);
	else
		web_adopt(daemon->web, fd);
	return true;
}

/* The address a client on this machine uses. */
static void daemon_url(const struct daemon *daemon, char *out, size_t size)
{
	const char *address = listener_address(daemon->listener);
	const char *port = strrchr(address, ':');

	if (strncmp(address, "0.0.0.0:", 8) == 0)
		snprintf(out, size, "http://127.0.0.1%s", port);
	else if (strncmp(address, "[::]:", 5) == 0)
		snprintf(out, size, "http://[::1]%s", port);
	else
		snprintf(out, size, "http://%s", address);
}

static int write_info(struct daemon *daemon, const char *url, struct err *err)
{
	char path[sizeof(daemon->info_file)], temp[sizeof(path) + 8], text[256];

	snprintf(path, sizeof(path), "%s/assayd.json", daemon->config.state_dir);
	snprintf(temp, sizeof(temp), "%s.new", path);
	int len = snprintf(text, sizeof(text), "{\"url\":\"%s\",\"pid\":%ld}\n", url, (long)getpid());
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set_errno(err, errno, "cannot write %s", temp);
	bool written = write(fd, text, (size_t)len) == len;
	close(fd);
	if (!written || rename(temp, path))
		return err_set_errno(err, errno, "cannot write %s", path);
	memcpy(daemon->info_file, path, sizeof(path));
	return 0;
}

static int start_listening(struct daemon *daemon, struct err *err)
{
	char host[256], url[300];
	int port;
	int rc = listener_parse_address(daemon->config.listen, host, sizeof(host), &port, err);

	if (rc)
		return err_prefix(err, "--listen");
	rc = listener_create(&daemon->loop, host, port, on_socket, daemon, &daemon->listener, err);
	if (rc)
		return rc;
	daemon_url(daemon, url, sizeof(url));
	rc = write_info(daemon, url, err);
	if (rc)
		return rc;
	log_info("assayd", "serving on %s, state in %s", url, daemon->config.state_dir);
	notify_ready(&daemon->notify, "serving");
	return 0;
}

static void on_first_tokens(void *context, const struct err *failed)
{
	struct daemon *daemon = (struct daemon *)context;
	struct err err = {0};

	if (daemon->stopping || daemon->loop.stopping)
		return; /* on request, before it served: nothing is wrong */
	if (failed)
		err = *failed;
	else
		start_listening(daemon, &err);
	if (!err.code)
		return;
	log_error("assayd", "%s", err.text);
	daemon->status = 2;
	loop_stop(&daemon->loop);
}

static int start_tunnels(struct daemon *daemon, struct err *err)
{
	struct tunnels_options options;

	daemon_tunnels_options(daemon, &options);
	return tunnels_create(&options, &daemon->tunnels, err);
}

static int start_deliverer(struct daemon *daemon, struct err *err)
{
	struct deliverer_options options = {.farm = daemon->farm,
					    .archive = store_archive(daemon->store),
					    .uv = &daemon->loop.uv,
					    .page = report_night_page,
					    .sendmail = daemon->config.sendmail,
					    .mail_from = daemon->config.mail_from,
					    .webhook_private = daemon->config.webhook_private,
					    .retry_ms = daemon->config.delivery_retry_ms};
	int rc = deliverer_create(&options, &daemon->deliverer, err);

	if (rc == 0)
		deliverer_look(daemon->deliverer);
	return rc;
}

static int start_parts(struct daemon *daemon, struct err *err)
{
	struct link_options link_options = {
		.loop = &daemon->loop, .context = daemon, .authenticate = daemon_authenticate};
	struct farm_records records = {0};
	int rc = store_load(daemon->store, &records, err);

	if (!rc)
		rc = daemon_start_evidence(daemon, records.farm_id, err);
	if (!rc)
		rc = start_auth(daemon, err);
	if (!rc)
		rc = start_live(daemon, records.last_seq, err);
	if (!rc)
		rc = link_create(&link_options, &daemon->link, err);
	if (!rc)
		rc = start_tunnels(daemon, err);
	if (!rc)
		rc = start_farm(daemon, &records, err);
	farm_records_finish(&records);
	if (rc)
		return rc;
	daemon_load_suites(daemon);
	summariser_init(&daemon->summariser, daemon->farm, store_archive(daemon->store));
	summariser_look(&daemon->summariser);
	rc = start_deliverer(daemon, err);
	if (rc)
		return rc;
	daemon_prune(&daemon->retention_timer);
	return start_web(daemon, err);
}

int daemon_start(struct daemon *daemon, struct err *err)
{
	struct store_options options;
	unsigned char boot[16];
	bool waiting = false;

	raise_file_limit();
	randombytes_buf(boot, sizeof(boot));
	sodium_bin2hex(daemon->boot, sizeof(daemon->boot), boot, sizeof(boot));
	int rc = loop_init(&daemon->loop, err);
	if (rc)
		return rc;
	start_handles(daemon);
	daemon->loop_ready = true;
	daemon_store_options(daemon, &options);
	rc = make_parents(daemon->config.state_dir, err);
	if (!rc)
		rc = store_open(&options, &daemon->store, err);
	if (!rc)
		rc = start_parts(daemon, err);
	if (!rc)
		rc = auth_bootstrap(daemon->auth, daemon->config.state_dir, on_first_tokens, daemon, &waiting, err);
	if (!rc && !waiting)
		rc = start_listening(daemon, err);
	return rc;
}

/* What the daemon is doing about its end, for the alarm. */
static const char *volatile stop_stage = "";

static void on_alarm(int number)
{
	static const char said[] = "error assayd: still stopping after a long time, giving up; it was about ";
	const char *stage = stop_stage;
	ssize_t done;

	(void)number;
	done = write(STDERR_FILENO, said, sizeof(said) - 1);
	done = write(STDERR_FILENO, stage, strlen(stage));
	done = write(STDERR_FILENO, "\n", 1);
	(void)done;
	_exit(EXIT_FAILURE); /* as good as a kill, which loses nothing that anybody was promised */
}

static void stop_watched(void)
{
	struct sigaction action = {.sa_handler = on_alarm};

	(void)sigaction(SIGALRM, &action, NULL);
	(void)alarm(STOP_LIMIT_S);
}

void daemon_stop(struct daemon *daemon)
{
	if (!daemon->loop_ready)
		return;
	stop_watched();
	notify_stopping(&daemon->notify);
	if (daemon->info_file[0])
		unlink(daemon->info_file);
	listener_destroy(daemon->listener);
	stop_stage = "the live view's thread";
	live_stop(daemon->live);
	/* Questions the live thread has asked reach the store now, or never. */
	uv_run(&daemon->loop.uv, UV_RUN_NOWAIT);
	daemon->stopping = true;
	daemon->summariser.closing = true;
	stop_stage = "a webhook or mail";
	deliverer_stop(daemon->deliverer);
	stop_stage = "the store's last commit";
	store_close(daemon->store);
	daemon->store = NULL;
	stop_stage = "the connections";
	live_destroy(daemon->live);
	web_destroy(daemon->web);
	tunnels_destroy(daemon->tunnels);
	farm_destroy(daemon->farm);
	if (daemon->zones.read.next)
		zones_finish(&daemon->zones);
	link_destroy(daemon->link);
	http_destroy(daemon->http);
	auth_destroy(daemon->auth);
	stop_stage = "the event loop";
	uv_close((uv_handle_t *)&daemon->store_wake, NULL);
	uv_close((uv_handle_t *)&daemon->farm_timer, NULL);
	uv_close((uv_handle_t *)&daemon->retention_timer, NULL);
	uv_close((uv_handle_t *)&daemon->on_term, NULL);
	uv_close((uv_handle_t *)&daemon->on_int, NULL);
	notify_finish(&daemon->notify);
	loop_finish(&daemon->loop);
	deliverer_destroy(daemon->deliverer);
	json_decref(daemon->kept);
	(void)alarm(0);
}
