// SPDX-License-Identifier: BSD-2-Clause
/*
 * Images, and the verb image: the disk of a record at one point, as one wants to see it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/kextbed-disk/kextbed_disk.h"

static bool failed(const struct image *image, const char *what)
{
    kext_diag_add(&image->tool->diags, KEXT_DIAG_REQUEST, image->path, NULL, "%s: %s", what, strerror(errno));
    return false;
}

static bool write_all(int fd, const uint8_t *bytes, size_t len, off_t at)
{
    while (len != 0) {
        ssize_t n = pwrite(fd, bytes, len, at);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        bytes += n;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool image_put(void *arg, uint64_t offset, uint64_t len, const uint8_t *bytes)
{
    static const uint8_t zeros[65536];
    struct image *image = arg;

    if (bytes != NULL) {
        return write_all(image->fd, bytes, (size_t)len, (off_t)offset) || failed(image, "cannot be written");
    }
    if (fallocate(image->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)len) == 0) {
        return true;
    }
    for (uint64_t done = 0; done < len;) {
        size_t part = len - done < sizeof(zeros) ? (size_t)(len - done) : sizeof(zeros);

        if (!write_all(image->fd, zeros, part, (off_t)(offset + done))) {
            return failed(image, "cannot be written");
        }
        done += part;
    }
    return true;
}

struct testdisk_sink image_sink(struct image *image)
{
    return (struct testdisk_sink){image_put, image};
}

/* By the file system's own means where it has some, so that nothing is copied that can be shared. */
static bool copy_fd(int from, int to)
{
    static char buffer[1 << 20];
    ssize_t n;

    if (ftruncate(to, 0) != 0 || lseek(to, 0, SEEK_SET) != 0 || lseek(from, 0, SEEK_SET) != 0) {
        return false;
    }
    while ((n = copy_file_range(from, NULL, to, NULL, 1 << 30, 0)) > 0) {
    }
    if (n == 0) {
        return true;
    }
    while ((n = read(from, buffer, sizeof(buffer))) > 0) {
        if (!write_all(to, (const uint8_t *)buffer, (size_t)n, lseek(from, 0, SEEK_CUR) - n)) {
            return false;
        }
    }
    return n == 0;
}

bool image_copy(const struct image *from, const struct image *to)
{
    struct stat st;

    return (copy_fd(from->fd, to->fd) && fstat(from->fd, &st) == 0 && ftruncate(to->fd, st.st_size) == 0) ||
           failed(to, "cannot be written");
}

/* Overwriting what it is made from helps nobody. */
static bool distinct(struct tool *tool, const char *path, const char *other)
{
    struct stat a, b;

    if (other == NULL || stat(path, &a) != 0 || stat(other, &b) != 0 || a.st_dev != b.st_dev ||
        a.st_ino != b.st_ino) {
        return true;
    }
    kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, path, NULL,
                  "is the same file as %s and would be overwritten", other);
    return false;
}

bool image_start(struct tool *tool, const struct job *job, const struct testdisk_record *record,
                 const char *path, bool hidden, struct image *image)
{
    struct stat st;
    int base = -1;
    bool ok = false;

    *image = (struct image){.tool = tool, .path = path, .fd = -1};
    if (!distinct(tool, path, job->base) || !distinct(tool, path, job->record)) {
        return false;
    }
    if (job->base != NULL && (base = open(job->base, O_RDONLY | O_CLOEXEC)) < 0) {
        kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, job->base, NULL, "cannot be read: %s",
                      strerror(errno));
        return false;
    }
    image->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (image->fd < 0) {
        failed(image, "cannot be made");
        goto out;
    }
    if (hidden) {
        unlink(path);
    }
    if (base >= 0 && !copy_fd(base, image->fd)) {
        failed(image, "cannot be written");
        goto out;
    }
    if (fstat(image->fd, &st) != 0 || ((uint64_t)st.st_size < record->geometry.hg_size &&
                                       ftruncate(image->fd, (off_t)record->geometry.hg_size) != 0)) {
        failed(image, "cannot be written");
        goto out;
    }
    ok = true;
out:
    if (!ok && image->fd >= 0) {
        close(image->fd);
    }
    if (base >= 0) {
        close(base);
    }
    return ok;
}

static void say_loss(struct tool *tool, size_t at, const struct testdisk_loss *loss)
{
    tool_say(
        tool, 1,
        "power cut after %zu events: of the writes that nothing covered %llu are kept, %llu torn, %llu lost",
        at, (unsigned long long)loss->kept, (unsigned long long)loss->torn, (unsigned long long)loss->lost);
    json_object_set_new(tool->result, "kept", json_integer((json_int_t)loss->kept));
    json_object_set_new(tool->result, "torn", json_integer((json_int_t)loss->torn));
    json_object_set_new(tool->result, "lost", json_integer((json_int_t)loss->lost));
}

/* Lays over the medium what @job wants to see. */
static bool overlay(struct tool *tool, const struct job *job, const struct testdisk_replay *replay,
                    struct image *image)
{
    const struct testdisk_record *record = replay->record;
    struct testdisk_choice choice = job->choice;
    struct testdisk_loss loss;

    if (job->state == DISK_DURABLE) {
        return true;
    }
    /* A record that was closed ends with everything on the medium. */
    if (job->state == DISK_VISIBLE || (record->end == TESTDISK_END_CLOSE && job->at == NULL)) {
        return testdisk_replay_visible(replay, image_sink(image));
    }
    if (!job->chosen && record->end == TESTDISK_END_CUT) {
        choice = record->cut;
    }
    if (!testdisk_replay_cut(replay, &choice, image_sink(image), &loss)) {
        return false;
    }
    say_loss(tool, replay->at, &loss);
    return true;
}

int verb_image(struct tool *tool, const struct job *job)
{
    struct loaded loaded;
    struct testdisk_replay replay;
    struct image image;
    char why[256];
    size_t events;
    int code = DISK_FAILED;

    if (!record_load(tool, job->record, &loaded)) {
        return tool_finish(tool, code);
    }
    if (!record_point(tool, &loaded.record, job->at, &events) ||
        !image_start(tool, job, &loaded.record, job->out, false, &image)) {
        record_unload(&loaded);
        return tool_finish(tool, code);
    }
    if (!testdisk_replay_begin(&replay, &loaded.record, image_sink(&image), why, sizeof(why))) {
        kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, job->record, NULL, "%s", why);
    } else {
        if (testdisk_replay_to(&replay, events) && overlay(tool, job, &replay, &image)) {
            code = TOOL_OK;
        } else if (tool->diags.errors == 0) {
            kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, NULL, NULL, "no memory");
        }
        testdisk_replay_end(&replay);
    }
    if (close(image.fd) != 0 && code == TOOL_OK) {
        failed(&image, "cannot be written");
        code = DISK_FAILED;
    }
    record_unload(&loaded);
    json_object_set_new(tool->result, "at", json_integer((json_int_t)events));
    return tool_finish(tool, code);
}
