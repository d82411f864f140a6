// SPDX-License-Identifier: BSD-2-Clause
/*
 * An ordinary program of one file, compiled by test_compilers.c with every code model and by every compiler:
 * calls, tables of functions, switches, static and global data, strings, weak references, variable arguments,
 * recursion. run() works a number out; as a shared object, loaded by the system, it must come to the same.
 *
 * Owns: its data. Locks: none. Callers: tests/link/test_compilers.c.
 */
typedef __builtin_va_list list_t;

extern int external_function(void);
extern int external_data;
extern int optional(int) __attribute__((weak));
int run(void);
int global_step(int n);

struct operation {
    const char *name;
    int (*apply)(int a, int b);
    const struct operation *next;
};

int global_counter = 5;
int common_counter;
static int zeros[5000];
static const int primes[] = {2, 3, 5, 7, 11, 13, 17, 19};

static int add(int a, int b)
{
    return a + b;
}

static int subtract(int a, int b)
{
    return a - b;
}

static int multiply(int a, int b)
{
    return a * b;
}

static const struct operation third = {"multiply", multiply, 0};
static const struct operation second = {"subtract", subtract, &third};
const struct operation first = {"add", add, &second};
static int *const pointers[] = {&global_counter, &common_counter, &zeros[4999]};

__attribute__((noinline)) int global_step(int n)
{
    static int calls;

    calls++;
    return n <= 1 ? calls : n * global_step(n - 1) % 1009;
}

__attribute__((noinline)) static int pick(int n)
{
    switch (n) {
    case 0:
        return global_counter;
    case 1:
        return external_function();
    case 2:
        return external_data * 3;
    case 3:
        return (int)sizeof(zeros);
    case 4:
        return optional ? optional(n) : 17;
    case 5:
        return first.name[2];
    case 6:
        return *pointers[2] + 1;
    default:
        return -1;
    }
}

__attribute__((noinline)) static int sum(int n, ...)
{
    list_t list;
    int total = 0;

    __builtin_va_start(list, n);
    while (n-- > 0)
        total += __builtin_va_arg(list, int);
    __builtin_va_end(list);
    return total;
}

int run(void)
{
    int (*volatile step)(int) = global_step;
    int total = 0;

    for (const struct operation *o = &first; o; o = o->next)
        total = o->apply(total, o->name[0]) % 10007;
    for (int i = 0; i < 8; i++) {
        zeros[4999 - i] += primes[i];
        total += pick(i) * primes[i];
    }
    common_counter += step(7);
    for (int i = 0; i < 3; i++)
        total = sum(3, total, *pointers[i], i) % 100003;
    total += (int)(step == global_step);
    return total;
}
