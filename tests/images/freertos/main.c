/* SPDX-License-Identifier: Apache-2.0 */
/* A FreeRTOS application as a stranger might bring it: two tasks that log, one that runs the tests. */
#include "FreeRTOS.h"
#include "bsp.h"
#include "suites.h"
#include "task.h"
#include "unity_out.h"

enum { RUNNER_WORDS = 256, LOGGER_WORDS = 104, RUNNER_PRIORITY = 2, LOGGER_PRIORITY = 3 };

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

#ifndef WITH_NETWORK
static void ip_task(void *unused)
{
	(void)unused;
	for (uint32_t count = 0;; count++) {
		log_line("IP-task", "vDHCPProcess: offer ", count);
		vTaskDelay(pdMS_TO_TICKS(37));
	}
}
#endif

static void sensor_task(void *unused)
{
	(void)unused;
	for (uint32_t count = 0;; count++) {
		log_line("Sensor", "sample PASS:FAIL ratio ", count % 7);
		vTaskDelay(pdMS_TO_TICKS(211));
	}
}

static void runner_task(void *unused)
{
	(void)unused;
	suite_kernel();
	suite_memory();
#ifdef __ARM_FP
	suite_fpu();
#endif
#ifdef WITH_NETWORK
	suite_network();
#endif
	suite_soak();
	vTaskSuspend(NULL);
}

int main(void)
{
	bsp_init();
	unity_out_init();
	BaseType_t made = xTaskCreate(runner_task, "Runner", RUNNER_WORDS, NULL, RUNNER_PRIORITY, NULL);
#ifndef WITH_NETWORK /* else network/ip.c brings its own */
	made &= xTaskCreate(ip_task, "IP-task", LOGGER_WORDS, NULL, LOGGER_PRIORITY, NULL);
#endif
	made &= xTaskCreate(sensor_task, "Sensor", LOGGER_WORDS, NULL, LOGGER_PRIORITY, NULL);
	configASSERT(made == pdPASS);
	vTaskStartScheduler();
	app_assert_failed(__FILE__, __LINE__);
	return 0;
}
