/* SPDX-License-Identifier: Apache-2.0 */
/* One task receives frames when the controller interrupts; answers that somebody waits for go through queues. */
#include "ip.h"

#include <string.h>

#include "FreeRTOS.h"
#include "bsp.h"
#include "network/frames.h"
#include "network/lan9118.h"
#include "queue.h"
#include "semphr.h"
#include "task.h"
#include "unity_out.h"

enum { RECEIVER_WORDS = 200, RECEIVER_PRIORITY = 3, ETHERNET_IRQ = 13 };

static struct {
	struct frames_party us;
	TaskHandle_t receiver;
	QueueHandle_t arp_answers; /* of struct frames_seen, as the next */
	QueueHandle_t ping_answers;
	SemaphoreHandle_t sending; /* guards frame_out */
	uint32_t frame_out[(LAN_FRAME_BYTES + 3) / 4];
	uint32_t frame_in[(LAN_FRAME_BYTES + 3) / 4];
} ip;

static void on_frame(const struct frames_seen *seen)
{
	if (seen->kind == FRAMES_ARP_REQUEST) {
		xSemaphoreTake(ip.sending, portMAX_DELAY);
		lan_send(ip.frame_out, frames_arp_reply((uint8_t *)ip.frame_out, &ip.us, &seen->from));
		xSemaphoreGive(ip.sending);
	} else if (seen->kind == FRAMES_ARP_REPLY) {
		xQueueSend(ip.arp_answers, seen, 0);
	} else if (seen->kind == FRAMES_ECHO_REPLY) {
		xQueueSend(ip.ping_answers, seen, 0);
	}
}

static void receiver_task(void *unused)
{
	(void)unused;
	for (uint32_t count = 0;;) {
		size_t size = lan_receive(ip.frame_in);
		if (size == 0) {
			lan_interrupt_enable(true);
			ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
			continue;
		}
		struct frames_seen seen = frames_read((const uint8_t *)ip.frame_in, size, &ip.us);

		log_line("IP-task", "frame ", ++count);
		on_frame(&seen);
	}
}

void IRQ13_Handler(void)
{
	BaseType_t woken = pdFALSE;

	lan_interrupt_enable(false);
	vTaskNotifyGiveFromISR(ip.receiver, &woken);
	portYIELD_FROM_ISR(woken);
}

bool ip_start(uint32_t address)
{
	ip.us.address = address;
	ip.arp_answers = xQueueCreate(4, sizeof(struct frames_seen));
	ip.ping_answers = xQueueCreate(4, sizeof(struct frames_seen));
	ip.sending = xSemaphoreCreateMutex();
	if (!ip.arp_answers || !ip.ping_answers || !ip.sending || !lan_start(ip.us.mac))
		return false;
	if (xTaskCreate(receiver_task, "IP-task", RECEIVER_WORDS, NULL, RECEIVER_PRIORITY, &ip.receiver) != pdPASS)
		return false;
	*(volatile uint8_t *)(0xE000E400U + ETHERNET_IRQ) = 0xA0; /* may call the kernel */
	REG32(0xE000E100U) = 1U << ETHERNET_IRQ;
	return true;
}

bool ip_resolve(uint32_t address, uint32_t wait_ms, uint8_t ret_mac[6])
{
	struct frames_party to = {.address = address};
	struct frames_seen answer;

	xQueueReset(ip.arp_answers);
	xSemaphoreTake(ip.sending, portMAX_DELAY);
	lan_send(ip.frame_out, frames_arp_request((uint8_t *)ip.frame_out, &ip.us, &to));
	xSemaphoreGive(ip.sending);
	while (xQueueReceive(ip.arp_answers, &answer, pdMS_TO_TICKS(wait_ms))) {
		if (answer.from.address == address) {
			memcpy(ret_mac, answer.from.mac, 6);
			return true;
		}
	}
	return false;
}

bool ip_ping(uint32_t address, const uint8_t mac[6], uint16_t sequence, size_t size, uint32_t wait_ms)
{
	struct frames_party to = {.address = address};
	struct frames_seen answer;

	if (size > IP_PING_BYTES)
		return false;
	memcpy(to.mac, mac, 6);
	xQueueReset(ip.ping_answers);
	xSemaphoreTake(ip.sending, portMAX_DELAY);
	lan_send(ip.frame_out, frames_echo_request((uint8_t *)ip.frame_out, &ip.us, &to, sequence, size));
	xSemaphoreGive(ip.sending);
	while (xQueueReceive(ip.ping_answers, &answer, pdMS_TO_TICKS(wait_ms))) {
		if (answer.from.address == address && answer.sequence == sequence)
			return answer.intact && answer.data_bytes == size;
	}
	return false;
}
