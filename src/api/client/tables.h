/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_CLIENT_TABLES_H
#define CHAPPE_API_CLIENT_TABLES_H

/* The route tables of the client-server API, one a file, named after the section it serves. */

#include "api/api.h"

extern const struct api_table api_client_versions;
extern const struct api_table api_client_admin;
extern const struct api_table api_client_appservice;
extern const struct api_table api_client_fallback;
extern const struct api_table api_client_presence;
extern const struct api_table api_client_login;
extern const struct api_table api_client_login_page;
extern const struct api_table api_client_media;
extern const struct api_table api_client_messages;
extern const struct api_table api_client_relations;
extern const struct api_table api_client_aliases;
extern const struct api_table api_client_digest;
extern const struct api_table api_client_directory;
extern const struct api_table api_client_upgrade;
extern const struct api_table api_client_register;
extern const struct api_table api_client_account;
extern const struct api_table api_client_devices;
extern const struct api_table api_client_email;
extern const struct api_table api_client_threepid;
extern const struct api_table api_client_rooms;
extern const struct api_table api_client_send;
extern const struct api_table api_client_delayed;
extern const struct api_table api_client_sync;
extern const struct api_table api_client_account_data;
extern const struct api_table api_client_profile;
extern const struct api_table api_client_push_rules;
extern const struct api_table api_client_pushers;
extern const struct api_table api_client_receipts;
extern const struct api_table api_client_keys;
extern const struct api_table api_client_state;
extern const struct api_table api_client_to_device;
extern const struct api_table api_client_key_backup;
extern const struct api_table api_client_dehydrated;
extern const struct api_table api_client_report;
extern const struct api_table api_client_mutual;
extern const struct api_table api_client_old_sync;
extern const struct api_table api_client_people;
extern const struct api_table api_client_search;
extern const struct api_table api_client_validity;
extern const struct api_table api_client_retention;
extern const struct api_table api_client_voip;

#endif
