// SPDX-License-Identifier: BSD-2-Clause
/* Calls what nobody has, and what Darwin has but this kernel process does not. */
#include <mach/kmod.h>

extern void no_such_function(void);
extern int no_such_variable;
extern void strlcpyy(void);
extern void bpf_attach(void);
kern_return_t missing_start(kmod_info_t *ki, void *data);

kern_return_t missing_start(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    no_such_function();
    strlcpyy();
    bpf_attach();
    return no_such_variable;
}
