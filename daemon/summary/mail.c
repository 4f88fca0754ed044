/* SPDX-License-Identifier: Apache-2.0 */
/* Writing the message, and handing it to a mail program that is watched while it takes it. */
#include "daemon/summary/mail.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#define LOOK_MS       100 /* at whether it is to stop */
#define LINE_BYTES    57  /* that make 76 letters of base64 */
#define BOUNDARY      "=_assay_alternative"
#define SUBJECT_BYTES 42 /* of one encoded word, which may have 75 letters */

extern char **environ;

static int write_base64(const char *text, size_t len, size_t line_bytes, const char *open, const char *close,
			struct buf *out)
{
	char line[2 * LINE_BYTES];
	int rc = 0;

	for (size_t at = 0; !rc && at < len; at += line_bytes) {
		size_t part = len - at < line_bytes ? len - at : line_bytes;

		sodium_bin2base64(line, sizeof(line), (const unsigned char *)text + at, part,
				  sodium_base64_VARIANT_ORIGINAL);
		rc = buf_appendf(out, "%s%s%s", open, line, close);
	}
	return rc;
}

/* As encoded words (RFC 2047), none of which may end within a letter. */
static int write_subject(const char *subject, struct buf *out)
{
	size_t len = strlen(subject), at = 0;
	int rc = buf_append_text(out, "Subject:");

	while (!rc && at < len) {
		size_t part = len - at < SUBJECT_BYTES ? len - at : SUBJECT_BYTES;

		while (at + part < len && part > 1 && ((unsigned char)subject[at + part] & 0xc0) == 0x80)
			part--;
		rc = write_base64(subject + at, part, SUBJECT_BYTES, at ? "\n =?utf-8?B?" : " =?utf-8?B?", "?=", out);
		at += part;
	}
	return rc ? rc : buf_append_text(out, "\n");
}

static int write_head(const struct mail *mail, struct buf *out)
{
	time_t at = (time_t)mail->unix_s;
	char date[64];
	struct tm moment;
	int rc;

	gmtime_r(&at, &moment);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", &moment);
	rc = buf_appendf(out, "From: %s\nTo: %s\n", mail->from, mail->to);
	if (!rc)
		rc = write_subject(mail->subject, out);
	return rc ? rc
		  : buf_appendf(out, "Date: %s\nMessage-ID: <%s>\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n",
				date, mail->id);
}

static int write_part(const char *type, const char *text, struct buf *out)
{
	int rc = buf_appendf(out, "Content-Type: text/%s; charset=utf-8\nContent-Transfer-Encoding: base64\n\n", type);

	return rc ? rc : write_base64(text, strlen(text), LINE_BYTES, "", "\n", out);
}

int mail_write(const struct mail *mail, struct buf *out)
{
	int rc = write_head(mail, out);

	if (rc)
		return rc;
	if (!mail->html)
		return write_part("plain", mail->text, out);
	rc = buf_append_text(out, "Content-Type: multipart/alternative; boundary=\"" BOUNDARY "\"\n\n--" BOUNDARY "\n");
	if (!rc)
		rc = write_part("plain", mail->text, out);
	if (!rc)
		rc = buf_append_text(out, "--" BOUNDARY "\n");
	if (!rc)
		rc = write_part("html", mail->html, out);
	return rc ? rc : buf_append_text(out, "--" BOUNDARY "--\n");
}

/* --- handing it over --- */

struct child {
	pid_t pid;
	int gone;     /* a descriptor that is readable when it has ended; -1: none can be had */
	int in, says; /* its standard input, and what it says; -1: closed */
	char said[200];
	size_t said_len;
};

static int start(const struct mail *mail, struct child *child, struct err *err)
{
	const char *argv[] = {mail->sendmail, "-i", "-f", mail->from, "--", mail->to, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int in[2], says[2], code;
	sigset_t defaults;

	if (pipe2(in, O_CLOEXEC))
		return err_set_errno(err, errno, "cannot make a pipe");
	if (pipe2(says, O_CLOEXEC)) {
		close(in[0]);
		close(in[1]);
		return err_set_errno(err, errno, "cannot make a pipe");
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, says[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, says[1], STDERR_FILENO);
	posix_spawnattr_init(&attributes);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	code = posix_spawn(&child->pid, mail->sendmail, &actions, &attributes, (char **)(uintptr_t)argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(says[1]);
	child->in = in[1];
	child->says = says[0];
	if (!code) {
		child->gone = pidfd_open(child->pid, 0);
		return 0;
	}
	close(child->in);
	close(child->says);
	return err_set_errno(err, code, "cannot start %s", mail->sendmail);
}

/* What does not fit is let go by. */
static bool read_said(struct child *child)
{
	char piece[512];
	ssize_t got = read(child->says, piece, sizeof(piece));

	if (got <= 0)
		return false;
	for (ssize_t i = 0; i < got && child->said_len + 1 < sizeof(child->said); i++)
		child->said[child->said_len++] = (char)((unsigned char)piece[i] < ' ' ? ' ' : piece[i]);
	return true;
}

static int64_t now_ms(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void give(struct child *child, const struct buf *message, size_t *given)
{
	ssize_t put = write(child->in, message->data + *given, message->len - *given);

	*given += put > 0 ? (size_t)put : 0;
	if ((put < 0 && errno != EAGAIN) || *given == message->len)
		close_one(&child->in);
}

/* Gives it the message and hears it out, until it has ended: one that closed its outputs may still live, and one that
 * ended may have left others behind that hold them open. False: it took too long, or the daemon ends. */
static bool converse(const struct mail *mail, struct child *child, const struct buf *message)
{
	int64_t end_ms = now_ms() + (mail->limit_ms ? mail->limit_ms : MAIL_LIMIT_MS);
	size_t given = 0;

	(void)fcntl(child->in, F_SETFL, O_NONBLOCK);
	for (;;) {
		/* a closed one is left out by poll, as its number is negative */
		struct pollfd fds[3] = {{child->gone, POLLIN, 0}, {child->says, POLLIN, 0}, {child->in, POLLOUT, 0}};
		int ready = poll(fds, 3, LOOK_MS);

		if (ready > 0 && fds[2].revents)
			give(child, message, &given);
		if (ready > 0 && fds[1].revents && !read_said(child))
			close_one(&child->says);
		else if (ready > 0 && fds[0].revents && !fds[1].revents)
			return true;
		if (child->gone < 0 && child->says < 0) /* a kernel without such descriptors */
			return true;
		if (now_ms() >= end_ms || (mail->stop && atomic_load(mail->stop)))
			return false;
	}
}

int mail_send(const struct mail *mail, struct err *err)
{
	struct child child = {.pid = -1, .gone = -1, .in = -1, .says = -1};
	struct buf message;
	int rc, status = 0;
	bool in_time;

	buf_init(&message, MAIL_MAX_BYTES);
	rc = mail_write(mail, &message);
	if (rc)
		rc = err_set(err, (enum err_code)rc, "the mail is too large");
	else
		rc = start(mail, &child, err);
	if (rc) {
		buf_finish(&message);
		return rc;
	}
	in_time = converse(mail, &child, &message);
	buf_finish(&message);
	close_one(&child.in);
	close_one(&child.says);
	close_one(&child.gone);
	if (!in_time)
		kill(-child.pid, SIGKILL); /* and what it has started */
	while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!in_time)
		return err_set(err, ERR_TIMEOUT, "%s took too long, and was ended", mail->sendmail);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return err_set(err, ERR_IO, "%s ended with %d: %s", mail->sendmail,
			       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), child.said);
	return 0;
}
