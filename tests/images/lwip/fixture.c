/* SPDX-License-Identifier: Apache-2.0 */
/* Runs and prints cases; only one task may. */
#include "fixture.h"

#include <setjmp.h>
#include <stdio.h>

#include "console.h"

enum { TEXT_BYTES = 256 };

static struct {
	const char *group;
	unsigned tests, failures, ignored;
	jmp_buf leave;
} fixture;

void group_begin(const char *name)
{
	fixture.group = name;
	fixture.tests = fixture.failures = fixture.ignored = 0;
}

void case_run(const char *name, void (*test)(void))
{
	char text[TEXT_BYTES];

	fixture.tests++;
	snprintf(text, sizeof text, "TEST(%s, %s)", fixture.group, name);
	console_put(text);
	if (setjmp(fixture.leave))
		return;
	test();
	console_put(" PASS\r\n");
}

_Noreturn void case_ignore(const char *file, int line, const char *why)
{
	char text[TEXT_BYTES];

	fixture.ignored++;
	snprintf(text, sizeof text, "%s:%d::IGNORE: %s\r\n", file, line, why);
	console_put(text);
	longjmp(fixture.leave, 1);
}

_Noreturn void case_fail(const char *file, int line, long expected, long actual, const char *message)
{
	char text[TEXT_BYTES];

	fixture.failures++;
	snprintf(text, sizeof text, "%s:%d::FAIL: Expected %ld Was %ld. %s\r\n", file, line, expected, actual, message);
	console_put(text);
	longjmp(fixture.leave, 1);
}

void group_end(void)
{
	char text[TEXT_BYTES];

	snprintf(text, sizeof text, "\r\n-----------------------\r\n%u Tests %u Failures %u Ignored \r\n%s\r\n",
		 fixture.tests, fixture.failures, fixture.ignored, fixture.failures ? "FAIL" : "OK");
	console_put(text);
}
