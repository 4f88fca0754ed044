/* SPDX-License-Identifier: Apache-2.0 */
/* What all Cortex-M boards share: registers of the core, sleeping, resetting, and faults that a case provokes on
 * purpose. */
#ifndef CPU_H
#define CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REG32(address) (*(volatile uint32_t *)(address))

#define SCB_CPUID REG32(0xE000ED00U)
#define SCB_VTOR  REG32(0xE000ED08U)
#define SCB_AIRCR REG32(0xE000ED0CU)
#define SCB_CFSR  REG32(0xE000ED28U)
#define SCB_HFSR  REG32(0xE000ED2CU)
#define SCB_MMFAR REG32(0xE000ED34U)
#define SCB_BFAR  REG32(0xE000ED38U)
#define SCB_ICSR  REG32(0xE000ED04U)
#define SCB_CCR   REG32(0xE000ED14U)
#define SCB_SHCSR REG32(0xE000ED24U)
#define NVIC_ISER REG32(0xE000E100U)

#define CCR_UNALIGN_TRP (1U << 3)
#define CCR_DIV_0_TRP   (1U << 4)
#define SHCSR_FAULT_ENA (7U << 16) /* MemManage, BusFault and UsageFault have exceptions of their own */
#define ICSR_PENDSVSET  (1U << 28)

/* Eight words that the core pushes when an exception begins. */
struct cpu_frame {
	uint32_t r0, r1, r2, r3, r12, lr, pc, psr;
};

static inline void cpu_wait_for_interrupt(void)
{
	__asm volatile("wfi" ::: "memory");
}

static inline uint32_t cpu_exception(void)
{
	uint32_t ipsr;

	__asm volatile("mrs %0, ipsr" : "=r"(ipsr));
	return ipsr;
}

static inline uint32_t cpu_control(void)
{
	uint32_t control;

	__asm volatile("mrs %0, control" : "=r"(control));
	return control;
}

static inline uintptr_t cpu_stack_pointer(void)
{
	uintptr_t sp;

	__asm volatile("mov %0, sp" : "=r"(sp));
	return sp;
}

/* ARMv6-M has neither fault status registers nor, on most parts, VTOR. */
static inline bool cpu_is_armv6m(void)
{
	return ((SCB_CPUID >> 16) & 0xFU) == 0xCU;
}

/* Asks for a system reset (AIRCR.SYSRESETREQ) and waits for it. */
_Noreturn void cpu_reset(void);

/* Holds all interrupts back, and lets them through again. */
static inline void cpu_interrupts_off(void)
{
	__asm volatile("cpsid i" ::: "memory");
}

static inline void cpu_interrupts_on(void)
{
	__asm volatile("cpsie i\n\tisb" ::: "memory");
}

/* What was written before is seen by what comes after, instructions too. */
static inline void cpu_barrier(void)
{
	__asm volatile("dsb\n\tisb" ::: "memory");
}

/* Interrupts that software raises. A hook that is set is asked first and says whether the line was one of its own. */
typedef bool (*cpu_irq_hook)(uint32_t irq);
void cpu_irq_catch(cpu_irq_hook hook);                /* NULL: none */
void cpu_irq_enable(uint32_t irq, uint32_t priority); /* 0, the most urgent, to 3; not pending */
void cpu_irq_disable(uint32_t irq);
void cpu_irq_pend(uint32_t irq);

/* Thread mode without privilege, and back by an exception. */
static inline void cpu_privilege_drop(void)
{
	__asm volatile("msr control, %0\n\tisb" ::"r"(1U) : "memory");
}

static inline void cpu_privilege_regain(void)
{
	__asm volatile("svc #0" ::: "memory");
}

/* Runs first on a stack of its own, and switches to another thread, and back, so many times; returns how often the
 * other one ran. By PendSV, with all registers saved, as small kernels do it. */
uint32_t cpu_switch_contexts(uint32_t rounds);

/* What was seen of a fault that was expected. */
struct cpu_fault {
	uint32_t count;     /* faults taken since cpu_fault_expect */
	uint32_t exception; /* number of the exception that ran */
	uint32_t pc;        /* of the instruction that faulted, the last one */
	uint32_t cfsr;      /* fault status and addresses; 0 on ARMv6-M, which has none */
	uint32_t bfar;
	uint32_t mmfar;
	uintptr_t frame; /* where the core had pushed its frame */
};

/* From now on a fault is recorded, and execution resumes behind the instruction that made it, or at the return address
 * when the fault was to fetch one, until cpu_fault_end. */
void cpu_fault_expect(void);
struct cpu_fault cpu_fault_end(void);

/* A fault that nobody expected. The weak default reports on the console and stops; must not return. */
_Noreturn void cpu_fault_unexpected(const struct cpu_frame *frame);

#endif
