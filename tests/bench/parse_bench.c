/* SPDX-License-Identifier: Apache-2.0 */
/* How fast the console parser and the collector read a log of realistic mix, beside `grep -c` on the same file. Build
 * it in the release preset; prints MB/s of both and their ratio. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/judge/judge.h"
#include "core/parse/parse.h"

#define LOG_BYTES (64u << 20)
#define CHUNK     4096 /* as a serial device or socket gives them */
#define ROUNDS    3    /* the best one counts */

/* Processor time, so that a busy machine does not matter: of this process, or of the children it waited for. */
static double seconds(int who)
{
	struct rusage used;

	getrusage(who, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* Results with logs between and in them; a summary every thousand cases. */
static void write_log(struct buf *log)
{
	unsigned number = 1;

	for (unsigned i = 0; log->len < LOG_BYTES; i++) {
		buf_appendf(log, "TEST(Full_Transport_%u, Sockets_SendRecv_VaryLength_%u)", i / 1000, i % 1000);
		for (unsigned k = 0; k < i % 7; k++, number++)
			buf_appendf(log, "%u %u [IP-task] prvProcessEthernetPacket: %u bytes from c0a80001ip:%u\r\n",
				    number, number * 7, 60 + k * 100, 1024 + k);
		buf_append_text(log, " PASS\r\n");
		if (i % 1000 == 999)
			buf_append_text(log,
					"\r\n-----------------------\r\n1000 Tests 0 Failures 0 Ignored \r\nOK\r\n");
	}
}

static void on_event(void *context, const struct parse_event *event)
{
	collector_feed(context, event, 0);
}

static double time_parser(const struct buf *log, size_t *ret_cases)
{
	struct requirements require = {.summaries = 1};
	struct end_rule end = {.when = END_SILENCE};
	struct judge_facts facts = {.capture = CAPTURE_SILENCE, .console_bytes = log->len};
	struct collector *collector = collector_create(&require, &end, NULL, NULL);
	struct parser *parser = parser_create(on_event, collector);
	struct run_judgement judgement;
	double begin = seconds(RUSAGE_SELF);

	for (size_t at = 0; at < log->len; at += CHUNK)
		parser_feed(parser, (const uint8_t *)log->data + at, log->len - at < CHUNK ? log->len - at : CHUNK);
	parser_end(parser);
	collector_judge(collector, &facts, &judgement);
	begin = seconds(RUSAGE_SELF) - begin;
	*ret_cases = judgement.passed;
	parser_destroy(parser);
	collector_destroy(collector);
	return begin;
}

/* The count goes into a pipe: to /dev/null, grep would stop at the first match. Negative when grep did not work. */
static double time_grep(const char *path)
{
	double begin = seconds(RUSAGE_CHILDREN);
	int status = -1, out[2];
	pid_t child;

	if (pipe(out))
		return -1;
	child = fork();
	if (child == 0) {
		dup2(out[1], STDOUT_FILENO);
		execlp("grep", "grep", "-c", "--", " PASS", path, (char *)NULL);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		status = -1;
	close(out[0]);
	close(out[1]);
	if (status != 0)
		return -1;
	return seconds(RUSAGE_CHILDREN) - begin;
}

static double best(double known, double now)
{
	return known < now ? known : now;
}

int main(void)
{
	char path[] = "/tmp/assay-parse-bench-XXXXXX";
	int file = mkstemp(path);
	double parser_s = 1e9, grep_s = 1e9;
	size_t cases = 0;
	struct buf log;

	buf_init(&log, LOG_BYTES + 4096);
	write_log(&log);
	if (file < 0 || write(file, log.data, log.len) != (ssize_t)log.len) {
		perror(path);
		return 1;
	}
	close(file);
	for (int round = 0; round < ROUNDS; round++) {
		parser_s = best(parser_s, time_parser(&log, &cases));
		grep_s = best(grep_s, time_grep(path));
	}
	unlink(path);
	printf("parse: %.0f MB/s (%zu cases); grep -c: %.0f MB/s; the parser takes %.1f times as long\n",
	       (double)log.len / 1e6 / parser_s, cases, (double)log.len / 1e6 / grep_s, parser_s / grep_s);
	buf_finish(&log);
	return cases > 0 && grep_s > 0 ? 0 : 1;
}
