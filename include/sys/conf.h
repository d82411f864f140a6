// SPDX-License-Identifier: BSD-2-Clause
/*
 * Device switches: what a driver registers a major number with.
 */
#ifndef KPI_SYS_CONF_H
#define KPI_SYS_CONF_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/param.h>
#include <sys/time.h>
#include <sys/queue.h>
#include <sys/kernel_types.h>

struct tty;
struct uio;
struct buf;
struct proc;

/* Kinds of device. */
#define D_TAPE 1
#define D_DISK 2
#define D_TTY  3

typedef int open_close_fcn_t(dev_t dev, int flags, int devtype, struct proc *p);
typedef int read_write_fcn_t(dev_t dev, struct uio *uio, int ioflag);
typedef int ioctl_fcn_t(dev_t dev, u_long cmd, caddr_t data, int fflag, struct proc *p);
typedef int select_fcn_t(dev_t dev, int which, void *wql, struct proc *p);
typedef int stop_fcn_t(struct tty *tp, int rw);
typedef int reset_fcn_t(int uban);
typedef int mmap_fcn_t(void);
typedef int rsvd_fcn_t(void);
typedef void strategy_fcn_t(struct buf *bp);
typedef int psize_fcn_t(dev_t dev);
typedef int dump_fcn_t(void);

struct bdevsw {
    open_close_fcn_t *d_open;
    open_close_fcn_t *d_close;
    strategy_fcn_t *d_strategy;
    ioctl_fcn_t *d_ioctl;
    dump_fcn_t *d_dump;
    psize_fcn_t *d_psize;
    int d_type;
};
struct cdevsw {
    open_close_fcn_t *d_open;
    open_close_fcn_t *d_close;
    read_write_fcn_t *d_read;
    read_write_fcn_t *d_write;
    ioctl_fcn_t *d_ioctl;
    stop_fcn_t *d_stop;
    reset_fcn_t *d_reset;
    struct tty **d_ttys;
    select_fcn_t *d_select;
    mmap_fcn_t *d_mmap;
    strategy_fcn_t *d_strategy;
    rsvd_fcn_t *d_reserved_1;
    rsvd_fcn_t *d_reserved_2;
    int d_type;
};
#define d_getc d_reserved_1
#define d_putc d_reserved_2

__BEGIN_DECLS
/** enodev - returns ENODEV. */
int enodev(void);
/** enodev_strat - does nothing, in place of a strategy routine. */
void enodev_strat(void);
/** bdevsw_isfree - the block major @index, or a free one for -1; -1 if taken. */
int bdevsw_isfree(int index);
/** bdevsw_add - register a block major; -1 picks one. The number, or -1. */
int bdevsw_add(int index, const struct bdevsw *bdevsw);
/** bdevsw_remove - remove a block major. The number, or -1. */
int bdevsw_remove(int index, const struct bdevsw *bdevsw);
/** cdevsw_isfree - the character major @index, or a free one for -1; -1 if taken. */
int cdevsw_isfree(int index);
/** cdevsw_add - register a character major; -1 picks one. The number, or -1. */
int cdevsw_add(int index, const struct cdevsw *cdevsw);
/** cdevsw_add_with_bdev - as cdevsw_add, tied to the block major @bdev. */
int cdevsw_add_with_bdev(int index, const struct cdevsw *cdevsw, int bdev);
/** cdevsw_remove - remove a character major. The number, or -1. */
int cdevsw_remove(int index, const struct cdevsw *cdevsw);
/** isdisk - true if @dev of type VBLK or VCHR is a disk. */
int isdisk(dev_t dev, int type);
__END_DECLS

/* Initialisers of the entries of a switch. */
#define eno_opcl   ((open_close_fcn_t *)(void *)&enodev)
#define eno_strat  ((strategy_fcn_t *)&enodev_strat)
#define eno_ioctl  ((ioctl_fcn_t *)(void *)&enodev)
#define eno_dump   ((dump_fcn_t *)&enodev)
#define eno_psize  ((psize_fcn_t *)(void *)&enodev)
#define eno_rdwrt  ((read_write_fcn_t *)(void *)&enodev)
#define eno_stop   ((stop_fcn_t *)(void *)&enodev)
#define eno_reset  ((reset_fcn_t *)(void *)&enodev)
#define eno_mmap   ((mmap_fcn_t *)&enodev)
#define eno_select ((select_fcn_t *)(void *)&enodev)
#define eno_getc   NULL
#define eno_putc   NULL
#define NO_BDEVICE                                                                                           \
    {                                                                                                        \
        eno_opcl, eno_opcl, eno_strat, eno_ioctl, eno_dump, eno_psize, 0                                     \
    }
#define NO_CDEVICE                                                                                           \
    {                                                                                                        \
        eno_opcl, eno_opcl, eno_rdwrt, eno_rdwrt, eno_ioctl, eno_stop, eno_reset, NULL, eno_select,          \
            eno_mmap, eno_strat, eno_getc, eno_putc, 0                                                       \
    }

/* For the declarations of a driver's own functions: `static d_open_t mydev_open;`. */
#define d_open_t     open_close_fcn_t
#define d_close_t    open_close_fcn_t
#define d_read_t     read_write_fcn_t
#define d_write_t    read_write_fcn_t
#define d_ioctl_t    ioctl_fcn_t
#define d_stop_t     stop_fcn_t
#define d_reset_t    reset_fcn_t
#define d_select_t   select_fcn_t
#define d_mmap_t     mmap_fcn_t
#define d_strategy_t strategy_fcn_t

#endif /* KPI_SYS_CONF_H */
