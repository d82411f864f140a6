// SPDX-License-Identifier: BSD-2-Clause
/*
 * Arguments of grafting a disk image.
 */
#ifndef KPI_SYS__TYPES__GRAFTDMG_UN_H
#define KPI_SYS__TYPES__GRAFTDMG_UN_H

#include <machine/types.h>

typedef struct secure_boot_cryptex_args {
    u_int32_t sbc_version;
    u_int32_t sbc_4cc;
    int sbc_authentic_manifest_fd;
    int sbc_user_manifest_fd;
    int sbc_payload_fd;
    u_int64_t sbc_flags;
} __attribute__((__aligned__(4), __packed__)) secure_boot_cryptex_args_t;
typedef union graft_args {
    u_int8_t max_size[512];
    secure_boot_cryptex_args_t sbc_args;
} graftdmg_args_un;

#endif /* KPI_SYS__TYPES__GRAFTDMG_UN_H */
