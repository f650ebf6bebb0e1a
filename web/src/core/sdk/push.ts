// SPDX-License-Identifier: EUPL-1.2
import { type MatrixClient, Method } from 'matrix-js-sdk';
import { OUTCOMES, type Outcome, type PushAddress, type PushServer } from '../push.ts';
import { telling } from './telling.ts';

const KIND = 'org.matrix.msc4174.webpush';
const APP = 'org.chappe.web';

export class SdkPush implements PushServer {
  private readonly client: MatrixClient;
  private readonly deviceName: string;

  constructor(client: MatrixClient, deviceName: string) {
    this.client = client;
    this.deviceName = deviceName;
  }

  async publicKey(): Promise<string | undefined> {
    const has = await telling(() => this.client.getCapabilities());
    const offer = (has as Record<string, { enabled?: unknown; vapid?: unknown } | undefined>)[KIND];
    return offer?.enabled === true && typeof offer.vapid === 'string' ? offer.vapid : undefined;
  }

  private set(pusher: object): Promise<void> {
    return telling(
      async () =>
        void (await this.client.http.authedRequest(Method.Post, '/pushers/set', undefined, pusher as never)),
    );
  }

  register({ endpoint, p256dh, auth }: PushAddress, language: 'fr' | 'en'): Promise<void> {
    return this.set({
      kind: KIND,
      app_id: APP,
      pushkey: p256dh,
      app_display_name: 'Chappe',
      device_display_name: this.deviceName,
      lang: language,
      data: { url: endpoint, auth },
      append: true,
    });
  }

  forget(p256dh: string): Promise<void> {
    return this.set({ kind: null, app_id: APP, pushkey: p256dh });
  }

  async test(p256dh: string, text: string): Promise<Outcome> {
    const body = { app_id: APP, pushkey: p256dh, text };
    const answer = await telling(() =>
      this.client.http.authedRequest<{ outcome?: unknown }>(
        Method.Post,
        '/org.chappe/push/test',
        undefined,
        body,
        {
          prefix: '/_matrix/client/unstable',
        },
      ),
    );
    return OUTCOMES.find((one) => one === answer.outcome) ?? 'refused';
  }
}
