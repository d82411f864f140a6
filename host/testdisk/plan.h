// SPDX-License-Identifier: BSD-2-Clause
/*
 * plan.h: what a test device does to the requests that pass through it, and the text that says so.
 *
 *     plan    item { ("," | ";") item }          an empty plan keeps a volatile cache and does nothing else
 *     item    seed=N                             every decision follows from it (1 unless given)
 *             fail=WHO  nospace=WHO              an I/O error, no space left: nothing is done
 *             short=WHO                          a part from the beginning is done: reads and writes
 *             delay=TIME[-TIME][/WHO]            late by that much, or by something between the two
 *             lie=WHO                            success is told and nothing is done: writes, flushes, unmaps
 *             reorder[=N]                        completion in a seeded order, among N (8) that are under way
 *             cut=[write:|flush:|request:]K      the power goes when the K-th write (flush, request) arrives
 *             torn=none|physical|block           what is written in one piece when the power goes
 *             keep=PERCENT                       how much of what nothing covers survives a cut (seeded)
 *             cache=on|off                       off: a completed write is on the medium
 *             record=PATH  contents=none|hash|full
 *     WHO     OP[:WHICH][@RANGE]                 OP: read write flush unmap any
 *     WHICH   N  =K  K+  P%                      each N-th, the K-th alone, from the K-th on, a chance; else
 * all RANGE   A  A-  A-B                         sectors of 512 bytes that the request touches TIME    N
 * us|ms|s                          no blank between
 *
 * WHICH counts the requests that OP and RANGE select. Pure functions; no locks.
 */
#ifndef KEXTBED_HOST_TESTDISK_PLAN_H
#define KEXTBED_HOST_TESTDISK_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/disk.h"

#define TESTDISK_OPS         4u /* members of enum host_disk_op */
#define TESTDISK_RULES_MAX   32u
#define TESTDISK_REORDER_MAX 1024u
#define TESTDISK_PATH_MAX    1024u
#define TESTDISK_SECTOR      512u

enum testdisk_fault {
    TESTDISK_FAIL,
    TESTDISK_NOSPACE,
    TESTDISK_SHORT,
    TESTDISK_DELAY,
    TESTDISK_LIE,
    TESTDISK_FAULTS /* their number */
};

enum testdisk_which { TESTDISK_ALL, TESTDISK_EVERY, TESTDISK_EXACTLY, TESTDISK_FROM, TESTDISK_CHANCE };

struct testdisk_rule {
    enum testdisk_fault fault;
    unsigned ops; /* 1 << enum host_disk_op */
    enum testdisk_which which;
    uint64_t n;                          /* N, K or the percentage */
    bool ranged;                         /* first and last count */
    uint64_t first, last;                /* sectors, both inside */
    uint64_t delay_min_ns, delay_max_ns; /* TESTDISK_DELAY */
};

enum testdisk_torn { TESTDISK_TORN_NONE, TESTDISK_TORN_PHYSICAL, TESTDISK_TORN_BLOCK };
enum testdisk_contents { TESTDISK_CONTENTS_NONE, TESTDISK_CONTENTS_HASH, TESTDISK_CONTENTS_FULL };

/* How a power cut chooses what survives. */
struct testdisk_choice {
    uint64_t seed;
    enum testdisk_torn torn;
    int keep; /* percent; -1: follows from the seed */
};

struct testdisk_plan {
    struct testdisk_choice choice; /* its seed is the plan's */
    struct testdisk_rule rules[TESTDISK_RULES_MAX];
    unsigned n_rules;
    unsigned reorder; /* requests among which the order is random; 0: they keep theirs */
    unsigned cut_ops; /* which requests cut_at counts; 0: no cut */
    uint64_t cut_at;  /* from 1 */
    bool cache_off;
    enum testdisk_contents contents;
    char record[TESTDISK_PATH_MAX]; /* "": none */
};

/** testdisk_plan_parse - read a plan.
 *  @plan  set on success alone.
 *  @why   on failure, one sentence: the part that is wrong and what may stand there. Terminated.
 *  Returns: whether @text is a plan. */
bool testdisk_plan_parse(const char *text, struct testdisk_plan *plan, char *why, size_t why_size);

/** testdisk_choice_parse - read one item about power cuts: "seed=7", "torn=block", "keep=50".
 *  Returns: false and @why as above; @choice is then as it was. */
bool testdisk_choice_parse(const char *item, struct testdisk_choice *choice, char *why, size_t why_size);

/** testdisk_op_name, testdisk_torn_name - the plan's word. */
const char *testdisk_op_name(enum host_disk_op op);
const char *testdisk_torn_name(enum testdisk_torn torn);

#endif
