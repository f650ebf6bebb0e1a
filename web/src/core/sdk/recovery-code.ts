// SPDX-License-Identifier: EUPL-1.2
// The key that opens the account's secrets, as a code that people keep ("Cryptographic key
// representation" in the specification's appendices).
import type { MatrixClient } from 'matrix-js-sdk';
import type { CryptoCallbacks } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { decodeRecoveryKey } from 'matrix-js-sdk/lib/crypto-api/recovery-key.js';
import { Failure } from '../failure.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Blanks, line breaks and dashes come with copying and mean nothing. */
function bytesOf(code: string): Bytes {
  try {
    return Uint8Array.from(decodeRecoveryKey(code.replaceAll(/[\s\u00a0\u200b-]+/g, '')));
  } catch {
    throw new Failure('WRONG_CODE');
  }
}

/** Keys of the account's secrets that are known here, for as long as the page lives. */
export class SecretKeys implements CryptoCallbacks {
  private readonly keys = new Map<string, Bytes>();

  readonly getSecretStorageKey: NonNullable<CryptoCallbacks['getSecretStorageKey']> = async ({ keys }) => {
    for (const id of Object.keys(keys)) {
      const key = this.keys.get(id);
      if (key) return [id, key];
    }
    return null;
  };

  readonly cacheSecretStorageKey: NonNullable<CryptoCallbacks['cacheSecretStorageKey']> = (id, _, key) => {
    this.keys.set(id, key);
  };

  /** Keeps the code's key when it is the account's; throws WRONG_CODE when not. */
  async open(client: MatrixClient, code: string): Promise<void> {
    const key = bytesOf(code);
    const kept = await client.secretStorage.getKey();
    if (!kept || !(await client.secretStorage.checkKey(key, kept[1]))) throw new Failure('WRONG_CODE');
    this.keys.set(kept[0], key);
  }

  async fits(client: MatrixClient, code: string): Promise<boolean> {
    try {
      await this.open(client, code);
      return true;
    } catch (error) {
      if (error instanceof Failure && error.code === 'WRONG_CODE') return false;
      throw error;
    }
  }
}
