/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ADMIN_PRIVATE_H
#define CHAPPE_SERVICE_ADMIN_PRIVATE_H

/* The commands, for the table in commands.c; admin.h says what one is. */

#include "base/buf.h"
#include "service/use.h"
#include "json/doc.h"

int admin_user_add(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_user_list(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_user_show(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_user_password(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_user_deactivate(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_user_email(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_user_export(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_user_sent(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_user_lock(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_user_unlock(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_user_suspend(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_user_unsuspend(struct use *use, const struct json *args, struct buf *answer) MUST_USE;

int admin_room_orphans(struct use *use, const struct json *args, struct buf *answer) MUST_USE;

int admin_notice_send(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_notice_all(struct use *use, const struct json *args, struct buf *answer) MUST_USE;

int admin_hold_add(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_hold_release(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_hold_list(struct use *use, const struct json *args, struct buf *answer) MUST_USE;

int admin_media_show(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_media_quarantine(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_media_release(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_media_rescan(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_media_delete(struct use *use, const struct json *args, struct buf *answer) MUST_USE;

int admin_report_list(struct use *use, const struct json *args, struct buf *answer) MUST_USE;

int admin_token_add(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_token_list(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_token_delete(struct use *use, const struct json *args, struct buf *answer) MUST_USE;

int admin_audit_list(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_audit_verify(struct use *use, const struct json *args, struct buf *answer) MUST_USE;

int admin_domains_reload(struct use *use, const struct json *args, struct buf *answer) MUST_USE;

int admin_backup(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_key_rotate(struct use *use, const struct json *args, struct buf *answer) MUST_USE;
int admin_check(struct use *use, const struct json *args, struct buf *answer) MUST_USE;

#endif
