/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/modules.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_PACKAGES 32

static bool ends_with(const char *text, size_t len, const char *end)
{
    const size_t size = strlen(end);
    return len >= size && memcmp(text + len - size, end, size) == 0;
}

/* Is the folder, the first `len` bytes of `path`, a package? */
static bool is_package(uint32_t pid, const char *path, size_t len)
{
    char name[PATH_MAX + 64];
    const int size =
        snprintf(name, sizeof name, "/proc/%u/root%.*s/__init__.py", (unsigned)pid, (int)len, path);
    return size > 0 && (size_t)size < sizeof name && access(name, F_OK) == 0;
}

/* Length of what leads to "json/decoder.py" in ".../lib/python3.12/json/decoder.py", 0 if it is in
 * no library's folder. */
static size_t library_len(const char *file)
{
    static const char *const folders[] = {"/site-packages/", "/dist-packages/", "/lib/python"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        const char *found = strstr(file, folders[i]);
        const char *rest = found == NULL ? NULL : strchr(found + strlen(folders[i]) - 1, '/');
        if (rest != NULL && rest[1] != '\0') {
            return (size_t)(rest + 1 - file);
        }
    }
    return 0;
}

/* Where the outermost package's own folder begins, or the file itself where it is in none. */
static size_t root_len(uint32_t pid, const char *file)
{
    const char *slash = strrchr(file, '/');
    size_t end = slash == NULL ? 0 : (size_t)(slash - file);
    if (file[0] != '/' || end >= PATH_MAX) {
        return slash == NULL ? 0 : (size_t)(slash + 1 - file);
    }
    const size_t library = library_len(file);
    if (library != 0) {
        return library;
    }
    for (int i = 0; i < MAX_PACKAGES && end > 0 && is_package(pid, file, end); i++) {
        while (end > 0 && file[end - 1] != '/') {
            end--;
        }
        end -= end > 0 ? 1 : 0;
    }
    return end + 1;
}

/* "shop/basket.py" as "shop.basket", "shop/__init__.py" as "shop". */
static void set_name(struct pyr_module *module, const char *path, size_t len)
{
    if (ends_with(path, len, ".py")) {
        len -= 3;
    } else if (ends_with(path, len, ".pyc")) {
        len -= 4;
    }
    if (ends_with(path, len, "/__init__")) {
        len -= strlen("/__init__");
    }
    if (len >= sizeof module->name) {
        return;
    }
    for (size_t i = 0; i < len; i++) {
        module->name[i] = path[i] == '/' ? '.' : path[i];
    }
    module->name[len] = '\0';
}

void pyr_module_find(uint32_t pid, const char *file, struct pyr_module *module)
{
    static const char frozen[] = "<frozen ";
    const size_t len = strlen(file);
    module->name[0] = '\0';
    module->file = file;
    if (strncmp(file, frozen, strlen(frozen)) == 0 && file[len - 1] == '>') {
        set_name(module, file + strlen(frozen), len - strlen(frozen) - 1);
    } else if (file[0] != '<' && file[0] != '\0') {
        module->file = file + root_len(pid, file);
        set_name(module, module->file, strlen(module->file));
    }
}
