/* SPDX-License-Identifier: EUPL-1.2 */

/* The pages that a service of an administration owes its users, where the operator has none of his
 * own (terms.url, legal.*.url): then these addresses lead there. The web client links to them. */

#include "api/language.h"
#include "api/page.h"
#include "api/routes.h"
#include "service/config.h"

struct text {
    const char *title, *html;
};

struct legal_page {
    struct text french, english;
};

static const struct legal_page terms = {
    .french = {"Conditions d’utilisation",
               "<p>Ce service est la messagerie d’une administration. En créant un compte, vous "
               "acceptez ces conditions.</p>\n"
               "<h2>Ce que vous pouvez en faire</h2>\n"
               "<ul>\n<li>Échanger pour votre travail, avec des agents et avec les partenaires "
               "qu’ils invitent.</li>\n"
               "<li>Ne pas y mettre d’informations classifiées ou « Diffusion restreinte ».</li>\n"
               "<li>Ne donner votre mot de passe et vos codes à personne.</li>\n</ul>\n"
               "<h2>Ce qui est conservé</h2>\n"
               "<p>Votre adresse professionnelle, votre nom, vos appareils et vos messages. Les "
               "salons privés sont chiffrés de bout en bout : le serveur ne peut pas les lire. "
               "Vous pouvez demander une copie de vos données et fermer votre compte.</p>\n"
               "<h2>Qui est responsable</h2>\n"
               "<p>L’administration qui exploite ce serveur, nommée ci-dessous.</p>\n"},
    .english = {"Terms of use",
                "<p>This service is the messaging of a public administration. By creating an "
                "account you accept these terms.</p>\n"
                "<h2>What it is for</h2>\n"
                "<ul>\n<li>Talking for your work, with agents and with the partners they "
                "invite.</li>\n"
                "<li>No classified or restricted information.</li>\n"
                "<li>Give your password and your codes to nobody.</li>\n</ul>\n"
                "<h2>What is kept</h2>\n"
                "<p>Your professional address, your name, your devices and your messages. Private "
                "rooms are encrypted end to end: the server cannot read them. You may ask for a "
                "copy of your data and close your account.</p>\n"
                "<h2>Who answers for it</h2>\n"
                "<p>The administration that runs this server, named below.</p>\n"},
};

static const struct legal_page accessibility = {
    .french = {"Déclaration d’accessibilité",
               "<p>L’administration qui exploite ce service s’engage à le rendre accessible, "
               "conformément à l’article 47 de la loi n° 2005-102 du 11 février 2005.</p>\n"
               "<h2>État de conformité</h2>\n"
               "<p>Ce service n’a pas encore fait l’objet d’un audit de conformité au référentiel "
               "général d’amélioration de l’accessibilité (RGAA). Il est contrôlé par des outils "
               "automatiques à chaque version, et conçu pour le clavier et les lecteurs "
               "d’écran.</p>\n"
               "<h2>Signaler une difficulté</h2>\n"
               "<p>Si vous ne parvenez pas à lire un contenu ou à utiliser une fonction, "
               "adressez-vous à l’assistance de votre administration pour obtenir une autre voie. "
               "Sans réponse satisfaisante, vous pouvez saisir le Défenseur des droits.</p>\n"},
    .english = {"Accessibility statement",
                "<p>The administration that runs this service undertakes to make it accessible, "
                "according to article 47 of the French law 2005-102 of 11 February 2005.</p>\n"
                "<h2>State of conformity</h2>\n"
                "<p>This service has not been audited against the RGAA yet. It is checked by "
                "automatic tools at each version, and made for the keyboard and for screen "
                "readers.</p>\n"
                "<h2>Telling of a difficulty</h2>\n"
                "<p>If you cannot read something or use a function, ask the support of your "
                "administration for another way. Without a satisfying answer you may refer to the "
                "Defender of Rights.</p>\n"},
};

static const struct legal_page notice = {
    .french = {"Mentions légales",
               "<p>Ce service est édité par l’administration qui l’exploite, sous le nom de "
               "serveur ci-dessous.</p>\n"
               "<p>Il repose sur Chappe, logiciel libre sous licence EUPL-1.2.</p>\n"},
    .english = {"Legal notice",
                "<p>This service is published by the administration that runs it, under the server "
                "name below.</p>\n"
                "<p>It is made with Chappe, free software under the EUPL-1.2.</p>\n"},
};

static const struct legal_page privacy = {
    .french = {"Données personnelles",
               "<p>L’administration qui exploite ce service traite vos données pour vous permettre "
               "d’échanger avec des agents et leurs partenaires, dans l’exercice de sa mission "
               "d’intérêt public.</p>\n"
               "<h2>Quelles données</h2>\n"
               "<ul>\n<li>Votre adresse professionnelle, votre nom et votre organisation.</li>\n"
               "<li>Vos appareils et leurs connexions.</li>\n"
               "<li>Vos messages et vos fichiers ; ceux des salons privés sont chiffrés, et le "
               "service ne peut pas les lire.</li>\n</ul>\n"
               "<h2>Vos droits</h2>\n"
               "<p>Vous pouvez demander l’accès à vos données, leur rectification ou leur "
               "effacement au délégué à la protection des données de votre administration, et "
               "saisir la CNIL.</p>\n"
               "<p>Aucun traceur n’est déposé, et aucune page n’appelle un autre service.</p>\n"},
    .english = {"Personal data",
                "<p>The administration that runs this service processes your data so that you can "
                "talk with agents and their partners, in the exercise of its public duty.</p>\n"
                "<h2>Which data</h2>\n"
                "<ul>\n<li>Your professional address, your name and your organisation.</li>\n"
                "<li>Your devices and their connections.</li>\n"
                "<li>Your messages and files; those of private rooms are encrypted, and the "
                "service cannot read them.</li>\n</ul>\n"
                "<h2>Your rights</h2>\n"
                "<p>You may ask the data protection officer of your administration for access to "
                "your data, its correction or its deletion, and refer to the CNIL.</p>\n"
                "<p>No tracker is set, and no page calls another service.</p>\n"},
};

static const struct legal_page help = {
    .french = {"Aide",
               "<h2>Je n’ai plus mon mot de passe</h2>\n"
               "<p>Sur la page de connexion, « Mot de passe oublié ? » envoie un code à votre "
               "adresse professionnelle.</p>\n"
               "<h2>Je ne lis plus mes anciens messages</h2>\n"
               "<p>Saisissez votre code de récupération, ou comparez les images avec un autre "
               "appareil où vous êtes connecté.</p>\n"
               "<h2>Comment inviter un partenaire extérieur</h2>\n"
               "<p>Créez un salon « Privé ouvert aux externes », puis invitez son adresse de "
               "courriel depuis la liste des membres.</p>\n"
               "<h2>Un message d’erreur me donne un code</h2>\n"
               "<p>Dictez-le à l’assistance de votre administration, avec le diagnostic que les "
               "réglages permettent de copier.</p>\n"},
    .english = {"Help",
                "<h2>I have lost my password</h2>\n"
                "<p>On the page where one signs in, “Forgotten password?” sends a code to your "
                "professional address.</p>\n"
                "<h2>I cannot read my earlier messages</h2>\n"
                "<p>Type your recovery code, or compare the pictures with another device where you "
                "are signed in.</p>\n"
                "<h2>How to invite an outside partner</h2>\n"
                "<p>Create a room “Private, open to externals”, then invite their e-mail address "
                "from the list of members.</p>\n"
                "<h2>An error gives me a code</h2>\n"
                "<p>Tell it to the support of your administration, with the diagnostic that the "
                "settings let you copy.</p>\n"},
};

/* Who answers for what the page says. */
static void write_operator(struct request *rq, struct page *page)
{
    struct str name = rq->use.server->config->operator_name;
    if (name.p) {
        page_html(page, "<p>");
        page_text(page, name);
        page_html(page, "</p>\n");
    }
    page_html(page, "<p><code>");
    page_text(page, rq->use.server->name);
    page_html(page, "</code></p>\n");
}

/* Also the page of an operator who has one is reached through here: the client knows one address.
 */
static int show(struct request *rq, const struct legal_page *legal, struct str url)
{
    struct str asked = api_query(rq, STR("lang"));
    bool english = asked.p ? str_eq(asked, STR("en")) : api_language(rq) == LETTER_ENGLISH;
    const struct text *text = english ? &legal->english : &legal->french;
    struct page page;
    page_begin_in(rq, english ? "en" : "fr", str_from(text->title), &page);
    if (url.p) {
        http_status(rq->use.x, 303);
        http_set_header(rq->use.x, STR("Location"), url);
        page_html(&page, "<p><a href=\"");
        page_text(&page, url);
        page_html(&page, "\">");
        page_text(&page, url);
        page_html(&page, "</a></p>\n");
    } else {
        page_html(&page, text->html);
    }
    write_operator(rq, &page);
    page_end(&page);
    return API_DONE;
}

static int get_terms(struct request *rq)
{
    return show(rq, &terms, rq->use.server->config->terms_url);
}

static int get_accessibility(struct request *rq)
{
    return show(rq, &accessibility, rq->use.server->config->legal_accessibility_url);
}

static int get_notice(struct request *rq)
{
    return show(rq, &notice, rq->use.server->config->legal_notice_url);
}

static int get_privacy(struct request *rq)
{
    return show(rq, &privacy, rq->use.server->config->legal_privacy_url);
}

static int get_help(struct request *rq)
{
    return show(rq, &help, rq->use.server->config->legal_help_url);
}

#define PAGE API_ACCESS_NOBODY, API_RATE_NONE

static const struct api_route routes[] = {
    {HTTP_GET, "/terms", PAGE, get_terms, .flags = API_PAGE},
    {HTTP_GET, "/legal/accessibility", PAGE, get_accessibility, .flags = API_PAGE},
    {HTTP_GET, "/legal/notice", PAGE, get_notice, .flags = API_PAGE},
    {HTTP_GET, "/legal/privacy", PAGE, get_privacy, .flags = API_PAGE},
    {HTTP_GET, "/legal/help", PAGE, get_help, .flags = API_PAGE},
};
const struct api_table api_legal = {routes, ARRAY_LEN(routes)};
