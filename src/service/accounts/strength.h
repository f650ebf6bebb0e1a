/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_STRENGTH_H
#define CHAPPE_SERVICE_ACCOUNTS_STRENGTH_H

/* Whether a password is one of the first that somebody would try. It is cut into pieces as a
 * guesser sees it: a common word (French, English, of offices; whatever the case, accents apart,
 * and with the usual digits for letters) is two steps of guessing, a row of keys, a run of the
 * alphabet, a date or a repetition is one, any other character is one. Fewer than
 * STRENGTH_STEPS_MIN steps make it common. The list of words is short and our own: it is there to
 * refuse "motdepasse2026!" and "Bonjour123456", not to measure. */

#include <stdbool.h>

#include "base/str.h"

#define STRENGTH_STEPS_MIN 8

bool password_is_common(struct str password);

#endif
