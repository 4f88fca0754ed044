/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of cases, printed as Unity's verbose fixture does: one summary a group, each with the group's own counts. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <stdbool.h>
#include <stdint.h>

void group_begin(const char *name);
void group_end(void);
void case_run(const char *name, void (*test)(void));

/* Ends the case it stands in, as ignored or failed. */
_Noreturn void case_ignore(const char *file, int line, const char *why);
_Noreturn void case_fail(const char *file, int line, long expected, long actual, const char *message);

#define CHECK_EQUAL(expected, actual, message)                                                                         \
	do {                                                                                                           \
		long check_expected = (long)(expected), check_actual = (long)(actual);                                 \
		if (check_expected != check_actual)                                                                    \
			case_fail(__FILE__, __LINE__, check_expected, check_actual, message);                          \
	} while (0)
#define CHECK(condition, message) CHECK_EQUAL(1, !!(condition), message)
#define IGNORE(why)               case_ignore(__FILE__, __LINE__, why)

#endif
