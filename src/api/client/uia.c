/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/client/uia.h"

static void write_stages(struct json_writer *out, unsigned stages)
{
    json_write_array(out);
    for (int i = 0; i < UIA_STAGE_COUNT; i++)
        if (stages & UIA_FLOW(i))
            json_write_str(out, uia_stage_name((enum uia_stage)i));
    json_write_end(out);
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
    struct uia_need need = {
        .action = http_path(rq->use.x),
        .flows = flows,
        .n_flows = n_flows,
        .user = rq->use.caller.user,
        .body = rq->json,
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
