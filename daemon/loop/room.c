/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors by their numbers. */
#include "daemon/loop/room.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

int room_end(enum room_use use)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur > INT_MAX)
		return INT_MAX;
	int all = (int)limit.rlim_cur;
	int reserve = all / 8 < ROOM_RESERVE ? all / 8 : ROOM_RESERVE;
	return use == ROOM_AGENTS ? all - reserve : all - 2 * reserve;
}

int room_next(int fd)
{
	int next = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (next < 0)
		return INT_MAX;
	close(next);
	return next;
}
