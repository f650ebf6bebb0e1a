// SPDX-License-Identifier: EUPL-1.2
// Identity, backup and secrets of the account, set up when the first device has none, opened on the
// others. What the state says is looked up anew after every event that may change it.
import type { MatrixClient } from 'matrix-js-sdk';
import type { CryptoApi } from 'matrix-js-sdk/lib/crypto-api/index.js';
import type { UIAuthCallback } from 'matrix-js-sdk/lib/interactive-auth.js';
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/CryptoEvent.js';
import { failureOf } from '../failure.ts';
import { Cell } from '../live.ts';
import type { Safety, SafetyState } from '../safety.ts';
import type { Vault } from '../vault.ts';
import { withPassword } from './authenticating.ts';
import { Comparing } from './comparing.ts';
import type { OwnDevice } from './own-device.ts';
import type { SecretKeys } from './recovery-code.ts';
import { StandIn } from './stand-in.ts';

/** In the vault until the code is in safe hands. */
interface Kept {
  code: string;
  offeredAt?: number;
}

const CHANGES = [
  CryptoEvent.UserTrustStatusChanged,
  CryptoEvent.KeysChanged,
  CryptoEvent.KeyBackupDecryptionKeyCached,
  CryptoEvent.DevicesUpdated,
] as const;

interface Parts {
  client: MatrixClient;
  keys: SecretKeys;
  vault: Vault;
  own: OwnDevice;
  password: string | undefined;
}

export class SdkSafety implements Safety {
  readonly state = new Cell<SafetyState>({ at: 'unknown' });
  private readonly client: MatrixClient;
  private readonly keys: SecretKeys;
  private readonly vault: Vault;
  private readonly own: OwnDevice;
  private readonly comparing: Comparing;
  private readonly standIn: StandIn;
  private password: string | undefined;
  private looking: Promise<void> = Promise.resolve();
  private waiting = false;
  private upToDate = false;

  constructor({ client, keys, vault, own, password }: Parts) {
    this.client = client;
    this.keys = keys;
    this.vault = vault;
    this.own = own;
    this.password = password;
    this.comparing = new Comparing(client);
    this.standIn = new StandIn(client, vault);
    for (const change of CHANGES) client.on(change, () => void this.retry());
  }

  get comparison() {
    return this.comparing.state;
  }

  private get crypto(): CryptoApi {
    return this.client.getCrypto()!;
  }

  /** To be called after the first sync with the server. Before it, what the last visit has left may be
   * older than what this very device did, and would be mistaken for a set-up to be finished. */
  begin(): void {
    if (this.upToDate) return;
    this.upToDate = true;
    void this.retry();
  }

  /** One look at a time; what is asked for meanwhile is one more, at the end. */
  retry(): Promise<void> {
    if (this.waiting || !this.upToDate) return this.looking;
    this.waiting = true;
    return this.alone(async () => {
      this.waiting = false;
      await this.look();
    });
  }

  /** Nothing looks while an identity is being made or opened: an answer about the old one, come in the
   * middle, would make the SDK distrust the new one. */
  private alone(action: () => Promise<void>): Promise<void> {
    const done = this.looking.then(action);
    this.looking = done.catch(() => {});
    return done;
  }

  private async look(): Promise<void> {
    try {
      this.state.set(await this.find());
    } catch (error) {
      this.state.set({ at: 'failed', failure: failureOf(error) });
    }
  }

  private async find(): Promise<SafetyState> {
    const userId = this.client.getSafeUserId();
    const standing = await this.own.standing();
    if (standing === 'confirmed') {
      if (!(await this.hasSecrets())) return this.setUp();
      void this.standIn.renew();
      return { at: 'ready', code: (await this.kept())?.code };
    }
    if (!(await this.crypto.userHasCrossSigningKeys(userId, true))) return this.setUp();
    const hasOtherDevice = await this.findOtherDevice(userId);
    const hasCode = await this.client.secretStorage.hasKey();
    return { at: 'locked', replaced: standing === 'lost', hasCode, hasOtherDevice };
  }

  /** False only where a set-up was interrupted: the identity is here, and its secrets nowhere. */
  private async hasSecrets(): Promise<boolean> {
    if (await this.client.secretStorage.hasKey()) return true;
    const { privateKeysCachedLocally } = await this.crypto.getCrossSigningStatus();
    return !privateKeysCachedLocally.masterKey;
  }

  private async findOtherDevice(userId: string): Promise<boolean> {
    const devices = (await this.crypto.getUserDeviceInfo([userId], true)).get(userId);
    for (const [device, { dehydrated }] of devices ?? []) {
      // What stands in for devices shows nobody pictures.
      if (device === this.client.getDeviceId() || dehydrated) continue;
      const trust = await this.crypto.getDeviceVerificationStatus(userId, device);
      if (trust?.signedByOwner) return true;
    }
    return false;
  }

  private readonly authenticate: UIAuthCallback<void> = (request) =>
    withPassword(this.client, this.password, request);

  private async setUp(): Promise<SafetyState> {
    this.state.set({ at: 'settingUp' });
    await this.crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: this.authenticate });
    await this.makeSecrets();
    void this.standIn.make();
    this.password = undefined;
    return { at: 'ready', code: (await this.kept())?.code };
  }

  private async makeSecrets(): Promise<void> {
    await this.crypto.bootstrapSecretStorage({
      setupNewSecretStorage: true,
      setupNewKeyBackup: true,
      createSecretStorageKey: async () => {
        const key = await this.crypto.createRecoveryKeyFromPassphrase();
        // Before it is used: a code that nobody knows would be worse than one too many.
        await this.vault.write('recovery', { code: key.encodedPrivateKey ?? '' } satisfies Kept);
        return key;
      },
    });
  }

  /** The code that waits to be kept; one that does not open what there is to open is forgotten. Where the
   * server shows nothing that a code would open, that says nothing against it. */
  private async kept(): Promise<Kept | undefined> {
    const kept = await this.vault.read<Kept>('recovery');
    if (!kept || !(await this.client.secretStorage.hasKey())) return kept;
    if (await this.keys.fits(this.client, kept.code)) return kept;
    await this.vault.remove('recovery');
    return undefined;
  }

  async lastOffered(): Promise<number | undefined> {
    return (await this.vault.read<Kept>('recovery'))?.offeredAt;
  }

  async noteOffered(): Promise<void> {
    const kept = await this.vault.read<Kept>('recovery');
    if (kept) await this.vault.write('recovery', { ...kept, offeredAt: Date.now() } satisfies Kept);
  }

  async noteSaved(): Promise<void> {
    await this.vault.remove('recovery');
    await this.retry();
  }

  async unlock(code: string): Promise<void> {
    try {
      await this.alone(async () => {
        await this.keys.open(this.client, code);
        await this.crypto.bootstrapCrossSigning({});
        await this.crypto.loadSessionBackupPrivateKeyFromSecretStorage();
        await this.crypto.checkKeyBackupAndEnable();
      });
      void this.standIn.takeOver();
    } catch (error) {
      throw failureOf(error);
    }
    await this.retry();
  }

  async restart(password: string): Promise<void> {
    this.password = password;
    try {
      await this.alone(async () => {
        await this.crypto.resetEncryption(this.authenticate);
        await this.makeSecrets();
        void this.standIn.make();
      });
    } catch (error) {
      throw failureOf(error);
    } finally {
      this.password = undefined;
    }
    await this.retry();
  }

  async compare(): Promise<void> {
    await this.comparing.ask();
  }

  acceptComparison(): Promise<void> {
    return this.comparing.accept();
  }

  choosePictures(): Promise<void> {
    return this.comparing.choosePictures();
  }

  readCode(code: Uint8Array): Promise<void> {
    return this.comparing.read(code);
  }

  confirmRead(mine: boolean): Promise<void> {
    return this.comparing.confirmRead(mine);
  }

  confirmPictures(same: boolean): Promise<void> {
    return this.comparing.confirm(same);
  }

  async closeComparison(): Promise<void> {
    await this.comparing.close();
    await this.retry();
  }
}
