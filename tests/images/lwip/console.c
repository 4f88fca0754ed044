/* SPDX-License-Identifier: Apache-2.0 */
/* Prints without a lock between results and logs. */
#include "console.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "FreeRTOS.h"
#include "bsp.h"
#include "semphr.h"
#include "task.h"

/* CMSDK timer 0 counts down at the core's clock, also while the core sleeps. */
#define TIMER_CTRL   REG32(0x40000000U)
#define TIMER_VALUE  REG32(0x40000004U)
#define TIMER_RELOAD REG32(0x40000008U)

enum { LINE_BYTES = 160, BIT_PER_BYTE = 10, BAUD = 115200 };

static SemaphoreHandle_t log_lock;
static uint32_t log_number;
static uint32_t byte_ticks;

void console_init(void)
{
	log_lock = xSemaphoreCreateMutex();
	configASSERT(log_lock);
	byte_ticks = bsp_core_hz / (BAUD / BIT_PER_BYTE);
	TIMER_RELOAD = UINT32_MAX;
	TIMER_VALUE = UINT32_MAX;
	TIMER_CTRL = 1;
}

void console_hurry(void)
{
	byte_ticks = 0;
}

void console_put(const char *text)
{
	for (; *text; text++) {
		uint32_t begin = TIMER_VALUE;
		bsp_putc(*text);
		while (begin - TIMER_VALUE < byte_ticks) {
		}
	}
}

void console_log(const char *format, ...)
{
	char line[LINE_BYTES];
	va_list arguments;

	xSemaphoreTake(log_lock, portMAX_DELAY);
	int used = snprintf(line, sizeof line, "%lu %lu [%s] ", (unsigned long)++log_number,
			    (unsigned long)xTaskGetTickCount(), pcTaskGetName(NULL));
	va_start(arguments, format);
	vsnprintf(line + used, sizeof line - (size_t)used, format, arguments);
	va_end(arguments);
	console_put(line);
	console_put("\r\n");
	xSemaphoreGive(log_lock);
}
