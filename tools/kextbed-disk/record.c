// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reads the record that a verb works on. The text stays mapped while the record is in use: contents are read
 * out of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/kextbed-disk/kextbed_disk.h"

bool record_load(struct tool *tool, const char *path, struct loaded *loaded)
{
    char why[256];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    memset(loaded, 0, sizeof(*loaded));
    if (fd < 0 || fstat(fd, &st) != 0) {
        kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, path, NULL, "cannot be read: %s", strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    loaded->size = (size_t)st.st_size;
    if (loaded->size != 0) {
        void *map = mmap(NULL, loaded->size, PROT_READ, MAP_PRIVATE, fd, 0);

        loaded->text = map != MAP_FAILED ? map : NULL;
    }
    close(fd);
    if (loaded->size != 0 && loaded->text == NULL) {
        kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, path, NULL, "cannot be read: %s", strerror(errno));
        return false;
    }
    if (!testdisk_record_read(loaded->text != NULL ? loaded->text : "", loaded->size, &loaded->record, why,
                              sizeof(why))) {
        kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, path, NULL, "%s", why);
        record_unload(loaded);
        return false;
    }
    if (loaded->record.truncated) {
        kext_diag_add(&tool->diags, KEXT_DIAG_WARNING, path, NULL,
                      "its last line has no end and does not count: who wrote it ended in its midst");
    }
    return true;
}

void record_unload(struct loaded *loaded)
{
    testdisk_record_free(&loaded->record);
    if (loaded->text != NULL) {
        munmap(loaded->text, loaded->size);
    }
}
