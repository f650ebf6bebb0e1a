/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/admin/admin.h"
#include "service/admin/private.h"

/* Every command, one row each. */
const struct admin_command admin_commands[] = {
    {"user.add", admin_user_add},
    {"user.list", admin_user_list},
    {"user.show", admin_user_show},
    {"user.password", admin_user_password},
    {"user.deactivate", admin_user_deactivate},
    {"user.email", admin_user_email},
    {"user.export", admin_user_export},
    {"user.sent", admin_user_sent},
    {"user.lock", admin_user_lock},
    {"user.unlock", admin_user_unlock},
    {"user.suspend", admin_user_suspend},
    {"user.unsuspend", admin_user_unsuspend},
    {"room.orphans", admin_room_orphans},
    {"notice.send", admin_notice_send},
    {"notice.all", admin_notice_all},
    {"media.show", admin_media_show},
    {"media.quarantine", admin_media_quarantine},
    {"media.release", admin_media_release},
    {"media.delete", admin_media_delete},
    {"report.list", admin_report_list},
    {"token.add", admin_token_add},
    {"token.list", admin_token_list},
    {"token.delete", admin_token_delete},
    {"audit.list", admin_audit_list},
    {"audit.verify", admin_audit_verify},
    {"domains.reload", admin_domains_reload},
    {"check", admin_check},
    {"backup", admin_backup},
    {"key.rotate", admin_key_rotate},
    {NULL, NULL},
};
