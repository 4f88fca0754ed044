/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence as the daemon puts it together: which reports go in, and what HTTP asks. */
#include "core/base/log.h"
#include "daemon/daemon.h"
#include "daemon/evidence/keys.h"
#include "daemon/report/report.h"

static const struct {
	const char *format, *name;
} REPORTS[] = {
	{"text", "report.txt"},
	{"json", "report.json"},
	{"junit", "report.junit.xml"},
	{"html", "report.html"},
};

#define REPORT_COUNT (sizeof(REPORTS) / sizeof(REPORTS[0]))

int daemon_start_evidence(struct daemon *daemon, const char *farm_id, struct err *err)
{
	static struct job_writer writers[REPORT_COUNT]; /* as long as the program, as a writer's context must be */
	struct evidence_report reports[REPORT_COUNT];

	for (size_t i = 0; i < REPORT_COUNT; i++) {
		int rc = report_writer(REPORTS[i].format, &writers[i], err);

		if (rc)
			return rc;
		reports[i] = (struct evidence_report){.name = REPORTS[i].name, .writer = &writers[i]};
	}
	return evidence_init(&daemon->evidence, daemon->config.state_dir, farm_id, loop_unix_us, reports, REPORT_COUNT,
			     err);
}

int daemon_evidence(void *context, int64_t job, int *ret_fd, struct err *err)
{
	return evidence_open(&((struct daemon *)context)->evidence, job, ret_fd, err);
}

int daemon_evidence_keys(void *context, bool rotate, json_t **ret_keys, struct err *err)
{
	const struct daemon *daemon = (struct daemon *)context;
	int rc = rotate ? keys_rotate(daemon->evidence.keys_dir, err) : 0;

	if (rotate && !rc)
		log_info("assayd", "a new key signs evidence from now on");
	return rc ? rc : keys_list(daemon->evidence.keys_dir, ret_keys, err);
}
