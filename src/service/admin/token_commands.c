/* SPDX-License-Identifier: EUPL-1.2 */

/* chappe token …: registration tokens. A token opens an account, so that the audit table keeps its
 * beginning only. */

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/token.h"
#include "service/admin/answer.h"
#include "service/admin/private.h"
#include "service/audit.h"
#include "store/registration_token.h"
#include "json/decode.h"

#define TOKEN_CHARS   24
#define TOKEN_MAX     64 /* the specification's */
#define AUDITED_CHARS 4
#define TOKENS_MAX    10000
#define USES_MAX      1000000
#define DAYS_MAX      3650
#define MS_A_DAY      ((int64_t)24 * 3600 * 1000)

struct token_args {
    struct str token;
    int64_t uses, days;
};

static const struct json_field fields[] = {
    JSON_FIELD(struct token_args, token, JSON_WANT_STR, JSON_NULL_OK, TOKEN_MAX),
    JSON_FIELD(struct token_args, uses, JSON_WANT_INT, JSON_NULL_OK, 0),
    JSON_FIELD(struct token_args, days, JSON_WANT_INT, JSON_NULL_OK, 0),
};

/* [A-Za-z0-9._~-]{1,64} (client-server API, "Token-authenticated registration"). */
static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && str_find(STR("._~-"), c) < 0)
            return false;
    }
    return s.n > 0 && s.n <= TOKEN_MAX;
}

static int decode(struct use *use, const struct json *json, struct token_args *ret_args)
{
    *ret_args = (struct token_args){0};
    if (json_decode(json, fields, ARRAY_LEN(fields), ret_args, &use->err) < 0)
        return -1;
    if (ret_args->token.p && !is_token(ret_args->token))
        return err_client(&use->err, 400, "M_INVALID_PARAM",
                          "A token is 1 to 64 letters, digits and ._~-");
    if (ret_args->uses < 0 || ret_args->uses > USES_MAX || ret_args->days < 0 ||
        ret_args->days > DAYS_MAX)
        return err_client(&use->err, 400, "M_INVALID_PARAM",
                          "At most %d uses and %d days; 0 is without end", USES_MAX, DAYS_MAX);
    return 0;
}

static int find(struct use *use, struct str token, size_t *ret_n, bool *ret_found)
{
    struct registration_token *tokens;
    bool found = false;
    if (registration_token_list(&use->read, use->arena, &tokens, ret_n, &use->err) < 0)
        return -1;
    for (size_t i = 0; i < *ret_n && !found; i++)
        found = str_eq(tokens[i].token, token);
    *ret_found = found;
    return 0;
}

static int write_insert(struct write *w, void *arg, struct err *err)
{
    return registration_token_insert(w, arg, err);
}

int admin_token_add(struct use *use, const struct json *json, struct buf *out)
{
    struct registration_token *token = ARENA_NEW(use->arena, struct registration_token);
    struct token_args args;
    struct admin_answer answer;
    bool found;
    size_t n;
    if (decode(use, json, &args) < 0)
        return -1;
    token->token = args.token.p ? args.token : token_new_letters(use->arena, TOKEN_CHARS);
    token->uses_left = args.uses ? args.uses : -1;
    token->expires_ms = args.days ? clock_wall_ms() + args.days * MS_A_DAY : 0;
    if (find(use, token->token, &n, &found) < 0)
        return -1;
    if (found || n >= TOKENS_MAX)
        return err_client(&use->err, 400, "M_INVALID_PARAM",
                          found ? "This token exists" : "There are too many tokens");
    use_audit(use, STR("token.add"), str_first(token->token, AUDITED_CHARS),
              arena_printf(use->arena, "{\"uses\":%lld,\"days\":%lld}", (long long)args.uses,
                           (long long)args.days));
    if (use_commit(use, write_insert, NULL, token) < 0)
        return -1;
    answer_begin(&answer, out);
    answer_line(&answer, "%.*s", STR_ARG(token->token));
    answer_end_lines(&answer);
    answer_end(&answer);
    return 0;
}

int admin_token_list(struct use *use, const struct json *json, struct buf *out)
{
    struct registration_token *tokens;
    struct admin_answer answer;
    size_t n;
    (void)json;
    if (registration_token_list(&use->read, use->arena, &tokens, &n, &use->err) < 0)
        return -1;
    answer_begin(&answer, out);
    for (size_t i = 0; i < n; i++) {
        struct str uses = tokens[i].uses_left < 0
                              ? STR("-")
                              : arena_printf(use->arena, "%lld", (long long)tokens[i].uses_left);
        answer_line(&answer, "%.*s\t%.*s\t%.*s", STR_ARG(tokens[i].token), STR_ARG(uses),
                    STR_ARG(answer_time(use->arena, tokens[i].expires_ms)));
    }
    answer_end_lines(&answer);
    answer_end(&answer);
    return 0;
}

static int write_delete(struct write *w, void *arg, struct err *err)
{
    const struct token_args *args = arg;
    return registration_token_delete(w, args->token, err);
}

int admin_token_delete(struct use *use, const struct json *json, struct buf *out)
{
    struct token_args args;
    bool found;
    size_t n;
    (void)out;
    if (decode(use, json, &args) < 0 || find(use, args.token, &n, &found) < 0)
        return -1;
    if (!found)
        return err_client(&use->err, 404, "M_NOT_FOUND", "No such token");
    use_audit(use, STR("token.delete"), str_first(args.token, AUDITED_CHARS), STR_NONE);
    return use_commit(use, write_delete, NULL, &args);
}
