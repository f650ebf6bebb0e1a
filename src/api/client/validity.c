/* SPDX-License-Identifier: EUPL-1.2 */

/* The validity of accounts (docs/design/validity.md): the routes of Tchap's clients, and those of
 * the module that came after, side by side; and users/info. */

#include "service/accounts/validity.h"
#include "api/client/tables.h"
#include "api/language.h"
#include "api/page.h"
#include "net/query.h"

#define OLD "/_matrix/client/unstable/account_validity"
#define NEW "/_synapse/client/email_account_validity"

static int post_send_mail(struct request *rq)
{
    return validity_send_mail(&rq->use, rq->use.caller.user, false);
}

/* ---- the page of the link ---- */

struct words {
    const char *title, *text;
};

static const struct words *words_of(enum renewal_answer answer, bool english)
{
    static const struct words words[][2] = {
        [RENEWAL_UNKNOWN] = {{"Ce lien n’est pas valable",
                              "Seul le lien du dernier courriel reçu est valable. Depuis la "
                              "messagerie, demandez un nouveau courriel."},
                             {"This link does not hold",
                              "Only the link of the last mail holds. Ask for another mail from "
                              "the messaging."}},
        [RENEWAL_READY] = {{"Prolonger votre compte",
                            "Confirmez que vous utilisez toujours votre compte."},
                           {"Renew your account", "Confirm that you still use your account."}},
        [RENEWAL_ALREADY] = {{"Votre compte est déjà prolongé",
                              "Vous n’avez rien d’autre à faire."},
                             {"Your account is renewed already", "There is nothing else to do."}},
        [RENEWAL_DONE] = {{"Votre compte est prolongé",
                           "Vous pouvez fermer cette page et revenir à la messagerie."},
                          {"Your account is renewed",
                           "You may close this page and go back to the messaging."}},
    };
    return &words[answer][english];
}

static void write_button(struct request *rq, struct page *page, struct str token, bool english)
{
    page_html(page, "<form method=\"post\" action=\"");
    page_text(page, str_from(rq->route->path));
    page_html(page, "\">\n");
    page_hidden(page, "token", token);
    page_html(page, english ? "<button type=\"submit\">Renew my account</button>\n</form>\n"
                            : "<button type=\"submit\">Prolonger mon compte</button>\n</form>\n");
}

static void write_answer(struct request *rq, enum renewal_answer answer, struct str token)
{
    bool english = api_language(rq) == LETTER_ENGLISH;
    const struct words *words = words_of(answer, english);
    struct page page;
    http_status(rq->use.x, answer == RENEWAL_UNKNOWN ? 404 : 200);
    page_begin_in(rq, english ? "en" : "fr", str_from(words->title), &page);
    page_html(&page, "<p>");
    page_text(&page, str_from(words->text));
    page_html(&page, "</p>\n");
    if (answer == RENEWAL_READY)
        write_button(rq, &page, token, english);
    page_end(&page);
}

/* A mail scanner may open it as often as it likes: nothing changes. */
static int get_renew(struct request *rq)
{
    struct str token = api_query(rq, STR("token"));
    enum renewal_answer answer;
    if (validity_look(&rq->use, token.p ? token : STR(""), &answer) < 0)
        return API_FAILED;
    write_answer(rq, answer, token);
    return API_DONE;
}

static int post_renew(struct request *rq)
{
    struct str form = http_body(rq->use.x);
    enum renewal_answer answer;
    if (query_check(rq->use.arena, form) < 0)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "The form cannot be read");
    struct str token = query_find(rq->use.arena, form, STR("token"), 0);
    if (validity_renew(&rq->use, token.p ? token : STR(""), &answer) < 0)
        return API_FAILED;
    write_answer(rq, answer, token);
    return API_DONE;
}

/* ---- for administrators ---- */

struct admin_body {
    struct str user_id;
    int64_t expiration_ts;
};

static const struct json_field admin_fields[] = {
    JSON_FIELD(struct admin_body, user_id, JSON_WANT_STR, JSON_REQUIRED, 255),
    JSON_FIELD(struct admin_body, expiration_ts, JSON_WANT_INT, JSON_NULL_OK, 0),
};

static int post_admin(struct request *rq)
{
    const struct admin_body *body = rq->body;
    const struct json *mails = json_find(rq->json, STR("enable_renewal_emails"));
    int64_t expires_ms;
    if (body->expiration_ts < 0 || body->expiration_ts > LIMIT_SAFE_INTEGER)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM",
                          "expiration_ts is a time in milliseconds");
    if (validity_set(&rq->use, body->user_id, body->expiration_ts, json_as_bool(mails, true),
                     &expires_ms) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_int(&rq->out, STR("expiration_ts"), expires_ms);
    json_write_end(&rq->out);
    return API_DONE;
}

/* ---- users/info ---- */

struct info_body {
    const struct json *user_ids;
};

static const struct json_field info_fields[] = {
    JSON_FIELD(struct info_body, user_ids, JSON_WANT_ARRAY, JSON_REQUIRED, 0),
};

static int post_info(struct request *rq)
{
    const struct info_body *body = rq->body;
    size_t n = body->user_ids->array.n;
    struct str *user_ids = ARENA_NEW_N(rq->use.arena, n + 1, struct str);
    if (n > LIMIT_USERS_INFO)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "At most %d users at a time",
                          LIMIT_USERS_INFO);
    for (size_t i = 0; i < n; i++) {
        if (body->user_ids->array.items[i].kind != JSON_STRING)
            return err_client(&rq->use.err, 400, "M_BAD_JSON", "user_ids are strings");
        user_ids[i] = json_as_str(&body->user_ids->array.items[i]);
    }
    return validity_write_info(&rq->use, user_ids, n, &rq->out);
}

#define EXPIRED API_ACCESS_USER_EXPIRED, API_RATE_WRITE
#define PAGE    API_ACCESS_NOBODY, API_RATE_REGISTER
#define FORM    (API_PAGE | HTTP_ROUTE_ANY_TYPE)
#define ADMIN                                                                                      \
    API_ACCESS_ADMIN, API_RATE_WRITE, post_admin, API_BODY(struct admin_body, admin_fields)

static const struct api_route routes[] = {
    {HTTP_POST, OLD "/send_mail", EXPIRED, post_send_mail},
    {HTTP_POST, NEW "/send_mail", EXPIRED, post_send_mail},
    {HTTP_GET, OLD "/renew", PAGE, get_renew, .flags = API_PAGE},
    {HTTP_GET, NEW "/renew", PAGE, get_renew, .flags = API_PAGE},
    {HTTP_POST, OLD "/renew", PAGE, post_renew, .flags = FORM},
    {HTTP_POST, NEW "/renew", PAGE, post_renew, .flags = FORM},
    {HTTP_POST, "/_synapse/admin/v1/account_validity/validity", ADMIN},
    {HTTP_POST, NEW "/admin", ADMIN},
    {HTTP_POST, "/_matrix/client/unstable/users/info", API_ACCESS_USER, API_RATE_READ, post_info,
     API_BODY(struct info_body, info_fields)},
};
const struct api_table api_client_validity = {routes, ARRAY_LEN(routes)};
