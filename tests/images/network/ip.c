/* SPDX-License-Identifier: Apache-2.0 */
/* One task receives frames when the controller interrupts; answers that somebody waits for go through queues. */
#include "ip.h"

#include <string.h>

#include "FreeRTOS.h"
#include "bsp.h"
#include "lan9118.h"
#include "queue.h"
#include "semphr.h"
#include "task.h"
#include "unity_out.h"

enum {
	ETHERNET_BYTES = 14,
	ARP_BYTES = 28,
	IP_BYTES = 20,
	ICMP_BYTES = 8,
	TYPE_IP = 0x0800,
	TYPE_ARP = 0x0806,
	PROTOCOL_ICMP = 1,
	ECHO_REPLY = 0,
	ECHO_REQUEST = 8,
	PING_ID = 0x4153,
	RECEIVER_WORDS = 200,
	RECEIVER_PRIORITY = 3,
	ETHERNET_IRQ = 13,
};

struct arp_answer {
	uint32_t address;
	uint8_t mac[6];
};

struct ping_answer {
	uint32_t address;
	uint16_t sequence;
	uint16_t size;
	bool intact;
};

static struct {
	uint32_t address;
	uint8_t mac[6];
	TaskHandle_t receiver;
	QueueHandle_t arp_answers;
	QueueHandle_t ping_answers;
	SemaphoreHandle_t sending; /* guards frame_out */
	uint32_t frame_out[(LAN_FRAME_BYTES + 3) / 4];
	uint32_t frame_in[(LAN_FRAME_BYTES + 3) / 4];
} ip;

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static uint32_t get16(const uint8_t *at)
{
	return ((uint32_t)at[0] << 8) | at[1];
}

static uint32_t get32(const uint8_t *at)
{
	return (get16(at) << 16) | get16(at + 2);
}

static uint32_t checksum(const uint8_t *at, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < size; i += 2)
		sum += get16(at + i);
	if (size % 2)
		sum += (uint32_t)at[size - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xFFFFU) + (sum >> 16);
	return ~sum & 0xFFFFU;
}

static uint8_t pattern(uint16_t sequence, size_t index)
{
	return (uint8_t)(index * 31U + sequence);
}

static uint8_t *put_ethernet(uint8_t *frame, const uint8_t to[6], uint32_t type)
{
	memcpy(frame, to, 6);
	memcpy(frame + 6, ip.mac, 6);
	put16(frame + 12, type);
	return frame + ETHERNET_BYTES;
}

static void send_arp(uint32_t operation, const uint8_t to_mac[6], uint32_t to)
{
	static const uint8_t broadcast[6] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
	uint8_t *frame = (uint8_t *)ip.frame_out;

	xSemaphoreTake(ip.sending, portMAX_DELAY);
	uint8_t *arp = put_ethernet(frame, operation == 1 ? broadcast : to_mac, TYPE_ARP);
	put32(arp, 0x00010800U); /* Ethernet, IPv4 */
	put16(arp + 4, 0x0604U);
	put16(arp + 6, operation);
	memcpy(arp + 8, ip.mac, 6);
	put32(arp + 14, ip.address);
	memcpy(arp + 18, to_mac, 6);
	put32(arp + 24, to);
	lan_send(frame, ETHERNET_BYTES + ARP_BYTES);
	xSemaphoreGive(ip.sending);
}

static void on_arp(const uint8_t *arp, size_t size)
{
	if (size < ARP_BYTES || get32(arp + 24) != ip.address)
		return;
	if (get16(arp + 6) == 1) {
		send_arp(2, arp + 8, get32(arp + 14));
		return;
	}
	struct arp_answer answer = {.address = get32(arp + 14)};
	memcpy(answer.mac, arp + 8, 6);
	xQueueSend(ip.arp_answers, &answer, 0);
}

static void on_ip(const uint8_t *packet, size_t size)
{
	size_t total = size >= IP_BYTES ? get16(packet + 2) : 0;

	if (total < IP_BYTES + ICMP_BYTES || total > size || packet[0] != 0x45 || packet[9] != PROTOCOL_ICMP)
		return;
	if (checksum(packet, IP_BYTES) != 0 || get32(packet + 16) != ip.address)
		return;
	const uint8_t *icmp = packet + IP_BYTES;
	if (icmp[0] != ECHO_REPLY || get16(icmp + 4) != PING_ID)
		return;

	size_t data = total - IP_BYTES - ICMP_BYTES;
	struct ping_answer answer = {.address = get32(packet + 12),
				     .sequence = (uint16_t)get16(icmp + 6),
				     .size = (uint16_t)data,
				     .intact = checksum(icmp, ICMP_BYTES + data) == 0};
	for (size_t i = 0; i < data; i++)
		answer.intact = answer.intact && icmp[ICMP_BYTES + i] == pattern(answer.sequence, i);
	xQueueSend(ip.ping_answers, &answer, 0);
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
		const uint8_t *frame = (const uint8_t *)ip.frame_in;
		log_line("IP-task", "frame ", ++count);
		if (size > ETHERNET_BYTES && get16(frame + 12) == TYPE_ARP)
			on_arp(frame + ETHERNET_BYTES, size - ETHERNET_BYTES);
		else if (size > ETHERNET_BYTES && get16(frame + 12) == TYPE_IP)
			on_ip(frame + ETHERNET_BYTES, size - ETHERNET_BYTES);
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
	ip.address = address;
	ip.arp_answers = xQueueCreate(4, sizeof(struct arp_answer));
	ip.ping_answers = xQueueCreate(4, sizeof(struct ping_answer));
	ip.sending = xSemaphoreCreateMutex();
	if (!ip.arp_answers || !ip.ping_answers || !ip.sending || !lan_start(ip.mac))
		return false;
	if (xTaskCreate(receiver_task, "IP-task", RECEIVER_WORDS, NULL, RECEIVER_PRIORITY, &ip.receiver) != pdPASS)
		return false;
	*(volatile uint8_t *)(0xE000E400U + ETHERNET_IRQ) = 0xA0; /* may call the kernel */
	REG32(0xE000E100U) = 1U << ETHERNET_IRQ;
	return true;
}

bool ip_resolve(uint32_t address, uint32_t wait_ms, uint8_t ret_mac[6])
{
	static const uint8_t nobody[6];
	struct arp_answer answer;

	xQueueReset(ip.arp_answers);
	send_arp(1, nobody, address);
	while (xQueueReceive(ip.arp_answers, &answer, pdMS_TO_TICKS(wait_ms))) {
		if (answer.address == address) {
			memcpy(ret_mac, answer.mac, 6);
			return true;
		}
	}
	return false;
}

static void send_ping(uint32_t address, const uint8_t mac[6], uint16_t sequence, size_t size)
{
	uint8_t *frame = (uint8_t *)ip.frame_out;

	xSemaphoreTake(ip.sending, portMAX_DELAY);
	uint8_t *packet = put_ethernet(frame, mac, TYPE_IP);
	uint8_t *icmp = packet + IP_BYTES;

	memset(packet, 0, IP_BYTES + ICMP_BYTES);
	packet[0] = 0x45;
	put16(packet + 2, (uint32_t)(IP_BYTES + ICMP_BYTES + size));
	put16(packet + 4, sequence);
	packet[8] = 64; /* time to live */
	packet[9] = PROTOCOL_ICMP;
	put32(packet + 12, ip.address);
	put32(packet + 16, address);
	put16(packet + 10, checksum(packet, IP_BYTES));
	icmp[0] = ECHO_REQUEST;
	put16(icmp + 4, PING_ID);
	put16(icmp + 6, sequence);
	for (size_t i = 0; i < size; i++)
		icmp[ICMP_BYTES + i] = pattern(sequence, i);
	put16(icmp + 2, checksum(icmp, ICMP_BYTES + size));
	lan_send(frame, ETHERNET_BYTES + IP_BYTES + ICMP_BYTES + size);
	xSemaphoreGive(ip.sending);
}

bool ip_ping(uint32_t address, const uint8_t mac[6], uint16_t sequence, size_t size, uint32_t wait_ms)
{
	struct ping_answer answer;

	if (size > IP_PING_BYTES)
		return false;
	xQueueReset(ip.ping_answers);
	send_ping(address, mac, sequence, size);
	while (xQueueReceive(ip.ping_answers, &answer, pdMS_TO_TICKS(wait_ms))) {
		if (answer.address == address && answer.sequence == sequence)
			return answer.intact && answer.size == size;
	}
	return false;
}
