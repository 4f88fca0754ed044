/* SPDX-License-Identifier: Apache-2.0 */
/* SOAK_ROUNDS rounds of half a second in which two tasks pass a number to and fro: gives the run its length. */
#include "FreeRTOS.h"
#include "queue.h"
#include "suites.h"
#include "task.h"
#include "unity_out.h"

enum { ROUND_MS = 500, ECHO_WORDS = 104, ECHO_PRIORITY = 2, QUIT = 0 };

struct pair {
	QueueHandle_t to;
	QueueHandle_t from;
};

static struct pair pair;

static void echo_task(void *context)
{
	struct pair *queues = context;
	uint32_t value;

	do {
		xQueueReceive(queues->to, &value, portMAX_DELAY);
		uint32_t answer = value + 1;
		xQueueSend(queues->from, &answer, portMAX_DELAY);
	} while (value != QUIT);
	vTaskDelete(NULL);
}

static void test_round(void)
{
	TickType_t begin = xTaskGetTickCount();
	uint32_t answer = 0;

	TEST_ASSERT_EQUAL_MESSAGE(pdPASS, xTaskCreate(echo_task, "Echo", ECHO_WORDS, &pair, ECHO_PRIORITY, NULL),
				  "no room for the echo");
	for (uint32_t i = 1; xTaskGetTickCount() - begin < pdMS_TO_TICKS(ROUND_MS); i++) {
		xQueueSend(pair.to, &i, portMAX_DELAY);
		TEST_ASSERT_EQUAL_MESSAGE(pdTRUE, xQueueReceive(pair.from, &answer, pdMS_TO_TICKS(500)), "an answer");
		TEST_ASSERT_EQUAL_MESSAGE(i + 1, answer, "one more than was sent");
		vTaskDelay(1);
	}
	uint32_t quit = QUIT;
	xQueueSend(pair.to, &quit, portMAX_DELAY);
	xQueueReceive(pair.from, &answer, portMAX_DELAY);
	vTaskDelay(pdMS_TO_TICKS(5));
}

void suite_soak(void)
{
	pair.to = xQueueCreate(1, sizeof(uint32_t));
	pair.from = xQueueCreate(1, sizeof(uint32_t));
	for (uint32_t i = 1; i <= SOAK_ROUNDS; i++) {
		char name[] = "Round_000";
		name[6] = (char)('0' + i / 100 % 10);
		name[7] = (char)('0' + i / 10 % 10);
		name[8] = (char)('0' + i % 10);
		run_test("Full_Soak", name, test_round);
	}
	unity_end();
}
