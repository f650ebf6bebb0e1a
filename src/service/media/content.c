/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/media/content.h"

#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/mem.h"
#include "service/media/content_private.h"
#include "service/media/disk.h"

/* A content that must not be taken away, or that is being. */
struct pin {
    unsigned users;
    bool going;
};

/* ---- life ---- */

bool content_is_after_boot(const struct content *content)
{
    return content->is_after_boot;
}

int content_new(struct shelf *shelf, struct content **ret_content, struct err *err)
{
    struct content *content = MEM_NEW(struct content);
    content->shelf = shelf;
    content->incoming_fd = -1;
    pthread_mutex_init(&content->lock, NULL);
    pthread_cond_init(&content->gone, NULL);
    if (draft_start(content, err) < 0) {
        err_prefix(err, "%s", shelf->directory);
        content_free(content);
        return -1;
    }
    *ret_content = content;
    return 0;
}

void content_share(struct content *content, const struct content_nodes *nodes)
{
    if (content->shelf->kind->is_shared)
        content->nodes = nodes;
}

void content_stop(struct content *content)
{
    if (content->shelf->kind->stop)
        content->shelf->kind->stop(content->shelf);
}

void content_free(struct content *content)
{
    size_t at = 0;
    struct str key;
    void *pin;
    if (!content)
        return;
    while (str_map_next(&content->pins, &at, &key, &pin))
        mem_free(pin);
    str_map_done(&content->pins);
    VEC_DONE(&content->suspects);
    fd_cleanup(&content->incoming_fd);
    content->shelf->kind->free(content->shelf);
    pthread_cond_destroy(&content->gone);
    pthread_mutex_destroy(&content->lock);
    mem_free(content);
}

/* ---- pins ---- */

/* Under lock. */
static struct pin *pin_get(struct content *content, struct str hash)
{
    struct pin *pin = str_map_find(&content->pins, hash);
    if (!pin) {
        pin = MEM_NEW(struct pin);
        str_map_put(&content->pins, hash, pin);
    }
    return pin;
}

/* Under lock. */
static void pin_put(struct content *content, struct str hash, struct pin *pin)
{
    if (pin->users || pin->going)
        return;
    str_map_remove(&content->pins, hash);
    mem_free(pin);
}

int content_pin(struct content *content, struct str hash, struct err *err)
{
    struct pin *pin;
    pthread_mutex_lock(&content->lock);
    while ((pin = pin_get(content, hash))->going)
        pthread_cond_wait(&content->gone, &content->lock);
    pin->users++;
    pthread_mutex_unlock(&content->lock);
    if (!content->nodes || content->nodes->take(content->nodes->arg, hash, err) == 0)
        return 0;
    content_unpin(content, hash);
    return -1;
}

/* The other nodes are told under the lock: who pins it next takes it after. */
void content_unpin(struct content *content, struct str hash)
{
    pthread_mutex_lock(&content->lock);
    struct pin *pin = pin_get(content, hash);
    CHECK(pin->users > 0);
    pin->users--;
    if (!pin->users && content->nodes)
        content->nodes->give(content->nodes->arg, hash);
    pin_put(content, hash, pin);
    pthread_mutex_unlock(&content->lock);
}

static bool is_pinned(void *arg, struct str hash)
{
    struct content *content = arg;
    pthread_mutex_lock(&content->lock);
    bool is = str_map_find(&content->pins, hash) != NULL;
    pthread_mutex_unlock(&content->lock);
    return is;
}

/* An answer that waits for its commit finds its content at hand. */
void content_trim(struct content *content)
{
    if (content->shelf->kind->trim)
        content->shelf->kind->trim(content->shelf, is_pinned, content);
}

/* ---- reading ---- */

int content_open(struct content *content, struct str hash, int *ret_fd, int64_t *ret_size,
                 struct err *err)
{
    return content->shelf->kind->open(content->shelf, hash, ret_fd, ret_size, err);
}

bool content_is_far(const struct content *content)
{
    return content->shelf->kind->fetch != NULL;
}

int content_fetch(struct content *content, struct str hash, int64_t max, int *ret_fd,
                  int64_t *ret_size, struct err *err)
{
    struct shelf *shelf = content->shelf;
    if (!shelf->kind->fetch)
        return content_open(content, hash, ret_fd, ret_size, err);
    int found = shelf->kind->fetch(shelf, hash, max, ret_fd, ret_size, err);
    content_trim(content);
    return found;
}

const char *content_directory(const struct content *content)
{
    return content_is_far(content) ? NULL : content->shelf->directory;
}

int content_examine(struct content *content, struct str hash, int64_t size,
                    enum shelf_finding *ret_finding, struct err *err)
{
    return content->shelf->kind->examine(content->shelf, hash, size, ret_finding, err);
}

/* ---- taking away ---- */

void content_suspect(struct content *content, struct str hash)
{
    struct content_digest digest;
    CHECK(hash.n == SHA256_BYTES);
    memcpy(digest.bytes, hash.p, hash.n);
    pthread_mutex_lock(&content->lock);
    VEC_ADD(&content->suspects, digest);
    pthread_mutex_unlock(&content->lock);
}

void content_hold(struct content *content)
{
    pthread_mutex_lock(&content->lock);
    content->holds++;
    pthread_mutex_unlock(&content->lock);
}

void content_release(struct content *content)
{
    pthread_mutex_lock(&content->lock);
    CHECK(content->holds > 0);
    content->holds--;
    pthread_mutex_unlock(&content->lock);
}

/* The next suspect that nobody pins; it is going. Who pins one suspects it again if need be. */
static bool take_suspect(struct content *content, struct content_digest *ret_digest)
{
    bool found = false;
    pthread_mutex_lock(&content->lock);
    while (!found && !content->holds && content->suspects.n) {
        *ret_digest = content->suspects.p[--content->suspects.n];
        struct str hash = str_make(ret_digest->bytes, SHA256_BYTES);
        struct pin *pin = pin_get(content, hash);
        found = pin->users == 0;
        pin->going = found;
    }
    pthread_mutex_unlock(&content->lock);
    return found;
}

static void end_going(struct content *content, struct str hash)
{
    pthread_mutex_lock(&content->lock);
    struct pin *pin = pin_get(content, hash);
    pin->going = false;
    pin_put(content, hash, pin);
    pthread_cond_broadcast(&content->gone);
    pthread_mutex_unlock(&content->lock);
}

/* 1: it stays suspected; 0: it is settled; -1: it is not, and stays too. */
static int take_away(struct content *content, struct str hash, content_named named, void *arg,
                     struct err *err)
{
    struct shelf *shelf = content->shelf;
    const struct content_nodes *nodes = content->nodes;
    int has_name = named(arg, hash, err);
    if (has_name != 0)
        return has_name < 0 ? -1 : 0;
    int status = nodes ? nodes->take_away(nodes->arg, hash, err) : 1;
    if (status != 1)
        return status < 0 ? -1 : 1;
    status = shelf->kind->remove(shelf, hash, err);
    if (nodes)
        nodes->took_away(nodes->arg, hash);
    return status;
}

int content_collect_suspects(struct content *content, content_named named, void *arg,
                             struct err *err)
{
    VEC(struct content_digest) stay = {0};
    struct content_digest digest;
    int status = 0;
    while (status >= 0 && take_suspect(content, &digest)) {
        struct str hash = str_make(digest.bytes, SHA256_BYTES);
        status = take_away(content, hash, named, arg, err);
        end_going(content, hash);
        if (status != 0)
            VEC_ADD(&stay, digest);
    }
    for (size_t i = 0; i < stay.n; i++)
        content_suspect(content, str_make(stay.p[i].bytes, SHA256_BYTES));
    VEC_DONE(&stay);
    return status < 0 ? -1 : 0;
}

/* ---- listing ---- */

int content_list(struct content *content, struct shelf_cursor *cursor, content_visit visit,
                 void *arg, struct err *err)
{
    return content->shelf->kind->list(content->shelf, cursor, visit, arg, err);
}
