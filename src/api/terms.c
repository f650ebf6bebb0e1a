/* SPDX-License-Identifier: EUPL-1.2 */

/* The terms that m.login.terms links to when the operator has none of his own (terms.url). */

#include "api/language.h"
#include "api/page.h"
#include "api/routes.h"

static const char FRENCH[] =
    "<p>Ce service est la messagerie d’une administration. En créant un compte, vous acceptez ces "
    "conditions.</p>\n"
    "<h2>Ce que vous pouvez en faire</h2>\n"
    "<ul>\n<li>Échanger pour votre travail, avec des agents et avec les partenaires qu’ils "
    "invitent.</li>\n"
    "<li>Ne pas y mettre d’informations classifiées ou « Diffusion restreinte ».</li>\n"
    "<li>Ne donner votre mot de passe et vos codes à personne.</li>\n</ul>\n"
    "<h2>Ce qui est conservé</h2>\n"
    "<p>Votre adresse professionnelle, votre nom, vos appareils et vos messages. Les salons privés "
    "sont chiffrés de bout en bout : le serveur ne peut pas les lire. Vous pouvez demander une "
    "copie "
    "de vos données et fermer votre compte.</p>\n"
    "<h2>Qui est responsable</h2>\n"
    "<p>L’administration qui exploite ce serveur, nommée ci-dessous.</p>\n";

static const char ENGLISH[] =
    "<p>This service is the messaging of a public administration. By creating an account you "
    "accept "
    "these terms.</p>\n"
    "<h2>What it is for</h2>\n"
    "<ul>\n<li>Talking for your work, with agents and with the partners they invite.</li>\n"
    "<li>No classified or restricted information.</li>\n"
    "<li>Give your password and your codes to nobody.</li>\n</ul>\n"
    "<h2>What is kept</h2>\n"
    "<p>Your professional address, your name, your devices and your messages. Private rooms are "
    "encrypted end to end: the server cannot read them. You may ask for a copy of your data and "
    "close your account.</p>\n"
    "<h2>Who answers for it</h2>\n"
    "<p>The administration that runs this server, named below.</p>\n";

static int get_terms(struct request *rq)
{
    struct str asked = api_query(rq, STR("lang"));
    bool english = asked.p ? str_eq(asked, STR("en")) : api_language(rq) == LETTER_ENGLISH;
    struct page page;
    page_begin_in(rq, english ? "en" : "fr",
                  english ? STR("Terms of use") : STR("Conditions d’utilisation"), &page);
    page_html(&page, english ? ENGLISH : FRENCH);
    page_html(&page, "<p><code>");
    page_text(&page, rq->use.server->name);
    page_html(&page, "</code></p>\n");
    page_end(&page);
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_GET, "/terms", API_ACCESS_NOBODY, API_RATE_NONE, get_terms, .flags = API_PAGE},
};
const struct api_table api_terms = {routes, ARRAY_LEN(routes)};
