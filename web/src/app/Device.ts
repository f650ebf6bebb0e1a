// SPDX-License-Identifier: EUPL-1.2
// What this browser, and not the account, brings: its worker, its notifications, its being installed.
import type { PageWorker } from '../core/page-worker.ts';
import type { LastVisit } from '../core/last-visit.ts';
import type { Live } from '../core/live.ts';
import type { NoticeChoices } from '../core/notice-choices.ts';
import type { Notices } from '../core/notices.ts';
import type { Subscriptions } from '../core/subscriptions.ts';
import type { Vault } from '../core/vault.ts';
import type { InstallModel } from '../features/offline/InstallModel.ts';
import type { Language } from '../i18n/text.ts';

export interface Device {
  /** What is written on this device is kept by its browser. */
  readonly keeps: Live<boolean>;
  readonly worker: PageWorker;
  readonly notices: Notices;
  readonly choices: NoticeChoices;
  readonly subscriptions: Subscriptions;
  readonly install: InstallModel;
  /** Where what is shown is kept for the next visit, and what the last one has left. */
  readonly visit: () => { readonly vault: Vault; readonly before: LastVisit | undefined };
  /** What one reads now. */
  readonly language: () => Language;
}
