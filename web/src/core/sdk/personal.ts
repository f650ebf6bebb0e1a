// SPDX-License-Identifier: EUPL-1.2
import { ClientEvent, type MatrixClient } from 'matrix-js-sdk';
import { NO_QUIET, type QuietHours, quietOf } from '../../sw/quiet.ts';
import { Cell } from '../live.ts';
import type { Personal, PersonalState } from '../personal.ts';
import { telling } from './telling.ts';

const WELCOME = 'org.chappe.welcome';
/** As Tchap's clients write it (docs/design/directory.md). */
const HIDDEN = 'im.vector.hide_profile';
/** docs/design/digest.md */
const DIGEST = 'org.chappe.mail_digest';
/** docs/design/web.md, "Being told" */
const QUIET = 'org.chappe.quiet_hours';

export class SdkPersonal implements Personal {
  readonly state = new Cell<PersonalState>({
    welcome: false,
    hidden: false,
    digest: true,
    quiet: NO_QUIET,
  });
  private readonly client: MatrixClient;

  constructor(client: MatrixClient) {
    this.client = client;
    client.on(ClientEvent.AccountData, this.read);
  }

  private content(type: string): Record<string, unknown> {
    return this.client.getAccountData(type as never)?.getContent() ?? {};
  }

  readonly read = (): void => {
    const next: PersonalState = {
      welcome: this.content(WELCOME).dismissed !== true,
      hidden: this.content(HIDDEN).hide_profile === true,
      digest: this.content(DIGEST).enabled !== false,
      quiet: quietOf(this.content(QUIET)),
    };
    if (JSON.stringify(next) !== JSON.stringify(this.state.get())) this.state.set(next);
  };

  private async write(type: string, content: object): Promise<void> {
    await telling(async () => void (await this.client.setAccountData(type as never, content as never)));
  }

  async dismissWelcome(): Promise<void> {
    this.state.patch({ welcome: false });
    // Asked about again at the next visit if it fails now.
    await this.write(WELCOME, { dismissed: true }).catch(() => {});
  }

  setHidden(hidden: boolean): Promise<void> {
    return this.change({ hidden }, HIDDEN, { hide_profile: hidden });
  }

  setDigest(digest: boolean): Promise<void> {
    return this.change({ digest }, DIGEST, { enabled: digest });
  }

  setQuiet(quiet: QuietHours): Promise<void> {
    return this.change({ quiet }, QUIET, quiet);
  }

  private async change(part: Partial<PersonalState>, type: string, content: object): Promise<void> {
    this.state.patch(part);
    try {
      await this.write(type, content);
    } catch (error) {
      // What the server says stands.
      this.read();
      throw error;
    }
  }
}
