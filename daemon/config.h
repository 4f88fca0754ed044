/* SPDX-License-Identifier: Apache-2.0 */
/* What assayd can be told, on the command line or in a file: one table, from which help and manual are made too. */
#ifndef ASSAY_DAEMON_CONFIG_H
#define ASSAY_DAEMON_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/buf.h"
#include "core/base/err.h"

#define CONFIG_TEXT_MAX 4096

struct config {
	char config_file[CONFIG_TEXT_MAX]; /* "" : none */
	char listen[CONFIG_TEXT_MAX];
	char state_dir[CONFIG_TEXT_MAX];
	char suites_dir[CONFIG_TEXT_MAX];
	char web_dir[CONFIG_TEXT_MAX];
	char log_level[16];
	int64_t check_after_ms, check_after_runs;
	int64_t image_boards, image_trial_boards;
	int64_t agent_grace_ms, cancel_grace_ms, client_timeout_ms, run_slack_ms;
	int64_t lease_grace_ms, lease_max_ms;
	int64_t console_max_bytes;
	int64_t max_waiting_runs;
	char sendmail[CONFIG_TEXT_MAX];
	char mail_from[256];
	int64_t delivery_retry_ms;
	int64_t keep_nights, keep_deliveries, keep_recoveries; /* days; 0: for ever */
	int64_t keep_drops;                                    /* versions of a name; 0: all */
	bool webhook_private;
	int64_t live_ring_events, live_tail_bytes, live_max_clients, live_send_buffer_bytes;
};

/* What the command line asks for. */
enum config_wish { CONFIG_RUN, CONFIG_HELP, CONFIG_HELP_MAN, CONFIG_VERSION };

/* Fills config: defaults, then the file named by --config, then the command line. ERR_INVALID: out holds the whole
 * story, a line for each problem. */
int config_read(struct config *config, int argc, char *const argv[], enum config_wish *ret_wish, struct buf *out);
/* For people, and as the OPTIONS section of assayd(8) in mdoc. */
void config_print_help(FILE *file);
void config_print_man(FILE *file);

/* Appends a whole file; the error names it. */
int config_read_file(const char *path, struct buf *text, struct err *err);

#endif
