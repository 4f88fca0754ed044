/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's configuration of the network application: that of the others, with a tick that stops when all sleep. */
#ifndef LWIP_FREERTOS_CONFIG_H
#define LWIP_FREERTOS_CONFIG_H

#include "../freertos/FreeRTOSConfig.h"

#define configUSE_TICKLESS_IDLE               1
#define configEXPECTED_IDLE_TIME_BEFORE_SLEEP 2
#define configUSE_RECURSIVE_MUTEXES           1

#endif
