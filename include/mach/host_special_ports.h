// SPDX-License-Identifier: BSD-2-Clause
/*
 * Numbers of the ports by which daemons are known to the kernel.
 */
#ifndef KPI_MACH_HOST_SPECIAL_PORTS_H
#define KPI_MACH_HOST_SPECIAL_PORTS_H

/* The kernel's own. */
#define HOST_SECURITY_PORT            0
#define HOST_MIN_SPECIAL_PORT         HOST_SECURITY_PORT
#define HOST_PORT                     1
#define HOST_PRIV_PORT                2
#define HOST_IO_MAIN_PORT             3
#define HOST_LAST_SPECIAL_KERNEL_PORT HOST_IO_MAIN_PORT
#define HOST_MAX_SPECIAL_KERNEL_PORT  7

/* Daemons'. */
#define HOST_DYNAMIC_PAGER_PORT      8
#define HOST_AUDIT_CONTROL_PORT      9
#define HOST_USER_NOTIFICATION_PORT  10
#define HOST_AUTOMOUNTD_PORT         11
#define HOST_LOCKD_PORT              12
#define HOST_KTRACE_BACKGROUND_PORT  13
#define HOST_SEATBELT_PORT           14
#define HOST_KEXTD_PORT              15
#define HOST_LAUNCHCTL_PORT          16
#define HOST_UNFREED_PORT            17
#define HOST_AMFID_PORT              18
#define HOST_GSSD_PORT               19
#define HOST_TELEMETRY_PORT          20
#define HOST_ATM_NOTIFICATION_PORT   21
#define HOST_COALITION_PORT          22
#define HOST_SYSDIAGNOSE_PORT        23
#define HOST_XPC_EXCEPTION_PORT      24
#define HOST_CONTAINERD_PORT         25
#define HOST_NODE_PORT               26
#define HOST_RESOURCE_NOTIFY_PORT    27
#define HOST_CLOSURED_PORT           28
#define HOST_SYSPOLICYD_PORT         29
#define HOST_FILECOORDINATIOND_PORT  30
#define HOST_FAIRPLAYD_PORT          31
#define HOST_IOCOMPRESSIONSTATS_PORT 32
#define HOST_MEMORY_ERROR_PORT       33
#define HOST_MANAGEDAPPDISTD_PORT    34
#define HOST_DOUBLEAGENTD_PORT       35
#define HOST_CHUD_PORT               HOST_LAUNCHCTL_PORT
#define HOST_MAX_SPECIAL_PORT        HOST_DOUBLEAGENTD_PORT

#define HOST_LOCAL_NODE (-1)

/* host_get_special_port by name. */
#define host_get_host_port(host, port)      host_get_special_port(host, HOST_LOCAL_NODE, HOST_PORT, port)
#define host_get_host_priv_port(host, port) host_get_special_port(host, HOST_LOCAL_NODE, HOST_PRIV_PORT, port)
#define host_get_io_main_port(host, port)                                                                    \
    host_get_special_port(host, HOST_LOCAL_NODE, HOST_IO_MAIN_PORT, port)
#define host_get_dynamic_pager_port(host, port)                                                              \
    host_get_special_port(host, HOST_LOCAL_NODE, HOST_DYNAMIC_PAGER_PORT, port)
#define host_get_audit_control_port(host, port)                                                              \
    host_get_special_port(host, HOST_LOCAL_NODE, HOST_AUDIT_CONTROL_PORT, port)
#define host_get_user_notification_port(host, port)                                                          \
    host_get_special_port(host, HOST_LOCAL_NODE, HOST_USER_NOTIFICATION_PORT, port)
#define host_get_automountd_port(host, port)                                                                 \
    host_get_special_port(host, HOST_LOCAL_NODE, HOST_AUTOMOUNTD_PORT, port)
#define host_get_lockd_port(host, port) host_get_special_port(host, HOST_LOCAL_NODE, HOST_LOCKD_PORT, port)
#define host_get_ktrace_background_port(host, port)                                                          \
    host_get_special_port(host, HOST_LOCAL_NODE, HOST_KTRACE_BACKGROUND_PORT, port)
#define host_get_kextd_port(host, port) host_get_special_port(host, HOST_LOCAL_NODE, HOST_KEXTD_PORT, port)
#define host_get_launchctl_port(host, port)                                                                  \
    host_get_special_port(host, HOST_LOCAL_NODE, HOST_LAUNCHCTL_PORT, port)
#define host_get_gssd_port(host, port) host_get_special_port(host, HOST_LOCAL_NODE, HOST_GSSD_PORT, port)

#endif /* KPI_MACH_HOST_SPECIAL_PORTS_H */
