// SPDX-License-Identifier: BSD-2-Clause
/*
 * Makes what the test of kextbed-disk works on: in a folder, a record with contents and the image that the
 * cut at its end left. usage: make_record FOLDER
 */
#include "tests/unit/testdisk/fixture.h"

int main(int argc, char **argv)
{
    static uint8_t medium[DISK_BYTES];
    struct host_disk *disk = NULL;
    char text[1024], why[256];
    uint64_t random = 4711;

    if (argc != 2) {
        return 64;
    }
    snprintf(text, sizeof(text), "record=%s/record,contents=full,seed=3,torn=block,keep=50", argv[1]);
    if (testdisk_open(memdisk_new(medium), text, &disk, why, sizeof(why)) != HOST_OK) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    for (uint64_t stamp = 1; stamp <= 70; stamp++) {
        uint64_t first = random_next(&random) % 100, count = 1 + random_next(&random) % 20;

        if (stamp % 12 == 0) {
            (void)disk_do(disk, HOST_DISK_FLUSH, false, 0, NULL, 0, NULL);
        } else if (stamp % 17 == 0) {
            (void)disk_do(disk, HOST_DISK_UNMAP, false, first * BLOCK, NULL, count * BLOCK, NULL);
        } else {
            (void)stamp_write(disk, first, count, stamp, false);
        }
    }
    (void)stamp_write(disk, 200, 1, 1, true);
    (void)stamp_write(disk, 201, 1, 1, false);
    (void)testdisk_cut(disk);
    host_disk_close(disk);
    snprintf(text, sizeof(text), "%s/image", argv[1]);
    FILE *file = fopen(text, "we");
    return file == NULL || fwrite(medium, DISK_BYTES, 1, file) != 1 || fclose(file) != 0;
}
