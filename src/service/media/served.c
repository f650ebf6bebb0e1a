/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/media/served.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "crypto/base64.h"

#define OCTETS STR("application/octet-stream")

/* ---- by content ---- */

struct magic {
    size_t at;
    struct str bytes;
    struct str type;
};

/* The first that fits. None is so short that ciphertext has it by chance. */
static const struct magic magics[] = {
    {0, STR_INIT("\x89PNG\r\n\x1a\n"), STR_INIT("image/png")},
    {0, STR_INIT("\xff\xd8\xff"), STR_INIT("image/jpeg")},
    {0, STR_INIT("GIF87a"), STR_INIT("image/gif")},
    {0, STR_INIT("GIF89a"), STR_INIT("image/gif")},
    {8, STR_INIT("WEBP"), STR_INIT("image/webp")}, /* after RIFF and a length: below */
    {4, STR_INIT("ftypavif"), STR_INIT("image/avif")},
    {4, STR_INIT("ftypavis"), STR_INIT("image/avif")},
    {4, STR_INIT("ftypheic"), STR_INIT("image/heic")},
    {4, STR_INIT("ftypmif1"), STR_INIT("image/heic")},
    {4, STR_INIT("ftypqt"), STR_INIT("video/quicktime")},
    {4, STR_INIT("ftyp"), STR_INIT("video/mp4")},
    {0, STR_INIT("\x1a\x45\xdf\xa3"), STR_INIT("video/webm")},
    {0, STR_INIT("OggS"), STR_INIT("audio/ogg")},
    {0, STR_INIT("fLaC"), STR_INIT("audio/flac")},
    {0, STR_INIT("ID3"), STR_INIT("audio/mpeg")},
    {0, STR_INIT("RIFF"), STR_INIT("audio/wav")},
    {0, STR_INIT("%PDF-"), STR_INIT("application/pdf")},
    {0, STR_INIT("%!PS"), STR_INIT("application/postscript")},
    {0, STR_INIT("8BPS"), STR_INIT("image/vnd.adobe.photoshop")},
    {0, STR_INIT("II*\0"), STR_INIT("image/tiff")},
    {0, STR_INIT("MM\0*"), STR_INIT("image/tiff")},
    {0, STR_INIT("PK\x03\x04"), STR_INIT("application/zip")},
    {0, STR_INIT("\x1f\x8b\x08"), STR_INIT("application/gzip")},
    {0, STR_INIT("7z\xbc\xaf\x27\x1c"), STR_INIT("application/x-7z-compressed")},
    {0, STR_INIT("Rar!\x1a\x07"), STR_INIT("application/vnd.rar")},
    {0, STR_INIT("BZh"), STR_INIT("application/x-bzip2")},
    {0,
     STR_INIT("\xfd"
              "7zXZ\0"),
     STR_INIT("application/x-xz")},
    {0, STR_INIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), STR_INIT("application/x-ole-storage")},
    {0, STR_INIT("MZ\x90\0\3\0"), STR_INIT("application/vnd.microsoft.portable-executable")},
    {0,
     STR_INIT("\x7f"
              "ELF"),
     STR_INIT("application/x-executable")},
    {0, STR_INIT("#!/"), STR_INIT("text/x-script")},
    {0, STR_INIT("<?xml"), STR_INIT("text/xml")},
};

static bool fits(const struct magic *magic, struct str head)
{
    struct str at = str_skip(head, magic->at);
    if (magic->at == 8 && !str_starts(head, STR("RIFF")))
        return false;
    return str_starts(at, magic->bytes);
}

struct str served_sniff(struct str head)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (fits(&magics[i], head))
            return magics[i].type;
    return STR_NONE;
}

/* ---- by declaration ---- */

static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alnum && (!c || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return s.n > 0;
}

/* Printable ASCII without quotes and backslashes: nobody needs more. */
static bool is_quoted(struct str s)
{
    if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
        return false;
    for (size_t i = 1; i + 1 < s.n; i++)
        if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '"' || s.p[i] == '\\')
            return false;
    return true;
}

static bool params_are_sound(struct str params)
{
    struct str param, name, value;
    bool more = true;
    while (more) {
        more = str_cut(params, ';', &param, &params);
        if (!str_cut(str_trim(param), '=', &name, &value) || !is_token(name) ||
            (!is_token(value) && !is_quoted(value)))
            return false;
    }
    return true;
}

/* type/subtype in lower case and its parameters; false: not a type by the grammar (RFC 9110,
 * 8.3.1). */
static bool type_parse(struct arena *arena, struct str declared, struct str *ret_essence,
                       struct str *ret_params)
{
    struct str essence, type, subtype;
    bool has_params = str_cut(declared, ';', &essence, ret_params);
    essence = str_trim(essence);
    if (declared.n > LIMIT_MEDIA_TYPE || !str_cut(essence, '/', &type, &subtype) ||
        !is_token(type) || !is_token(subtype) || (has_params && !params_are_sound(*ret_params)))
        return false;
    if (!has_params)
        *ret_params = STR_NONE;
    char *lower = arena_alloc(arena, essence.n, 1);
    for (size_t i = 0; i < essence.n; i++)
        lower[i] =
            (char)(essence.p[i] >= 'A' && essence.p[i] <= 'Z' ? essence.p[i] + 32 : essence.p[i]);
    *ret_essence = str_make(lower, essence.n);
    return true;
}

static bool is_in(struct str type, const struct str *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(type, list[i]))
            return true;
    return false;
}

static const struct str pictures[] = {
    STR_INIT("image/jpeg"), STR_INIT("image/gif"),  STR_INIT("image/png"),
    STR_INIT("image/apng"), STR_INIT("image/webp"), STR_INIT("image/avif"),
};

static const struct str others[] = {
    STR_INIT("text/css"),         STR_INIT("text/plain"),          STR_INIT("text/csv"),
    STR_INIT("application/json"), STR_INIT("application/ld+json"), STR_INIT("video/mp4"),
    STR_INIT("video/webm"),       STR_INIT("video/ogg"),           STR_INIT("video/quicktime"),
    STR_INIT("audio/mp4"),        STR_INIT("audio/webm"),          STR_INIT("audio/aac"),
    STR_INIT("audio/mpeg"),       STR_INIT("audio/ogg"),           STR_INIT("audio/wave"),
    STR_INIT("audio/wav"),        STR_INIT("audio/x-wav"),         STR_INIT("audio/x-pn-wav"),
    STR_INIT("audio/flac"),       STR_INIT("audio/x-flac"),
};

static bool is_sound_or_film(struct str type)
{
    return str_starts(type, STR("audio/")) || str_starts(type, STR("video/"));
}

/* A declared type of the second list that the content's beginning belies. A text may begin as it
 * likes, but has no NUL. */
static bool is_belied(struct str essence, struct str sniffed, struct str head)
{
    if (is_sound_or_film(essence))
        return sniffed.p && !is_sound_or_film(sniffed);
    return sniffed.p && str_find(head, '\0') >= 0;
}

static struct str with_params(struct arena *arena, struct str essence, struct str params)
{
    if (!params.p)
        return essence;
    return arena_printf(arena, "%.*s;%.*s", STR_ARG(essence), STR_ARG(params));
}

/* The type to serve; whether it may be shown. */
static struct str type_of(struct arena *arena, struct str declared, struct str head,
                          bool *ret_inline)
{
    struct str essence, params, sniffed = served_sniff(head);
    *ret_inline = false;
    if (!type_parse(arena, declared, &essence, &params))
        return OCTETS;
    if (is_in(essence, pictures, sizeof pictures / sizeof *pictures)) {
        *ret_inline = is_in(sniffed, pictures, sizeof pictures / sizeof *pictures);
        bool moves = str_eq(essence, STR("image/apng")) && str_eq(sniffed, STR("image/png"));
        return !*ret_inline ? OCTETS : moves ? essence : sniffed;
    }
    if (is_in(essence, others, sizeof others / sizeof *others)) {
        *ret_inline = !is_belied(essence, sniffed, head);
        return *ret_inline ? with_params(arena, essence, params) : OCTETS;
    }
    return with_params(arena, essence, params);
}

/* ---- the name ---- */

/* The length of the character at the start of s, which is UTF-8. */
static size_t character(struct str s, unsigned *ret_code)
{
    unsigned char c = (unsigned char)s.p[0];
    size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    unsigned code = n == 1 ? c : c & (0x7fu >> n);
    for (size_t i = 1; i < n; i++)
        code = code << 6 | ((unsigned char)s.p[i] & 0x3f);
    *ret_code = code;
    return n;
}

static bool is_unsafe(unsigned code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == '/' || code == '\\' ||
           code == 0x061c || (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0xfeff;
}

static struct str name_clean(struct arena *arena, struct str name)
{
    char *clean = arena_alloc(arena, name.n + 1, 1);
    size_t n = 0;
    while (name.n) {
        unsigned code;
        size_t length = character(name, &code);
        if (is_unsafe(code))
            clean[n++] = '_';
        else
            for (size_t i = 0; i < length; i++)
                clean[n++] = name.p[i];
        name = str_skip(name, length);
    }
    return str_make(clean, n);
}

/* Fits between quotes as it is: a percent sign would be taken for an escape by some. */
static bool is_plain(struct str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] < ' ' || name.p[i] > '~' || name.p[i] == '"' || name.p[i] == '%')
            return false;
    return true;
}

/* RFC 8187. */
static void add_encoded(struct buf *out, struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (alnum || c == '-' || c == '.' || c == '_' || c == '~')
            buf_add_byte(out, (char)c);
        else
            buf_printf(out, "%%%02X", c);
    }
}

static struct str disposition_of(struct arena *arena, bool is_inline, struct str name)
{
    struct buf out;
    buf_init(&out, KIB(8));
    buf_add(&out, is_inline ? STR("inline") : STR("attachment"));
    if (name.n && str_is_utf8(name) && name.n <= LIMIT_MEDIA_NAME) {
        struct str clean = name_clean(arena, name);
        buf_add(&out, is_plain(clean) ? STR("; filename=\"") : STR("; filename*=utf-8''"));
        if (is_plain(clean))
            buf_printf(&out, "%.*s\"", STR_ARG(clean));
        else
            add_encoded(&out, clean);
    }
    struct str text = arena_str(arena, buf_str(&out));
    buf_done(&out);
    return text;
}

struct served served_as(struct arena *arena, struct str declared, struct str name, struct str head)
{
    struct served served;
    served.type = type_of(arena, declared, head, &served.is_inline);
    served.disposition = disposition_of(arena, served.is_inline, name);
    return served;
}

struct str served_etag(struct arena *arena, struct str hash)
{
    return arena_printf(arena, "\"%.*s\"", STR_ARG(base64_encode_arena(arena, hash, BASE64_URL)));
}
