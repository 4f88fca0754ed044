/* SPDX-License-Identifier: Apache-2.0 */
/* A port on its first day, on the MPS2: the console works and nothing else was written yet. For the suite's own tests.
 */
#include "board.h"

#include "port.h"

const struct port_board port_board = {
	.name = "unported",
	.bad_address = 0x70000000U,
	.clock_tolerance_percent = 5,
};

void port_init(void)
{
	console_start();
}
