/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/smtp.h"

#include <string.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/outbound.h"

struct smtp {
    struct outbound outbound;
    CURL *curl;
    char reason[CURL_ERROR_SIZE];
};

#define SET(option, value) CHECK(curl_easy_setopt(smtp->curl, (option), (value)) == CURLE_OK)

/* libcurl takes the EHLO name from the URL's path. */
static int set_url(struct smtp *smtp, const struct smtp_config *config, struct err *err)
{
    CLEANUP(buf_done) struct buf url;
    buf_init(&url, KIB(4));
    buf_printf(&url, "%s/%s", config->url, config->hello);
    buf_add_byte(&url, 0);
    if (buf_is_full(&url))
        return err_internal(err, "the mail server's URL is too long");
    SET(CURLOPT_URL, url.p);
    return 0;
}

int smtp_new(const struct smtp_config *config, struct smtp **ret_smtp, struct err *err)
{
    struct smtp *smtp = MEM_NEW(struct smtp);
    smtp->outbound = (struct outbound){
        .operators = true,
        .connect_ms = LIMIT_SMTP_CONNECT_MS,
        .total_ms = LIMIT_SMTP_MS,
        .schemes = "smtp,smtps",
        .ca_file = config->ca_file,
    };
    smtp->curl = outbound_new(&smtp->outbound);
    if (!smtp->curl || set_url(smtp, config, err) < 0) {
        smtp_free(smtp);
        return smtp->curl ? -1 : err_internal(err, "libcurl does not start");
    }
    SET(CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    SET(CURLOPT_ERRORBUFFER, smtp->reason);
    SET(CURLOPT_UPLOAD, 1L);
    *ret_smtp = smtp;
    return 0;
}

void smtp_free(struct smtp *smtp)
{
    if (!smtp)
        return;
    curl_easy_cleanup(smtp->curl);
    mem_free(smtp);
}

/* ---- one mail ---- */

static size_t read_message(char *to, size_t size, size_t n, void *arg)
{
    struct str *rest = arg;
    size_t taken = size * n < rest->n ? size * n : rest->n;
    memcpy(to, rest->p, taken);
    *rest = str_skip(*rest, taken);
    return taken;
}

static int look_at_stop(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const bool *stop = arg;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return __atomic_load_n(stop, __ATOMIC_ACQUIRE);
}

/* libcurl wants terminated texts, and puts the brackets. */
static struct curl_slist *one_recipient(struct str to)
{
    char text[256];
    CHECK(to.n < sizeof text);
    memcpy(text, to.p, to.n);
    text[to.n] = 0;
    struct curl_slist *list = curl_slist_append(NULL, text);
    CHECK(list != NULL);
    return list;
}

static void set_sender(struct smtp *smtp, struct str from)
{
    char text[256];
    CHECK(from.n < sizeof text);
    memcpy(text, from.p, from.n);
    text[from.n] = 0;
    SET(CURLOPT_MAIL_FROM, text);
}

/* The recipient alone can be refused for good: other answers of the 500s tell of the server's
 * configuration or of ours, and are mended by an operator. */
static enum smtp_outcome outcome_of(struct smtp *smtp, CURLcode code, struct err *err)
{
    long reply = 0;
    if (code == CURLE_OK)
        return SMTP_SENT;
    curl_easy_getinfo(smtp->curl, CURLINFO_RESPONSE_CODE, &reply);
    (void)err_internal(err, "%s (%s), reply %ld", curl_easy_strerror(code), smtp->reason, reply);
    bool of_recipient = str_starts(str_from(smtp->reason), STR("RCPT failed: 5"));
    return of_recipient ? SMTP_REFUSED : SMTP_LATER;
}

enum smtp_outcome smtp_send(struct smtp *smtp, struct str from, struct str to, struct str message,
                            const bool *stop, struct err *err)
{
    struct curl_slist *recipients = one_recipient(to);
    set_sender(smtp, from);
    SET(CURLOPT_MAIL_RCPT, recipients);
    SET(CURLOPT_READFUNCTION, read_message);
    SET(CURLOPT_READDATA, &message);
    SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)message.n);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, look_at_stop);
    SET(CURLOPT_XFERINFODATA, (void *)(uintptr_t)stop);
    smtp->reason[0] = 0;
    enum smtp_outcome outcome = outcome_of(smtp, curl_easy_perform(smtp->curl), err);
    SET(CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(recipients);
    return outcome;
}
