// SPDX-License-Identifier: BSD-2-Clause
/* Packets between a tool and the kernel process: short, long, with a descriptor, and everything that is no
 * request. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "libkext/channel.h"
#include "libkext/client.h"

struct pair {
    int a, b;
};

static int pair_setup(void **state)
{
    struct pair *pair = malloc(sizeof(*pair));
    int socks[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, socks) != 0) {
        return -1;
    }
    *pair = (struct pair){socks[0], socks[1]};
    *state = pair;
    return 0;
}

static int pair_teardown(void **state)
{
    struct pair *pair = *state;

    close(pair->a);
    close(pair->b);
    free(pair);
    return 0;
}

static int descriptors_open(void)
{
    int count = 0;

    for (int fd = 0; fd < 256; fd++) {
        count += fcntl(fd, F_GETFD) != -1;
    }
    return count;
}

static void channel__objects__arrive_whole(void **state)
{
    struct pair *pair = *state;
    size_t sizes[] = {0, 1, 1000, KEXT_CHANNEL_PACKET - 20, KEXT_CHANNEL_PACKET, 1u << 20, 15u << 20};
    int before = descriptors_open();

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *text = malloc(sizes[i] + 1);
        json_t *out, *in;
        const char *why;

        memset(text, 'x', sizes[i]);
        out = json_pack("{s:s#}", "text", text, (int)sizes[i]);
        assert_int_equal(kext_channel_send(pair->a, out, -1), 0);
        assert_int_equal(kext_channel_receive(pair->b, &in, NULL, &why), 0);
        assert_true(json_equal(in, out));
        json_decref(in);
        json_decref(out);
        free(text);
    }
    assert_int_equal(descriptors_open(), before);
}

static void channel__too_long__not_sent(void **state)
{
    struct pair *pair = *state;
    char *text = malloc(17u << 20);
    json_t *out;

    memset(text, 'x', 17u << 20);
    out = json_pack("{s:s#}", "text", text, 17 << 20);
    assert_int_equal(kext_channel_send(pair->a, out, -1), EMSGSIZE);
    json_decref(out);
    free(text);
}

static void channel__descriptor__goes_along(void **state)
{
    struct pair *pair = *state;
    json_t *out = json_object(), *in;
    const char *why;
    int before = descriptors_open(), fd = -1;

    assert_int_equal(kext_channel_send(pair->a, out, STDERR_FILENO), 0);
    assert_int_equal(kext_channel_receive(pair->b, &in, &fd, &why), 0);
    assert_true(fd >= 0);
    close(fd);
    json_decref(in);
    assert_int_equal(kext_channel_send(pair->a, out, STDERR_FILENO), 0);
    assert_int_equal(kext_channel_receive(pair->b, &in, NULL, &why), 0); /* none wanted: closed */
    json_decref(in);
    json_decref(out);
    assert_int_equal(descriptors_open(), before);
}

static void channel__garbage__refused(void **state)
{
    struct pair *pair = *state;
    static const char *const rows[] = {"x",
                                       "[]",
                                       "1",
                                       "{",
                                       "{\"a\":1,\"a\":2}",
                                       "{}{}",
                                       "\xff",
                                       "{\"attached\":10}",
                                       "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *in;
        const char *why;

        assert_true(send(pair->a, rows[i], strlen(rows[i]), 0) > 0);
        assert_int_equal(kext_channel_receive(pair->b, &in, NULL, &why), EPROTO);
        assert_null(in);
        assert_true(why[0] != '\0');
    }
}

static void channel__oversized_packet__refused(void **state)
{
    struct pair *pair = *state;
    size_t len = KEXT_CHANNEL_PACKET + 1000;
    char *text = malloc(len);
    json_t *in;
    const char *why;

    memset(text, ' ', len);
    assert_true(send(pair->a, text, len, 0) == (ssize_t)len);
    assert_int_equal(kext_channel_receive(pair->b, &in, NULL, &why), EPROTO);
    free(text);
}

/* An attachment that is no regular file must not be waited for. */
static void channel__attached_pipe__refused(void **state)
{
    struct pair *pair = *state;
    json_t *note = json_pack("{s:i}", "attached", 10), *in;
    const char *why;
    int pipes[2];

    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(kext_channel_send(pair->a, note, pipes[0]), 0);
    assert_int_equal(kext_channel_receive(pair->b, &in, NULL, &why), EPROTO);
    close(pipes[0]);
    close(pipes[1]);
    json_decref(note);
}

/* Nor one that its sender could still change, or that lies on a file system of the sender's. */
static void channel__attached_plain_file__refused(void **state)
{
    struct pair *pair = *state;
    json_t *note = json_pack("{s:i}", "attached", 2), *in;
    const char *why;
    FILE *file = tmpfile();

    assert_true(file != NULL && fputs("{}", file) >= 0 && fflush(file) == 0);
    assert_int_equal(kext_channel_send(pair->a, note, fileno(file)), 0);
    assert_int_equal(kext_channel_receive(pair->b, &in, NULL, &why), EPROTO);
    fclose(file);
    json_decref(note);
}

static void channel__many_descriptors__none_kept(void **state)
{
    struct pair *pair = *state;
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(8 * sizeof(int))];
    } control = {0};
    struct iovec iov = {.iov_base = (void *)(uintptr_t) "{}", .iov_len = 2};
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    int fds[8] = {2, 2, 2, 2, 2, 2, 2, 2};
    int before = descriptors_open();
    json_t *in;
    const char *why;

    control.header = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(fds))};
    memcpy(CMSG_DATA(&control.header), fds, sizeof(fds));
    assert_int_equal(sendmsg(pair->a, &msg, 0), 2);
    assert_int_equal(kext_channel_receive(pair->b, &in, NULL, &why), 0);
    json_decref(in);
    assert_int_equal(descriptors_open(), before);
}

static void channel__other_end_gone__told(void **state)
{
    struct pair *pair = *state;
    json_t *in, *out = json_object();
    const char *why;

    close(pair->a);
    assert_int_equal(kext_channel_receive(pair->b, &in, NULL, &why), EPIPE);
    assert_int_equal(kext_channel_send(pair->b, out, -1), EPIPE);
    json_decref(out);
    pair->a = open("/dev/null", O_RDONLY);
}

static void diags__through_json__stay_what_they_are(void **state)
{
    struct kext_diags diags = KEXT_DIAGS_INIT, back = KEXT_DIAGS_INIT;

    (void)state;
    kext_diag_add(&diags, KEXT_DIAG_LINK, "/a/b", "org.example", "two\nlines");
    kext_diag_at(&diags, 3, 4);
    kext_diag_mend(&diags, "do %s", "this");
    kext_diag_add(&diags, KEXT_DIAG_WARNING, "\xff\xfe", NULL, "w");
    json_t *array = kext_diags_to_json(&diags);
    kext_diags_from_json(&back, array);
    assert_int_equal(back.count, 2);
    assert_int_equal(back.errors, 1);
    assert_string_equal(back.list[0].file, "/a/b");
    assert_string_equal(back.list[0].kext, "org.example");
    assert_string_equal(back.list[0].text, "two\nlines");
    assert_string_equal(back.list[0].mend, "do this");
    assert_int_equal(back.list[0].line, 3);
    assert_int_equal(back.list[0].column, 4);
    assert_null(back.list[1].file); /* no text in JSON's sense */
    json_decref(array);
    kext_diags_free(&diags);
    kext_diags_free(&back);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, pair_setup, pair_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(channel__objects__arrive_whole),
        TEST(channel__too_long__not_sent),
        TEST(channel__descriptor__goes_along),
        TEST(channel__garbage__refused),
        TEST(channel__oversized_packet__refused),
        TEST(channel__attached_pipe__refused),
        TEST(channel__attached_plain_file__refused),
        TEST(channel__many_descriptors__none_kept),
        TEST(channel__other_end_gone__told),
        cmocka_unit_test(diags__through_json__stay_what_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
