/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"

/* Feeds every file of a directory to the harness, once. */

static bool read_file(const char *path, struct buf *out)
{
    char piece[4096];
    size_t n;
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    while ((n = fread(piece, 1, sizeof piece, file)) > 0)
        buf_add(out, str_make(piece, n));
    bool read = !ferror(file) && !buf_is_full(out);
    fclose(file);
    return read;
}

/* In a block of exactly its size. */
static void feed(struct str text)
{
    void *exact = mem_copy(text.p, text.n);
    LLVMFuzzerTestOneInput(exact, text.n);
    mem_free(exact);
}

static bool feed_file(const char *directory, const char *name)
{
    char path[4096];
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, MIB(16));
    int n = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (n < 0 || (size_t)n >= sizeof path || !read_file(path, &text)) {
        fprintf(stderr, "cannot read %s/%s\n", directory, name);
        return false;
    }
    fprintf(stderr, "%s\n", name); /* the last line names the file of a crash */
    feed(buf_str(&text));
    return true;
}

int main(int argc, char **argv)
{
    size_t fed = 0;
    bool all = true;
    DIR *directory = argc == 2 ? opendir(argv[1]) : NULL;
    if (!directory) {
        fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
        return 2;
    }
    for (struct dirent *entry; (entry = readdir(directory));)
        if (entry->d_name[0] != '.') {
            all = feed_file(argv[1], entry->d_name) && all;
            fed++;
        }
    closedir(directory);
    printf("%zu inputs\n", fed);
    return all && fed > 0 ? 0 : 1;
}
