/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_ADDRESS_H
#define CHAPPE_SERVICE_ACCOUNTS_ADDRESS_H

/* The e-mail address of an account, and what follows from it: name, organisation, whether it is
 * external. It is given at sign-up, and changed by its owner, who proves both mailboxes, or by the
 * operator. The Matrix id stays; the old address is told. */

#include "matrix/email.h"
#include "service/accounts/accounts.h"
#include "service/identity/identity.h"
#include "service/use.h"

/* Fills a registration from a proved address: the first free user id, name, organisation, external
 * mark. -1: 403 M_THREEPID_DENIED, 400 M_THREEPID_IN_USE. */
int address_register(struct use *use, const struct email *email,
                     struct registration *registration) MUST_USE;

/* The same for an account that the operator makes, under a user id of his choice, and answers for:
 * no proof and no invitation is asked. 400 M_INVALID_EMAIL. */
int address_add(struct use *use, struct str address, struct registration *registration) MUST_USE;

struct address_change {
    /* What the caller asks with. */
    struct str sid, client_secret;
    /* Filled by address_change_prepare. */
    struct email email, present;
    struct placement placement;
    bool has_address;
    /* Filled after the interactive authentication. */
    struct str uia_session, proof_of_present;
    struct email proved_present;
};
/* -1: 400 M_THREEPID_AUTH_FAILED when the new address is not proved; 403 M_THREEPID_DENIED. */
int address_change_prepare(struct use *use, struct address_change *change) MUST_USE;
/* 400 M_THREEPID_IN_USE, M_THREEPID_AUTH_FAILED. */
int address_change(struct use *use, const struct address_change *change) MUST_USE;

/* By the operator, who answers for it: audited. 400 M_INVALID_EMAIL; 403 M_THREEPID_DENIED when it
 * belongs to another server or is external. */
int address_set(struct use *use, int64_t user, struct str address) MUST_USE;

#endif
