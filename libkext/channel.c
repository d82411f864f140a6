// SPDX-License-Identifier: BSD-2-Clause
/*
 * Packets in and out. Owns nothing. Called by the client and by the control server.
 */
#include "libkext/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libkext/file.h"

/* What a packet holds in place of a long text. */
#define ATTACHED_KEY "attached"

const char *kext_channel_path(void)
{
    const char *chosen = secure_getenv("KEXTBED_SOCKET");

    return chosen != NULL && chosen[0] != '\0' ? chosen : KEXT_CHANNEL_SOCKET;
}

static int packet_send(int sock, const char *text, size_t len, int fd)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec iov = {.iov_base = (void *)(uintptr_t)text, .iov_len = len};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

    if (fd >= 0) {
        msg.msg_control = &control;
        msg.msg_controllen = sizeof(control);
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
    }
    while (sendmsg(sock, &msg, MSG_NOSIGNAL) < 0) {
        if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

static int text_attach(const char *text, size_t len, int *fd)
{
    int file = memfd_create("kext-text", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (file < 0) {
        return errno;
    }
    for (size_t done = 0; done < len;) {
        ssize_t n = write(file, text + done, len - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            int error = n < 0 ? errno : EIO;
            close(file);
            return error;
        }
        done += (size_t)n;
    }
    if (fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) {
        int error = errno;
        close(file);
        return error;
    }
    *fd = file;
    return 0;
}

int kext_channel_send(int sock, const json_t *object, int fd)
{
    char *text = json_dumps(object, JSON_COMPACT);
    char note[64];
    int attached = -1, error;

    if (text == NULL) {
        return ENOMEM;
    }
    size_t len = strlen(text);
    if (len <= KEXT_CHANNEL_PACKET) {
        error = packet_send(sock, text, len, fd);
    } else if (fd >= 0 || len > KEXT_CHANNEL_ATTACHED) {
        error = EMSGSIZE;
    } else if ((error = text_attach(text, len, &attached)) == 0) {
        snprintf(note, sizeof(note), "{\"" ATTACHED_KEY "\":%zu}", len);
        error = packet_send(sock, note, strlen(note), attached);
        close(attached);
    }
    free(text);
    return error;
}

/* Keeps the first descriptor of a packet and closes all others. */
static int descriptors_take(struct msghdr *msg)
{
    int kept = -1;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
            if (kept < 0) {
                kept = fd;
            } else {
                close(fd);
            }
        }
    }
    return kept;
}

static int object_parse(const char *text, size_t len, json_t **object, const char **why)
{
    unsigned depth = 0;
    bool quoted = false;
    json_error_t error;

    /* The parser recurses; how deep is the sender's choice unless it is limited here. */
    for (size_t i = 0; i < len; i++) {
        if (quoted) {
            if (text[i] == '\\') {
                i++;
            } else {
                quoted = text[i] != '"';
            }
        } else if (text[i] == '"') {
            quoted = true;
        } else if (text[i] == '{' || text[i] == '[') {
            if (++depth > KEXT_CHANNEL_DEPTH) {
                *why = "too many levels of JSON";
                return EPROTO;
            }
        } else if ((text[i] == '}' || text[i] == ']') && depth != 0) {
            depth--;
        }
    }
    *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (*object == NULL) {
        *why = "not JSON";
        return EPROTO;
    }
    if (!json_is_object(*object)) {
        json_decref(*object);
        *object = NULL;
        *why = "not a JSON object";
        return EPROTO;
    }
    return 0;
}

bool kext_channel_sealed(int fd)
{
    int seals = fcntl(fd, F_GET_SEALS);

    return seals >= 0 && (seals & (F_SEAL_WRITE | F_SEAL_SHRINK)) == (F_SEAL_WRITE | F_SEAL_SHRINK);
}

/* Replaces the note about an attached text by the text. Consumes *fd when there is one. */
static int attachment_follow(json_t **object, int *fd, const char **why)
{
    json_t *note = json_object_get(*object, ATTACHED_KEY);
    uint8_t *text = NULL;
    size_t len = 0;
    int error;

    if (note == NULL) {
        return 0;
    }
    json_decref(*object);
    *object = NULL;
    if (*fd < 0) {
        *why = "a long text was announced and did not come";
        return EPROTO;
    }
    error = kext_channel_sealed(*fd) ? kext_fd_read(*fd, KEXT_CHANNEL_ATTACHED, &text, &len) : EINVAL;
    close(*fd);
    *fd = -1;
    if (error != 0) {
        *why = "the text attached cannot be read";
        return EPROTO;
    }
    error = object_parse((const char *)text, len, object, why);
    free(text);
    return error;
}

int kext_channel_receive(int sock, json_t **object, int *fd, const char **why)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(8 * sizeof(int))];
    } control;
    char *packet = malloc(KEXT_CHANNEL_PACKET);
    struct iovec iov = {.iov_base = packet, .iov_len = KEXT_CHANNEL_PACKET};
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    int received = -1, error = 0;
    ssize_t n;

    *object = NULL;
    *why = "";
    if (packet == NULL) {
        return ENOMEM;
    }
    while ((n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
    }
    if (n < 0) {
        error = errno;
        goto out;
    }
    received = descriptors_take(&msg);
    if (n == 0) {
        error = EPIPE;
    } else if ((msg.msg_flags & MSG_TRUNC) != 0) {
        *why = "longer than a packet may be";
        error = EPROTO;
    } else if ((error = object_parse(packet, (size_t)n, object, why)) == 0) {
        error = attachment_follow(object, &received, why);
    }
out:
    if (received >= 0 && (fd == NULL || error != 0)) {
        close(received);
        received = -1;
    }
    if (fd != NULL) {
        *fd = received;
    }
    free(packet);
    return error;
}
