// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which instrumentation a symbol belongs to: compilers put calls of these into code that never names them,
 * and only a run-time library of the same kind can serve them.
 *
 * Owns: nothing. Locks: none. Callers: report_text.c, and clients that provide such run-time libraries.
 */
#include "kxld/kxld.h"
#include "kxld/text_internal.h"

const char *kxld_instrumentation(const char *symbol)
{
    static const struct {
        const char *prefix, *name;
    } all[] = {
        {"__asan_", "AddressSanitizer"},
        {"__ubsan_", "UndefinedBehaviorSanitizer"},
        {"__tsan_", "ThreadSanitizer"},
        {"__sanitizer_", "a sanitizer"},
        {"__gcov_", "gcov"},
        {"__llvm_", "LLVM's coverage or profiling"},
    };

    for (size_t i = 0; symbol && i < sizeof(all) / sizeof(all[0]); i++)
        if (kxld_string_has_prefix(symbol, all[i].prefix))
            return all[i].name;
    return NULL;
}
