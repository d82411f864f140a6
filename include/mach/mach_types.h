// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mach's handles: threads, tasks, processors, clocks, semaphores, in the kernel's form (pointers).
 */
#ifndef KPI_MACH_MACH_TYPES_H
#define KPI_MACH_MACH_TYPES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/cdefs.h>
#include <mach/port.h>
#include <mach/message.h>
#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/vm_types.h>
#include <mach/vm_prot.h>
#include <mach/time_value.h>
#include <mach/clock_types.h>
#include <mach/memory_object_types.h>
#include <mach/machine.h>

struct task;
struct thread;
struct host;
struct processor;
struct processor_set;
struct semaphore;
struct clock;

typedef struct task *task_t;
typedef struct task *task_name_t;
typedef struct task *task_inspect_t;
typedef struct task *task_read_t;
typedef struct thread *thread_t;
typedef struct thread *thread_act_t;
typedef struct thread *thread_inspect_t;
typedef struct thread *thread_read_t;
typedef struct host *host_t;
typedef struct host *host_priv_t;
typedef struct processor *processor_t;
typedef struct processor_set *processor_set_t;
typedef struct semaphore *semaphore_t;
typedef struct clock *clock_serv_t;
typedef struct clock *clock_ctrl_t;
typedef mach_port_t host_name_port_t;
typedef task_t task_port_t;
typedef thread_t thread_port_t;

#define TASK_NULL      ((task_t)0)
#define TASK_NAME_NULL ((task_name_t)0)
#define THREAD_NULL    ((thread_t)0)
#define THR_ACT_NULL   ((thread_act_t)0)
#define HOST_NULL      ((host_t)0)
#define PROCESSOR_NULL ((processor_t)0)
#define SEMAPHORE_NULL ((semaphore_t)0)
#define CLOCK_NULL     ((clock_serv_t)0)

/* A kext gets kmod_info_t by including this file alone. */
#include <mach/kmod.h>
#include <mach/vm_param.h>

#endif /* KPI_MACH_MACH_TYPES_H */
