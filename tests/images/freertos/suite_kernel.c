/* SPDX-License-Identifier: Apache-2.0 */
/* Queues, semaphores, notifications and timers of the kernel. */
#include "FreeRTOS.h"
#include "queue.h"
#include "semphr.h"
#include "suites.h"
#include "task.h"
#include "timers.h"
#include "unity_out.h"

enum { HELPER_WORDS = 104, HELPER_PRIORITY = 1 };

static void start_helper(TaskFunction_t run, void *context)
{
	TEST_ASSERT_EQUAL_MESSAGE(pdPASS, xTaskCreate(run, "Helper", HELPER_WORDS, context, HELPER_PRIORITY, NULL),
				  "no room for the helper");
}

static void test_order(void)
{
	QueueHandle_t queue = xQueueCreate(4, sizeof(uint32_t));
	uint32_t got = 0;

	for (uint32_t i = 1; i <= 4; i++)
		xQueueSend(queue, &i, 0);
	for (uint32_t i = 1; i <= 4; i++) {
		xQueueReceive(queue, &got, 0);
		TEST_ASSERT_EQUAL_MESSAGE(i, got, "first in, first out");
		vTaskDelay(pdMS_TO_TICKS(20));
	}
	vQueueDelete(queue);
}

static void test_full_refuses(void)
{
	QueueHandle_t queue = xQueueCreate(1, sizeof(uint32_t));
	uint32_t item = 7;

	TEST_ASSERT_EQUAL_MESSAGE(pdTRUE, xQueueSend(queue, &item, 0), "an empty queue takes one");
	TEST_ASSERT_EQUAL_MESSAGE(errQUEUE_FULL, xQueueSend(queue, &item, pdMS_TO_TICKS(5)), "a full one does not");
	vQueueDelete(queue);
}

static void test_receive_times_out(void)
{
	QueueHandle_t queue = xQueueCreate(1, sizeof(uint32_t));
	uint32_t item;
	TickType_t begin = xTaskGetTickCount();

	TEST_ASSERT_EQUAL_MESSAGE(pdFALSE, xQueueReceive(queue, &item, pdMS_TO_TICKS(50)), "nothing was sent");
	TickType_t waited = xTaskGetTickCount() - begin;
	TEST_ASSERT_TRUE_MESSAGE(waited >= 50 && waited < 80, "waited 50 ticks");
	vQueueDelete(queue);
}

static void send_later(void *context)
{
	uint32_t item = 42;

	vTaskDelay(pdMS_TO_TICKS(60));
	xQueueSend((QueueHandle_t)context, &item, 0);
	vTaskDelete(NULL);
}

static void test_blocks_until_sent(void)
{
	QueueHandle_t queue = xQueueCreate(1, sizeof(uint32_t));
	uint32_t item = 0;

	start_helper(send_later, queue);
	TEST_ASSERT_EQUAL_MESSAGE(pdTRUE, xQueueReceive(queue, &item, pdMS_TO_TICKS(500)), "the helper sends");
	TEST_ASSERT_EQUAL_MESSAGE(42, item, "what it sends");
	vTaskDelay(pdMS_TO_TICKS(5)); /* the idle task frees the helper */
	vQueueDelete(queue);
}

static void test_counting(void)
{
	SemaphoreHandle_t semaphore = xSemaphoreCreateCounting(3, 0);

	for (uint32_t i = 0; i < 3; i++)
		TEST_ASSERT_EQUAL_MESSAGE(pdTRUE, xSemaphoreGive(semaphore), "up to three");
	TEST_ASSERT_EQUAL_MESSAGE(pdFALSE, xSemaphoreGive(semaphore), "not a fourth");
	TEST_INFO("three given: :FAIL: PASS is only text here");
	TEST_ASSERT_EQUAL_MESSAGE(3, uxSemaphoreGetCount(semaphore), "the count");
	vSemaphoreDelete(semaphore);
}

static volatile UBaseType_t inherited;

static void hold_mutex(void *context)
{
	SemaphoreHandle_t mutex = context;

	xSemaphoreTake(mutex, portMAX_DELAY);
	TickType_t begin = xTaskGetTickCount();
	while (xTaskGetTickCount() - begin < pdMS_TO_TICKS(40))
		inherited = uxTaskPriorityGet(NULL);
	xSemaphoreGive(mutex);
	vTaskDelete(NULL);
}

static void test_mutex_inherits_priority(void)
{
	SemaphoreHandle_t mutex = xSemaphoreCreateMutex();

	inherited = 0;
	start_helper(hold_mutex, mutex);
	vTaskDelay(pdMS_TO_TICKS(5)); /* lets the helper take it */
	TEST_ASSERT_EQUAL_MESSAGE(pdTRUE, xSemaphoreTake(mutex, pdMS_TO_TICKS(500)), "the helper gives it back");
	TEST_ASSERT_EQUAL_MESSAGE(uxTaskPriorityGet(NULL), inherited, "the holder's priority while we waited");
	xSemaphoreGive(mutex);
	vTaskDelay(pdMS_TO_TICKS(5));
	vSemaphoreDelete(mutex);
}

static volatile uint32_t fired;

static void on_timer(TimerHandle_t timer)
{
	(void)timer;
	fired++;
}

static void test_timer_repeats(void)
{
	TimerHandle_t timer = xTimerCreate("T", pdMS_TO_TICKS(20), pdTRUE, NULL, on_timer);

	fired = 0;
	TEST_ASSERT_TRUE_MESSAGE(timer, "no room for the timer");
	xTimerStart(timer, 0);
	vTaskDelay(pdMS_TO_TICKS(110));
	xTimerDelete(timer, portMAX_DELAY);
	TEST_ASSERT_TRUE_MESSAGE(fired >= 4 && fired <= 6, "five periods of 20 ms");
}

#ifdef WITH_A_FAILURE
static void test_known_bad(void)
{
	vTaskDelay(pdMS_TO_TICKS(90)); /* so that log lines fall between the name and the verdict */
	TEST_ASSERT_EQUAL_MESSAGE(1, uxTaskPriorityGet(NULL), "host: port: 8883");
}
#endif

void suite_kernel(void)
{
	run_test("Full_Queue", "Order", test_order);
	run_test("Full_Queue", "Full_Refuses", test_full_refuses);
	run_test("Full_Queue", "Receive_Times_Out", test_receive_times_out);
	skip_test("Full_Queue", "Overwrite");
	run_test("Full_Queue", "Blocks_Until_Sent", test_blocks_until_sent);
	run_test("Full_Semaphore", "Counting", test_counting);
	run_test("Full_Semaphore", "Mutex_Inherits_Priority", test_mutex_inherits_priority);
	run_test("Full_Timer", "Repeats", test_timer_repeats);
#ifdef WITH_A_FAILURE
	run_test("Full_Timer", "Known_Bad", test_known_bad);
#endif
	unity_end();
}
