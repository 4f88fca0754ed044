/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP with its thread on FreeRTOS: IPv4, ICMP, UDP, TCP, DHCP, sockets. */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#define NO_SYS                     0
#define LWIP_IPV4                  1
#define LWIP_IPV6                  0
#define LWIP_DHCP                  1
#define LWIP_DHCP_DOES_ACD_CHECK   0
#define LWIP_SOCKET                1
#define LWIP_NETCONN               1
#define LWIP_NETIF_API             1
#define LWIP_RAW                   1
#define LWIP_SO_RCVTIMEO           1
#define LWIP_SO_SNDTIMEO           1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_COMPAT_MUTEX          0
#define LWIP_STATS                 0
#define LWIP_TCPIP_CORE_LOCKING    1
#define SYS_LIGHTWEIGHT_PROT       1

#define MEM_ALIGNMENT     4
#define MEM_SIZE          (64 * 1024)
#define MEMP_NUM_TCP_SEG  64
#define MEMP_NUM_NETCONN  8
#define PBUF_POOL_SIZE    24
#define PBUF_POOL_BUFSIZE 1536
#define TCP_MSS           1460
#define TCP_WND           (8 * TCP_MSS)
#define TCP_SND_BUF       (8 * TCP_MSS)
#define TCP_SND_QUEUELEN  32

#define TCPIP_THREAD_NAME         "tcpip"
#define TCPIP_THREAD_STACKSIZE    4096
#define TCPIP_THREAD_PRIO         4
#define TCPIP_MBOX_SIZE           32
#define DEFAULT_THREAD_STACKSIZE  2048
#define DEFAULT_UDP_RECVMBOX_SIZE 8
#define DEFAULT_TCP_RECVMBOX_SIZE 16
#define DEFAULT_ACCEPTMBOX_SIZE   4

#endif
