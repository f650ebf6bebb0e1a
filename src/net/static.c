/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/static.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net/compress.h"
#include "net/query.h"
#include "net/server.h"

static const struct {
    const char *ending, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".wasm", "application/wasm"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".ogg", "audio/ogg"},
    {".mp3", "audio/mpeg"},
    {".txt", "text/plain; charset=utf-8"},
    {".xml", "application/xml"},
};

static struct str type_of(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_ends(name, str_from(types[i].ending)))
            return str_from(types[i].type);
    return STR("application/octet-stream");
}

static struct str last_segment(struct str path)
{
    const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;
    return slash ? str_skip(path, (size_t)(slash - path.p) + 1) : path;
}

static bool is_hash_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
}

/* "main-5f3c9a1b.js": eight bytes of hash before the ending, one of them at least no small letter,
 * so that "web-compress.js" is not taken for one. */
static bool name_is_hashed(struct str name)
{
    const char *dot = name.n ? memrchr(name.p, '.', name.n) : NULL;
    size_t n = dot ? (size_t)(dot - name.p) : 0;
    bool telling = false;
    if (n < 9 || (name.p[n - 9] != '-' && name.p[n - 9] != '.'))
        return false;
    for (size_t i = n - 8; i < n; i++) {
        if (!is_hash_byte(name.p[i]))
            return false;
        telling |= name.p[i] < 'a' || name.p[i] > 'z';
    }
    return telling;
}

/* Each segment is decoded by itself, and one that would mean something to a file system (hidden, a
 * way up, a slash or NUL that was encoded) names no file. */
static int path_decode(struct http_exchange *x, struct str raw, struct str *ret_path)
{
    struct str segment;
    if (percent_decode(x->arena, raw, false, ret_path) < 0 || ret_path->n > 1024)
        return -1;
    for (struct str rest = raw; rest.n;) {
        struct str plain;
        bool more = str_cut(rest, '/', &segment, &rest);
        if (percent_decode(x->arena, segment, false, &plain) < 0 ||
            (plain.n == 0 && (more || rest.n)) || str_starts(plain, STR(".")) ||
            str_find(plain, '/') >= 0 || str_find(plain, '\0') >= 0 || str_find(plain, '\\') >= 0)
            return -1;
    }
    return 0;
}

static int file_open(int directory, struct str path)
{
    char name[1100];
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    struct stat info;
    if (path.n == 0 || path.n >= sizeof name)
        return -1;
    memcpy(name, path.p, path.n);
    name[path.n] = 0;
    long fd = syscall(SYS_openat2, directory, name, &how, sizeof how);
    if (fd >= 0 && (fstat((int)fd, &info) < 0 || !S_ISREG(info.st_mode))) {
        close((int)fd);
        return -1;
    }
    return (int)fd;
}

struct found {
    int fd;
    const char *coding; /* NULL: as it is */
};

/* The file itself must be there: a neighbour alone is no file. */
static struct found file_find(struct http_exchange *x, int directory, struct str path)
{
    static const struct {
        struct str coding, ending;
    } codings[] = {{STR_INIT("br"), STR_INIT(".br")}, {STR_INIT("gzip"), STR_INIT(".gz")}};
    struct str accepted = http_header(x, STR("accept-encoding"));
    struct found found = {file_open(directory, path), NULL};
    for (size_t i = 0; found.fd >= 0 && i < ARRAY_LEN(codings); i++) {
        if (!compress_accepts(accepted, codings[i].coding))
            continue;
        struct str name =
            arena_printf(x->arena, "%.*s%.*s", STR_ARG(path), STR_ARG(codings[i].ending));
        int fd = file_open(directory, name);
        if (fd < 0)
            continue;
        close(found.fd);
        return (struct found){fd, codings[i].coding.p};
    }
    return found;
}

static bool etag_matches(struct str list, struct str etag)
{
    struct str one;
    while (list.n) {
        str_cut(list, ',', &one, &list);
        while (one.n && one.p[0] == ' ')
            one = str_skip(one, 1);
        if (str_starts(one, STR("W/")))
            one = str_skip(one, 2);
        if (str_eq(one, etag) || str_eq(one, STR("*")))
            return true;
    }
    return false;
}

static void file_send(struct http_exchange *x, struct found found, struct str path)
{
    struct stat info;
    if (fstat(found.fd, &info) < 0) {
        close(found.fd);
        answer_refuse(x, 500, "Cannot read the file");
        return;
    }
    struct str etag =
        arena_printf(x->arena, "\"%llx-%llx%09lx%s\"", (unsigned long long)info.st_size,
                     (unsigned long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec,
                     found.coding ? found.coding : "");
    http_set_header(x, STR("ETag"), etag);
    http_set_header(x, STR("Vary"), STR("Accept-Encoding"));
    http_set_header(x, STR("X-Content-Type-Options"), STR("nosniff"));
    http_set_header(x, STR("Cache-Control"),
                    name_is_hashed(last_segment(path)) ? STR("public, max-age=31536000, immutable")
                                                       : STR("no-cache"));
    if (x->mount->headers)
        x->mount->headers(x, path);
    if (etag_matches(http_header(x, STR("if-none-match")), etag)) {
        close(found.fd);
        http_status(x, 304);
        return;
    }
    http_set_header(x, STR("Content-Type"), type_of(path));
    if (found.coding)
        http_set_header(x, STR("Content-Encoding"), str_from(found.coding));
    http_send_file(x, found.fd, 0, info.st_size);
}

void static_serve(struct http_exchange *x)
{
    struct str path;
    struct str raw = str_skip(x->path, strlen(x->mount->prefix));
    int directory = open(x->mount->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct found found = {-1, NULL};
    if (directory >= 0 && path_decode(x, raw, &path) == 0) {
        if (path.n == 0)
            path = str_from(x->mount->index);
        found = file_find(x, directory, path);
    }
    if (directory >= 0)
        close(directory);
    if (found.fd < 0)
        answer_refuse(x, 404, "Unrecognized request");
    else
        file_send(x, found, path);
}
