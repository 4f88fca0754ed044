/* SPDX-License-Identifier: Apache-2.0 */
/* SMSC LAN9118 Ethernet controller, as on the MPS2. */
#ifndef LAN9118_H
#define LAN9118_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LAN_FRAME_BYTES = 1518 };

/* Resets the chip and turns transmitter, receiver and receive interrupt on. False: there is no such chip. */
bool lan_start(uint8_t ret_mac[6]);
bool lan_link_is_up(void);

/* frame: aligned to words; the chip reads up to the next whole word. False: the FIFO has no room. */
bool lan_send(const void *frame, size_t size);

/* Size of the next frame copied into frame (LAN_FRAME_BYTES, aligned to words), without its CRC; 0: there is none. */
size_t lan_receive(void *frame);

/* The interrupt line stays up until this was called: from the handler (off), and when all frames were taken (on). */
void lan_interrupt_enable(bool on);

#endif
