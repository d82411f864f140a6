// SPDX-License-Identifier: BSD-2-Clause
/*
 * os_boolean.c: libkern's two truth values, as objects that are told apart by their addresses. There is no
 * C++ object behind them: a kext may compare the pointers and nothing else. Constant; no locks.
 */
#include "kern/os_boolean_internal.h"

static const char true_object[16] __attribute__((aligned(16))) = "true";
static const char false_object[16] __attribute__((aligned(16))) = "false";

const void *const kOSBooleanTrue = true_object;
const void *const kOSBooleanFalse = false_object;
