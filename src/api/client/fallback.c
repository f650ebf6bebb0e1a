/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Fallback": a page on which a person completes a stage that their client does
 * not know. The page then tells the client, which asks again with the session alone. */

#include "api/client/fallback.h"
#include "api/client/tables.h"
#include "net/query.h"
#include "service/config.h"

/* "The client's window": a web view calls onAuthDone, a pop-up is told by a message. */
static const char DONE_SCRIPT[] =
    "if(window.onAuthDone){window.onAuthDone();}"
    "else if(window.opener&&window.opener.postMessage){window.opener.postMessage('authDone','*');}";

static const struct {
    struct str title;
    const char *failed, *field;
} forms[] = {
    [UIA_STAGE_REGISTRATION_TOKEN] =
        {STR_INIT("Jeton d’inscription"),
         "Ce jeton n’est pas valable. <span lang=\"en\">This token is not valid.</span>",
         "<label>Jeton reçu de votre administration <span lang=\"en\">(token given by your "
         "administration)</span><br>\n<input name=\"token\" required maxlength=\"64\" "
         "autocomplete=\"off\" autofocus></label>\n"},
    [UIA_STAGE_PASSWORD] =
        {STR_INIT("Mot de passe"),
         "Ce mot de passe n’est pas le bon. <span lang=\"en\">This is not the right "
         "password.</span>",
         "<p>Votre application demande une confirmation. Si vous n’avez rien demandé, fermez cette "
         "page. <span lang=\"en\">Your application asks for a confirmation. If you have asked for "
         "nothing, close this page.</span></p>\n<label>Mot de passe <span "
         "lang=\"en\">(password)</span><br>\n<input name=\"password\" type=\"password\" required "
         "autocomplete=\"current-password\" autofocus></label>\n"},
    [UIA_STAGE_DUMMY] =
        {STR_INIT("Confirmer"), "",
         "<p>Appuyez pour continuer. <span lang=\"en\">Press to go on.</span></p>\n"},
    [UIA_STAGE_TERMS] =
        {STR_INIT("Conditions d’utilisation"), "",
         "<label><input type=\"checkbox\" required> J’ai lu et j’accepte les conditions. <span "
         "lang=\"en\">(I have read and accept the terms.)</span></label>\n"},
};

/* The session has 24 letters and digits; anything else is not one of ours and is not looked up. */
static int check(struct request *rq, struct str session, struct fallback *ret_asked)
{
    int stage = uia_stage_find(api_param(rq, 0));
    struct fallback asked = {.session = session};
    bool known = false;
    if (stage < 0)
        return err_client(&rq->use.err, 404, "M_UNRECOGNIZED", "This stage has no page");
    if (!session.p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "session is missing");
    asked.stage = (enum uia_stage)stage;
    if (session.n <= 255 &&
        uia_fallback_load(&rq->use, asked.stage, session, &asked.owner, &known) < 0)
        return -1;
    if (!known)
        return err_client(&rq->use.err, 403, "M_FORBIDDEN", "Unknown authentication session");
    *ret_asked = asked;
    return 0;
}

static void write_terms_link(struct request *rq, struct page *page)
{
    struct str url = rq->use.server->config->terms_url;
    page_html(page, "<p><a href=\"");
    page_text(page, url.p ? url : STR("/terms"));
    page_html(page, "\" target=\"_blank\" rel=\"noopener\">Lire les conditions <span "
                    "lang=\"en\">(read the terms)</span></a></p>\n");
}

void fallback_begin(struct request *rq, const struct fallback *asked, struct str title,
                    const char *alert, struct page *ret_page)
{
    page_begin(rq, title, ret_page);
    if (alert) {
        page_html(ret_page, "<p role=\"alert\">");
        page_html(ret_page, alert);
        page_html(ret_page, "</p>\n");
    }
    page_html(ret_page, "<form method=\"post\">\n");
    page_hidden(ret_page, "session", asked->session);
    if (asked->owner.user_id.p) {
        page_html(ret_page, "<p><code>");
        page_text(ret_page, asked->owner.user_id);
        page_html(ret_page, "</code></p>\n");
    }
}

void fallback_end(struct page *page, const char *more)
{
    page_html(page, "<button type=\"submit\">Continuer <span lang=\"en\">(Continue)</span>"
                    "</button>\n");
    page_html(page, more);
    page_html(page, "</form>\n");
    page_end(page);
}

static void write_form(struct request *rq, const struct fallback *asked, bool failed)
{
    struct page page;
    fallback_begin(rq, asked, forms[asked->stage].title, failed ? forms[asked->stage].failed : NULL,
                   &page);
    if (asked->stage == UIA_STAGE_TERMS)
        write_terms_link(rq, &page);
    page_html(&page, forms[asked->stage].field);
    fallback_end(&page, "");
}

static int get_fallback(struct request *rq)
{
    struct fallback asked;
    if (check(rq, api_query(rq, STR("session")), &asked) < 0)
        return API_FAILED;
    if (asked.stage == UIA_STAGE_EMAIL)
        return fallback_mail_form(rq, &asked);
    write_form(rq, &asked, false);
    return API_DONE;
}

void fallback_done(struct request *rq)
{
    struct page page;
    page_begin(rq, STR("C’est fait"), &page);
    page_html(&page, "<p>Vous pouvez fermer cette page et revenir à votre application. <span "
                     "lang=\"en\">You may close this page and go back to your application.</span>"
                     "</p>\n");
    page_script(&page, DONE_SCRIPT);
    page_end(&page);
}

struct str fallback_field(struct request *rq, struct str form, struct str name)
{
    struct str value = query_find(rq->use.arena, form, name, 0);
    return value.p ? value : STR("");
}

/* The form's fields come as application/x-www-form-urlencoded. */
static int post_fallback(struct request *rq)
{
    struct str form = http_body(rq->use.x);
    struct fallback asked;
    bool passed = false;
    if (query_check(rq->use.arena, form) < 0)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "The form cannot be read");
    struct str session = query_find(rq->use.arena, form, STR("session"), 0);
    if (check(rq, session.p ? session : api_query(rq, STR("session")), &asked) < 0)
        return API_FAILED;
    if (asked.stage == UIA_STAGE_EMAIL)
        return fallback_mail_post(rq, &asked, form);
    struct uia_given given = {fallback_field(
        rq, form, asked.stage == UIA_STAGE_PASSWORD ? STR("password") : STR("token"))};
    int status = uia_fallback_complete(&rq->use, asked.stage, asked.session, &given, &passed);
    if (status != USE_DONE)
        return status;
    if (passed)
        fallback_done(rq);
    else
        write_form(rq, &asked, true);
    return API_DONE;
}

#define FALLBACK "/_matrix/client/v3/auth/{authType}/fallback/web"

static const struct api_route routes[] = {
    {HTTP_GET, FALLBACK, API_ACCESS_NOBODY, API_RATE_REGISTER, get_fallback, .flags = API_PAGE},
    {HTTP_POST, FALLBACK, API_ACCESS_NOBODY, API_RATE_REGISTER, post_fallback,
     .flags = API_PAGE | HTTP_ROUTE_ANY_TYPE},
};
const struct api_table api_client_fallback = {routes, ARRAY_LEN(routes)};
