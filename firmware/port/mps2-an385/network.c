/* SPDX-License-Identifier: Apache-2.0 */
/* The MPS2's network: a LAN9118, one frame at a time. The addresses come from the build (CMakeLists.txt). */
#include <string.h>

#include "network/lan9118.h"
#include "port.h"

_Static_assert(sizeof(((struct port_frame *)0)->words) >= LAN_FRAME_BYTES, "a frame of the chip fits");

struct port_network port_network_start(void)
{
	struct port_network network = {.address = NETWORK_ADDRESS, .gateway = NETWORK_GATEWAY};

	network.started = lan_start(network.mac);
	return network;
}

bool port_network_link(void)
{
	return lan_link_is_up();
}

bool port_network_send(const struct port_frame *frame)
{
	return lan_send(frame->words, frame->size);
}

bool port_network_receive(struct port_frame *frame)
{
	frame->size = lan_receive(frame->words);
	return frame->size > 0;
}
