// SPDX-License-Identifier: EUPL-1.2
import { ClientEvent, type MatrixClient } from 'matrix-js-sdk';
import { Cell } from '../live.ts';
import type { Personal, PersonalState } from '../personal.ts';
import { telling } from './telling.ts';

const WELCOME = 'org.chappe.welcome';
/** As Tchap's clients write it (docs/design/directory.md). */
const HIDDEN = 'im.vector.hide_profile';

export class SdkPersonal implements Personal {
  readonly state = new Cell<PersonalState>({ welcome: false, hidden: false });
  private readonly client: MatrixClient;

  constructor(client: MatrixClient) {
    this.client = client;
    client.on(ClientEvent.AccountData, this.read);
  }

  private content(type: string): Record<string, unknown> {
    return this.client.getAccountData(type as never)?.getContent() ?? {};
  }

  readonly read = (): void => {
    const next = {
      welcome: this.content(WELCOME).dismissed !== true,
      hidden: this.content(HIDDEN).hide_profile === true,
    };
    const { welcome, hidden } = this.state.get();
    if (next.welcome !== welcome || next.hidden !== hidden) this.state.set(next);
  };

  private async write(type: string, content: object): Promise<void> {
    await telling(async () => void (await this.client.setAccountData(type as never, content as never)));
  }

  async dismissWelcome(): Promise<void> {
    this.state.patch({ welcome: false });
    // Asked about again at the next visit if it fails now.
    await this.write(WELCOME, { dismissed: true }).catch(() => {});
  }

  async setHidden(hidden: boolean): Promise<void> {
    this.state.patch({ hidden });
    try {
      await this.write(HIDDEN, { hide_profile: hidden });
    } catch (error) {
      this.state.patch({ hidden: !hidden });
      throw error;
    }
  }
}
