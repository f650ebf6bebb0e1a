/* SPDX-License-Identifier: EUPL-1.2 */

/* The demonstration: the mails that were written, instead of a mailbox. 404 elsewhere. */

#include "api/page.h"
#include "api/routes.h"
#include "service/config.h"
#include "service/mail/mailer.h"

/* "12:04:59" of the day, UTC; the date does not matter here. */
static struct str time_of_day(struct arena *arena, int64_t ms)
{
    int seconds = (int)(ms / 1000 % 86400);
    return arena_printf(arena, "%02d:%02d:%02d UTC", seconds / 3600, seconds / 60 % 60,
                        seconds % 60);
}

static void write_pair(struct page *page, const char *name, struct str value)
{
    page_html(page, "<dt>");
    page_html(page, name);
    page_html(page, "</dt><dd>");
    page_text(page, value);
    page_html(page, "</dd>\n");
}

/* A link of ours; it opens beside, so that the sign-up stays where it is. */
static void write_link(struct page *page, struct str link)
{
    page_html(page, "<p><a href=\"");
    page_text(page, link);
    page_html(page, "\" target=\"_blank\" rel=\"noopener\">Ouvrir le lien du courriel</a></p>\n");
}

static void write_mail(struct request *rq, struct page *page, const struct shown_mail *mail)
{
    page_html(page, "<article>\n<h2>");
    page_text(page, mail->subject);
    page_html(page, "</h2>\n<dl>\n");
    write_pair(page, "Pour", mail->to);
    write_pair(page, "Écrit à", time_of_day(rq->use.arena, mail->at_ms));
    page_html(page, "</dl>\n");
    if (mail->code.p) {
        page_html(page, "<p>Code : <button type=\"button\" class=\"code\" data-code=\"");
        page_text(page, mail->code);
        page_html(page, "\">");
        page_text(page, mail->code);
        page_html(page, "</button> <span role=\"status\"></span></p>\n");
    }
    if (mail->link.p)
        write_link(page, mail->link);
    page_html(page, "<details><summary>Le texte du courriel</summary>\n<pre>");
    page_text(page, mail->text);
    page_html(page, "</pre></details>\n</article>\n");
}

/* The page is whole without it; with it a click copies the code. */
static const char COPY_SCRIPT[] = "for(const b of document.querySelectorAll('button.code'))"
                                  "b.addEventListener('click',async()=>{"
                                  "await navigator.clipboard.writeText(b.dataset.code);"
                                  "b.nextElementSibling.textContent='Copié';});";

static int get_mails(struct request *rq)
{
    struct shown_mail *mails;
    struct page page;
    size_t n;
    if (!config_is_demonstration(rq->use.server->config))
        return err_client(&rq->use.err, 404, "M_UNRECOGNIZED", "Unrecognized request");
    mailer_list_shown(rq->use.server->mailer, rq->use.arena, &mails, &n);
    page_begin(rq, STR("Démonstration : les courriels"), &page);
    page_html(&page,
              "<p>Dans la démonstration, aucun courriel ne part : ils s’affichent ici, les plus "
              "récents d’abord. <span lang=\"en\">No mail leaves in the demonstration: they are "
              "shown here, newest first.</span></p>\n"
              "<p><a href=\"/demo/mail\">Actualiser</a></p>\n");
    if (!n)
        page_html(&page, "<p>Aucun courriel pour l’instant : demandez un code, puis actualisez "
                         "cette page.</p>\n");
    for (size_t i = 0; i < n; i++)
        write_mail(rq, &page, &mails[i]);
    page_script(&page, COPY_SCRIPT);
    page_end(&page);
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_GET, "/demo/mail", API_ACCESS_NOBODY, API_RATE_NONE, get_mails, .flags = API_PAGE},
};
const struct api_table api_demo = {routes, ARRAY_LEN(routes)};
