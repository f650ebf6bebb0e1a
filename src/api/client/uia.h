/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_CLIENT_UIA_H
#define CHAPPE_API_CLIENT_UIA_H

#include "api/api.h"
#include "service/accounts/uia.h"

/* Asks for interactive authentication before a handler goes on. API_DONE with *ret_passed false:
 * the answer 401 is written; with true: go on, and use *ret_result in the job. Else API_FAILED,
 * API_WAIT. */
int api_uia(struct request *rq, const unsigned *flows, size_t n_flows, bool *ret_passed,
            struct uia_result *ret_result) MUST_USE;

/* The same with the purpose of the proof that m.login.email.identity takes. */
int api_uia_by_mail(struct request *rq, const unsigned *flows, size_t n_flows,
                    enum validation_purpose purpose, bool *ret_passed,
                    struct uia_result *ret_result) MUST_USE;

/* The same with the caller's password as the only flow. */
int api_uia_password(struct request *rq, bool *ret_passed, struct uia_result *ret_result) MUST_USE;

#endif
