/* SPDX-License-Identifier: Apache-2.0 */
/* Being at a leased board. */
#include "daemon/cli/lease_session.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/cli/api.h"
#include "daemon/cli/lease_terminal.h"
#include "daemon/cli/lease_tunnel.h"
#include "daemon/cli/live.h"
#include "daemon/cli/text.h"
#include "daemon/cli/waits.h"

#define TICK_MS     200
#define ASK_AGAIN   10 /* ticks: how often a lease that waits is asked why */
#define TYPED_BYTES 4096

struct session {
	struct cli *cli;
	int64_t lease;
	const struct lease_wishes *wishes;
	struct live *live;
	struct lease_tunnel *tunnel;
	struct lease_terminal terminal;
	struct escape escape;
	uint16_t gdb_port, console_port;
	int64_t run, until_us;
	bool granted, left, over;
	char waits[400];  /* the last that was said of it */
	int64_t told_seq; /* the latest event of its end and length that was looked at */
	unsigned ticks;
	pid_t child;
	int status;
};

static void say(const struct session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(const struct session *session, const char *format, ...)
{
	va_list args;

	(void)session;
	fprintf(stderr, "assay: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static void leave(struct session *session)
{
	session->left = true;
	live_stop(session->live);
}

/* --- waiting --- */

/* Says why it waits whenever that has changed. */
static void ask_why(struct session *session)
{
	char path[64], text[sizeof session->waits];
	json_t *answer = NULL;
	const json_t *waits;

	snprintf(path, sizeof path, "/leases/%" PRId64, session->lease);
	if (client_get(session->cli->client, path, &answer, NULL))
		return;
	waits = json_object_get(json_object_get(answer, "lease"), "waits");
	if (json_is_object(waits)) {
		waits_reason(waits, text, sizeof text);
		if (strcmp(text, session->waits) != 0)
			say(session, "lease %" PRId64 " waits: %s", session->lease, text);
		snprintf(session->waits, sizeof session->waits, "%s", text);
	}
	json_decref(answer);
}

/* --- the terminal --- */

static bool on_typed(void *context, int fd)
{
	struct session *session = context;
	uint8_t data[TYPED_BYTES], out[2 * TYPED_BYTES];
	ssize_t got = read(fd, data, sizeof data);
	size_t at = 0;

	if (got <= 0)
		return got < 0 && errno == EINTR;
	while (at < (size_t)got) {
		size_t out_bytes, used;
		enum escape_wish wish =
			escape_take(&session->escape, data + at, (size_t)got - at, out, &out_bytes, &used);

		if (out_bytes)
			lease_tunnel_type(session->tunnel, out, out_bytes);
		at += used;
		if (wish == ESCAPE_LEAVE)
			leave(session);
		if (wish == ESCAPE_HELP)
			fprintf(stderr, "\nat the beginning of a line: ~. leaves, ~~ is a ~, ~? says this\n");
	}
	return true;
}

static void open_terminal(struct session *session)
{
	int fd;

	if (session->wishes->no_console || session->wishes->listen_console)
		return;
	session->escape.begins_line = true;
	if (lease_terminal_raw(&session->terminal))
		say(session, "this terminal is the board's console; ~. at the beginning of a line leaves it");
	fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (fd >= 0 && lease_tunnel_watch(session->tunnel, fd, on_typed, session))
		say(session, "what is typed here cannot be read");
}

static void on_console(void *context, int64_t run, int64_t offset, const uint8_t *data, size_t size_bytes)
{
	struct session *session = context;

	(void)offset;
	if (run != session->run)
		return;
	lease_tunnel_print(session->tunnel, data, size_bytes);
	if (session->wishes->no_console || session->wishes->listen_console)
		return;
	if (fwrite(data, 1, size_bytes, stdout) != size_bytes || fflush(stdout) == EOF)
		leave(session);
}

/* --- granted --- */

static int start_program(struct session *session)
{
	char *const *arguments = session->wishes->arguments(session->wishes->context, session->gdb_port);

	session->child = fork();
	if (session->child == 0) {
		execvp(arguments[0], arguments);
		fprintf(stderr, "assay: cannot run %s: %s\n", arguments[0], strerror(errno));
		_exit(127);
	}
	return session->child < 0 ? -1 : 0;
}

static int listen_ports(struct session *session, struct err *err)
{
	const struct lease_wishes *wishes = session->wishes;
	int code = 0;

	if (!wishes->no_gdb)
		code = lease_tunnel_listen(session->tunnel, TUNNEL_TO_GDB, (uint16_t)wishes->gdb_port,
					   &session->gdb_port, err);
	if (!code && wishes->listen_console)
		code = lease_tunnel_listen(session->tunnel, TUNNEL_TO_CONSOLE, (uint16_t)wishes->console_port,
					   &session->console_port, err);
	return code;
}

static void tell_granted(const struct session *session, const char *board)
{
	char until[32];

	if (session->cli->json) {
		printf("{\"lease\":%" PRId64 ",\"run\":%" PRId64 ",\"board\":\"%s\",\"until_us\":%" PRId64
		       ",\"gdb_port\":%u,\"console_port\":%u}\n",
		       session->lease, session->run, board, session->until_us, session->gdb_port,
		       session->console_port);
		fflush(stdout);
		return;
	}
	say(session, "lease %" PRId64 ": board %s is yours until %s", session->lease, board,
	    text_time(session->until_us, text_now_us(), until, sizeof until));
	if (session->gdb_port && !session->wishes->runs_program)
		say(session, "gdb: target extended-remote 127.0.0.1:%u", session->gdb_port);
	if (session->console_port)
		say(session, "console: 127.0.0.1:%u", session->console_port);
}

/* Of a console that is gone on with, what was printed before is not printed again. */
static int64_t console_from(struct session *session)
{
	char path[64];
	json_t *answer = NULL;
	int64_t bytes = 0;

	if (session->wishes->give_back)
		return 0;
	snprintf(path, sizeof path, "/runs/%" PRId64, session->run);
	if (!client_get(session->cli->client, path, &answer, NULL))
		bytes = api_int(json_object_get(cli_object(answer, "run"), "console"), "bytes");
	json_decref(answer);
	return bytes;
}

static void take_granted(struct session *session, const json_t *event)
{
	struct err err = {0};
	char topic[64];

	if (session->granted)
		return;
	session->granted = true;
	session->run = api_int(event, "run");
	session->until_us = api_int(event, "until_us");
	snprintf(topic, sizeof topic, "run:%" PRId64, session->run);
	if (listen_ports(session, &err) || live_subscribe(session->live, topic, -1, console_from(session), &err)) {
		session->status = cli_fail(session->cli, &err);
		leave(session);
		return;
	}
	tell_granted(session, api_text(event, "board"));
	if (!session->wishes->runs_program)
		open_terminal(session);
	else if (start_program(session))
		leave(session);
}

static void on_event(void *context, const json_t *event)
{
	struct session *session = context;
	const char *type = api_text(event, "type");
	bool old = api_int(event, "until_us") && api_int(event, "until_us") < text_now_us();

	if (api_int(event, "job") != session->lease)
		return;
	if (strcmp(type, "lease.expiring") == 0 || strcmp(type, "lease.extended") == 0) {
		old = old || api_int(event, "seq") <= session->told_seq; /* it comes with the job and with the run */
		session->told_seq = old ? session->told_seq : api_int(event, "seq");
	}
	if (strcmp(type, "lease.granted") == 0)
		take_granted(session, event);
	else if (strcmp(type, "lease.expiring") == 0 && !old)
		say(session, "\alease %" PRId64 ": %s; `assay lease extend %" PRId64 " --for 30m` makes it longer",
		    session->lease, api_text(event, "text"), session->lease);
	else if (strcmp(type, "lease.extended") == 0 && !old && session->granted)
		say(session, "lease %" PRId64 " is %s", session->lease, api_text(event, "text"));
	else if (strcmp(type, "step.begun") == 0 && !session->granted)
		say(session, "%s: %s", api_text(event, "board"), api_text(event, "step"));
	else if (strcmp(type, "job.finished") == 0) {
		session->over = true;
		live_stop(session->live);
	}
}

/* --- the tunnel and the daemon --- */

static void on_up(void *context)
{
	(void)context;
}

static void on_down(void *context)
{
	const struct session *session = context;

	if (!session->left && !session->over)
		say(session, "the tunnel is lost; trying again");
}

static void on_over(void *context, const char *text)
{
	struct session *session = context;

	say(session, "lease %" PRId64 " is over for you: %s", session->lease, text);
	session->over = true;
	live_stop(session->live);
}

static void on_channel_end(void *context, enum tunnel_service service, enum tunnel_end end, const char *text)
{
	if (end != TUNNEL_DONE && end != TUNNEL_LEASE_OVER)
		say(context, "%s: %s%s%s", service == TUNNEL_TO_GDB ? "gdb" : "console", tunnel_end_name(end),
		    text[0] ? ": " : "", text);
}

static void on_lost(void *context, const char *why)
{
	say(context, "assayd is gone (%s); trying again", why);
}

static void on_back(void *context)
{
	say(context, "assayd is back");
}

static void on_tick(void *context)
{
	struct session *session = context;
	int status;

	if (session->child > 0 && waitpid(session->child, &status, WNOHANG) == session->child) {
		session->child = 0;
		session->status = WIFEXITED(status) ? WEXITSTATUS(status) : CLI_FAILED;
		leave(session);
	}
	if (!session->granted && session->ticks++ % ASK_AGAIN == 0)
		ask_why(session);
}

static void on_interrupt(void *context)
{
	struct session *session = context;

	if (session->child <= 0) /* else it is the debugger's */
		leave(session);
}

/* --- the whole of it --- */

static int give_back(struct session *session)
{
	char path[64];
	struct err err = {0};
	json_t *answer = NULL;

	snprintf(path, sizeof path, "/leases/%" PRId64, session->lease);
	if (client_delete(session->cli->client, path, &answer, &err) && err.code != ERR_NOT_FOUND)
		return cli_fail(session->cli, &err);
	json_decref(answer);
	say(session, "lease %" PRId64 " is given back", session->lease);
	return session->status;
}

/* How it ended, as its job says; a person who had the board has had what was asked for. */
static int tell_end(struct session *session)
{
	char path[64];
	json_t *answer = NULL;
	const json_t *job;
	int status;

	snprintf(path, sizeof path, "/jobs/%" PRId64, session->lease);
	if (client_get(session->cli->client, path, &answer, NULL))
		return CLI_PASSED;
	job = cli_object(answer, "job");
	status = cli_verdict_status(api_text(job, "verdict"));
	if (strcmp(api_text(job, "state"), "finished") != 0)
		status = session->granted ? CLI_PASSED : CLI_INFRASTRUCTURE; /* another's now; it never came about */
	else if (status != CLI_PASSED)
		say(session, "lease %" PRId64 " ended: %s", session->lease, api_reason(job));
	json_decref(answer);
	return status;
}

static int run(struct session *session, struct err *err)
{
	const struct live_ports ports = {.context = session,
					 .on_event = on_event,
					 .on_console = on_console,
					 .on_lost = on_lost,
					 .on_back = on_back,
					 .on_tick = on_tick,
					 .on_interrupt = on_interrupt};
	const struct lease_tunnel_events events = {.context = session,
						   .on_up = on_up,
						   .on_down = on_down,
						   .on_over = on_over,
						   .on_channel_end = on_channel_end};
	char topic[64];
	int code = live_create(&session->cli->address, &ports, &session->live, err);

	if (code)
		return code;
	snprintf(topic, sizeof topic, "job:%" PRId64, session->lease);
	code = lease_tunnel_create(live_context(session->live), &session->cli->address, session->lease, &events,
				   &session->tunnel, err);
	if (!code)
		code = live_subscribe(session->live, topic, 0, LIVE_NO_CONSOLE, err);
	if (!code) {
		lease_tunnel_start(session->tunnel);
		live_set_tick(session->live, TICK_MS);
		code = live_run(session->live, err);
	}
	lease_terminal_restore(&session->terminal);
	live_destroy(session->live);
	lease_tunnel_destroy(session->tunnel);
	return code;
}

int lease_session(struct cli *cli, int64_t lease, const struct lease_wishes *wishes)
{
	struct session session = {.cli = cli, .lease = lease, .wishes = wishes, .status = CLI_PASSED};
	struct err err = {0};

	if (!cli_client(cli, &err))
		return cli_fail(cli, &err);
	if (run(&session, &err))
		return cli_fail(cli, &err);
	if (session.over)
		return tell_end(&session);
	if (wishes->give_back)
		return give_back(&session);
	if (!wishes->runs_program)
		say(&session, "lease %" PRId64 " goes on; `assay lease attach %" PRId64 "` comes back to it", lease,
		    lease);
	return session.status;
}
