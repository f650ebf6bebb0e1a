/* SPDX-License-Identifier: EUPL-1.2 */
#include "db/script.h"

#include "db/statement.h"

static const struct word {
    const char *word, *text[2]; /* by enum db_engine */
} words[] = {
    {"{pk}", {"INTEGER PRIMARY KEY", "BIGINT PRIMARY KEY"}},
    {"{int}", {"INTEGER", "BIGINT"}},
    {"{bytes}", {"BLOB", "BYTEA"}},
    {"{keyed}", {"WITHOUT ROWID", ""}},
    {"{/sqlite}", {"", ""}},
    {"{/postgresql}", {"", ""}},
};

/* Where the section of another engine ends, when one starts here. */
static int skip_section(struct str rest, enum db_engine engine, size_t *ret_n, struct err *err)
{
    static const struct str starts[] = {STR_INIT("{sqlite}"), STR_INIT("{postgresql}")};
    static const struct str ends[] = {STR_INIT("{/sqlite}"), STR_INIT("{/postgresql}")};
    for (size_t e = 0; e < 2; e++) {
        if (!str_starts(rest, starts[e]))
            continue;
        size_t at = starts[e].n;
        while (at < rest.n && !str_starts(str_skip(rest, at), ends[e]))
            at++;
        if (at == rest.n)
            return err_internal(err, "script: section %.*s does not end", STR_ARG(starts[e]));
        *ret_n = e == (size_t)engine ? starts[e].n : at + ends[e].n;
    }
    return 0;
}

static int expand_word(struct str rest, enum db_engine engine, struct buf *out, size_t *ret_n,
                       struct err *err)
{
    if (skip_section(rest, engine, ret_n, err))
        return -1;
    if (*ret_n)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct str word = str_from(words[i].word);
        if (!str_starts(rest, word))
            continue;
        buf_add(out, str_from(words[i].text[engine]));
        *ret_n = word.n;
        return 0;
    }
    struct str shown = str_first(rest, 16);
    return err_internal(err, "script: unknown word at \"%.*s\"", STR_ARG(shown));
}

int script_expand(const char *script, enum db_engine engine, struct buf *out, struct err *err)
{
    struct str s = str_from(script);
    for (size_t at = 0; at < s.n;) {
        size_t n = 0;
        if (s.p[at] == '{' && expand_word(str_skip(s, at), engine, out, &n, err))
            return -1;
        if (n == 0) {
            n = statement_skip(s, at) - at;
            buf_add(out, str_make(s.p + at, n));
        }
        at += n;
    }
    buf_add_byte(out, '\0');
    return buf_is_full(out) ? err_internal(err, "script: too long") : 0;
}

static bool is_blank(struct str s)
{
    for (size_t at = 0; at < s.n; at = statement_skip(s, at)) {
        bool is_comment =
            str_starts(str_skip(s, at), STR("--")) || str_starts(str_skip(s, at), STR("/*"));
        if (!is_comment && s.p[at] != ' ' && s.p[at] != '\n' && s.p[at] != '\t')
            return false;
    }
    return true;
}

bool script_next(struct str *rest, struct str *ret_statement)
{
    while (rest->n) {
        size_t at = 0;
        while (at < rest->n && rest->p[at] != ';')
            at = statement_skip(*rest, at);
        *ret_statement = str_first(*rest, at);
        *rest = str_skip(*rest, at + 1);
        if (!is_blank(*ret_statement))
            return true;
    }
    return false;
}
