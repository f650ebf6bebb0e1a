/* SPDX-License-Identifier: EUPL-1.2 */
#include "matrix/email.h"

#include <stdbool.h>

#include "base/buf.h"

#define LABEL_MAX 63

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* ---- the grammar, of folded text ---- */

static bool is_atom(struct str atom)
{
    if (atom.n == 0 || atom.p[0] == '-')
        return false;
    for (size_t i = 0; i < atom.n; i++) {
        char c = atom.p[i];
        if (!is_letter(c) && !is_digit(c) && c != '_' && c != '+' && c != '\'' && c != '-')
            return false;
    }
    return true;
}

static bool is_label(struct str label)
{
    if (label.n == 0 || label.n > LABEL_MAX || label.p[0] == '-' || label.p[label.n - 1] == '-')
        return false;
    for (size_t i = 0; i < label.n; i++)
        if (!is_letter(label.p[i]) && !is_digit(label.p[i]) && label.p[i] != '-')
            return false;
    return true;
}

static bool is_local(struct str local)
{
    struct str atom;
    bool more = true;
    if (local.n > EMAIL_LOCAL_MAX)
        return false;
    while (more) {
        more = str_cut(local, '.', &atom, &local);
        if (!is_atom(atom))
            return false;
    }
    return true;
}

static bool is_domain(struct str domain)
{
    struct str label;
    bool more = true;
    if (str_find(domain, '.') < 0)
        return false;
    while (more) {
        more = str_cut(domain, '.', &label, &domain);
        if (!is_label(label))
            return false;
    }
    return is_letter(label.p[0]); /* "1.2.3.4" is no domain */
}

int email_parse(struct arena *arena, struct str text, struct email *ret_email, struct err *err)
{
    struct email email = {0};
    if (text.n > EMAIL_MAX)
        return err_client(err, 400, "M_INVALID_EMAIL", "An e-mail address has at most %d bytes",
                          EMAIL_MAX);
    char *folded = ARENA_NEW_N(arena, text.n + 1, char);
    for (size_t i = 0; i < text.n; i++)
        folded[i] = lower(text.p[i]);
    email.full = str_make(folded, text.n);
    if (!str_cut(email.full, '@', &email.local, &email.domain) || !is_local(email.local) ||
        !is_domain(email.domain))
        return err_client(err, 400, "M_INVALID_EMAIL", "This is not an e-mail address");
    *ret_email = email;
    return 0;
}

/* ---- the Matrix id ---- */

static bool is_of_localpart(char c)
{
    return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.';
}

/* How many digits text ends with; they are kept to what a number of ours can be. */
static size_t digits_at_end(struct str text)
{
    size_t n = 0;
    while (n < text.n && n < 9 && is_digit(text.p[text.n - 1 - n]))
        n++;
    return n;
}

struct str email_localpart(struct arena *arena, const struct email *email, size_t nth)
{
    char *name = ARENA_NEW_N(arena, email->full.n + 1, char);
    size_t n = 0;
    int64_t number = 0;
    for (size_t i = 0; i < email->full.n; i++) {
        char c = email->full.p[i] == '@' ? '-' : email->full.p[i];
        if (is_of_localpart(c))
            name[n++] = c;
    }
    struct str base = str_make(name, n);
    if (nth == 0)
        return base;
    size_t digits = digits_at_end(base);
    for (size_t i = n - digits; i < n; i++)
        number = number * 10 + (name[i] - '0');
    return arena_printf(arena, "%.*s%lld", STR_ARG(str_first(base, n - digits)),
                        (long long)number + (long long)nth);
}

/* ---- the name ---- */

/* The first letter after a blank, a hyphen or nothing becomes a capital; dots become blanks. */
static struct str capitalise(struct arena *arena, struct str text)
{
    char *out = ARENA_NEW_N(arena, text.n + 1, char);
    bool first = true;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i] == '.' ? ' ' : text.p[i];
        out[i] = first && is_letter(c) ? (char)(c & ~0x20) : c;
        first = c == ' ' || c == '-';
    }
    return str_make(out, text.n);
}

struct str email_person(struct arena *arena, const struct email *email)
{
    return capitalise(arena, email->local);
}

/* Takes the last label away; what is left is before it. */
static struct str last_label(struct str *domain)
{
    size_t at = domain->n;
    while (at > 0 && domain->p[at - 1] != '.')
        at--;
    struct str label = str_skip(*domain, at);
    *domain = str_first(*domain, at ? at - 1 : 0);
    return label;
}

struct str email_organisation(struct arena *arena, const struct email *email)
{
    struct str rest = email->domain;
    struct str top = last_label(&rest), second = last_label(&rest);
    if (str_eq(top, STR("fr")) && str_eq(second, STR("gouv")) && rest.n)
        second = last_label(&rest);
    return capitalise(arena, second);
}

struct str email_display_name(struct arena *arena, const struct email *email)
{
    return arena_printf(arena, "%.*s [%.*s]", STR_ARG(email_person(arena, email)),
                        STR_ARG(email_organisation(arena, email)));
}
