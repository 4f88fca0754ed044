/* SPDX-License-Identifier: Apache-2.0 */
/* The register that tells firmware why the chip started, which the emulation lacks: kept here, in the layout of the
 * chip.
 */
#include "agents/virtual/board/parts.h"

void board_cause_power(struct board *board)
{
	board->causes = board->chip->cause.at_power;
}

void board_cause_reset(struct board *board)
{
	board->causes |= board->chip->cause.at_reset;
}

static bool is_cause(const struct board *board, uint32_t address)
{
	return board->chip->cause.address && (address & ~UINT32_C(3)) == board->chip->cause.address;
}

bool board_cause_read(const struct board *board, uint32_t address, uint32_t *ret_value)
{
	if (!is_cause(board, address))
		return false;
	*ret_value = board->causes >> 8 * (address & 3);
	return true;
}

bool board_cause_write(struct board *board, uint32_t address, unsigned size, uint32_t value)
{
	const struct chip_cause *cause = &board->chip->cause;
	if (!is_cause(board, address))
		return false;
	if (size != 4)
		return true;
	if (cause->clears_all)
		board->causes &= value & cause->clears_all ? 0 : UINT32_MAX;
	else
		board->causes &= ~value; /* written ones clear */
	return true;
}
