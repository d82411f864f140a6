// SPDX-License-Identifier: BSD-2-Clause
/*
 * Runs the fuzz target over files and folders, without libFuzzer: every input once as it is and, with -m N, N
 * times with a few bytes changed at random from a seed that is printed first. So every compiler can run the
 * corpus.
 *
 * Owns: nothing. Locks: none. Callers: CTest.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long n_mutations;
static uint64_t seed = 1;
static unsigned long n_runs;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* Values that bounds are made of. */
static const uint64_t values[] = {0,
                                  1,
                                  3,
                                  4,
                                  7,
                                  8,
                                  0x7f,
                                  0x80,
                                  0xff,
                                  0xfff2,
                                  0xffff,
                                  0x7fffffff,
                                  0x80000000,
                                  0xffffffff,
                                  0x7fffffffffffffff,
                                  0xffffffffffffffff};

static void mutate(uint8_t *bytes, size_t size)
{
    unsigned n = 1 + (unsigned)(next_random() % 4);

    while (n--) {
        size_t at = (size_t)(next_random() % size);
        size_t width = (size_t)1 << (next_random() % 4);
        uint64_t value = next_random() % 2 ? values[next_random() % (sizeof(values) / sizeof(values[0]))]
                                           : next_random() % 64;

        if (width > size - at)
            width = 1;
        memcpy(bytes + at, &value, width);
    }
}

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes, *copy;
    size_t size;
    struct stat st;

    if (!file || fstat(fileno(file), &st) != 0) {
        fprintf(stderr, "%s cannot be read\n", path);
        if (file)
            fclose(file);
        return 1;
    }
    size = (size_t)st.st_size;
    bytes = malloc(size + 1);
    copy = malloc(size + 1);
    if (!bytes || !copy || fread(bytes, 1, size, file) != size)
        abort();
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, size);
    n_runs++;
    for (unsigned long i = 0; i < n_mutations && size; i++) {
        memcpy(copy, bytes, size);
        mutate(copy, size);
        LLVMFuzzerTestOneInput(copy, size);
        n_runs++;
    }
    free(bytes);
    free(copy);
    return 0;
}

static int run_path(const char *path)
{
    char name[4096];
    struct dirent *entry;
    int failed = 0;
    DIR *dir = opendir(path);

    if (!dir)
        return run_file(path);
    while ((entry = readdir(dir))) {
        struct stat st;

        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && stat(name, &st) == 0 && S_ISREG(st.st_mode))
            failed |= run_file(name);
    }
    closedir(dir);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;
    int first = 1;

    for (; first + 1 < argc && argv[first][0] == '-'; first += 2) {
        if (strcmp(argv[first], "-m") == 0) {
            n_mutations = strtoul(argv[first + 1], NULL, 0);
        } else if (strcmp(argv[first], "-s") == 0) {
            seed = strtoull(argv[first + 1], NULL, 0) | 1;
        } else {
            fprintf(stderr, "usage: %s [-m mutations] [-s seed] path...\n", argv[0]);
            return 2;
        }
    }
    printf("seed %llu, %lu mutations of each input\n", (unsigned long long)seed, n_mutations);
    for (int i = first; i < argc; i++)
        failed |= run_path(argv[i]);
    printf("%lu inputs run\n", n_runs);
    return failed || n_runs == 0;
}
