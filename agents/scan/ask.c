/* SPDX-License-Identifier: Apache-2.0 */
/* One OpenOCD, from its start to its end:
 *
 *   started with a pipe -> prints "SWD DPIDR 0x…" (or "dpidr 0x…", as it is told to) -> ends -> its output is read.
 *
 * What can go wrong: there is no OpenOCD; it finds no chip and ends; it hangs and is killed when its time is over. */
#include "agents/scan/ask.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_MS   15000
#define OUTPUT_MAX 16384

extern char **environ;

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Its output until it ends, or its time does. False: it was too long. */
static bool read_all(int from, char *ret_text)
{
	int64_t end_ms = now_ms() + LIMIT_MS;
	size_t len = 0;

	for (;;) {
		struct pollfd wait = {.fd = from, .events = POLLIN};
		int64_t left_ms = end_ms - now_ms();
		char rest[512], *into = len < OUTPUT_MAX - 1 ? ret_text + len : rest;
		ssize_t got;

		ret_text[len] = '\0';
		if (left_ms <= 0)
			return false;
		if (poll(&wait, 1, (int)left_ms) < 1)
			continue;
		got = read(from, into, into == rest ? sizeof(rest) : OUTPUT_MAX - 1 - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return true;
		len += into == rest ? 0 : (size_t)got;
	}
}

static int run(char *const argv[], char *ret_text, struct err *err)
{
	posix_spawn_file_actions_t actions;
	int ends[2], rc, status;
	bool in_time;
	pid_t pid;

	if (pipe(ends))
		return err_set(err, ERR_IO, "no pipe: %s", strerror(errno));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", 0, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	rc = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	(void)close(ends[1]);
	if (rc) {
		(void)close(ends[0]);
		return err_set(err, ERR_NOT_FOUND, "%s does not start: %s", argv[0], strerror(rc));
	}
	in_time = read_all(ends[0], ret_text);
	(void)close(ends[0]);
	if (!in_time)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return in_time ? 0 : err_set(err, ERR_TIMEOUT, "OpenOCD said nothing for %d s", LIMIT_MS / 1000);
}

/* The last line that says what went wrong. */
static void last_error(const char *text, struct err *err)
{
	const char *found = NULL;

	for (const char *at = strstr(text, "Error: "); at; at = strstr(at + 1, "Error: "))
		found = at + strlen("Error: ");
	if (found)
		(void)err_set(err, ERR_UNREACHABLE, "%.*s", (int)strcspn(found, "\r\n"), found);
	else
		(void)err_set(err, ERR_UNREACHABLE, "OpenOCD found no chip");
}

int ask_dpidr(const struct usb_device *device, const struct probe_kind *kind, uint32_t *ret_dpidr, struct err *err)
{
	char serial[USB_TEXT_MAX + 32], transport[64], text[OUTPUT_MAX];
	char interface[64], target[] =
				    "swd newdap chip cpu -expected-id 0; dap create chip.dap -chain-position chip.cpu; "
				    "target create chip.mem mem_ap -dap chip.dap -ap-num 0";
	char *const argv[] = {(char[]){"openocd"},
			      (char[]){"-f"},
			      interface,
			      (char[]){"-c"},
			      serial,
			      (char[]){"-c"},
			      transport,
			      (char[]){"-c"},
			      (char[]){"adapter speed 1000"},
			      (char[]){"-c"},
			      target,
			      (char[]){"-c"},
			      (char[]){"gdb_port disabled; tcl_port disabled; telnet_port disabled"},
			      (char[]){"-c"},
			      (char[]){"init; shutdown"},
			      NULL};
	const char *found;

	(void)snprintf(interface, sizeof(interface), "%s", kind->ask_interface);
	(void)snprintf(serial, sizeof(serial), "adapter serial %s", device->serial);
	(void)snprintf(transport, sizeof(transport), "transport select %s", kind->transport);
	/* It becomes part of a command of Tcl: another device's words would be carried out. */
	if (!probe_serial_is_good(device))
		return err_set(err, ERR_INVALID, "it cannot be named by its serial number");
	if (run(argv, text, err))
		return (int)err->code;
	found = strstr(text, "DPIDR 0x");
	if (!found) {
		last_error(text, err);
		return (int)err->code;
	}
	*ret_dpidr = (uint32_t)strtoul(found + strlen("DPIDR "), NULL, 16);
	return 0;
}
