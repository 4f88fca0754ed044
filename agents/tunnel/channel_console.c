/* SPDX-License-Identifier: Apache-2.0 */
/* What people type, on its way to a board's console: as much at a time as the line takes, from each in turn. */
#include "agents/tunnel/private.h"

/* The first of the run's channels that has something to write. */
static struct channel *next_writer(struct tunnels *tunnels, int64_t run)
{
	list_for_each (at, &tunnels->channels) {
		struct channel *channel = list_container(at, struct channel, at);

		if (channel->run == run && channel->pending.len)
			return channel;
	}
	return NULL;
}

void consoles_pump(struct tunnels *tunnels, int64_t run)
{
	struct channel *channel;
	size_t took;

	while ((channel = next_writer(tunnels, run))) {
		took = tunnels->ports.write_console(tunnels->ports.context, run, (const uint8_t *)channel->pending.data,
						    channel->pending.len);
		if (took == 0)
			return;
		/* It goes to the end of the row. */
		list_remove(&channel->at);
		list_append(&tunnels->channels, &channel->at);
		buf_consume(&channel->pending, took);
		channel_spent(channel, took);
	}
}
