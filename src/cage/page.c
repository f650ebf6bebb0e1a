/* SPDX-License-Identifier: EUPL-1.2 */
#include "cage/page.h"

#include <stdio.h>

#include "base/file.h"
#include "base/limits.h"
#include "cage/talk.h"

static const struct str names[PAGE_PARTS] = {
    [PAGE_TITLE] = STR_INIT("og:title"),
    [PAGE_DESCRIPTION] = STR_INIT("og:description"),
    [PAGE_SITE_NAME] = STR_INIT("og:site_name"),
    [PAGE_TYPE] = STR_INIT("og:type"),
    [PAGE_URL] = STR_INIT("og:url"),
    [PAGE_IMAGE] = STR_INIT("og:image"),
    [PAGE_IMAGE_ALT] = STR_INIT("og:image:alt"),
};

struct str page_part_name(enum page_part part)
{
    return names[part];
}

static bool is_plain(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f)
            return false;
    return text.n > 0 && text.n <= LIMIT_PREVIEW_TEXT && str_is_utf8(text);
}

static int take_line(struct str line, struct arena *arena, struct page *page)
{
    struct str name, text;
    if (!str_cut(line, '\t', &name, &text) || !is_plain(text))
        return -1;
    for (int i = 0; i < PAGE_PARTS; i++) {
        if (!str_eq(name, names[i]))
            continue;
        if (page->parts[i].p)
            return -1;
        page->parts[i] = arena_str(arena, text);
        return 0;
    }
    return -1;
}

int page_answer_parse(struct str said, struct arena *arena, struct page *ret_page)
{
    struct page page = {0};
    struct str line;
    while (said.n) {
        if (!str_cut(said, '\n', &line, &said) || take_line(line, arena, &page) < 0)
            return -1;
    }
    *ret_page = page;
    return 0;
}

static int suspicious(struct err *err, const char *what, int code)
{
    (void)err_client(err, 400, "M_UNKNOWN", "This page cannot be read");
    snprintf(err->detail, sizeof err->detail, "the reader of pages %s (%d)", what, code);
    return -1;
}

static int judge(const struct talk_end *end, struct str said, struct arena *arena,
                 struct page *ret_page, struct err *err)
{
    switch (end->outcome) {
    case TALK_KILLED:
        return suspicious(err, "was ended by a signal", end->code);
    case TALK_FLOODED:
        return suspicious(err, "said too much", 0);
    case TALK_LATE:
        return suspicious(err, "took too long", 0);
    case TALK_ENDED:
        break;
    }
    if (end->code != 0)
        return err_internal(err, "the reader of pages could not work (%d)", end->code);
    return page_answer_parse(said, arena, ret_page) < 0
               ? suspicious(err, "gave an answer that cannot be", 0)
               : 0;
}

int cage_read_page(struct str html, struct arena *arena, struct page *ret_page, struct err *err)
{
    CLEANUP(buf_done) struct buf said;
    CLEANUP(fd_cleanup) int fd = -1;
    struct talk_end end;
    if (cage_open_bytes(html, &fd, err) < 0)
        return -1;
    const struct talk talk = {
        .command = "read-page",
        .head = STR(""),
        .source = {fd, 0, (int64_t)html.n},
        .milliseconds = LIMIT_DECODE_MS,
    };
    buf_init(&said, (LIMIT_PREVIEW_TEXT + 32) * PAGE_PARTS);
    if (child_talk(&talk, &said, &end, err) < 0)
        return -1;
    return judge(&end, buf_str(&said), arena, ret_page, err);
}
