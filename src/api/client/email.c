/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "requestToken", and what a mailed code and link lead to. */

#include "api/client/tables.h"
#include "api/language.h"
#include "api/page.h"
#include "api/request_token.h"
#include "net/query.h"
#include "service/config.h"
#include "service/identity/validation.h"

#define SUBMIT_PATH  "/_matrix/client/unstable/org.chappe/email/submit_token"
#define CONFIRM_PATH "/_matrix/client/unstable/org.chappe/email/confirm"

/* ---- asking for a mail ---- */

static int request_token(struct request *rq, enum validation_purpose purpose)
{
    struct validation_request request = api_token_request(rq, purpose);
    struct str sid;
    if (validation_request(&rq->use, &request, &sid) < 0)
        return API_FAILED;
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("sid"), sid);
    json_write_member_str(
        &rq->out, STR("submit_url"),
        arena_printf(rq->use.arena, "%.*s" SUBMIT_PATH, STR_ARG(request.base_url)));
    json_write_end(&rq->out);
    return API_DONE;
}

static int post_register_token(struct request *rq)
{
    if (rq->use.server->config->registration_mode != CONFIG_REGISTRATION_EMAIL)
        return err_client(&rq->use.err, 403, "M_FORBIDDEN", "Registration is not by e-mail");
    return request_token(rq, VALIDATION_SIGN_UP);
}

static int post_password_token(struct request *rq)
{
    return request_token(rq, VALIDATION_PASSWORD);
}

static int post_address_token(struct request *rq)
{
    return request_token(rq, VALIDATION_ADDRESS);
}

/* ---- the code ---- */

struct code_body {
    struct str sid, client_secret, token;
};

static const struct json_field code_fields[] = {
    JSON_FIELD(struct code_body, sid, JSON_WANT_STR, JSON_REQUIRED, 255),
    JSON_FIELD(struct code_body, client_secret, JSON_WANT_STR, JSON_REQUIRED, 255),
    JSON_FIELD(struct code_body, token, JSON_WANT_STR, JSON_REQUIRED, 255),
};

static int post_code(struct request *rq)
{
    const struct code_body *body = rq->body;
    enum validation_answer answer;
    int status = validation_submit(&rq->use, body->sid, body->client_secret, body->token, &answer);
    if (status != USE_DONE)
        return status;
    if (answer != VALIDATION_GOOD)
        return api_code_refused(rq, answer);
    json_write_raw(&rq->out, STR("{\"success\":true}"));
    return API_DONE;
}

/* ---- the link ---- */

struct words {
    const char *title, *ask, *button;
};

static const struct words *words_of(enum validation_purpose purpose, bool english)
{
    static const struct words all[][2] = {
        [VALIDATION_SIGN_UP] =
            {{"Confirmer votre adresse",
              "Vous avez demandé à créer un compte. Confirmez que cette adresse est la vôtre.",
              "Confirmer mon adresse"},
             {"Confirm your address",
              "You have asked to create an account. Confirm that this address is yours.",
              "Confirm my address"}},
        [VALIDATION_PASSWORD] =
            {{"Changer de mot de passe",
              "Quelqu’un a demandé à changer le mot de passe de votre compte. Si ce n’est pas "
              "vous, fermez cette page : rien ne change.",
              "C’est moi : autoriser le changement"},
             {"Change of password",
              "Somebody has asked to change the password of your account. If it is not you, close "
              "this page: nothing changes.",
              "It is me: allow the change"}},
        [VALIDATION_ADDRESS] =
            {{"Changer d’adresse",
              "Quelqu’un a demandé à changer l’adresse d’un compte. Si ce n’est pas vous, fermez "
              "cette page : rien ne change.",
              "C’est moi : confirmer le changement"},
             {"Change of address",
              "Somebody has asked to change the address of an account. If it is not you, close "
              "this "
              "page: nothing changes.",
              "It is me: confirm the change"}},
        [VALIDATION_BIND] = {{"Confirmer votre adresse",
                              "Confirmez que cette adresse est la vôtre.", "Confirmer mon adresse"},
                             {"Confirm your address", "Confirm that this address is yours.",
                              "Confirm my address"}},
    };
    return &all[purpose][english];
}

static void write_paragraph(struct page *page, const char *html)
{
    page_html(page, "<p>");
    page_html(page, html);
    page_html(page, "</p>\n");
}

static void write_question(struct request *rq, enum validation_purpose purpose, struct str sid,
                           struct str token)
{
    bool english = api_language(rq) == LETTER_ENGLISH;
    const struct words *words = words_of(purpose, english);
    struct page page;
    page_begin_in(rq, english ? "en" : "fr", str_from(words->title), &page);
    write_paragraph(&page, words->ask);
    page_html(&page, "<form method=\"post\" action=\"" CONFIRM_PATH "\">\n");
    page_hidden(&page, "sid", sid);
    page_hidden(&page, "token", token);
    page_html(&page, "<button type=\"submit\">");
    page_html(&page, words->button);
    page_html(&page, "</button>\n</form>\n");
    page_end(&page);
}

static void write_outcome(struct request *rq, bool good)
{
    bool english = api_language(rq) == LETTER_ENGLISH;
    struct page page;
    const char *title =
        good ? (english ? "It is confirmed" : "C’est confirmé")
             : (english ? "This link holds no longer" : "Ce lien n’est plus valable");
    const char *text =
        good ? (english ? "You may close this page and go back to where you began."
                        : "Vous pouvez fermer cette page et revenir là où vous avez commencé.")
             : (english
                    ? "A link works for 10 minutes, and once. Go back to where you began and ask "
                      "for another mail."
                    : "Un lien est valable 10 minutes, une seule fois. Revenez là où vous avez "
                      "commencé et demandez un autre courriel.");
    http_status(rq->use.x, good ? 200 : 410);
    page_begin_in(rq, english ? "en" : "fr", str_from(title), &page);
    write_paragraph(&page, text);
    page_end(&page);
}

/* A mail scanner may open it as often as it likes. */
static int get_confirm(struct request *rq)
{
    struct str sid = api_query(rq, STR("sid")), token = api_query(rq, STR("token"));
    enum validation_answer answer;
    enum validation_purpose purpose = VALIDATION_SIGN_UP;
    if (validation_look(&rq->use, sid.p ? sid : STR(""), token.p ? token : STR(""), &answer,
                        &purpose) < 0)
        return API_FAILED;
    if (answer == VALIDATION_GOOD)
        write_question(rq, purpose, sid, token);
    else
        write_outcome(rq, false);
    return API_DONE;
}

static int post_confirm(struct request *rq)
{
    struct str form = http_body(rq->use.x);
    enum validation_answer answer;
    if (query_check(rq->use.arena, form) < 0)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "The form cannot be read");
    struct str sid = query_find(rq->use.arena, form, STR("sid"), 0);
    struct str token = query_find(rq->use.arena, form, STR("token"), 0);
    int status =
        validation_confirm(&rq->use, sid.p ? sid : STR(""), token.p ? token : STR(""), &answer);
    if (status != USE_DONE)
        return status;
    write_outcome(rq, answer == VALIDATION_GOOD);
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_POST, "/_matrix/client/v3/register/email/requestToken", API_ACCESS_NOBODY,
     API_RATE_REGISTER, post_register_token, API_BODY(struct token_body, token_fields)},
    {HTTP_POST, "/_matrix/client/v3/account/password/email/requestToken", API_ACCESS_NOBODY,
     API_RATE_REGISTER, post_password_token, API_BODY(struct token_body, token_fields)},
    {HTTP_POST, "/_matrix/client/v3/account/3pid/email/requestToken", API_ACCESS_OPTIONAL,
     API_RATE_REGISTER, post_address_token, API_BODY(struct token_body, token_fields)},
    {HTTP_POST, SUBMIT_PATH, API_ACCESS_NOBODY, API_RATE_REGISTER, post_code,
     API_BODY(struct code_body, code_fields)},
    {HTTP_GET, CONFIRM_PATH, API_ACCESS_NOBODY, API_RATE_REGISTER, get_confirm, .flags = API_PAGE},
    {HTTP_POST, CONFIRM_PATH, API_ACCESS_NOBODY, API_RATE_REGISTER, post_confirm,
     .flags = API_PAGE | HTTP_ROUTE_ANY_TYPE},
};
const struct api_table api_client_email = {routes, ARRAY_LEN(routes)};
