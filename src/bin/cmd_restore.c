/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdio.h>

#include "base/file.h"
#include "bin/command.h"
#include "bin/data_dir.h"
#include "service/admin/backup.h"

int cmd_restore(struct arena *arena, int argc, char **argv)
{
    struct options options;
    struct err err = ERR_INIT;
    int status = command_begin(arena, argc, argv, NULL, &options);
    if (status != COMMAND_OK)
        return status;
    if (options.n_words != 1)
        return command_fail(COMMAND_USAGE, "chappe restore FILE");
    CLEANUP(fd_cleanup) int lock_fd = -1;
    int locked = data_dir_lock(options.config.data_dir, &lock_fd, &err);
    if (locked <= 0)
        return command_fail(locked < 0 ? COMMAND_FAILED : COMMAND_IN_USE, "%s", err.detail);
    if (backup_restore(&options.config, options.words[0], &err) < 0)
        return command_fail(COMMAND_FAILED, "%s", err.detail[0] ? err.detail : err.text);
    fputs("Restauré ; les jetons de synchronisation commencent une nouvelle époque.\n"
          "Restored; sync tokens begin a new epoch.\n",
          stderr);
    return COMMAND_OK;
}
