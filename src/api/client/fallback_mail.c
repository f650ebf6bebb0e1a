/* SPDX-License-Identifier: EUPL-1.2 */

/* The stage m.login.email.identity on pages of this server: one asks for the address, one for the
 * code that was mailed to it. What the second must know of the first (sid and
 * client_secret) stands in the page and nowhere else. */

#include <string.h>

#include "api/client/fallback.h"
#include "api/client/tables.h"
#include "api/language.h"
#include "base/limits.h"
#include "service/identity/validation.h"

#define ENGLISH(text) " <span lang=\"en\">" text "</span>"

/* What the second page knows. */
struct mailed {
    struct str sid, secret;
};

/* ---- the address ---- */

static int write_address_form(struct request *rq, const struct fallback *asked, const char *alert)
{
    struct page page;
    fallback_begin(rq, asked, STR("Votre adresse professionnelle"), alert, &page);
    page_html(
        &page, "<p id=\"why\">Un code vous sera envoyé à cette adresse." //
        ENGLISH(
            "A code will be mailed to this address.") "</p>\n"
                                                      "<label>Adresse de courriel" ENGLISH(
                                                          "(e-mail address)") "<br>\n"
                                                                              "<input "
                                                                              "name=\"email\" "
                                                                              "type=\"email\" "
                                                                              "required "
                                                                              "maxlength=\"254\" "
                                                                              "autocomplete="
                                                                              "\"email\" "
                                                                              "aria-describedby="
                                                                              "\"why\" "
                                                                              "autofocus></"
                                                                              "label>\n");
    fallback_end(&page, "");
    return API_DONE;
}

int fallback_mail_form(struct request *rq, const struct fallback *asked)
{
    return write_address_form(rq, asked, NULL);
}

/* ---- the code ---- */

static int write_code_form(struct request *rq, const struct fallback *asked,
                           const struct mailed *mailed, const char *alert)
{
    struct page page;
    fallback_begin(rq, asked, STR("Le code reçu par courriel"), alert, &page);
    page_hidden(&page, "sid", mailed->sid);
    page_hidden(&page, "client_secret", mailed->secret);
    page_html(&page,
              "<p id=\"why\">Un courriel vient de vous être envoyé. Saisissez son code, ou "
              "ouvrez son lien puis continuez sans code." ENGLISH(
                  "A mail was sent to you. Type its code, or open its link and go on without a "
                  "code.") "</p>\n"
                           "<label>Code" ENGLISH(
                               "(code)") "<br>\n<input name=\"token\" "
                                         "inputmode=\"numeric\" maxlength=\"20\" "
                                         "autocomplete=\"one-time-code\" "
                                         "aria-describedby=\"why\" autofocus></label>\n");
    fallback_end(&page, "<button type=\"submit\" name=\"again\" value=\"1\">Demander un autre "
                        "courriel" ENGLISH("(Ask for another mail)") "</button>\n");
    return API_DONE;
}

/* ---- asking for the mail ---- */

/* What a person can do about it; NULL: it is no answer for a person. */
static const char *why_not(const struct err *err)
{
    static const struct {
        const char *errcode, *words;
    } known[] = {
        {"M_INVALID_EMAIL",
         "Ce n’est pas une adresse de courriel." ENGLISH("This is not an e-mail address.")},
        {"M_THREEPID_DENIED",
         "Cette adresse ne peut pas être utilisée ici, ou pas sans invitation." ENGLISH(
             "This address cannot be used here, or not without an invitation.")},
        {"M_LIMIT_EXCEEDED", "Trop de courriels vers cette adresse : attendez un peu." ENGLISH(
                                 "Too many mails to this address: wait a little.")},
    };
    for (size_t i = 0; err->kind == ERR_KIND_CLIENT && i < ARRAY_LEN(known); i++)
        if (strcmp(err->errcode, known[i].errcode) == 0)
            return known[i].words;
    return NULL;
}

/* In the name of whose session it is: their present address may always be proved. */
static int ask_for_mail(struct request *rq, const struct fallback *asked, struct str address,
                        struct mailed *mailed)
{
    struct caller nobody = rq->use.caller;
    struct validation_request request = {
        .purpose = asked->owner.purpose,
        .address = address,
        .client_secret = mailed->secret,
        .send_attempt = 1,
        .language = api_language(rq),
        .base_url = api_own_url(rq),
    };
    rq->use.caller.user = asked->owner.user;
    int status = validation_request(&rq->use, &request, &mailed->sid);
    rq->use.caller = nobody;
    return status;
}

static int post_address(struct request *rq, const struct fallback *asked, struct str address)
{
    struct mailed mailed = {.secret = validation_new_secret(rq->use.arena)};
    if (ask_for_mail(rq, asked, address, &mailed) == 0)
        return write_code_form(rq, asked, &mailed, NULL);
    const char *why = why_not(&rq->use.err);
    if (!why)
        return API_FAILED;
    rq->use.err = ERR_INIT;
    return write_address_form(rq, asked, why);
}

/* ---- the proof ---- */

static int finish(struct request *rq, const struct fallback *asked, const struct mailed *mailed)
{
    struct uia_given given = {mailed->sid, mailed->secret};
    bool passed = false;
    int status = uia_fallback_complete(&rq->use, asked->stage, asked->session, &given, &passed);
    if (status != USE_DONE)
        return status;
    if (!passed)
        return write_code_form(rq, asked, mailed,
                               "Votre adresse n’est pas encore confirmée." ENGLISH(
                                   "Your address is not confirmed yet."));
    fallback_done(rq);
    return API_DONE;
}

static int post_code(struct request *rq, const struct fallback *asked, const struct mailed *mailed,
                     struct str code)
{
    enum validation_answer answer = VALIDATION_GOOD;
    int status = code.n ? validation_submit(&rq->use, mailed->sid, mailed->secret, code, &answer)
                        : USE_DONE; /* the link was opened */
    if (status != USE_DONE)
        return status;
    if (answer == VALIDATION_WRONG)
        return write_code_form(rq, asked, mailed,
                               "Ce n’est pas le bon code." ENGLISH("This is not the code."));
    if (answer != VALIDATION_GOOD)
        return write_address_form(rq, asked,
                                  "Ce code n’est plus valable : demandez-en un autre." ENGLISH(
                                      "This code holds no longer: ask for another one."));
    return finish(rq, asked, mailed);
}

int fallback_mail_post(struct request *rq, const struct fallback *asked, struct str form)
{
    struct mailed mailed = {fallback_field(rq, form, STR("sid")),
                            fallback_field(rq, form, STR("client_secret"))};
    if (fallback_field(rq, form, STR("again")).n)
        return fallback_mail_form(rq, asked);
    if (!mailed.sid.n)
        return post_address(rq, asked, fallback_field(rq, form, STR("email")));
    return post_code(rq, asked, &mailed, fallback_field(rq, form, STR("token")));
}
