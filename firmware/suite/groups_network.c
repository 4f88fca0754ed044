/* SPDX-License-Identifier: Apache-2.0 */
/* The network suite's groups: what needs a network around the board, and so is asked for by itself. */
#include "suite.h"

const struct fixture_group *const suite_groups[] = {&group_network, NULL};
