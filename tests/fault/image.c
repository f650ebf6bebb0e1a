/* SPDX-License-Identifier: EUPL-1.2 */
#include "fault/image.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"

static void load(struct buf *out, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 0;
    if (fd < 0)
        return;
    do {
        char *room = buf_reserve(out, KIB(64));
        CHECK(room);
        n = read(fd, room, KIB(64));
        if (n > 0)
            buf_advance(out, (size_t)n);
    } while (n > 0);
    close(fd);
}

struct image *image_new(const char *path)
{
    struct image *image = MEM_NEW(struct image);
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    image->name = mem_copy(name, strlen(name) + 1);
    buf_init(&image->safe, MIB(1024));
    load(&image->safe, path);
    image->exists = image->safe.n > 0;
    return image;
}

static void clear_changes(struct image *image)
{
    for (size_t i = 0; i < image->changes.n; i++)
        mem_free(image->changes.p[i].bytes);
    VEC_CLEAR(&image->changes);
}

void image_free(struct image *image)
{
    clear_changes(image);
    VEC_DONE(&image->changes);
    buf_done(&image->safe);
    mem_free(image->name);
    mem_free(image);
}

void image_write(struct image *image, const void *bytes, size_t n, size_t at)
{
    VEC_ADD(&image->changes, (struct image_change){at, mem_copy(bytes, n), n, false});
}

void image_truncate(struct image *image, size_t n)
{
    VEC_ADD(&image->changes, (struct image_change){n, NULL, 0, false});
}

void image_delete(struct image *image)
{
    clear_changes(image);
    buf_clear(&image->safe);
    image->exists = false;
}

/* ---- making changes safe ---- */

/* A hole reads as zeros. */
static void grow(struct buf *to, size_t n)
{
    if (n <= to->n)
        return;
    size_t more = n - to->n;
    char *room = buf_reserve(to, more);
    CHECK(room);
    memset(room, 0, more);
    buf_advance(to, more);
}

static void put(struct buf *to, const struct image_change *change, size_t from, size_t n)
{
    grow(to, change->at + from + n);
    memcpy(to->p + change->at + from, change->bytes + from, n);
}

static void apply(struct buf *to, const struct image_change *change)
{
    if (change->bytes)
        put(to, change, 0, change->n);
    else if (to->n > change->at)
        buf_truncate(to, change->at);
    else
        grow(to, change->at);
}

void image_sync(struct image *image)
{
    size_t kept = 0;
    image->exists = true;
    for (size_t i = 0; i < image->changes.n; i++) {
        struct image_change change = image->changes.p[i];
        if (change.doomed) {
            image->changes.p[kept++] = change;
            continue;
        }
        apply(&image->safe, &change);
        mem_free(change.bytes);
    }
    image->changes.n = kept;
}

void image_fail_sync(struct image *image)
{
    for (size_t i = 0; i < image->changes.n; i++)
        image->changes.p[i].doomed = true;
}

/* ---- a power cut ---- */

/* splitmix64: the same image for the same seed. */
static bool chance(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (z ^ z >> 31) & 1;
}

/* Sectors are those of the disk, so that a write may begin and end within one. */
static void apply_torn(struct buf *to, const struct image_change *change, size_t sector,
                       uint64_t *seed)
{
    for (size_t from = 0; from < change->n;) {
        size_t n = sector - (change->at + from) % sector;
        n = n < change->n - from ? n : change->n - from;
        if (chance(seed))
            put(to, change, from, n);
        from += n;
    }
}

static void survive(struct buf *to, const struct image_change *change, enum fault_survival survival,
                    uint64_t *seed)
{
    bool is_torn = survival == FAULT_SURVIVAL_TORN_512 || survival == FAULT_SURVIVAL_TORN_4096;
    if (survival == FAULT_SURVIVAL_NONE)
        return;
    if (is_torn && change->bytes)
        apply_torn(to, change, survival == FAULT_SURVIVAL_TORN_512 ? 512 : 4096, seed);
    else if (survival == FAULT_SURVIVAL_ALL || chance(seed))
        apply(to, change);
}

static void save(struct str bytes, const char *directory, const char *name)
{
    char path[512];
    CHECK(snprintf(path, sizeof path, "%s/%s", directory, name) < (int)sizeof path);
    FILE *file = fopen(path, "we");
    CHECK(file && fwrite(bytes.n ? bytes.p : "", 1, bytes.n, file) == bytes.n);
    CHECK(fclose(file) == 0);
}

void image_save(const struct image *image, enum fault_survival survival, uint64_t seed,
                const char *directory)
{
    struct buf bytes;
    for (const char *c = image->name; *c; c++)
        seed = seed * 31 + (unsigned char)*c;
    buf_init(&bytes, MIB(1024));
    buf_add(&bytes, buf_str(&image->safe));
    for (size_t i = 0; i < image->changes.n; i++)
        survive(&bytes, &image->changes.p[i], survival, &seed);
    if (image->exists || bytes.n)
        save(buf_str(&bytes), directory, image->name);
    buf_done(&bytes);
}
