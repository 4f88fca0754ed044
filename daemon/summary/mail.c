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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#define LIMIT_MS      60000
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
	int in, says; /* its standard input, and what it says */
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
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	code = posix_spawn(&child->pid, mail->sendmail, &actions, &attributes, (char **)(uintptr_t)argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(says[1]);
	child->in = in[1];
	child->says = says[0];
	if (!code)
		return 0;
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
		child->said[child->said_len++] = (char)(piece[i] < ' ' ? ' ' : piece[i]);
	return true;
}

static int64_t now_ms(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

/* Gives it the message and hears it out. False: it took too long, and was ended. */
static bool converse(const struct mail *mail, struct child *child, const struct buf *message)
{
	int64_t end_ms = now_ms() + LIMIT_MS;
	size_t given = 0;
	bool open = true;

	(void)fcntl(child->in, F_SETFL, O_NONBLOCK);
	while (open) {
		struct pollfd fds[2] = {{child->says, POLLIN, 0}, {child->in, POLLOUT, 0}};
		int64_t left_ms = end_ms - now_ms();
		int ready = poll(fds, child->in >= 0 ? 2 : 1, LOOK_MS);

		if (left_ms <= 0 || (mail->stop && atomic_load(mail->stop))) {
			kill(child->pid, SIGKILL);
			return false;
		}
		if (ready > 0 && child->in >= 0 && fds[1].revents) {
			ssize_t put = write(child->in, message->data + given, message->len - given);

			given += put > 0 ? (size_t)put : 0;
			if ((put < 0 && errno != EAGAIN) || given == message->len) {
				close(child->in);
				child->in = -1;
			}
		}
		if (ready > 0 && fds[0].revents)
			open = read_said(child);
	}
	return true;
}

int mail_send(const struct mail *mail, struct err *err)
{
	struct child child = {.pid = -1};
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
	if (child.in >= 0)
		close(child.in);
	close(child.says);
	while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!in_time)
		return err_set(err, ERR_TIMEOUT, "%s took more than %d s", mail->sendmail, LIMIT_MS / 1000);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return err_set(err, ERR_IO, "%s ended with %d: %s", mail->sendmail,
			       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), child.said);
	return 0;
}
