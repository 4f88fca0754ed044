/* SPDX-License-Identifier: Apache-2.0 */
/* The tick wakes sleepers and asks for a switch; PendSV saves what the hardware does not, and goes round. */
#include "kernel.h"

#include <stdbool.h>

#include "bsp.h"

#define SYST_CSR  REG32(0xE000E010U)
#define SYST_RVR  REG32(0xE000E014U)
#define SYST_CVR  REG32(0xE000E018U)
#define SCB_ICSR  REG32(0xE000ED04U)
#define SCB_SHPR3 REG32(0xE000ED20U)

#define ICSR_PENDSV (1U << 28)
#define PSR_THUMB   (1U << 24)

enum { SAVED_WORDS = 8 + 8, SAVED_PC = 14, SAVED_PSR = 15 };

struct task {
	uint32_t *sp; /* while it does not run: r4-r11, then the frame of the hardware */
	uint32_t wake_ms;
	bool asleep;
};

/* Task 0 is the idle task: whoever called kernel_start, on a stack of its own. */
static struct task tasks[KERNEL_TASKS + 1];
static uint32_t count;
static uint32_t current;
static volatile uint32_t now_ms;
static volatile uint32_t switches;
static uint64_t idle_stack[32];

void kernel_init(void)
{
	count = 1;
	current = 0;
	now_ms = 0;
	switches = 0;
}

void kernel_add(void (*run)(void), uint64_t *stack, size_t stack_bytes)
{
	uint32_t *top = (uint32_t *)stack + stack_bytes / sizeof(uint32_t);
	uint32_t *frame = top - SAVED_WORDS;

	if (count > KERNEL_TASKS)
		return;
	for (uint32_t i = 0; i < SAVED_WORDS; i++)
		frame[i] = 0;
	frame[SAVED_PC] = (uint32_t)(uintptr_t)run & ~1U;
	frame[SAVED_PSR] = PSR_THUMB;
	tasks[count] = (struct task){.sp = frame};
	count++;
}

uint32_t kernel_ms(void)
{
	return now_ms;
}

uint32_t kernel_switches(void)
{
	return switches;
}

void kernel_lock(void)
{
	__asm volatile("cpsid i" ::: "memory");
}

void kernel_unlock(void)
{
	__asm volatile("cpsie i" ::: "memory");
}

static void ask_for_switch(void)
{
	SCB_ICSR = ICSR_PENDSV;
	__asm volatile("dsb\n isb" ::: "memory");
}

void kernel_sleep(uint32_t ms)
{
	kernel_lock();
	tasks[current].wake_ms = now_ms + ms + 1;
	tasks[current].asleep = true;
	kernel_unlock();
	ask_for_switch();
}

void SysTick_Handler(void)
{
	now_ms++;
	for (uint32_t i = 1; i < count; i++) {
		if (tasks[i].asleep && now_ms - tasks[i].wake_ms < 0x80000000U)
			tasks[i].asleep = false;
	}
	ask_for_switch();
}

/* From PendSV, with interrupts off: the next that is awake, else the idle task. */
uint32_t *kernel_choose(uint32_t *sp);
__attribute__((used)) uint32_t *kernel_choose(uint32_t *sp)
{
	uint32_t next = 0;

	tasks[current].sp = sp;
	for (uint32_t i = 1; i < count && next == 0; i++) {
		uint32_t candidate = 1 + (current + i - 1) % (count - 1);
		if (!tasks[candidate].asleep)
			next = candidate;
	}
	if (next != current)
		switches++;
	current = next;
	return tasks[next].sp;
}

/* Only instructions that ARMv6-M has too: high registers go through low ones. */
__attribute__((naked)) void PendSV_Handler(void)
{
	__asm volatile("	.syntax unified\n"
		       "	cpsid i\n"
		       "	mrs r0, psp\n"
		       "	subs r0, #32\n"
		       "	mov r1, r0\n"
		       "	stmia r1!, {r4-r7}\n"
		       "	mov r4, r8\n"
		       "	mov r5, r9\n"
		       "	mov r6, r10\n"
		       "	mov r7, r11\n"
		       "	stmia r1!, {r4-r7}\n"
		       "	push {r3, lr}\n"
		       "	bl kernel_choose\n"
		       "	pop {r2, r3}\n"
		       "	mov r1, r0\n"
		       "	adds r1, #16\n"
		       "	ldmia r1!, {r4-r7}\n"
		       "	mov r8, r4\n"
		       "	mov r9, r5\n"
		       "	mov r10, r6\n"
		       "	mov r11, r7\n"
		       "	msr psp, r1\n"
		       "	ldmia r0!, {r4-r7}\n"
		       "	cpsie i\n"
		       "	bx r3\n");
}

_Noreturn static void idle(void)
{
	for (;;)
		__asm volatile("wfi");
}

_Noreturn void kernel_start(void)
{
	SCB_SHPR3 = 0xFFFF0000U; /* both at the lowest priority, so that neither interrupts a device's handler */
	SYST_RVR = bsp_core_hz / 1000U - 1U;
	SYST_CVR = 0;
	__asm volatile("msr psp, %0\n"
		       "movs r0, #2\n"
		       "msr control, r0\n"
		       "isb\n"
		       :
		       : "r"(idle_stack + sizeof(idle_stack) / sizeof(idle_stack[0]))
		       : "r0", "memory");
	SYST_CSR = 7;
	idle();
}
