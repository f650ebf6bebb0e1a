/* SPDX-License-Identifier: EUPL-1.2 */

/* `chappe read-page`: one page in, what it says of itself out, behind the walls. Its titles and
 * meta tags are cut out first, in one pass; gumbo then reads what their attributes and entities say
 * (of a whole page its time grows with the square of the depth). What it makes is walked without
 * recursion, and goes as a whole. */

#include <gumbo.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/vec.h"
#include "cage/inside.h"
#include "cage/page.h"

struct reading {
    struct buf parts[PAGE_PARTS];
    struct buf title, description; /* of the page, when Open Graph says none */
};

/* Blanks as one, no control characters, cut between characters: the rest is not wanted. */
static void add_text(struct buf *to, struct str text)
{
    for (size_t i = 0; i < text.n && to->n < LIMIT_PREVIEW_TEXT - 4; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool blank = c <= 0x20 || c == 0x7f;
        if (!blank)
            buf_add_byte(to, (char)c);
        else if (to->n && to->p[to->n - 1] != ' ')
            buf_add_byte(to, ' ');
    }
}

static struct str attribute(const GumboElement *element, const char *name)
{
    const GumboAttribute *found = gumbo_get_attribute(&element->attributes, name);
    return found ? str_from(found->value) : STR_NONE;
}

/* Two other names of the image. */
static struct str name_of(struct str property)
{
    bool image =
        str_eq(property, STR("og:image:url")) || str_eq(property, STR("og:image:secure_url"));
    return image ? STR("og:image") : property;
}

static void take_meta(struct reading *r, const GumboElement *element)
{
    struct str property = name_of(attribute(element, "property"));
    struct str name = attribute(element, "name"), content = attribute(element, "content");
    if (!content.p)
        return;
    if (str_eq_nocase(name, STR("description")) && !r->description.n)
        add_text(&r->description, content);
    for (int i = 0; i < PAGE_PARTS; i++)
        if ((str_eq(property, page_part_name((enum page_part)i)) ||
             str_eq(name, page_part_name((enum page_part)i))) &&
            !r->parts[i].n)
            add_text(&r->parts[i], content);
}

static void take_title(struct reading *r, const GumboElement *element)
{
    for (unsigned i = 0; i < element->children.length; i++) {
        const GumboNode *child = element->children.data[i];
        if (child->type == GUMBO_NODE_TEXT || child->type == GUMBO_NODE_WHITESPACE)
            add_text(&r->title, str_from(child->v.text.text));
    }
}

/* The first title is the page's; those in drawings come later. */
static void take(struct reading *r, const GumboElement *element)
{
    if (element->tag == GUMBO_TAG_META)
        take_meta(r, element);
    if (element->tag == GUMBO_TAG_TITLE && !r->title.n)
        take_title(r, element);
}

/* In the order of the page, as far as it is looked at. */
static void walk(struct reading *r, const GumboNode *root, struct arena *arena)
{
    VEC(const GumboNode *) waiting = {0};
    size_t n = 0;
    ARENA_VEC_ADD(arena, &waiting, root);
    while (waiting.n && n++ < LIMIT_PREVIEW_TAGS) {
        const GumboNode *node = waiting.p[--waiting.n];
        if (node->type != GUMBO_NODE_ELEMENT)
            continue;
        const GumboVector *children = &node->v.element.children;
        take(r, &node->v.element);
        for (unsigned i = children->length; i-- > 0;)
            ARENA_VEC_ADD(arena, &waiting, (const GumboNode *)children->data[i]);
    }
}

static void *give(void *arena, size_t n)
{
    return arena_alloc(arena, n, 1);
}

static void take_back(void *arena, void *p)
{
    (void)arena;
    (void)p;
}

/* ---- cutting out ---- */

static bool begins(struct str text, const char *word)
{
    struct str wanted = str_from(word);
    return text.n >= wanted.n && str_eq_nocase(str_first(text, wanted.n), wanted);
}

/* A tag of that name: not of a longer one. */
static bool is_tag(struct str text, const char *word)
{
    struct str rest = str_skip(text, strlen(word));
    return begins(text, word) && rest.n &&
           (rest.p[0] == '>' || rest.p[0] == '/' || (unsigned char)rest.p[0] <= 0x20);
}

/* Bytes up to and with the next such word; all of them when there is none. */
static size_t length_until(struct str text, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= text.n; i++)
        if (begins(str_skip(text, i), word))
            return i + n;
    return text.n;
}

/* A tag, to its ">" outside of quotes. */
static size_t length_of_tag(struct str text)
{
    char quote = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return i + 1;
    }
    return text.n;
}

/* What stands at a "<", as far as it is one thing. */
static size_t length_of(struct str text)
{
    if (begins(text, "<!--"))
        return length_until(text, "-->");
    if (is_tag(text, "<script"))
        return length_until(text, "</script");
    if (is_tag(text, "<style"))
        return length_until(text, "</style");
    if (is_tag(text, "<title"))
        return length_until(text, "</title");
    return is_tag(text, "<meta") ? length_of_tag(text) : 1;
}

static void cut_out(struct str html, struct buf *out)
{
    for (size_t i = 0, n; i < html.n; i += n) {
        struct str rest = str_skip(html, i);
        const char *next = memchr(rest.p, '<', rest.n);
        n = next ? (size_t)(next - rest.p) : rest.n;
        if (n)
            continue;
        n = length_of(rest);
        bool title = is_tag(rest, "<title");
        if ((title || is_tag(rest, "<meta")) && out->n + n + 1 < out->max)
            buf_add(out, str_first(rest, n));
        if (title && out->n + 1 < out->max)
            buf_add_byte(out, '>');
    }
}

static void parse(struct reading *r, struct str utf8)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(LIMIT_CAGE_MEMORY);
    CLEANUP(buf_done) struct buf tags;
    GumboOptions options = kGumboDefaultOptions;
    buf_init(&tags, LIMIT_PREVIEW_TAG_BYTES);
    cut_out(utf8, &tags);
    options.allocator = give;
    options.deallocator = take_back;
    options.userdata = arena;
    options.max_errors = 0;
    const GumboOutput *tree = gumbo_parse_with_options(&options, tags.n ? tags.p : "", tags.n);
    if (tree)
        walk(r, tree->root, arena);
}

static void say(struct buf *out, enum page_part part, const struct buf *text)
{
    struct str whole = str_trim(buf_str(text));
    /* Cut in the middle of a character at most at the end. */
    while (whole.n && !str_is_utf8(whole))
        whole = str_first(whole, whole.n - 1);
    if (!whole.n)
        return;
    buf_add(out, page_part_name(part));
    buf_add_byte(out, '\t');
    buf_add(out, whole);
    buf_add_byte(out, '\n');
}

/* What is not UTF-8 is taken for Latin-1, which has a character for each byte. */
static void add_utf8(struct buf *to, struct str html)
{
    if (str_is_utf8(html)) {
        buf_add(to, html);
        return;
    }
    for (size_t i = 0; i < html.n; i++) {
        unsigned char c = (unsigned char)html.p[i];
        if (c >= 0x80)
            buf_add_byte(to, (char)(0xc0 | c >> 6));
        buf_add_byte(to, (char)(c >= 0x80 ? 0x80 | (c & 0x3f) : c));
    }
}

void page_read(struct str html, struct buf *out)
{
    struct reading r = {0};
    struct buf utf8;
    buf_init(&utf8, 2 * LIMIT_PREVIEW_PAGE);
    buf_init(&r.title, LIMIT_PREVIEW_TEXT);
    buf_init(&r.description, LIMIT_PREVIEW_TEXT);
    for (int i = 0; i < PAGE_PARTS; i++)
        buf_init(&r.parts[i], LIMIT_PREVIEW_TEXT);
    add_utf8(&utf8, html);
    parse(&r, buf_str(&utf8));
    for (int i = 0; i < PAGE_PARTS; i++) {
        bool silent = !r.parts[i].n;
        say(out, (enum page_part)i,
            silent && i == PAGE_TITLE         ? &r.title
            : silent && i == PAGE_DESCRIPTION ? &r.description
                                              : &r.parts[i]);
        buf_done(&r.parts[i]);
    }
    buf_done(&r.title);
    buf_done(&r.description);
    buf_done(&utf8);
}

/* ---- the child ---- */

void page_run(void)
{
    struct buf html, out;
    buf_init(&html, LIMIT_PREVIEW_PAGE);
    buf_init(&out, KIB(64));
    page_read(STR("<title>once</title>"), &out); /* what is set up at first use */
    buf_clear(&out);
    if (inside_enter() < 0)
        _exit(INSIDE_NO_WALLS);
    if (inside_read_rest(&html) < 0)
        _exit(INSIDE_NO_REQUEST);
    page_read(buf_str(&html), &out);
    _exit(inside_write(buf_str(&out)) < 0 ? INSIDE_NO_READER : INSIDE_GOOD);
}
