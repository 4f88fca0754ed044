/* SPDX-License-Identifier: Apache-2.0 */
/* Prints results and log lines under one mutex. */
#include "unity_out.h"

#include "FreeRTOS.h"
#include "bsp.h"
#include "semphr.h"
#include "task.h"

static SemaphoreHandle_t console;
static uint32_t log_number;
static uint32_t tests, failures, ignored;
static jmp_buf leave_test;

static void put(const char *text)
{
	while (*text)
		bsp_putc(*text++);
}

static void put_unsigned(uint32_t value)
{
	char digits[11];
	char *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	put(at);
}

static void lock(void)
{
	xSemaphoreTake(console, portMAX_DELAY);
}

static void unlock(void)
{
	xSemaphoreGive(console);
}

void unity_out_init(void)
{
	console = xSemaphoreCreateMutex();
	configASSERT(console);
}

void log_line(const char *task, const char *text, uint32_t number)
{
	lock();
	put_unsigned(++log_number);
	put(" ");
	put_unsigned(xTaskGetTickCount());
	put(" [");
	put(task);
	put("] ");
	put(text);
	put_unsigned(number);
	put("\r\n");
	unlock();
}

static void put_name(const char *keyword, const char *group, const char *name)
{
	put(keyword);
	put("(");
	put(group);
	put(", ");
	put(name);
	put(")");
}

static void put_place(const char *file, uint32_t line)
{
	put(file);
	put(":");
	put_unsigned(line);
}

void run_test(const char *group, const char *name, void (*test)(void))
{
	tests++;
	lock();
	put_name("TEST", group, name);
	unlock();
	if (setjmp(leave_test))
		return;
	test();
	lock();
	put(" PASS\r\n");
	unlock();
}

void skip_test(const char *group, const char *name)
{
	tests++;
	ignored++;
	lock();
	put_name("IGNORE_TEST", group, name);
	put("\r\n");
	unlock();
}

void unity_info(const char *file, uint32_t line, const char *text)
{
	lock();
	put_place(file, line);
	put("::INFO: ");
	put(text);
	put("\r\n");
	unlock();
}

_Noreturn void unity_fail(const char *file, uint32_t line, uint32_t expected, uint32_t actual, const char *message)
{
	failures++;
	lock();
	put_place(file, line);
	put("::FAIL: Expected ");
	put_unsigned(expected);
	put(" Was ");
	put_unsigned(actual);
	put(". ");
	put(message);
	put("\r\n");
	unlock();
	longjmp(leave_test, 1);
}

void unity_end(void)
{
	lock();
	put("\r\n-----------------------\r\n");
	put_unsigned(tests);
	put(" Tests ");
	put_unsigned(failures);
	put(" Failures ");
	put_unsigned(ignored);
	put(" Ignored \r\n");
	put(failures ? "FAIL\r\n" : "OK\r\n");
	unlock();
	tests = failures = ignored = 0;
}
