/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/language.h"

static struct str trimmed(struct str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = str_skip(s, 1);
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s = str_first(s, s.n - 1);
    return s;
}

/* "q=0.7" in thousandths; anything else counts as 1. */
static int weight_of(struct str parameters)
{
    struct str q = trimmed(parameters);
    int weight = 0, scale = 1000;
    if (!str_starts(q, STR("q=0")))
        return 1000;
    for (size_t i = 4; i < q.n && i < 7 && q.p[i] >= '0' && q.p[i] <= '9'; i++) {
        scale /= 10;
        weight += (q.p[i] - '0') * scale;
    }
    return weight;
}

static bool is_language(struct str tag, struct str language)
{
    return str_eq_nocase(str_first(tag, 2), language) && (tag.n == 2 || tag.p[2] == '-');
}

enum letter_language language_of(struct str accept_language)
{
    struct str rest = accept_language, item, tag, parameters;
    int french = 0, english = 0;
    while (rest.n) {
        str_cut(rest, ',', &item, &rest);
        str_cut(item, ';', &tag, &parameters);
        tag = trimmed(tag);
        int weight = weight_of(parameters);
        if (is_language(tag, STR("fr")) && weight > french)
            french = weight;
        if (is_language(tag, STR("en")) && weight > english)
            english = weight;
    }
    return english > french ? LETTER_ENGLISH : LETTER_FRENCH;
}

enum letter_language api_language(struct request *rq)
{
    return language_of(http_header(rq->use.x, STR("accept-language")));
}
