/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Fallback": a page on which a person completes a stage that their client does
 * not know. The page then tells the client, which asks again with the session alone. */

#include "api/client/tables.h"
#include "api/page.h"
#include "net/query.h"
#include "service/accounts/uia.h"

/* "The client's window": a web view calls onAuthDone, a pop-up is told by a message. */
static const char DONE_SCRIPT[] =
    "if(window.onAuthDone){window.onAuthDone();}"
    "else if(window.opener&&window.opener.postMessage){window.opener.postMessage('authDone','*');}";

/* The session has 24 letters and digits; anything else is not one of ours and is not looked up. */
static int check(struct request *rq, struct str session, enum uia_stage *ret_stage)
{
    int stage = uia_stage_find(api_param(rq, 0));
    bool known = false;
    if (stage != UIA_STAGE_REGISTRATION_TOKEN && stage != UIA_STAGE_DUMMY)
        return err_client(&rq->use.err, 404, "M_UNRECOGNIZED", "This stage has no page");
    if (!session.p)
        return err_client(&rq->use.err, 400, "M_MISSING_PARAM", "session is missing");
    if (session.n <= 255 && uia_fallback_load(&rq->use, session, &known) < 0)
        return -1;
    if (!known)
        return err_client(&rq->use.err, 403, "M_FORBIDDEN", "Unknown authentication session");
    *ret_stage = (enum uia_stage)stage;
    return 0;
}

static void write_form(struct request *rq, enum uia_stage stage, struct str session, bool failed)
{
    struct page page;
    bool by_token = stage == UIA_STAGE_REGISTRATION_TOKEN;
    page_begin(rq, by_token ? STR("Jeton d’inscription") : STR("Confirmer"), &page);
    if (failed)
        page_html(&page, "<p role=\"alert\">Ce jeton n’est pas valable. <span lang=\"en\">This "
                         "token is not valid.</span></p>\n");
    page_html(&page, "<form method=\"post\">\n<input type=\"hidden\" name=\"session\" value=\"");
    page_text(&page, session);
    page_html(&page, "\">\n");
    page_html(&page, by_token
                         ? "<label>Jeton reçu de votre administration <span lang=\"en\">(token "
                           "given by your administration)</span><br>\n<input name=\"token\" "
                           "required maxlength=\"64\" autocomplete=\"off\" autofocus></label>\n"
                         : "<p>Appuyez pour continuer. <span lang=\"en\">Press to go on.</span>"
                           "</p>\n");
    page_html(&page, "<button type=\"submit\">Continuer <span lang=\"en\">(Continue)</span>"
                     "</button>\n</form>\n");
    page_end(&page);
}

static int get_fallback(struct request *rq)
{
    struct str session = api_query(rq, STR("session"));
    enum uia_stage stage;
    if (check(rq, session, &stage) < 0)
        return API_FAILED;
    write_form(rq, stage, session, false);
    return API_DONE;
}

static void write_done(struct request *rq)
{
    struct page page;
    page_begin(rq, STR("C’est fait"), &page);
    page_html(&page, "<p>Vous pouvez fermer cette page et revenir à votre application. <span "
                     "lang=\"en\">You may close this page and go back to your application.</span>"
                     "</p>\n");
    page_script(&page, DONE_SCRIPT);
    page_end(&page);
}

/* The form's fields come as application/x-www-form-urlencoded. */
static int post_fallback(struct request *rq)
{
    struct str form = http_body(rq->use.x);
    enum uia_stage stage;
    bool passed;
    if (query_check(rq->use.arena, form) < 0)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "The form cannot be read");
    struct str session = query_find(rq->use.arena, form, STR("session"), 0);
    struct str token = query_find(rq->use.arena, form, STR("token"), 0);
    if (!session.p)
        session = api_query(rq, STR("session"));
    if (check(rq, session, &stage) < 0 ||
        uia_fallback_complete(&rq->use, stage, session, token.p ? token : STR(""), &passed) < 0)
        return API_FAILED;
    if (passed)
        write_done(rq);
    else
        write_form(rq, stage, session, true);
    return API_DONE;
}

#define FALLBACK "/_matrix/client/v3/auth/{authType}/fallback/web"

static const struct api_route routes[] = {
    {HTTP_GET, FALLBACK, API_ACCESS_NOBODY, API_RATE_REGISTER, get_fallback, .flags = API_PAGE},
    {HTTP_POST, FALLBACK, API_ACCESS_NOBODY, API_RATE_REGISTER, post_fallback,
     .flags = API_PAGE | HTTP_ROUTE_ANY_TYPE},
};
const struct api_table api_client_fallback = {routes, ARRAY_LEN(routes)};
