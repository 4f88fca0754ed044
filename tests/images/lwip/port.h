/* SPDX-License-Identifier: Apache-2.0 */
/* The LAN9118 as a network interface of lwIP. */
#ifndef PORT_H
#define PORT_H

#include <stdbool.h>
#include <stdint.h>

/* Starts lwIP, the controller and DHCP. False: no controller. To be called once, from a task. */
bool network_start(void);

/* Waits until DHCP gave an address; false when none came. */
bool network_wait(uint32_t limit_ms);
uint32_t network_address(void); /* host byte order */
uint32_t network_gateway(void);

#endif
