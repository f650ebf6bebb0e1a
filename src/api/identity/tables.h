/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_IDENTITY_TABLES_H
#define CHAPPE_API_IDENTITY_TABLES_H

/* The route tables of the identity service API. */

#include "api/api.h"

extern const struct api_table api_identity_info;
extern const struct api_table api_identity_account;
extern const struct api_table api_identity_keys;
extern const struct api_table api_identity_lookup;
extern const struct api_table api_identity_invite;
extern const struct api_table api_identity_association;

#endif
