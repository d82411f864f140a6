// SPDX-License-Identifier: BSD-2-Clause
/*
 * Signals inside the kernel. Nothing of it belongs to the KPI; the name is here for the sources that include
 * it.
 */
#ifndef KPI_SYS_SIGNALVAR_H
#define KPI_SYS_SIGNALVAR_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/signal.h>

#endif /* KPI_SYS_SIGNALVAR_H */
