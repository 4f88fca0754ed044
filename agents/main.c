/* SPDX-License-Identifier: Apache-2.0 */
/* assay-agent: works the boards of one rack for an assay farm. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "agents/base/launcher.h"
#include "agents/commands.h"
#include "core/base/log.h"

int main(int argc, char **argv)
{
	struct options options;
	enum log_level level;
	struct err err = {0};

	if (argc > 1 && strcmp(argv[1], LAUNCHER_OPTION) == 0)
		return launcher_main(argc, argv);
	signal(SIGPIPE, SIG_IGN);
	if (options_read(argc, argv, &options, &err) || log_level_parse(options.log_level, &level)) {
		fprintf(stderr, "assay-agent: %s\n", err.code ? err.text : "--log-level is debug, info, warn or error");
		return EXIT_BAD_INPUT;
	}
	log_set_level(level);
	if (sodium_init() < 0) {
		fprintf(stderr, "assay-agent: libsodium does not start\n");
		return EXIT_TROUBLE;
	}
	switch (options.command) {
	case COMMAND_HELP:
		options_print_help();
		return EXIT_DONE;
	case COMMAND_VERSION:
		printf("assay-agent " ASSAY_VERSION "\n");
		return EXIT_DONE;
	case COMMAND_CHECK:
		return command_check(&options);
	case COMMAND_RUN:
		return command_run(&options);
	case COMMAND_SIMULATE:
		return command_simulate(&options);
	case COMMAND_SCAN:
		return command_scan(&options);
	case COMMAND_SERVE:
		break;
	}
	return command_serve(&options);
}
