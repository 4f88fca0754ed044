/* SPDX-License-Identifier: Apache-2.0 */
/* Serial lines, raw. */
#include "agents/driver/console/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static const struct {
	uint32_t baud;
	speed_t speed;
} speeds[] = {
	{300, B300},         {1200, B1200},       {2400, B2400},       {4800, B4800},       {9600, B9600},
	{19200, B19200},     {38400, B38400},     {57600, B57600},     {115200, B115200},   {230400, B230400},
	{460800, B460800},   {500000, B500000},   {576000, B576000},   {921600, B921600},   {1000000, B1000000},
	{1152000, B1152000}, {1500000, B1500000}, {2000000, B2000000}, {2500000, B2500000}, {3000000, B3000000},
	{3500000, B3500000}, {4000000, B4000000},
};

static bool find_speed(uint32_t baud, speed_t *ret_speed)
{
	for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
		if (speeds[i].baud == baud) {
			*ret_speed = speeds[i].speed;
			return true;
		}
	}
	return false;
}

bool serial_baud_known(uint32_t baud)
{
	speed_t speed;

	return find_speed(baud, &speed);
}

static int set_raw(int fd, uint32_t baud)
{
	struct termios line;
	speed_t speed;

	if (tcgetattr(fd, &line))
		return -1;
	cfmakeraw(&line);
	line.c_cflag |= CLOCAL | CREAD;
	line.c_cflag &= ~(tcflag_t)(CRTSCTS | CSTOPB | PARENB);
	line.c_cc[VMIN] = 1;
	line.c_cc[VTIME] = 0;
	if (baud && find_speed(baud, &speed) && cfsetspeed(&line, speed))
		return -1;
	return tcsetattr(fd, TCSANOW, &line);
}

int serial_open(const char *device, uint32_t baud, int *ret_fd, struct err *err)
{
	int failed, fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return err_set_errno(err, errno, "cannot open %s", device);
	if (!isatty(fd))
		failed = ENOTTY;
	else if (ioctl(fd, TIOCEXCL) || set_raw(fd, baud) || tcflush(fd, TCIOFLUSH))
		failed = errno;
	else {
		*ret_fd = fd;
		return 0;
	}
	close(fd);
	return err_set_errno(err, failed, "%s is not a usable serial line", device);
}

void serial_close(int fd)
{
	/* A pty whose other end stays open would else refuse the next one who opens it. */
	ioctl(fd, TIOCNXCL);
	close(fd);
}
