/* SPDX-License-Identifier: Apache-2.0 */
/* assayd: reads what it is told, starts, serves until a signal, stops. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/base/log.h"
#include "daemon/daemon.h"

#define EXIT_CANNOT_START 2

static int serve(struct daemon *daemon)
{
	struct err err = {0};

	if (daemon_start(daemon, &err)) {
		log_error("assayd", "%s", err.text);
		daemon->status = EXIT_CANNOT_START;
	} else {
		loop_run(&daemon->loop);
	}
	daemon_stop(daemon);
	return daemon->status;
}

int main(int argc, char *argv[])
{
	static struct daemon daemon; /* the one there is; too large for a stack */
	enum config_wish wish;
	enum log_level level = LOG_LEVEL_INFO;
	struct buf story;

	if (argc > 1 && strcmp(argv[1], "keys") == 0)
		return daemon_keys(argc, argv);
	buf_init(&story, 1u << 20);
	if (config_read(&daemon.config, argc, argv, &wish, &story)) {
		fputs(buf_text(&story), stderr);
		buf_finish(&story);
		return EXIT_CANNOT_START;
	}
	if (wish == CONFIG_HELP)
		config_print_help(stdout);
	if (wish == CONFIG_HELP_MAN)
		config_print_man(stdout);
	if (wish == CONFIG_VERSION)
		puts("assayd " ASSAY_VERSION);
	if (wish != CONFIG_RUN)
		return EXIT_SUCCESS;
	log_level_parse(daemon.config.log_level, &level);
	log_set_level(level);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a failed write, told as such */
	if (sodium_init() < 0) {
		log_error("assayd", "cannot start: no good random numbers on this machine");
		return EXIT_CANNOT_START;
	}
	return serve(&daemon);
}
