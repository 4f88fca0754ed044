/* SPDX-License-Identifier: Apache-2.0 */
/* Listening on the loopback interface. */
#include "agents/virtual/tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int tcp_listen(int *ret_fd, unsigned *port, struct err *err)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
	if (fd < 0)
		return err_set_errno(err, errno, "cannot make a socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)*port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 8) ||
	    getsockname(fd, (struct sockaddr *)&address, &len)) {
		int failed = err_set_errno(err, errno, "cannot listen on 127.0.0.1:%u", *port);
		close(fd);
		return failed;
	}
	*ret_fd = fd;
	*port = ntohs(address.sin_port);
	return 0;
}
