/* SPDX-License-Identifier: EUPL-1.2 */

/* Files of a mount, from a folder made here. */

#include "base/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/limits.h"
#include "net/fixture.h"

static struct fixture fixture;
static char folder[] = "/tmp/chappe-files-XXXXXX";
static char web[64];

static const struct {
    const char *name, *text;
} files[] = {
    {"web/index.html", "<p>front page"},
    {"web/main-5f3c9a1b.js", "plain script"},
    {"web/main-5f3c9a1b.js.br", "script as brotli"},
    {"web/main-5f3c9a1b.js.gz", "script as gzip"},
    {"web/web-compress.js", "no hash"},
    {"web/only.css.gz", "neighbour of nothing"},
    {"web/sub/a b.txt", "blank in its name"},
    {"web/.hidden", "not to be seen"},
    {"secret", "outside"},
};

static void file_write(const char *name, const char *text)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void extra_headers(struct http_exchange *x, struct str path)
{
    (void)path;
    http_set_header(x, STR("Content-Security-Policy"), STR("default-src 'self'"));
}

static int setup(void **state)
{
    char path[200];
    (void)state;
    CHECK(mkdtemp(folder));
    snprintf(web, sizeof web, "%s/web", folder);
    snprintf(path, sizeof path, "%s/web/sub", folder);
    CHECK(mkdir(web, 0700) == 0 && mkdir(path, 0700) == 0);
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        file_write(files[i].name, files[i].text);
    snprintf(path, sizeof path, "%s/web/link", folder);
    CHECK(symlink("../secret", path) == 0);
    const struct http_mount mount = {"/", web, "index.html", extra_headers};
    static struct http_mount mounts[1];
    mounts[0] = mount;
    fixture_start(&fixture, &(struct http_server_config){
                                .mounts = mounts, .n_mounts = 1, .per_address_off = true});
    return 0;
}

static int teardown(void **state)
{
    char path[200];
    (void)state;
    fixture_stop(&fixture);
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i].name);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/web/link", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/web/sub", folder);
    rmdir(path);
    rmdir(web);
    rmdir(folder);
    return 0;
}

struct got {
    int status;
    struct buf head, body;
};

static struct got get(const char *path, const char *headers)
{
    struct got got;
    struct buf bytes;
    buf_init(&bytes, KIB(4));
    buf_printf(&bytes, "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", path, headers);
    int fd = client_connect(fixture.port);
    client_send(fd, buf_str(&bytes));
    got.status = client_read(fd, &got.head, &got.body, false);
    close(fd);
    buf_done(&bytes);
    return got;
}

static void got_done(struct got *got)
{
    buf_done(&got->head);
    buf_done(&got->body);
}

static void expect(const char *path, const char *headers, const char *body, const char *field)
{
    struct got got = get(path, headers);
    assert_int_equal(got.status, 200);
    assert_str(buf_str(&got.body), str_from(body));
    if (!str_contains(buf_str(&got.head), str_from(field)))
        print_error("no %s in:\n%.*s", field, STR_ARG(buf_str(&got.head)));
    assert_true(str_contains(buf_str(&got.head), str_from(field)));
    got_done(&got);
}

static void files_have_their_type_and_their_age(void **state)
{
    (void)state;
    expect("/main-5f3c9a1b.js", "", "plain script", "Content-Type: text/javascript; charset=utf-8");
    expect("/main-5f3c9a1b.js", "", "plain script", "immutable");
    expect("/web-compress.js", "", "no hash", "Cache-Control: no-cache");
    expect("/sub/a%20b.txt", "", "blank in its name", "X-Content-Type-Options: nosniff");
    expect("/index.html", "", "<p>front page", "Content-Security-Policy: default-src 'self'");
    expect("/hello", "", "hello ", "200 OK");
}

static void compressed_neighbours_are_preferred(void **state)
{
    (void)state;
    expect("/main-5f3c9a1b.js", "Accept-Encoding: gzip, br\r\n", "script as brotli",
           "Content-Encoding: br\r\n");
    expect("/main-5f3c9a1b.js", "Accept-Encoding: gzip\r\n", "script as gzip",
           "Content-Encoding: gzip\r\n");
    expect("/main-5f3c9a1b.js", "Accept-Encoding: gzip;q=0, zstd\r\n", "plain script",
           "Vary: Accept-Encoding\r\n");
    struct got got = get("/only.css", "Accept-Encoding: gzip\r\n");
    assert_int_equal(got.status, 404);
    got_done(&got);
}

static void the_page_answers_at_the_mount_itself(void **state)
{
    (void)state;
    expect("/", "", "<p>front page", "Content-Type: text/html; charset=utf-8");
    expect("/", "", "<p>front page", "Cache-Control: no-cache");
}

static void nothing_else_is_served(void **state)
{
    static const char *const paths[] = {"/missing.js",
                                        "/_matrix/client/v3/unknown",
                                        "/room/abc",
                                        "/sub/",
                                        "/sub",
                                        "/metrics",
                                        "/.well-known/x",
                                        "/.hidden",
                                        "/../secret.txt",
                                        "/%2e%2e/secret.txt",
                                        "/..%2fsecret.x",
                                        "/sub/../index.html",
                                        "/sub%2fa%20b.txt",
                                        "/index.html%00",
                                        "//index.html",
                                        "/sub\\..\\x.y",
                                        "/%2fetc/pass.wd",
                                        "/sub/./a%20b.txt"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct got got = get(paths[i], "");
        if (got.status != 404)
            print_error("%s: %d\n", paths[i], got.status);
        assert_int_equal(got.status, 404);
        got_done(&got);
    }
    struct got got = get("/link", "");
    assert_false(str_contains(buf_str(&got.body), STR("outside")));
    got_done(&got);
    got = get("/%zz", "");
    assert_int_equal(got.status, 404);
    got_done(&got);
}

static void an_etag_saves_the_body(void **state)
{
    struct buf headers;
    (void)state;
    struct got got = get("/index.html", "");
    struct str head = buf_str(&got.head);
    const char *at = memmem(head.p, head.n, "ETag: ", 6);
    assert_non_null(at);
    struct str etag, rest;
    str_cut(str_skip(head, (size_t)(at - head.p) + 6), '\r', &etag, &rest);
    buf_init(&headers, KIB(4));
    buf_printf(&headers, "If-None-Match: \"x\", W/%.*s\r\n", STR_ARG(etag));
    buf_add_byte(&headers, 0);
    struct got again = get("/index.html", headers.p);
    assert_int_equal(again.status, 304);
    assert_int_equal(again.body.n, 0);
    got_done(&again);
    file_write("web/index.html", "<p>front page, longer");
    again = get("/index.html", headers.p);
    assert_int_equal(again.status, 200);
    file_write("web/index.html", "<p>front page");
    got_done(&again);
    got_done(&got);
    buf_done(&headers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_have_their_type_and_their_age),
        cmocka_unit_test(compressed_neighbours_are_preferred),
        cmocka_unit_test(the_page_answers_at_the_mount_itself),
        cmocka_unit_test(nothing_else_is_served),
        cmocka_unit_test(an_etag_saves_the_body),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
