/* SPDX-License-Identifier: EUPL-1.2 */

/* What is not Matrix: the page that says what this server is, and whether it is well. */

#include "api/health.h"
#include "api/page.h"
#include "api/routes.h"
#include "service/config.h"

static void write_address(struct page *page, struct str name, struct str url,
                          const char *name_label, const char *url_label)
{
    page_html(page, "<dl>\n<dt>");
    page_html(page, name_label);
    page_html(page, "</dt><dd><code>");
    page_text(page, name);
    page_html(page, "</code></dd>\n<dt>");
    page_html(page, url_label);
    page_html(page, "</dt><dd><code>");
    page_text(page, url);
    page_html(page, "</code></dd>\n</dl>\n");
}

static int get_root(struct request *rq)
{
    struct str name = rq->use.server->name, url = api_public_url(rq);
    struct page page;
    page_begin(rq, STR("Chappe, messagerie instantanée"), &page);
    page_html(&page,
              "<p>Cette adresse est celle d’un serveur Matrix : la messagerie instantanée d’une "
              "administration. Il n’a pas de page où se connecter ; on y entre avec un client "
              "Matrix, sur ordinateur ou sur téléphone.</p>\n"
              "<h2>Se connecter avec un client Matrix</h2>\n"
              "<ol>\n<li>Dans le client, choisissez un autre serveur que celui proposé.</li>\n"
              "<li>Indiquez l’adresse du serveur ci-dessous.</li>\n"
              "<li>Connectez-vous avec votre identifiant et votre mot de passe.</li>\n</ol>\n");
    write_address(&page, name, url, "Nom du serveur", "Adresse du serveur");
    page_html(&page, "<section lang=\"en\">\n<h2>In English</h2>\n"
                     "<p>This is the address of a Matrix server: the instant messaging of a public "
                     "administration. It has no page to sign in on; use a Matrix client, on a "
                     "computer or a phone.</p>\n"
                     "<ol>\n<li>In the client, choose another server than the one offered.</li>\n"
                     "<li>Give the address of the server below.</li>\n"
                     "<li>Sign in with your user name and your password.</li>\n</ol>\n");
    write_address(&page, name, url, "Server name", "Address of the server");
    page_html(&page, "</section>\n");
    page_end(&page);
    return API_DONE;
}

/* Readers are still served by a store that has stopped writing; whoever balances must know. */
int api_get_health(struct request *rq)
{
    bool stopped = store_has_stopped(rq->use.server->store);
    http_status(rq->use.x, stopped ? 503 : 200);
    json_write_object(&rq->out);
    json_write_member_str(&rq->out, STR("status"), stopped ? STR("stopped") : STR("ok"));
    if (stopped) {
        json_write_member_str(&rq->out, STR("errcode"), STR("M_UNKNOWN"));
        json_write_member_str(&rq->out, STR("error"), STR("The store has stopped writing"));
    }
    json_write_end(&rq->out);
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_GET, "/", API_ACCESS_NOBODY, API_RATE_NONE, get_root, .flags = API_PAGE | API_UNLESS_WEB},
    {HTTP_GET, "/health", API_ACCESS_NOBODY, API_RATE_NONE, api_get_health},
};
const struct api_table api_root = {routes, ARRAY_LEN(routes)};
