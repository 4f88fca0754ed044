/* SPDX-License-Identifier: Apache-2.0 */
/* A FreeRTOS application with lwIP as a vendor might bring it: tasks that log whenever they like, one that tests. */
#include "FreeRTOS.h"
#include "bsp.h"
#include "console.h"
#include "settings.h"
#include "suites.h"
#include "task.h"

enum { RUNNER_WORDS = 2048, LOGGER_WORDS = 512, RUNNER_PRIORITY = 2, LOGGER_PRIORITY = 3 };

const volatile struct settings settings = {.seconds = 3};

void app_assert_failed(const char *file, int line)
{
	(void)file;
	(void)line;
	taskDISABLE_INTERRUPTS();
	for (;;) {
	}
}

void vApplicationStackOverflowHook(TaskHandle_t task, char *name);
void vApplicationStackOverflowHook(TaskHandle_t task, char *name)
{
	(void)task;
	app_assert_failed(name, 0);
}

/* newlib's heap: there is none, the kernel has its own. */
void *_sbrk(ptrdiff_t more);
void *_sbrk(ptrdiff_t more)
{
	(void)more;
	return (void *)-1;
}

static void sensor_task(void *unused)
{
	(void)unused;
	for (unsigned count = 0;; count++) {
		console_log("sample %u, PASS:FAIL ratio %u.%u", count, count % 7, count % 10);
		vTaskDelay(pdMS_TO_TICKS(13 + count % 90));
	}
}

static void radio_task(void *unused)
{
	(void)unused;
	for (unsigned count = 0;; count++) {
		console_log("radio: %u Tests 0 Failures", count);
		vTaskDelay(pdMS_TO_TICKS(331));
	}
}

static void runner_task(void *unused)
{
	(void)unused;
	watchdog_start();
	suite_clock();
	suite_network_start();
	suite_transport();
	suite_soak();
	vTaskSuspend(NULL);
}

int main(void)
{
	bsp_init();
	console_init();
	BaseType_t made = xTaskCreate(runner_task, "TestRunner", RUNNER_WORDS, NULL, RUNNER_PRIORITY, NULL);
	made &= xTaskCreate(sensor_task, "Sensor", LOGGER_WORDS, NULL, LOGGER_PRIORITY, NULL);
	made &= xTaskCreate(radio_task, "iot_thread", LOGGER_WORDS, NULL, LOGGER_PRIORITY, NULL);
	configASSERT(made == pdPASS);
	vTaskStartScheduler();
	app_assert_failed(__FILE__, __LINE__);
	return 0;
}
