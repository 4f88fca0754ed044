/* SPDX-License-Identifier: Apache-2.0 */
/* One task takes frames when the controller interrupts; lwIP's own thread does the rest. */
#include "port.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "FreeRTOS.h"
#include "bsp.h"
#include "console.h"
#include "lwip/dhcp.h"
#include "lwip/etharp.h"
#include "lwip/netifapi.h"
#include "lwip/tcpip.h"
#include "network/lan9118.h"
#include "semphr.h"
#include "task.h"

enum { RECEIVER_WORDS = 512, RECEIVER_PRIORITY = 4, ETHERNET_IRQ = 13, SAY_BYTES = 128 };

static struct {
	struct netif netif;
	TaskHandle_t receiver;
	SemaphoreHandle_t has_address;
	uint32_t frame_in[(LAN_FRAME_BYTES + 3) / 4];
	uint32_t frame_out[(LAN_FRAME_BYTES + 3) / 4]; /* guarded by lwIP's core lock */
} port;

void lwip_port_say(const char *format, ...)
{
	char text[SAY_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	console_log("%s", text);
}

_Noreturn void lwip_port_assert(const char *message)
{
	console_log("lwIP assertion: %s", message);
	taskDISABLE_INTERRUPTS();
	for (;;) {
	}
}

uint32_t lwip_port_rand(void)
{
	static uint32_t state = 0x2545F491U;

	state = state * 1664525U + 1013904223U + xTaskGetTickCount();
	return state;
}

static err_t on_output(struct netif *netif, struct pbuf *packet)
{
	(void)netif;
	if (packet->tot_len > LAN_FRAME_BYTES)
		return ERR_BUF;
	pbuf_copy_partial(packet, port.frame_out, packet->tot_len, 0);
	return lan_send(port.frame_out, packet->tot_len) ? ERR_OK : ERR_MEM;
}

static void on_status(struct netif *netif)
{
	char text[IP4ADDR_STRLEN_MAX];

	if (ip4_addr_isany_val(*netif_ip4_addr(netif)))
		return;
	console_log("vDHCPProcess: address %s", ip4addr_ntoa_r(netif_ip4_addr(netif), text, sizeof text));
	xSemaphoreGive(port.has_address);
}

static err_t on_init(struct netif *netif)
{
	if (!lan_start(netif->hwaddr))
		return ERR_IF;
	netif->name[0] = 'e';
	netif->name[1] = '0';
	netif->hwaddr_len = 6;
	netif->mtu = 1500;
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_LINK_UP;
	netif->output = etharp_output;
	netif->linkoutput = on_output;
	return ERR_OK;
}

static void receiver_task(void *unused)
{
	(void)unused;
	for (;;) {
		size_t size = lan_receive(port.frame_in);
		if (size == 0) {
			lan_interrupt_enable(true);
			ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
			continue;
		}
		struct pbuf *packet = pbuf_alloc(PBUF_RAW, (u16_t)size, PBUF_POOL);
		if (!packet)
			continue;
		pbuf_take(packet, port.frame_in, (u16_t)size);
		if (port.netif.input(packet, &port.netif) != ERR_OK)
			pbuf_free(packet);
	}
}

void IRQ13_Handler(void)
{
	BaseType_t woken = pdFALSE;

	lan_interrupt_enable(false);
	vTaskNotifyGiveFromISR(port.receiver, &woken);
	portYIELD_FROM_ISR(woken);
}

bool network_start(void)
{
	port.has_address = xSemaphoreCreateBinary();
	configASSERT(port.has_address);
	tcpip_init(NULL, NULL);
	if (netifapi_netif_add(&port.netif, NULL, NULL, NULL, NULL, on_init, tcpip_input) != ERR_OK)
		return false;
	LOCK_TCPIP_CORE();
	netif_set_status_callback(&port.netif, on_status);
	netif_set_default(&port.netif);
	netif_set_up(&port.netif);
	dhcp_start(&port.netif);
	UNLOCK_TCPIP_CORE();
	if (xTaskCreate(receiver_task, "EMAC", RECEIVER_WORDS, NULL, RECEIVER_PRIORITY, &port.receiver) != pdPASS)
		return false;
	*(volatile uint8_t *)(0xE000E400U + ETHERNET_IRQ) = 0xA0; /* may call the kernel */
	REG32(0xE000E100U) = 1U << ETHERNET_IRQ;
	return true;
}

bool network_wait(uint32_t limit_ms)
{
	return xSemaphoreTake(port.has_address, pdMS_TO_TICKS(limit_ms)) == pdTRUE;
}

uint32_t network_address(void)
{
	return lwip_ntohl(netif_ip4_addr(&port.netif)->addr);
}

uint32_t network_gateway(void)
{
	return lwip_ntohl(netif_ip4_gw(&port.netif)->addr);
}
