/* SPDX-License-Identifier: Apache-2.0 */
/* Just enough of ARP, IPv4 and ICMP to find a neighbour and to ping it. */
#ifndef IP_H
#define IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IP_ADDRESS(a, b, c, d) (((uint32_t)(a) << 24) | ((uint32_t)(b) << 16) | ((uint32_t)(c) << 8) | (uint32_t)(d))

enum { IP_PING_BYTES = 1400 };

/* Starts the controller and the task that receives. False: no controller. */
bool ip_start(uint32_t address);

/* Asks who has address; false when nobody answers within wait_ms. */
bool ip_resolve(uint32_t address, uint32_t wait_ms, uint8_t ret_mac[6]);

/* Pings a neighbour with size bytes (up to IP_PING_BYTES) of a pattern; true when the very same bytes come back. */
bool ip_ping(uint32_t address, const uint8_t mac[6], uint16_t sequence, size_t size, uint32_t wait_ms);

#endif
