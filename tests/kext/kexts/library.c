// SPDX-License-Identifier: BSD-2-Clause
/* A kext that others link against. */
#include <mach/kmod.h>
#include <sys/systm.h>

int library_add(int a, int b);
int library_secret(void);
kern_return_t library_start(kmod_info_t *ki, void *data);
kern_return_t library_stop(kmod_info_t *ki, void *data);
extern int library_calls;
int library_calls;

int library_add(int a, int b)
{
    library_calls++;
    return a + b;
}

/* Not for others. */
__attribute__((visibility("hidden"))) int library_secret(void)
{
    return 42;
}

kern_return_t library_start(kmod_info_t *ki, void *data)
{
    (void)data;
    printf("%s: started\n", ki->name);
    return KERN_SUCCESS;
}

kern_return_t library_stop(kmod_info_t *ki, void *data)
{
    (void)data;
    printf("%s: stopped after %d calls\n", ki->name, library_calls);
    return KERN_SUCCESS;
}
