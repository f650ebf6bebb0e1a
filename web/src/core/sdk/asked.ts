// SPDX-License-Identifier: EUPL-1.2
// Whose keys the server has been asked for since it last said that they had changed. The SDK asks by itself, and
// waits for the answer only while it encrypts: whoever looks before that at who somebody is would see who they
// were.
import { type OlmMachine, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import { type MatrixClient, Method } from 'matrix-js-sdk';

/** What waits for the answer is tried again later by itself. */
const LONGEST_MS = 10_000;

type Machine = Pick<OlmMachine, 'queryKeysForUsers' | 'markRequestAsSent'>;

export class Asked {
  private readonly client: Pick<MatrixClient, 'http'>;
  private readonly machine: Machine;
  private readonly fresh = new Set<string>();
  /** Of those who are asked for now: who has not changed meanwhile. */
  private readonly asking = new Set<Set<string>>();

  constructor(client: Pick<MatrixClient, 'http'>, machine: Machine) {
    this.client = client;
    this.machine = machine;
  }

  /** The server says so. */
  noteChange(userId: string): void {
    this.fresh.delete(userId);
    for (const users of this.asking) users.delete(userId);
  }

  /** Once the cryptography knows what the server says of them now. Rejects with what the request does. */
  async ask(userIds: readonly string[]): Promise<void> {
    const users = new Set(userIds.filter((userId) => !this.fresh.has(userId)));
    if (users.size === 0) return;
    this.asking.add(users);
    try {
      await this.query([...users]);
      for (const userId of users) this.fresh.add(userId);
    } finally {
      this.asking.delete(users);
    }
  }

  private async query(userIds: readonly string[]): Promise<void> {
    const request = this.machine.queryKeysForUsers(userIds.map((userId) => new UserId(userId)));
    const answer = await this.client.http.authedRequest<string>(
      Method.Post,
      '/_matrix/client/v3/keys/query',
      undefined,
      request.body,
      {
        prefix: '',
        json: false,
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
        localTimeoutMs: LONGEST_MS,
      },
    );
    await this.machine.markRequestAsSent(request.id, request.type, answer);
  }
}
