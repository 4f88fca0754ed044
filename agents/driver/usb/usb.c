/* SPDX-License-Identifier: Apache-2.0 */
/* USBDEVFS_RESET by port. */
#include "agents/driver/usb.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/usbdevice_fs.h>

#define LOOK_MS 50

/* The number in a file of sysfs; -1 when there is none. */
static int read_number(const char *sysfs, const char *port, const char *name)
{
	char path[PATH_MAX];
	int number = -1;
	FILE *file;

	snprintf(path, sizeof path, "%s/%s/%s", sysfs, port, name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%d", &number) != 1)
		number = -1;
	fclose(file);
	return number;
}

/* The device's node; returns -1 when nothing hangs on the port. */
static int find(const char *sysfs, const char *devfs, const char *port, char *ret_path, size_t size)
{
	int bus = read_number(sysfs, port, "busnum"), device = read_number(sysfs, port, "devnum");

	if (bus < 0 || device < 0)
		return -1;
	snprintf(ret_path, size, "%s/%03d/%03d", devfs, bus, device);
	return 0;
}

static int await(const char *sysfs, const char *devfs, const char *port, struct err *err)
{
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	char path[PATH_MAX];

	for (int waited_ms = 0; waited_ms <= USB_COME_BACK_MS; waited_ms += LOOK_MS) {
		if (find(sysfs, devfs, port, path, sizeof path) == 0 && access(path, W_OK) == 0)
			return 0;
		nanosleep(&pause, NULL);
	}
	return err_set(err, ERR_TIMEOUT, "the device on USB port %s did not come back after its reset", port);
}

int usb_reset(const char *sysfs, const char *devfs, const char *port, struct err *err)
{
	char path[PATH_MAX];
	int fd, failed;

	if (find(sysfs, devfs, port, path, sizeof path))
		return err_set(err, ERR_NOT_FOUND, "nothing hangs on USB port %s", port);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set_errno(err, errno, "cannot open %s, on USB port %s", path, port);
	failed = ioctl(fd, USBDEVFS_RESET, 0) ? errno : 0;
	close(fd);
	if (failed)
		return err_set_errno(err, failed, "cannot reset %s, on USB port %s", path, port);
	return await(sysfs, devfs, port, err);
}
