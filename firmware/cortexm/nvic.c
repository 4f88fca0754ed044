/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupt lines that software raises, and who is asked when they come. */
#include "cpu.h"
#include "startup.h"

#define NVIC_ICER REG32(0xE000E180U)
#define NVIC_ISPR REG32(0xE000E200U)
#define NVIC_ICPR REG32(0xE000E280U)
#define NVIC_IPR  REG32(0xE000E400U)

static cpu_irq_hook volatile hook_set;

bool cpu_irq_hooked(uint32_t irq)
{
	cpu_irq_hook hook = hook_set;

	return hook && hook(irq);
}

void cpu_irq_catch(cpu_irq_hook hook)
{
	hook_set = hook;
	cpu_barrier();
}

static volatile uint32_t *line_register(volatile uint32_t *first, uint32_t irq)
{
	return first + irq / 32U;
}

/* Every part has at least the two upper bits of a priority; ARMv6-M takes words only. */
void cpu_irq_enable(uint32_t irq, uint32_t priority)
{
	volatile uint32_t *priorities = &NVIC_IPR + irq / 4U;
	uint32_t shift = irq % 4U * 8U;

	*priorities = (*priorities & ~(0xFFU << shift)) | priority << (shift + 6U);
	*line_register(&NVIC_ICPR, irq) = 1U << irq % 32U;
	*line_register(&NVIC_ISER, irq) = 1U << irq % 32U;
	cpu_barrier();
}

void cpu_irq_disable(uint32_t irq)
{
	*line_register(&NVIC_ICER, irq) = 1U << irq % 32U;
	*line_register(&NVIC_ICPR, irq) = 1U << irq % 32U;
	cpu_barrier();
}

void cpu_irq_pend(uint32_t irq)
{
	*line_register(&NVIC_ISPR, irq) = 1U << irq % 32U;
	cpu_barrier();
}
