/* SPDX-License-Identifier: Apache-2.0 */
/* Results in the manner of Unity's verbose fixture, shared line by line with the log of the other tasks. */
#ifndef UNITY_OUT_H
#define UNITY_OUT_H

#include <setjmp.h>
#include <stdint.h>

/* Log lines and result lines exclude each other, but a case's name and its verdict are two writes: logs fall between.
 */
void unity_out_init(void);
void log_line(const char *task, const char *text, uint32_t number);

void run_test(const char *group, const char *name, void (*test)(void));
void skip_test(const char *group, const char *name); /* prints as IGNORE_TEST: no verdict word */
void unity_info(const char *file, uint32_t line, const char *text);
void unity_end(void); /* summary of the cases since the last one */

_Noreturn void unity_fail(const char *file, uint32_t line, uint32_t expected, uint32_t actual, const char *message);

#define TEST_ASSERT_EQUAL_MESSAGE(expected, actual, message)                                                           \
	do {                                                                                                           \
		uint32_t unity_expected = (uint32_t)(expected);                                                        \
		uint32_t unity_actual = (uint32_t)(actual);                                                            \
		if (unity_expected != unity_actual)                                                                    \
			unity_fail(__FILE__, __LINE__, unity_expected, unity_actual, message);                         \
	} while (0)
#define TEST_ASSERT_TRUE_MESSAGE(condition, message) TEST_ASSERT_EQUAL_MESSAGE(1, !!(condition), message)
#define TEST_INFO(text)                              unity_info(__FILE__, __LINE__, text)

#endif
