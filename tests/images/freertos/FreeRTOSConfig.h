/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's configuration for the test images; HEAP_BYTES comes from the build, as boards differ in RAM. */
#ifndef FREERTOS_CONFIG_H
#define FREERTOS_CONFIG_H

#include <stdint.h>

extern const uint32_t bsp_core_hz;
void app_assert_failed(const char *file, int line);

#define configCPU_CLOCK_HZ                   bsp_core_hz
#define configTICK_RATE_HZ                   1000
#define configUSE_PREEMPTION                 1
#define configUSE_TIME_SLICING               1
#define configUSE_16_BIT_TICKS               0
#define configMAX_PRIORITIES                 6
#define configMINIMAL_STACK_SIZE             96
#define configMAX_TASK_NAME_LEN              10
#define configTOTAL_HEAP_SIZE                HEAP_BYTES
#define configSUPPORT_DYNAMIC_ALLOCATION     1
#define configSUPPORT_STATIC_ALLOCATION      0
#define configUSE_MUTEXES                    1
#define configUSE_COUNTING_SEMAPHORES        1
#define configUSE_TASK_NOTIFICATIONS         1
#define configUSE_STREAM_BUFFERS             1
#define configUSE_TIMERS                     1
#define configTIMER_TASK_PRIORITY            5
#define configTIMER_QUEUE_LENGTH             4
#define configTIMER_TASK_STACK_DEPTH         112
#define configUSE_IDLE_HOOK                  0
#define configUSE_TICK_HOOK                  0
#define configCHECK_FOR_STACK_OVERFLOW       2
#define configUSE_MALLOC_FAILED_HOOK         0
#define configCHECK_HANDLER_INSTALLATION     1
#define configKERNEL_INTERRUPT_PRIORITY      255
#define configMAX_SYSCALL_INTERRUPT_PRIORITY 0x80
#define configENABLE_MPU                     0
#define configASSERT(condition)              ((condition) ? (void)0 : app_assert_failed(__FILE__, __LINE__))

#define INCLUDE_vTaskDelay                  1
#define INCLUDE_xTaskDelayUntil             1
#define INCLUDE_vTaskDelete                 1
#define INCLUDE_vTaskSuspend                1
#define INCLUDE_uxTaskPriorityGet           1
#define INCLUDE_uxTaskGetStackHighWaterMark 1

#define vPortSVCHandler     SVC_Handler
#define xPortPendSVHandler  PendSV_Handler
#define xPortSysTickHandler SysTick_Handler

#endif
