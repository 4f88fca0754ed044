/* SPDX-License-Identifier: Apache-2.0 */
/* The suites of the network application, each with a summary of its own. */
#ifndef LWIP_SUITES_H
#define LWIP_SUITES_H

void suite_network_start(void);
void suite_transport(void);
void suite_clock(void);
void suite_soak(void);

void watchdog_start(void);
void watchdog_feed(void);

#endif
