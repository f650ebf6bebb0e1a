/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/client/uia.h"

#include "service/config.h"

static void write_stages(struct json_writer *out, unsigned stages)
{
    json_write_array(out);
    for (int i = 0; i < UIA_STAGE_COUNT; i++)
        if (stages & UIA_FLOW(i))
            json_write_str(out, uia_stage_name((enum uia_stage)i));
    json_write_end(out);
}

static void write_policy(struct request *rq, struct str language, struct str name)
{
    const struct config *config = rq->use.server->config;
    struct json_writer *out = &rq->out;
    struct str url = config->terms_url;
    if (!url.p)
        url = arena_printf(rq->use.arena, "%.*s/terms?lang=%.*s", STR_ARG(api_public_url(rq)),
                           STR_ARG(language));
    json_write_key(out, language);
    json_write_object(out);
    json_write_member_str(out, STR("name"), name);
    json_write_member_str(out, STR("url"), url);
    json_write_end(out);
}

/* Client-server API, "Terms of service at registration". */
static void write_terms(struct request *rq)
{
    struct json_writer *out = &rq->out;
    struct str version = rq->use.server->config->terms_version;
    json_write_key(out, STR("m.login.terms"));
    json_write_object(out);
    json_write_key(out, STR("policies"));
    json_write_object(out);
    json_write_key(out, STR("terms"));
    json_write_object(out);
    json_write_member_str(out, STR("version"), version.p ? version : STR("1"));
    write_policy(rq, STR("fr"), STR("Conditions d’utilisation"));
    write_policy(rq, STR("en"), STR("Terms of use"));
    json_write_end(out);
    json_write_end(out);
    json_write_end(out);
}

static bool have_stage(const unsigned *flows, size_t n_flows, enum uia_stage stage)
{
    for (size_t i = 0; i < n_flows; i++)
        if (flows[i] & UIA_FLOW(stage))
            return true;
    return false;
}

static void write_challenge(struct request *rq, const unsigned *flows, size_t n_flows,
                            const struct uia_result *result)
{
    struct json_writer *out = &rq->out;
    http_status(rq->use.x, 401);
    json_write_object(out);
    json_write_key(out, STR("flows"));
    json_write_array(out);
    for (size_t i = 0; i < n_flows; i++) {
        json_write_object(out);
        json_write_key(out, STR("stages"));
        write_stages(out, flows[i]);
        json_write_end(out);
    }
    json_write_end(out);
    json_write_key(out, STR("params"));
    json_write_object(out);
    if (have_stage(flows, n_flows, UIA_STAGE_TERMS))
        write_terms(rq);
    json_write_end(out);
    json_write_member_str(out, STR("session"), result->session);
    json_write_key(out, STR("completed"));
    write_stages(out, result->completed);
    if (result->errcode) {
        json_write_member_str(out, STR("errcode"), str_from(result->errcode));
        json_write_member_str(out, STR("error"), str_from(result->error));
    }
    json_write_end(out);
}

int api_uia(struct request *rq, const unsigned *flows, size_t n_flows, bool *ret_passed,
            struct uia_result *ret_result)
{
    return api_uia_by_mail(rq, flows, n_flows, VALIDATION_SIGN_UP, ret_passed, ret_result);
}

int api_uia_by_mail(struct request *rq, const unsigned *flows, size_t n_flows,
                    enum validation_purpose purpose, bool *ret_passed,
                    struct uia_result *ret_result)
{
    /* Of an account that is the application service's alone there is no password to ask for:
     * application service API, "Server admin style permissions". Of a person's there is. */
    if (rq->use.caller.ghost) {
        *ret_passed = true;
        return API_DONE;
    }
    struct uia_need need = {
        .action = http_path(rq->use.x),
        .flows = flows,
        .n_flows = n_flows,
        .user = rq->use.caller.user,
        .body = rq->json,
        .purpose = purpose,
    };
    int status = uia_check(&rq->use, &need, ret_result);
    *ret_passed = status == USE_DONE;
    if (status != UIA_CHALLENGE)
        return status;
    write_challenge(rq, flows, n_flows, ret_result);
    return API_DONE;
}

int api_uia_password(struct request *rq, bool *ret_passed, struct uia_result *ret_result)
{
    static const unsigned flows[] = {UIA_FLOW(UIA_STAGE_PASSWORD)};
    return api_uia(rq, flows, ARRAY_LEN(flows), ret_passed, ret_result);
}
