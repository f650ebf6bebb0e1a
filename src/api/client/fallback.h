/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_CLIENT_FALLBACK_H
#define CHAPPE_API_CLIENT_FALLBACK_H

/* The pages on which a person completes a stage (client-server API, "Fallback"): what those of the
 * mailbox, which are several, share with the others. */

#include "api/page.h"
#include "service/accounts/uia.h"

/* What a page is for. */
struct fallback {
    enum uia_stage stage;
    struct str session;
    struct uia_owner owner;
};

/* The page up to its form's own fields. alert: HTML of ours, what went wrong; NULL: nothing. */
void fallback_begin(struct request *rq, const struct fallback *asked, struct str title,
                    const char *alert, struct page *ret_page);
/* The form's button, what HTML of ours follows it in the form, and the page's end. */
void fallback_end(struct page *page, const char *more);
/* The stage is done: the page tells the client. */
void fallback_done(struct request *rq);
/* A field of the form, in the arena; empty when it is not there. */
struct str fallback_field(struct request *rq, struct str form, struct str name);

/* fallback_mail.c: the address, then the code that was mailed to it. */
int fallback_mail_form(struct request *rq, const struct fallback *asked) MUST_USE;
int fallback_mail_post(struct request *rq, const struct fallback *asked, struct str form) MUST_USE;

#endif
