/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/media/previews.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "cage/page.h"
#include "net/fetch.h"
#include "service/config.h"
#include "service/media/preview_image.h"
#include "service/task_pool.h"

#define KEPT_MS (3600 * INT64_C(1000))

/* ---- what is remembered ---- */

struct kept {
    int64_t at_ms;
    struct str text; /* owned: an object's JSON */
};

struct previews {
    pthread_mutex_t lock;
    struct str_map by_url; /* url → struct kept */
};

struct previews *previews_new(void)
{
    struct previews *previews = MEM_NEW(struct previews);
    pthread_mutex_init(&previews->lock, NULL);
    return previews;
}

static void kept_free(struct kept *kept)
{
    mem_free((void *)(uintptr_t)kept->text.p);
    mem_free(kept);
}

static void forget_all(struct previews *previews)
{
    size_t at = 0;
    struct str url;
    void *kept;
    while (str_map_next(&previews->by_url, &at, &url, &kept))
        kept_free(kept);
    str_map_done(&previews->by_url);
}

void previews_free(struct previews *previews)
{
    if (!previews)
        return;
    forget_all(previews);
    pthread_mutex_destroy(&previews->lock);
    mem_free(previews);
}

/* STR_NONE: nothing, or too old. */
static struct str find_kept(struct previews *previews, struct str url, struct arena *arena)
{
    struct str text = STR_NONE;
    int64_t now_ms = clock_monotonic_ms();
    pthread_mutex_lock(&previews->lock);
    const struct kept *kept = str_map_find(&previews->by_url, url);
    if (kept && now_ms - kept->at_ms < KEPT_MS)
        text = arena_str(arena, kept->text);
    pthread_mutex_unlock(&previews->lock);
    return text;
}

static void keep(struct previews *previews, struct str url, struct str text)
{
    struct kept *kept = MEM_NEW(struct kept);
    kept->at_ms = clock_monotonic_ms();
    kept->text = str_make(mem_copy(text.p, text.n), text.n);
    pthread_mutex_lock(&previews->lock);
    if (previews->by_url.n >= LIMIT_PREVIEWS_KEPT)
        forget_all(previews);
    struct kept *old = str_map_remove(&previews->by_url, url);
    str_map_put(&previews->by_url, url, kept);
    pthread_mutex_unlock(&previews->lock);
    if (old)
        kept_free(old);
}

/* ---- looking ---- */

/* In the arena of the exchange, which the task may not take memory from. */
struct looking {
    struct task task; /* first */
    struct server *server;
    struct str url;
    struct err err;
    size_t n;
    char text[LIMIT_PREVIEW_JSON];
};

static bool is_html(struct str type)
{
    struct str name, rest;
    str_cut(type, ';', &name, &rest);
    name = str_trim(name);
    return str_eq_nocase(name, STR("text/html")) ||
           str_eq_nocase(name, STR("application/xhtml+xml"));
}

struct found {
    struct page page;
    struct preview_image image;
};

static void write_image(struct json_writer *out, const struct found *found)
{
    const struct preview_image *image = &found->image;
    if (!image->uri[0])
        return;
    json_write_member_str(out, STR("og:image"), str_from(image->uri));
    json_write_member_str(out, STR("og:image:type"), str_from(image->type));
    json_write_member_int(out, STR("og:image:width"), image->width);
    json_write_member_int(out, STR("og:image:height"), image->height);
    json_write_member_int(out, STR("matrix:image:size"), image->size);
    if (found->page.parts[PAGE_IMAGE_ALT].p)
        json_write_member_str(out, STR("og:image:alt"), found->page.parts[PAGE_IMAGE_ALT]);
}

static void write_page(struct buf *text, const struct found *found)
{
    struct json_writer out;
    json_writer_init(&out, text);
    json_write_object(&out);
    for (int i = 0; i < PAGE_IMAGE; i++)
        if (found->page.parts[i].p)
            json_write_member_str(&out, page_part_name((enum page_part)i), found->page.parts[i]);
    write_image(&out, found);
    json_write_end(&out);
}

/* A page without its image is a preview, too. */
static void take_image(struct server *server, struct fetch *fetch, int64_t end_ms,
                       const struct fetched *fetched, struct arena *arena, struct found *found)
{
    struct err err = ERR_INIT;
    fetch->total_ms = end_ms - clock_monotonic_ms();
    if (found->page.parts[PAGE_IMAGE].p && fetch->total_ms > 0 &&
        preview_image_take(server, fetch, fetched->url, found->page.parts[PAGE_IMAGE], arena,
                           &found->image, &err) < 0)
        log_line(LOG_LEVEL_WARN, "preview_image", "detail", LOG_Z(err.detail), NULL);
}

static int look_at(const struct looking *looking, struct arena *arena, struct found *ret_found,
                   struct err *err)
{
    const struct config *config = looking->server->config;
    int64_t end_ms = clock_monotonic_ms() + LIMIT_PREVIEW_MS;
    struct fetch fetch = {
        .url = looking->url,
        .hosts = config->previews_hosts,
        .private_addresses = config->previews_private,
        .accept = "Accept: text/html,application/xhtml+xml",
        .user_agent = "Chappe (link preview)",
        .connect_ms = LIMIT_PREVIEW_CONNECT_MS,
        .total_ms = LIMIT_PREVIEW_MS,
        .redirects = LIMIT_PREVIEW_REDIRECTS,
        .answer_max = LIMIT_PREVIEW_PAGE,
    };
    struct fetched fetched;
    if (fetch_run(&fetch, arena, &fetched, err) < 0)
        return -1;
    if (fetched.status != 200 || !is_html(fetched.type))
        return 0; /* there is nothing to show */
    if (cage_read_page(fetched.body, arena, &ret_found->page, err) < 0)
        return -1;
    take_image(looking->server, &fetch, end_ms, &fetched, arena, ret_found);
    return 0;
}

/* On a thread of the pool. A page that its reader was ended by shows nothing. */
static void look(struct task *task)
{
    struct looking *looking = (struct looking *)task;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(16));
    CLEANUP(buf_done) struct buf text;
    struct found found = {0};
    struct err err = ERR_INIT;
    if (look_at(looking, arena, &found, &err) < 0) {
        if (err.detail[0])
            log_line(LOG_LEVEL_WARN, "preview", "detail", LOG_Z(err.detail), NULL);
        if (err.status != 400)
            looking->err = err;
    }
    buf_init(&text, LIMIT_PREVIEW_JSON);
    write_page(&text, &found);
    struct str whole = buf_is_full(&text) ? STR("{}") : buf_str(&text);
    looking->n = whole.n;
    for (size_t i = 0; i < whole.n; i++)
        looking->text[i] = whole.p[i];
}

static int begin(struct use *use, struct str url)
{
    struct looking *looking = ARENA_NEW(http_arena(use->x), struct looking);
    looking->task.run = look;
    looking->server = use->server;
    looking->url = arena_str(http_arena(use->x), url);
    if (task_pool_submit(use->server->lookers, use->x, &looking->task, &use->err) < 0)
        return -1;
    *use_wait_slot(use) = looking;
    return USE_WAIT;
}

int preview_look(struct use *use, struct str url, struct json_writer *out)
{
    struct previews *previews = use->server->previews;
    struct looking *looking = *use_wait_slot(use);
    if (!use->server->config->previews)
        return err_client(&use->err, 404, "M_UNRECOGNIZED", "This server shows no previews");
    if (!url.n)
        return err_client(&use->err, 400, "M_MISSING_PARAM", "url is missing");
    struct str kept = find_kept(previews, url, use->arena);
    if (kept.p) {
        json_write_raw(out, kept);
        return USE_DONE;
    }
    if (!looking)
        return begin(use, url);
    if (!task_is_done(&looking->task))
        return USE_WAIT;
    if (looking->err.kind != ERR_KIND_NONE) {
        use->err = looking->err;
        return -1;
    }
    keep(previews, url, str_make(looking->text, looking->n));
    json_write_raw(out, str_make(looking->text, looking->n));
    return USE_DONE;
}
