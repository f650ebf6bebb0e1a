/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_LANGUAGE_H
#define CHAPPE_API_LANGUAGE_H

#include "api/api.h"
#include "service/mail/letter.h"

/* The language for whoever asks (Accept-Language, RFC 9110, 12.5.4): French unless English is
 * preferred to it. */
enum letter_language api_language(struct request *rq);

/* The same from the header's text; STR_NONE: absent. */
enum letter_language language_of(struct str accept_language);

#endif
