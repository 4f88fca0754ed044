/* SPDX-License-Identifier: Apache-2.0 */
/* What lwIP wants to know of the compiler: nothing special; its diagnostics go to the application's log. */
#ifndef ARCH_CC_H
#define ARCH_CC_H

#include <stdint.h>
#include <sys/time.h>

/* Uses an application's ways to print and to stop; defined in port.c. */
void lwip_port_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void lwip_port_assert(const char *message);
uint32_t lwip_port_rand(void);

#define LWIP_PLATFORM_DIAG(arguments) lwip_port_say arguments
#define LWIP_PLATFORM_ASSERT(message) lwip_port_assert(message)
#define LWIP_RAND()                   lwip_port_rand()
#define LWIP_ERRNO_STDINCLUDE         1
#define LWIP_TIMEVAL_PRIVATE          0

#endif
