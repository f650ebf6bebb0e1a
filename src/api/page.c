/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/page.h"

#include "base/html.h"
#include "base/random.h"

/* Contrast above 7:1 in both schemes; sizes follow the reader's. */
static const char STYLE[] =
    "body{font:1rem/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;"
    "color:#161616;background:#fff}"
    "h1{font-size:1.5rem}h2{font-size:1.25rem;margin-top:2rem}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere}"
    "code{background:#eee;padding:.1rem .3rem;overflow-wrap:anywhere}"
    "label{display:block;margin:1rem 0}"
    "input,button{font:inherit;padding:.5rem .75rem}button{cursor:pointer}"
    "[role=alert]{border-left:.25rem solid #ce0500;padding-left:.75rem}"
    "@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}code{background:#333}"
    "a{color:#9bb8ff}}";

static struct str draw_nonce(struct arena *arena)
{
    uint64_t bits[2];
    random_bytes(bits, sizeof bits);
    return arena_printf(arena, "%016llx%016llx", (unsigned long long)bits[0],
                        (unsigned long long)bits[1]);
}

static void set_headers(struct request *rq, struct str nonce)
{
    struct http_exchange *x = rq->use.x;
    http_set_header(x, STR("Content-Type"), STR("text/html; charset=utf-8"));
    http_set_header(x, STR("Content-Security-Policy"),
                    arena_printf(rq->use.arena,
                                 "default-src 'none'; style-src 'nonce-%.*s'; script-src "
                                 "'nonce-%.*s'; connect-src 'self'; form-action 'self'; "
                                 "base-uri 'none'; "
                                 "frame-ancestors 'none'",
                                 STR_ARG(nonce), STR_ARG(nonce)));
    http_set_header(x, STR("Referrer-Policy"), STR("no-referrer"));
}

void page_begin(struct request *rq, struct str title, struct page *ret_page)
{
    page_begin_in(rq, "fr", title, ret_page);
}

void page_begin_in(struct request *rq, const char *language, struct str title,
                   struct page *ret_page)
{
    struct page page = {http_answer(rq->use.x), draw_nonce(rq->use.arena)};
    set_headers(rq, page.nonce);
    page_html(&page, "<!DOCTYPE html>\n<html lang=\"");
    page_html(&page, language);
    page_html(&page, "\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                     "<meta name=\"robots\" content=\"noindex\">\n<title>");
    page_text(&page, title);
    page_html(&page, "</title>\n<style nonce=\"");
    page_text(&page, page.nonce);
    page_html(&page, "\">");
    page_html(&page, STYLE);
    page_html(&page, "</style>\n</head>\n<body>\n<main>\n<h1>");
    page_text(&page, title);
    page_html(&page, "</h1>\n");
    *ret_page = page;
}

void page_html(struct page *page, const char *html)
{
    buf_add(page->out, str_from(html));
}

void page_text(struct page *page, struct str text)
{
    html_escape(page->out, text);
}

void page_hidden(struct page *page, const char *name, struct str value)
{
    page_html(page, "<input type=\"hidden\" name=\"");
    page_html(page, name);
    page_html(page, "\" value=\"");
    page_text(page, value);
    page_html(page, "\">\n");
}

void page_script(struct page *page, const char *script)
{
    page_html(page, "<script nonce=\"");
    page_text(page, page->nonce);
    page_html(page, "\">");
    page_html(page, script);
    page_html(page, "</script>\n");
}

void page_end(struct page *page)
{
    page_html(page, "</main>\n</body>\n</html>\n");
}
