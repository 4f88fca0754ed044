/* SPDX-License-Identifier: Apache-2.0 */
/* `assay`, the farm's command line. */
#include "daemon/cli/cli.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
