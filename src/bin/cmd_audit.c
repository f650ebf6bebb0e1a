/* SPDX-License-Identifier: EUPL-1.2 */
#include <string.h>

#include "bin/admin_call.h"
#include "bin/command.h"

static int verify(struct arena *arena, const struct options *options)
{
    const struct json *answer;
    int status = admin_call(arena, options, "audit.verify", STR("{}"), &answer);
    if (status == COMMAND_OK)
        status = admin_print(answer);
    if (status != COMMAND_OK)
        return status;
    return json_as_bool(json_find(answer, STR("sound")), false) ? COMMAND_OK : COMMAND_FAILED;
}

int cmd_audit(struct arena *arena, int argc, char **argv)
{
    struct options options;
    int status = command_begin(arena, argc, argv, NULL, &options);
    const char *word = options.n_words == 1 ? options.words[0] : "";
    if (status != COMMAND_OK)
        return status;
    if (strcmp(word, "list") == 0)
        return admin_print_pages(arena, &options, "audit.list");
    if (strcmp(word, "verify") == 0)
        return verify(arena, &options);
    return command_fail(COMMAND_USAGE, "chappe audit list|verify");
}
