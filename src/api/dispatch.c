/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/api.h"

#include "api/auth.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/limiter.h"
#include "service/config.h"

struct request_state *api_state(struct request *rq)
{
    return http_state(rq->use.x);
}

/* Client-server API, "Web Browser Clients". */
static void allow_scripts(struct http_exchange *x)
{
    http_set_header(x, STR("Access-Control-Allow-Origin"), STR("*"));
    http_set_header(x, STR("Access-Control-Allow-Methods"), STR("GET, POST, PUT, DELETE, OPTIONS"));
    http_set_header(x, STR("Access-Control-Allow-Headers"),
                    STR("X-Requested-With, Content-Type, Authorization, Date"));
}

/* Pages beside the API are for who opens them: no other site's script reads what stands there. */
static bool is_own_page(const struct api_route *route)
{
    return route && (route->flags & API_PAGE) &&
           !str_starts(str_from(route->path), STR("/_matrix/"));
}

void api_common_headers(struct http_exchange *x)
{
    const struct http_route *route = http_route_of(x);
    if (!is_own_page(route ? route->row : NULL))
        allow_scripts(x);
    http_default_header(x, STR("X-Content-Type-Options"), STR("nosniff"));
    /* Files of the web client say for how long they are good. */
    http_default_header(x, STR("Cache-Control"), STR("no-store"));
}

/* Its errors have names of their own. */
static bool is_of_scanner(const struct http_exchange *x)
{
    const struct http_route *route = http_route_of(x);
    return route && route->row && (((const struct api_route *)route->row)->flags & API_SCANNER);
}

/* {"errcode": …, "error": …} and what else the error carries. */
static void write_error(struct http_exchange *x, const struct err *err)
{
    struct json_writer out;
    buf_clear(http_answer(x));
    json_writer_init(&out, http_answer(x));
    http_status(x, err->status);
    json_write_object(&out);
    json_write_member_str(&out, STR("errcode"), str_from(err->errcode));
    json_write_member_str(&out, STR("error"), str_from(err->text));
    if (err->retry_after_ms > 0) {
        struct str seconds =
            arena_printf(http_arena(x), "%lld", (long long)((err->retry_after_ms + 999) / 1000));
        http_set_header(x, STR("Retry-After"), seconds);
        json_write_member_int(&out, STR("retry_after_ms"), err->retry_after_ms);
    }
    if (err->soft_logout)
        json_write_member_bool(&out, STR("soft_logout"), true);
    if (err->extra_key)
        json_write_member_str(&out, str_from(err->extra_key), str_from(err->extra_text));
    if (err->number_key)
        json_write_member_int(&out, str_from(err->number_key), err->number);
    if (err->scan_state)
        json_write_member_str(&out, STR("org.chappe.state"), str_from(err->scan_state));
    if (err->scan_cause)
        json_write_member_str(&out, STR("org.chappe.cause"), str_from(err->scan_cause));
    if (is_of_scanner(x)) {
        json_write_member_str(&out, STR("reason"), str_from(err->errcode));
        json_write_member_str(&out, STR("info"), str_from(err->text));
    }
    json_write_end(&out);
}

/* Errors of the front itself. */
void api_error_body(struct http_exchange *x, int status, const char *reason)
{
    struct err err = ERR_INIT;
    const char *errcode = status == 404 || status == 405 ? "M_UNRECOGNIZED"
                          : status == 413                ? "M_TOO_LARGE"
                          : status == 429                ? "M_LIMIT_EXCEEDED"
                                                         : "M_UNKNOWN";
    err_client(&err, status, errcode, "%s", reason);
    http_set_header(x, STR("Content-Type"), STR("application/json"));
    write_error(x, &err);
}

static bool sets_own_type(const struct request *rq)
{
    return rq->route->flags & (HTTP_ROUTE_STREAM | API_PAGE);
}

static enum http_outcome fail(struct request *rq)
{
    struct err *err = &rq->use.err;
    CHECK(err->kind != ERR_KIND_NONE);
    if (err->kind == ERR_KIND_INTERNAL)
        log_line(LOG_LEVEL_ERROR, "request_failed", "route", LOG_Z(rq->route->path), "detail",
                 LOG_Z(err->detail), NULL);
    if (sets_own_type(rq))
        http_set_header(rq->use.x, STR("Content-Type"), STR("application/json"));
    write_error(rq->use.x, err);
    return HTTP_DONE;
}

/* ---- the steps before a handler ---- */

static int authenticate(struct request *rq)
{
    struct request_state *state = api_state(rq);
    if (!state->authenticated) {
        int status = api_authenticate(rq, &state->caller);
        if (status != API_DONE)
            return status;
        /* Kept over reruns, while the memory of a run is not. */
        state->caller.user_id = arena_str(http_arena(rq->use.x), state->caller.user_id);
        state->caller.device_id = arena_str(http_arena(rq->use.x), state->caller.device_id);
        state->authenticated = true;
    } else if (state->caller.user) {
        int status = api_still_valid(rq, &state->caller);
        if (status != API_DONE)
            return status;
    }
    rq->use.caller = state->caller;
    return API_DONE;
}

static int limit(struct request *rq)
{
    struct request_state *state = api_state(rq);
    const struct config *config = rq->use.server->config;
    if (state->limited || !config->rate_limits || rq->route->rate == API_RATE_NONE)
        return 0;
    state->limited = true;
    if (api_is_unlimited(rq))
        return 0;
    struct limiter_rule rule = api_rate_rule(config, rq->route->rate);
    struct str key = rq->use.caller.user ? arena_printf(rq->use.arena, "%d u%lld", rq->route->rate,
                                                        (long long)rq->use.caller.user)
                                         : arena_printf(rq->use.arena, "%d a%.*s", rq->route->rate,
                                                        STR_ARG(http_peer_network(rq->use.x)));
    int64_t wait = limiter_take(rq->use.server->limiter, key, rule, 1, clock_monotonic_ms());
    if (wait == 0)
        return 0;
    err_client(&rq->use.err, 429, "M_LIMIT_EXCEEDED", "Too many requests");
    rq->use.err.retry_after_ms = wait;
    return -1;
}

static int decode(struct request *rq)
{
    const struct api_route *route = rq->route;
    if (!route->fields && !(route->flags & API_BODY_RAW))
        return 0; /* one that is streamed is still coming in */
    struct str text = http_body(rq->use.x);
    if (text.n == 0 && (route->flags & API_BODY_OPTIONAL))
        text = STR("{}");
    if (json_parse(rq->use.arena, text, &rq->json, &rq->use.err) < 0)
        return -1;
    if (!route->fields)
        return 0;
    rq->body = arena_alloc(rq->use.arena, 1, route->body_size);
    return json_decode(rq->json, route->fields, route->n_fields, rq->body, &rq->use.err);
}

/* ---- dispatch ---- */

static enum http_outcome finish(struct request *rq, int result)
{
    struct buf *answer = http_answer(rq->use.x);
    if (result == API_WAIT)
        return HTTP_WAIT;
    if (result == API_PARK)
        return HTTP_PARK;
    if (result == API_DONE && (buf_is_full(answer) || arena_is_over(rq->use.arena)))
        result = err_client(&rq->use.err, 413, "M_TOO_LARGE", "The answer would be too large");
    if (result != API_DONE)
        return fail(rq);
    if (answer->n == 0 && !http_is_streamed(rq->use.x))
        buf_add(answer, STR("{}"));
    return HTTP_DONE;
}

static void begin(struct request *rq, struct http_exchange *x)
{
    *rq = (struct request){
        .use = {.server = http_server_data(x), .x = x, .arena = http_scratch(x)},
        .route = http_route_of(x)->row,
    };
    if (!http_state(x))
        http_set_state(x, ARENA_NEW(http_arena(x), struct request_state));
    json_writer_init(&rq->out, http_answer(x));
    http_status(x, 200);
    read_begin(rq->use.server->store, &rq->use.read);
}

enum http_outcome api_dispatch(struct http_exchange *x)
{
    struct request rq;
    int result = API_FAILED;
    begin(&rq, x);
    if (api_state(&rq)->commit.err)
        rq.use.err = *api_state(&rq)->commit.err;
    if (rq.use.err.kind == ERR_KIND_NONE)
        result = authenticate(&rq);
    if (result == API_DONE)
        result = limit(&rq) == 0 && decode(&rq) == 0 ? rq.route->handler(&rq) : API_FAILED;
    enum http_outcome outcome = finish(&rq, result);
    if (outcome == HTTP_DONE && !sets_own_type(&rq)) /* who waits keeps no header */
        http_set_header(x, STR("Content-Type"), STR("application/json"));
    read_end(&rq.use.read);
    return outcome;
}

/* ---- what handlers use ---- */

struct str api_param(struct request *rq, size_t i)
{
    return http_param(rq->use.x, i);
}

struct str api_query(struct request *rq, struct str name)
{
    return http_query(rq->use.x, name);
}

int api_query_int(struct request *rq, struct str name, int64_t otherwise, int64_t max,
                  int64_t *ret_value)
{
    struct str text = http_query(rq->use.x, name);
    int64_t value = otherwise;
    if (text.p && str_parse_uint(text, &value) < 0)
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "%.*s must be a whole number",
                          STR_ARG(name));
    *ret_value = value < max ? value : max;
    return 0;
}

int api_query_bool(struct request *rq, struct str name, bool otherwise, bool *ret_value)
{
    struct str text = http_query(rq->use.x, name);
    if (text.p && !str_eq(text, STR("true")) && !str_eq(text, STR("false")))
        return err_client(&rq->use.err, 400, "M_INVALID_PARAM", "%.*s must be true or false",
                          STR_ARG(name));
    *ret_value = text.p ? str_eq(text, STR("true")) : otherwise;
    return 0;
}

struct str api_public_url(struct request *rq)
{
    struct str url = rq->use.server->config->public_url;
    if (url.p)
        return url;
    return arena_printf(rq->use.arena, "%s://%.*s", http_is_tls(rq->use.x) ? "https" : "http",
                        STR_ARG(http_header(rq->use.x, STR("host"))));
}

struct str api_own_url(struct request *rq)
{
    return server_own_url(rq->use.server, rq->use.arena);
}
