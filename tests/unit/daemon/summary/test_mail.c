/* SPDX-License-Identifier: Apache-2.0 */
/* What is handed to a mail program, and what becomes of one that fails. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/summary/mail.h"
#include "tests/unit/core/base/cmocka_all.h"

static const struct mail plain = {.from = "assay@here",
				  .to = "team@example.org",
				  .subject = "n\xc3\xa4"
					     "chtlich",
				  .id = "night-1-0@here",
				  .text = "all good\n"};

static void test_message(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, MAIL_MAX_BYTES);
	assert_int_equal(mail_write(&plain, &out), 0);
	assert_string_equal(buf_text(&out),
			    "From: assay@here\nTo: team@example.org\nSubject: =?utf-8?B?bsOkY2h0bGljaA==?=\n"
			    "Date: Thu, 01 Jan 1970 00:00:00 +0000\nMessage-ID: <night-1-0@here>\n"
			    "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n"
			    "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
			    "YWxsIGdvb2QK\n");
	buf_finish(&out);
}

/* No encoded word may end within a letter, and no line be longer than mail allows. */
static void test_long_subject(void **state)
{
	struct mail mail = plain;
	char subject[200] = "";
	struct buf out;
	const char *at;

	(void)state;
	for (int i = 0; i < 60; i++)
		strncat(subject, "\xe2\x82\xac", sizeof(subject) - strlen(subject) - 1);
	mail.subject = subject;
	buf_init(&out, MAIL_MAX_BYTES);
	assert_int_equal(mail_write(&mail, &out), 0);
	for (at = buf_text(&out); *at; at += strcspn(at, "\n") + 1)
		assert_true(strcspn(at, "\n") <= 78);
	/* 42 bytes are 14 of these letters: 4 words of 14, one of 4 */
	at = buf_text(&out);
	for (int words = 0; words < 5; words++)
		assert_non_null(at = strstr(at + 1, "=?utf-8?B?"));
	assert_null(strstr(at + 1, "=?utf-8?B?"));
	buf_finish(&out);
}

static void put_script(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0700), 0);
}

static void test_a_mail_program_that_fails_is_told_with_its_words(void **state)
{
	char folder[] = "/tmp/assay-mail-XXXXXX", path[64];
	struct mail mail = plain;
	struct err err = {0};

	(void)state;
	signal(SIGPIPE, SIG_IGN); /* as the daemon does: a program that does not listen is a failed write */
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/sendmail", folder);
	mail.sendmail = path;
	assert_int_equal(mail_send(&mail, &err), ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "cannot start"));
	put_script(path, "#!/bin/sh\necho no route to \"$5\" >&2\nexit 75\n");
	assert_int_equal(mail_send(&mail, &err), ERR_IO);
	assert_non_null(strstr(err.text, "ended with 75: no route to team@example.org"));
	put_script(path, "#!/bin/sh\ncat >/dev/null\n");
	assert_int_equal(mail_send(&mail, &err), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void end_left_behind(const char *path)
{
	char name[80];
	long pid = 0;
	FILE *file;

	snprintf(name, sizeof(name), "%s.left", path);
	file = fopen(name, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld", &pid), 1);
	fclose(file);
	assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
	assert_int_equal(unlink(name), 0);
}

static void *stop_soon(void *stop)
{
	usleep(200000);
	atomic_store((atomic_bool *)stop, true);
	return NULL;
}

static void test_a_mail_program_that_closes_its_outputs_and_lives_on_is_ended(void **state)
{
	char folder[] = "/tmp/assay-mail-XXXXXX", path[64];
	struct mail mail = plain;
	struct err err = {0};
	atomic_bool stop = false;
	pthread_t thread;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/sendmail", folder);
	mail.sendmail = path;
	mail.stop = &stop;
	put_script(path, "#!/bin/sh\nexec >&- 2>&- <&-\nsleep 1000\n");
	mail.limit_ms = 300;
	assert_int_equal(mail_send(&mail, &err), ERR_TIMEOUT);
	mail.limit_ms = 0;
	assert_int_equal(pthread_create(&thread, NULL, stop_soon, &stop), 0);
	assert_int_equal(mail_send(&mail, &err), ERR_TIMEOUT);
	assert_int_equal(pthread_join(thread, NULL), 0);
	/* And one that leaves a process behind that holds them open is not waited for. */
	atomic_store(&stop, false);
	put_script(path, "#!/bin/sh\necho taken\nsleep 1000 &\necho $! >\"$0.left\"\nexit 0\n");
	assert_int_equal(mail_send(&mail, &err), 0);
	end_left_behind(path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_long_subject),
		cmocka_unit_test(test_a_mail_program_that_fails_is_told_with_its_words),
		cmocka_unit_test(test_a_mail_program_that_closes_its_outputs_and_lives_on_is_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
