// SPDX-License-Identifier: BSD-2-Clause
/*
 * The version of the kernel whose interface this is.
 */
#ifndef KPI_LIBKERN_VERSION_H
#define KPI_LIBKERN_VERSION_H

#define VERSION_MAJOR            24
#define VERSION_MINOR            4
#define VERSION_VARIANT          ""
#define VERSION_REVISION         0
#define VERSION_STAGE_DEV        0x20
#define VERSION_STAGE_ALPHA      0x40
#define VERSION_STAGE_BETA       0x60
#define VERSION_STAGE_RELEASE    0x80
#define VERSION_STAGE            VERSION_STAGE_RELEASE
#define VERSION_PRERELEASE_LEVEL 0
#define OSBUILD_CONFIG           "release"
#define OSTYPE                   "Darwin"
#define OSRELEASE                "24.4.0"

/** version_*, version, osbuild_config, ostype, osrelease - the same of the running kernel. */
extern const int version_major;
extern const int version_minor;
extern const char version_variant[];
extern const int version_revision;
extern const int version_stage;
extern const int version_prerelease_level;
extern const char version[];
extern const char osbuild_config[];
extern const char ostype[];
extern char osrelease[];

#endif /* KPI_LIBKERN_VERSION_H */
