/* SPDX-License-Identifier: Apache-2.0 */
/* Two threads with stacks of their own, switched by PendSV: what a small kernel does, for measuring it; and the way
 * back from thread mode without privilege. */
#include <string.h>

#include "cpu.h"

void svc_entry(void);
void switch_entry(void);

enum { THREAD_WORDS = 96, FRAME_WORDS = 16 };

/* Read by switch_entry at these offsets: the threads' stack pointers, and which of them runs (0 or 4). */
struct switching {
	uint32_t *sp[2];
	uint32_t running;
};
_Static_assert(sizeof(uint32_t *) == 4, "the offsets in switch_entry");

__attribute__((used)) static struct switching switching;
static uint32_t stacks[2][THREAD_WORDS] __attribute__((aligned(8)));
static volatile uint32_t rounds_wanted, turns_of_other;

__attribute__((naked)) void svc_entry(void)
{
	__asm volatile("	movs r0, #0\n"
		       "	msr control, r0\n"
		       "	bx lr\n");
}

/* Saves r4 to r11 on the stack of the thread that stops, takes them from that of the other. For ARMv6-M too. */
__attribute__((naked)) void switch_entry(void)
{
	__asm volatile("	.syntax unified\n"
		       "	mrs r0, psp\n"
		       "	subs r0, #32\n"
		       "	stmia r0!, {r4-r7}\n"
		       "	mov r4, r8\n"
		       "	mov r5, r9\n"
		       "	mov r6, r10\n"
		       "	mov r7, r11\n"
		       "	stmia r0!, {r4-r7}\n"
		       "	subs r0, #32\n"
		       "	ldr r1, 1f\n"
		       "	ldr r2, [r1, #8]\n"
		       "	str r0, [r1, r2]\n"
		       "	movs r3, #4\n"
		       "	eors r2, r3\n"
		       "	str r2, [r1, #8]\n"
		       "	ldr r0, [r1, r2]\n"
		       "	adds r0, #16\n"
		       "	ldmia r0!, {r4-r7}\n"
		       "	mov r8, r4\n"
		       "	mov r9, r5\n"
		       "	mov r10, r6\n"
		       "	mov r11, r7\n"
		       "	subs r0, #32\n"
		       "	ldmia r0!, {r4-r7}\n"
		       "	adds r0, #16\n"
		       "	msr psp, r0\n"
		       "	bx lr\n"
		       "	.align 2\n"
		       "1:	.word switching\n");
}

/* Calls entry in thread mode on the process stack, and comes back to the main one. */
__attribute__((naked)) static void run_on(void (*entry)(void), uint32_t *stack)
{
	(void)entry;
	(void)stack;
	__asm volatile("	push {r4, lr}\n"
		       "	msr psp, r1\n"
		       "	movs r1, #2\n"
		       "	msr control, r1\n"
		       "	isb\n"
		       "	blx r0\n"
		       "	movs r1, #0\n"
		       "	msr control, r1\n"
		       "	isb\n"
		       "	pop {r4, pc}\n");
}

static void yield(void)
{
	SCB_ICSR = ICSR_PENDSVSET;
	cpu_barrier();
}

static void first_thread(void)
{
	for (uint32_t i = 0; i < rounds_wanted; i++)
		yield();
}

static void other_thread(void)
{
	for (;;) {
		turns_of_other++;
		yield();
	}
}

uint32_t cpu_switch_contexts(uint32_t rounds)
{
	uint32_t *frame = &stacks[1][THREAD_WORDS - FRAME_WORDS];

	memset(stacks, 0, sizeof(stacks));
	frame[14] = (uint32_t)(uintptr_t)other_thread & ~1U; /* pc, and a psr that says Thumb */
	frame[15] = 1U << 24;
	switching = (struct switching){.sp = {NULL, frame}};
	rounds_wanted = rounds;
	turns_of_other = 0;
	run_on(first_thread, &stacks[0][THREAD_WORDS]);
	return turns_of_other;
}
