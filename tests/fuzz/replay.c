/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Feeds every file of the folders named on the command line to a fuzz target, once: what fuzzing
 * found stays found, and no fuzzing engine is needed to check it. Fails on an empty folder, as that
 * is a target without a corpus. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_PATH 4096
#define MAX_INPUT_SIZE ((off_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In a buffer of exactly the input's size, so that a sanitizer sees a read past its end. */
static bool replay_file(const char *path)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (file == NULL || fstat(fileno(file), &info) != 0 || info.st_size > MAX_INPUT_SIZE) {
        fprintf(stderr, "cannot replay %s\n", path);
        if (file != NULL) {
            (void)fclose(file);
        }
        return false;
    }
    size_t size = (size_t)info.st_size;
    uint8_t *data = malloc(size == 0 ? 1 : size);
    bool ok = data != NULL && fread(data, 1, size, file) == size;
    if (ok) {
        (void)LLVMFuzzerTestOneInput(data, size);
    } else {
        fprintf(stderr, "cannot read %s\n", path);
    }
    free(data);
    (void)fclose(file);
    return ok;
}

/* The count of files replayed, or -1 if one could not be. */
static long replay_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        fprintf(stderr, "there is no corpus in %s\n", folder);
        return -1;
    }
    long count = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL && count >= 0; entry = readdir(dir)) {
        char path[MAX_PATH];
        if (entry->d_name[0] == '.') {
            continue;
        }
        int len = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        bool ok = len > 0 && (size_t)len < sizeof(path) && replay_file(path);
        count = ok ? count + 1 : -1;
    }
    (void)closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    long total = 0;
    for (int i = 1; i < argc; i++) {
        long count = replay_folder(argv[i]);
        if (count < 0) {
            return 1;
        }
        total += count;
    }
    printf("%ld inputs replayed\n", total);
    return total > 0 ? 0 : 1;
}
