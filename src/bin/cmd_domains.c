/* SPDX-License-Identifier: EUPL-1.2 */

/* chappe domains check FILE | test ADDRESS | reload */

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "bin/admin_call.h"
#include "bin/command.h"
#include "bin/domain_file.h"

static int check_file(const char *path)
{
    struct domain_map *map;
    struct err err = ERR_INIT;
    if (domain_file_read(path, &map, &err) < 0)
        return command_fail(COMMAND_CONFIG, "%s", err.detail);
    printf("%zu\n", domain_map_count(map));
    domain_map_unref(map);
    return COMMAND_OK;
}

static void print_field(const char *name, struct str value)
{
    printf("%s\t%.*s\n", name, STR_ARG(value));
}

static void print_placement(struct arena *arena, const struct domain_map *map,
                            const struct email *email)
{
    const struct domain_rule *rule = domain_map_find(map, email);
    print_field("address", email->full);
    print_field("server", rule ? rule->server : STR("-"));
    if (!rule)
        return;
    print_field("organisation",
                rule->organisation.p ? rule->organisation : email_organisation(arena, email));
    print_field("external", rule->external ? STR("yes") : STR("no"));
    printf("user_id\t@%.*s:%.*s\n", STR_ARG(email_localpart(arena, email, 0)),
           STR_ARG(rule->server));
    print_field("display_name", email_display_name(arena, email));
}

/* By the map of the configuration, without a server; exit status 1 for what is no address. */
static int test_address(struct arena *arena, const struct config *config, const char *address)
{
    struct domain_map *map;
    struct email email;
    struct err err = ERR_INIT;
    if (email_parse(arena, str_from(address), &email, &err) < 0)
        return command_fail(COMMAND_FAILED, "%s", err.text);
    if (!config->domains.p)
        map = domain_map_new_demonstration(config->server_name);
    else if (domain_file_read(config->domains.p, &map, &err) < 0)
        return command_fail(COMMAND_CONFIG, "%s", err.detail);
    print_placement(arena, map, &email);
    domain_map_unref(map);
    return COMMAND_OK;
}

static int reload(struct arena *arena, const struct options *options)
{
    const struct json *answer;
    int status = admin_call(arena, options, "domains.reload", STR("{}"), &answer);
    return status == COMMAND_OK ? admin_print(answer) : status;
}

int cmd_domains(struct arena *arena, int argc, char **argv)
{
    struct options options;
    int status = command_begin(arena, argc, argv, NULL, &options);
    if (status != COMMAND_OK)
        return status;
    const char *word = options.n_words ? options.words[0] : "";
    if (options.n_words == 2 && strcmp(word, "check") == 0)
        return check_file(options.words[1]);
    if (options.n_words == 2 && strcmp(word, "test") == 0)
        return test_address(arena, &options.config, options.words[1]);
    if (options.n_words == 1 && strcmp(word, "reload") == 0)
        return reload(arena, &options);
    return command_fail(COMMAND_USAGE, "chappe domains check FILE|test ADDRESS|reload");
}
