/* SPDX-License-Identifier: EUPL-1.2 */
#include "json/scan.h"

#include "base/limits.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

int json_scan_fail(struct json_scan *scan, const char *at, const char *what)
{
    scan->fault = what;
    scan->fault_at = at;
    return -1;
}

/* The first byte that is not a plain ASCII character of a string, or end. */
static const char *skip_plain(const char *p, const char *end)
{
    for (; end - p >= 8; p += 8) {
        uint64_t word = json_scan_load(p);
        uint64_t marks = json_scan_special(word) | (word & HIGH_BITS);
        if (marks)
            return p + json_scan_lowest(marks);
    }
    while (p < end && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80 && *p != '"' &&
           *p != '\\')
        p++;
    return p;
}

/* Length of the multi-byte character at p (Unicode 15, table 3-7), or 0 when it is malformed. */
static size_t utf8_length(const char *p, const char *end)
{
    unsigned char lead = (unsigned char)p[0];
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    size_t n = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (n == 0 || (size_t)(end - p) < n)
        return 0;
    if ((unsigned char)p[1] < low || (unsigned char)p[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

/* The code unit of the \uXXXX at p, or -1. */
static int32_t code_unit(const char *p, const char *end)
{
    int32_t unit = 0;
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return -1;
    for (int i = 2; i < 6; i++) {
        int digit = str_hex_digit(p[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static bool is_high_surrogate(int32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low_surrogate(int32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Length of the escape at p, a pair of surrogates being one, or 0 with the fault noted. */
static size_t escape_length(struct json_scan *scan, const char *p)
{
    if (scan->end - p >= 2 && p[1] != '\0' && strchr("\"\\/bfnrt", p[1]))
        return 2;
    int32_t unit = code_unit(p, scan->end);
    if (unit < 0) {
        json_scan_fail(scan, p, "invalid escape in a string");
        return 0;
    }
    if (is_high_surrogate(unit) && is_low_surrogate(code_unit(p + 6, scan->end)))
        return 12;
    if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
        json_scan_fail(scan, p, "lone surrogate in a string");
        return 0;
    }
    return 6;
}

static char *put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        *out++ = (char)c;
        return out;
    }
    if (c < 0x800) {
        *out++ = (char)(0xC0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *out++ = (char)(0xE0 | c >> 12);
        } else {
            *out++ = (char)(0xF0 | c >> 18);
            *out++ = (char)(0x80 | (c >> 12 & 0x3F));
        }
        *out++ = (char)(0x80 | (c >> 6 & 0x3F));
    }
    *out++ = (char)(0x80 | (c & 0x3F));
    return out;
}

/* Writes the character of the escape at *p, known to be well-formed, and passes over it. */
static char *put_escape(char *out, const char **p, const char *end)
{
    static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    if ((*p)[1] != 'u') {
        *out = bytes[strchr(letters, (*p)[1]) - letters];
        *p += 2;
        return out + 1;
    }
    int32_t unit = code_unit(*p, end);
    *p += 6;
    if (!is_high_surrogate(unit))
        return put_utf8(out, (uint32_t)unit);
    int32_t low = code_unit(*p, end);
    *p += 6;
    return put_utf8(out, 0x10000 + ((uint32_t)(unit - 0xD800) << 10) + (uint32_t)(low - 0xDC00));
}

/* The text between the quotes, whose escapes are known to be well-formed. An escape is never
 * shorter than the character it stands for. */
static struct str unescape(struct arena *arena, const char *p, const char *end)
{
    char *text = arena_alloc(arena, (size_t)(end - p), 1), *out = text;
    while (p < end) {
        const char *escape = memchr(p, '\\', (size_t)(end - p));
        size_t n = (size_t)((escape ? escape : end) - p);
        memcpy(out, p, n);
        out += n;
        p += n;
        if (escape)
            out = put_escape(out, &p, end);
    }
    return str_make(text, (size_t)(out - text));
}

int json_scan_string(struct json_scan *scan, struct str *ret_string)
{
    const char *first = scan->p + 1, *p = first;
    bool escaped = false;
    for (;;) {
        p = skip_plain(p, scan->end);
        if (p == scan->end)
            return json_scan_fail(scan, p, "string without end");
        if (*p == '"')
            break;
        size_t n;
        if (*p == '\\') {
            escaped = true;
            if ((n = escape_length(scan, p)) == 0)
                return -1;
        } else if ((unsigned char)*p < 0x20) {
            return json_scan_fail(scan, p, "control character in a string");
        } else if ((n = utf8_length(p, scan->end)) == 0) {
            return json_scan_fail(scan, p, "malformed UTF-8");
        }
        p += n;
    }
    scan->p = p + 1;
    *ret_string = escaped ? unescape(scan->arena, first, p) : str_make(first, (size_t)(p - first));
    return 0;
}

static bool is_digit(const char *p, const char *end)
{
    return p < end && *p >= '0' && *p <= '9';
}

/* Passes over at least one digit; NULL when there is none. */
static const char *skip_digits(const char *p, const char *end)
{
    if (!is_digit(p, end))
        return NULL;
    while (is_digit(p, end))
        p++;
    return p;
}

/* Passes over the fraction and the exponent, if any; NULL when they are malformed. */
static const char *skip_fraction(const char *p, const char *end)
{
    if (p < end && *p == '.' && !(p = skip_digits(p + 1, end)))
        return NULL;
    if (p < end && (*p | 0x20) == 'e') {
        p++;
        if (p < end && (*p == '+' || *p == '-'))
            p++;
        return skip_digits(p, end);
    }
    return p;
}

int json_scan_number(struct json_scan *scan, struct json *ret_value)
{
    const char *first = scan->p, *digits = first + (*first == '-');
    const char *last = skip_digits(digits, scan->end);
    if (!last || (*digits == '0' && last - digits > 1))
        return json_scan_fail(scan, first, "malformed number");
    const char *end = skip_fraction(last, scan->end);
    if (!end)
        return json_scan_fail(scan, first, "malformed number");
    scan->p = end;
    int64_t integer;
    if (end == last && last - digits <= 16 &&
        str_parse_int(str_make(first, (size_t)(last - first)), &integer) == 0 &&
        integer >= -LIMIT_SAFE_INTEGER && integer <= LIMIT_SAFE_INTEGER) {
        ret_value->kind = JSON_INT;
        ret_value->integer = integer;
    } else {
        ret_value->kind = JSON_NUMBER;
    }
    return 0;
}
