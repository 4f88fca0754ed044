/* SPDX-License-Identifier: Apache-2.0 */
/* A channel's credit, counted at one of its sides. */
#include "core/tunnel/frame.h"

#define WORTH_A_FRAME (TUNNEL_WINDOW / 4)

int tunnel_credit_came(struct tunnel_credit *credit, size_t bytes)
{
	if (bytes > credit->may_come)
		return ERR_PROTOCOL;
	credit->may_come -= (uint32_t)bytes;
	return 0;
}

int tunnel_credit_sent(struct tunnel_credit *credit, size_t bytes)
{
	if (bytes > credit->may_send)
		return ERR_PROTOCOL;
	credit->may_send -= (uint32_t)bytes;
	return 0;
}

int tunnel_credit_given(struct tunnel_credit *credit, uint32_t bytes)
{
	if (bytes > TUNNEL_WINDOW - credit->may_send)
		return ERR_PROTOCOL;
	credit->may_send += bytes;
	return 0;
}

uint32_t tunnel_credit_spent(struct tunnel_credit *credit, size_t bytes)
{
	uint32_t give;

	credit->returning += (uint32_t)bytes;
	if (credit->returning < WORTH_A_FRAME)
		return 0;
	give = credit->returning;
	credit->returning = 0;
	credit->may_come += give;
	return give;
}
