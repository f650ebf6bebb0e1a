/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/admin_call.h"
#include "bin/command.h"

/* The answer is {"sound": bool, "lines": [a fault each]}. */
int cmd_check(struct arena *arena, int argc, char **argv)
{
    struct options options;
    const struct json *answer;
    int status = command_begin(arena, argc, argv, NULL, &options);
    if (status == COMMAND_OK && options.n_words)
        return command_fail(COMMAND_USAGE, "chappe check takes no word");
    if (status == COMMAND_OK)
        status = admin_call(arena, &options, "check", STR("{}"), &answer);
    if (status == COMMAND_OK)
        status = admin_print(answer);
    if (status != COMMAND_OK)
        return status;
    return json_as_bool(json_find(answer, STR("sound")), false) ? COMMAND_OK : COMMAND_FAILED;
}
