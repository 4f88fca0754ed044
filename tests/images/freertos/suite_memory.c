/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's heap and stream buffers. */
#include "FreeRTOS.h"
#include "stream_buffer.h"
#include "suites.h"
#include "task.h"
#include "unity_out.h"

enum { STREAM_BYTES = 64, STREAM_TOTAL = 2000, PRODUCER_WORDS = 104, PRODUCER_PRIORITY = 1 };

static void test_alloc_free(void)
{
	size_t before = xPortGetFreeHeapSize();
	uint8_t *block = pvPortMalloc(200);

	TEST_ASSERT_TRUE_MESSAGE(block, "no room for 200 bytes");
	for (uint32_t i = 0; i < 200; i++)
		block[i] = (uint8_t)i;
	for (uint32_t i = 0; i < 200; i++)
		TEST_ASSERT_EQUAL_MESSAGE(i, block[i], "a byte of the block");
	vPortFree(block);
	TEST_ASSERT_EQUAL_MESSAGE(before, xPortGetFreeHeapSize(), "free bytes afterwards");
}

static void test_coalesces(void)
{
	size_t before = xPortGetFreeHeapSize();
	void *blocks[4];

	for (uint32_t i = 0; i < 4; i++)
		blocks[i] = pvPortMalloc(100);
	vPortFree(blocks[1]);
	vPortFree(blocks[3]);
	vPortFree(blocks[0]);
	vPortFree(blocks[2]);
	void *large = pvPortMalloc(400);
	TEST_ASSERT_TRUE_MESSAGE(large, "four neighbours make one");
	vPortFree(large);
	TEST_ASSERT_EQUAL_MESSAGE(before, xPortGetFreeHeapSize(), "free bytes afterwards");
}

static void test_exhaustion_is_null(void)
{
	TEST_ASSERT_TRUE_MESSAGE(!pvPortMalloc(xPortGetFreeHeapSize() + 1), "more than there is");
}

static void produce(void *context)
{
	for (uint32_t i = 0; i < STREAM_TOTAL; i++) {
		uint8_t byte = (uint8_t)(i * 7U);
		xStreamBufferSend((StreamBufferHandle_t)context, &byte, 1, portMAX_DELAY);
	}
	vTaskDelete(NULL);
}

static void test_stream_round_trip(void)
{
	StreamBufferHandle_t stream = xStreamBufferCreate(STREAM_BYTES, 1);
	uint32_t received = 0;

	TEST_ASSERT_TRUE_MESSAGE(stream, "no room for the stream");
	TEST_ASSERT_EQUAL_MESSAGE(
		pdPASS, xTaskCreate(produce, "Producer", PRODUCER_WORDS, stream, PRODUCER_PRIORITY, NULL), "no task");
	while (received < STREAM_TOTAL) {
		uint8_t chunk[32];
		size_t got = xStreamBufferReceive(stream, chunk, sizeof(chunk), pdMS_TO_TICKS(500));
		TEST_ASSERT_TRUE_MESSAGE(got > 0, "the producer stopped");
		for (size_t i = 0; i < got; i++)
			TEST_ASSERT_EQUAL_MESSAGE((uint8_t)((received + i) * 7U), chunk[i], "a byte of the stream");
		received += got;
	}
	vTaskDelay(pdMS_TO_TICKS(5));
	vStreamBufferDelete(stream);
}

void suite_memory(void)
{
	run_test("Full_Heap", "Alloc_Free", test_alloc_free);
	run_test("Full_Heap", "Coalesces", test_coalesces);
	run_test("Full_Heap", "Exhaustion_Is_Null", test_exhaustion_is_null);
	run_test("Full_StreamBuffer", "Round_Trip", test_stream_round_trip);
	unity_end();
}
