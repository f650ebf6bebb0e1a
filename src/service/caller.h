/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_CALLER_H
#define CHAPPE_SERVICE_CALLER_H

/* Who makes a request, as found from its access token. Names are integers; the texts are beside
 * them because answers need them. A caller lives as long as the request's arena. */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct appservice; /* service/appservice/registration.h */

struct caller {
    int64_t user; /* name; 0: nobody */
    struct str user_id;
    int64_t device; /* 0: a token without a device */
    struct str device_id;
    int64_t token; /* row of the access token */
    bool admin, suspended;
    const struct appservice *appservice; /* who acts as the user; NULL: the user does */
    bool ghost;    /* with appservice: nobody else signs in to the account, which has no password */
    bool external; /* an outside partner (docs/design/accounts-by-mail.md) */
};

#endif
