// SPDX-License-Identifier: BSD-2-Clause
/*
 * The table of error numbers. Up to 34 both systems agree but for 11; above that they share nothing. Where
 * the host has no such error, the row names the nearest one that a file-system call may return there.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "fusehost/errno_map.h"
#include "fusehost/log.h"

struct errno_row {
    const char *name;
    int host;
};

static const struct errno_row rows[] = {
    [1] = {"EPERM", EPERM},
    [2] = {"ENOENT", ENOENT},
    [3] = {"ESRCH", ESRCH},
    [4] = {"EINTR", EINTR},
    [5] = {"EIO", EIO},
    [6] = {"ENXIO", ENXIO},
    [7] = {"E2BIG", E2BIG},
    [8] = {"ENOEXEC", ENOEXEC},
    [9] = {"EBADF", EBADF},
    [10] = {"ECHILD", ECHILD},
    [11] = {"EDEADLK", EDEADLK},
    [12] = {"ENOMEM", ENOMEM},
    [13] = {"EACCES", EACCES},
    [14] = {"EFAULT", EFAULT},
    [15] = {"ENOTBLK", ENOTBLK},
    [16] = {"EBUSY", EBUSY},
    [17] = {"EEXIST", EEXIST},
    [18] = {"EXDEV", EXDEV},
    [19] = {"ENODEV", ENODEV},
    [20] = {"ENOTDIR", ENOTDIR},
    [21] = {"EISDIR", EISDIR},
    [22] = {"EINVAL", EINVAL},
    [23] = {"ENFILE", ENFILE},
    [24] = {"EMFILE", EMFILE},
    [25] = {"ENOTTY", ENOTTY},
    [26] = {"ETXTBSY", ETXTBSY},
    [27] = {"EFBIG", EFBIG},
    [28] = {"ENOSPC", ENOSPC},
    [29] = {"ESPIPE", ESPIPE},
    [30] = {"EROFS", EROFS},
    [31] = {"EMLINK", EMLINK},
    [32] = {"EPIPE", EPIPE},
    [33] = {"EDOM", EDOM},
    [34] = {"ERANGE", ERANGE},
    [35] = {"EAGAIN", EAGAIN},
    [36] = {"EINPROGRESS", EINPROGRESS},
    [37] = {"EALREADY", EALREADY},
    [38] = {"ENOTSOCK", ENOTSOCK},
    [39] = {"EDESTADDRREQ", EDESTADDRREQ},
    [40] = {"EMSGSIZE", EMSGSIZE},
    [41] = {"EPROTOTYPE", EPROTOTYPE},
    [42] = {"ENOPROTOOPT", ENOPROTOOPT},
    [43] = {"EPROTONOSUPPORT", EPROTONOSUPPORT},
    [44] = {"ESOCKTNOSUPPORT", ESOCKTNOSUPPORT},
    [45] = {"ENOTSUP", EOPNOTSUPP},
    [46] = {"EPFNOSUPPORT", EPFNOSUPPORT},
    [47] = {"EAFNOSUPPORT", EAFNOSUPPORT},
    [48] = {"EADDRINUSE", EADDRINUSE},
    [49] = {"EADDRNOTAVAIL", EADDRNOTAVAIL},
    [50] = {"ENETDOWN", ENETDOWN},
    [51] = {"ENETUNREACH", ENETUNREACH},
    [52] = {"ENETRESET", ENETRESET},
    [53] = {"ECONNABORTED", ECONNABORTED},
    [54] = {"ECONNRESET", ECONNRESET},
    [55] = {"ENOBUFS", ENOBUFS},
    [56] = {"EISCONN", EISCONN},
    [57] = {"ENOTCONN", ENOTCONN},
    [58] = {"ESHUTDOWN", ESHUTDOWN},
    [59] = {"ETOOMANYREFS", ETOOMANYREFS},
    [60] = {"ETIMEDOUT", ETIMEDOUT},
    [61] = {"ECONNREFUSED", ECONNREFUSED},
    [62] = {"ELOOP", ELOOP},
    [63] = {"ENAMETOOLONG", ENAMETOOLONG},
    [64] = {"EHOSTDOWN", EHOSTDOWN},
    [65] = {"EHOSTUNREACH", EHOSTUNREACH},
    [66] = {"ENOTEMPTY", ENOTEMPTY},
    [67] = {"EPROCLIM", EAGAIN},
    [68] = {"EUSERS", EUSERS},
    [69] = {"EDQUOT", EDQUOT},
    [70] = {"ESTALE", ESTALE},
    [71] = {"EREMOTE", EREMOTE},
    [72] = {"EBADRPC", EIO},
    [73] = {"ERPCMISMATCH", EIO},
    [74] = {"EPROGUNAVAIL", EIO},
    [75] = {"EPROGMISMATCH", EIO},
    [76] = {"EPROCUNAVAIL", EIO},
    [77] = {"ENOLCK", ENOLCK},
    [78] = {"ENOSYS", EOPNOTSUPP},
    [79] = {"EFTYPE", EINVAL},
    [80] = {"EAUTH", EACCES},
    [81] = {"ENEEDAUTH", EACCES},
    [82] = {"EPWROFF", EIO},
    [83] = {"EDEVERR", EIO},
    [84] = {"EOVERFLOW", EOVERFLOW},
    [85] = {"EBADEXEC", ENOEXEC},
    [86] = {"EBADARCH", ENOEXEC},
    [87] = {"ESHLIBVERS", ELIBBAD},
    [88] = {"EBADMACHO", ENOEXEC},
    [89] = {"ECANCELED", ECANCELED},
    [90] = {"EIDRM", EIDRM},
    [91] = {"ENOMSG", ENOMSG},
    [92] = {"EILSEQ", EILSEQ},
    [93] = {"ENOATTR", ENODATA},
    [94] = {"EBADMSG", EBADMSG},
    [95] = {"EMULTIHOP", EMULTIHOP},
    [96] = {"ENODATA", ENODATA},
    [97] = {"ENOLINK", ENOLINK},
    [98] = {"ENOSR", ENOSR},
    [99] = {"ENOSTR", ENOSTR},
    [100] = {"EPROTO", EPROTO},
    [101] = {"ETIME", ETIME},
    [102] = {"EOPNOTSUPP", EOPNOTSUPP},
    [103] = {"ENOPOLICY", EOPNOTSUPP},
    [104] = {"ENOTRECOVERABLE", ENOTRECOVERABLE},
    [105] = {"EOWNERDEAD", EOWNERDEAD},
    [106] = {"EQFULL", ENOBUFS},
};
#define N_ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

int fh_errno_to_host(int darwin)
{
    static _Atomic bool told;

    if (darwin == 0)
        return 0;
    if (darwin > 0 && darwin < N_ROWS)
        return rows[darwin].host;
    if (!atomic_exchange(&told, true))
        fh_log(FH_LOG_WARNING,
               "a file system returned error %d, which Darwin does not define; told the host EIO\n", darwin);
    return EIO;
}

const char *fh_errno_name(int darwin)
{
    return darwin > 0 && darwin < N_ROWS ? rows[darwin].name : "?";
}
