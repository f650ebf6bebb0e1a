/* SPDX-License-Identifier: EUPL-1.2 */

/* Where a digest of unread messages is answered: send me no more of them. */

#include "service/mail/digest.h"
#include "api/client/tables.h"
#include "api/language.h"
#include "api/page.h"
#include "net/query.h"

#define STOP_PATH "/_matrix/client/unstable/org.chappe/mail_digest/stop"

struct words {
    const char *title, *text;
};

static const struct words *words_of(enum digest_answer answer, bool english)
{
    static const struct words words[][2] = {
        [DIGEST_UNKNOWN] = {{"Ce lien n’est plus valable",
                             "Les réglages de la messagerie permettent aussi d’arrêter ces "
                             "courriels."},
                            {"This link holds no longer",
                             "The settings of the messaging stop such mails as well."}},
        [DIGEST_READY] = {{"Ne plus recevoir ces courriels",
                           "Vous ne recevrez plus de courriel quand des messages vous attendent."},
                          {"No more of these mails",
                           "You will be sent no mail any more when messages wait for you."}},
        [DIGEST_STOPPED] = {{"C’est fait", "Vous ne recevrez plus ces courriels."},
                            {"Done", "You will be sent no such mail any more."}},
    };
    return &words[answer][english];
}

static int write_answer(struct request *rq, enum digest_answer answer, struct str token)
{
    bool english = api_language(rq) == LETTER_ENGLISH;
    const struct words *words = words_of(answer, english);
    struct page page;
    http_status(rq->use.x, answer == DIGEST_UNKNOWN ? 404 : 200);
    page_begin_in(rq, english ? "en" : "fr", str_from(words->title), &page);
    page_html(&page, "<p>");
    page_text(&page, str_from(words->text));
    page_html(&page, "</p>\n");
    if (answer == DIGEST_READY) {
        page_html(&page, "<form method=\"post\" action=\"" STOP_PATH "\">\n");
        page_hidden(&page, "token", token);
        page_html(&page, english ? "<button type=\"submit\">Confirm</button>\n</form>\n"
                                 : "<button type=\"submit\">Confirmer</button>\n</form>\n");
    }
    page_end(&page);
    return API_DONE;
}

/* A mail scanner may open it as often as it likes: nothing changes. */
static int get_stop(struct request *rq)
{
    struct str token = api_query(rq, STR("token"));
    enum digest_answer answer;
    if (digest_look(&rq->use, token.p ? token : STR(""), &answer) < 0)
        return API_FAILED;
    return write_answer(rq, answer, token);
}

/* From the page's form, or by the mail's reader at one click, who posts to the link as it is (RFC
 * 8058, 3.1). */
static int post_stop(struct request *rq)
{
    struct str form = http_body(rq->use.x), token = api_query(rq, STR("token"));
    enum digest_answer answer;
    if (!token.p && query_check(rq->use.arena, form) < 0)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "The form cannot be read");
    if (!token.p)
        token = query_find(rq->use.arena, form, STR("token"), 0);
    if (digest_stop(&rq->use, token.p ? token : STR(""), &answer) < 0)
        return API_FAILED;
    return write_answer(rq, answer, token);
}

static const struct api_route routes[] = {
    {HTTP_GET, STOP_PATH, API_ACCESS_NOBODY, API_RATE_REGISTER, get_stop, .flags = API_PAGE},
    {HTTP_POST, STOP_PATH, API_ACCESS_NOBODY, API_RATE_REGISTER, post_stop,
     .flags = API_PAGE | HTTP_ROUTE_ANY_TYPE},
};
const struct api_table api_client_digest = {routes, ARRAY_LEN(routes)};
