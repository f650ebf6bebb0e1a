// SPDX-License-Identifier: EUPL-1.2
// Keys as a client makes them, without a client: Ed25519 signatures over canonical JSON.
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { Any } from './spec.ts';
import type { User } from './user.ts';

export const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

/** Canonical JSON of the specification: sorted by code point, no spaces. */
export function canonical(value: Any): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const byCodePoint = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  const keys = Object.keys(value).sort(byCodePoint);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

export class SigningKey {
  readonly public: string;
  private readonly secret: KeyObject;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.secret = privateKey;
    this.public = unpadded(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
  }

  signature(value: Any): string {
    const { signatures: _s, unsigned: _u, ...signed } = value;
    return unpadded(sign(null, Buffer.from(canonical(signed)), this.secret));
  }

  /** The value with one signature more. */
  sign<T extends object>(value: T, user: string, keyName: string): T & { signatures: Any } {
    const known: Any = (value as Any).signatures ?? {};
    const signatures = {
      ...known,
      [user]: { ...known[user], [`ed25519:${keyName}`]: this.signature(value) },
    };
    return { ...value, signatures };
  }
}

const ALGORITHMS = ['m.olm.v1.curve25519-aes-sha2', 'm.megolm.v1.aes-sha2'];
const curveKey = () => unpadded(randomBytes(32));

/** The keys of one device. */
export class DeviceKeys {
  readonly key = new SigningKey();
  readonly user: User;
  readonly device: string;

  constructor(user: User, device = user.device) {
    this.user = user;
    this.device = device;
  }

  get deviceKeys(): Any {
    const { user, device } = this;
    const keys = { [`curve25519:${device}`]: curveKey(), [`ed25519:${device}`]: this.key.public };
    return this.key.sign(
      { user_id: user.id, device_id: device, algorithms: ALGORITHMS, keys },
      user.id,
      device,
    );
  }

  oneTimeKey(fallback = false): Any {
    return this.key.sign(
      { key: curveKey(), ...(fallback ? { fallback: true } : {}) },
      this.user.id,
      this.device,
    );
  }

  oneTimeKeys(names: string[]): Any {
    return Object.fromEntries(names.map((name) => [`signed_curve25519:${name}`, this.oneTimeKey()]));
  }

  /** Uploads device keys and so many one-time keys; gives what was uploaded. */
  async publish(names: string[] = []): Promise<{ device_keys: Any; one_time_keys: Any }> {
    const body = { device_keys: this.deviceKeys, one_time_keys: this.oneTimeKeys(names) };
    await this.user.post('/v3/keys/upload', body);
    return body;
  }
}

/** The three cross-signing keys of a user. */
export class CrossSigning {
  readonly master = new SigningKey();
  readonly selfSigning = new SigningKey();
  readonly userSigning = new SigningKey();
  readonly user: User;

  constructor(user: User) {
    this.user = user;
  }

  private keyObject(usage: string, key: SigningKey): Any {
    return { user_id: this.user.id, usage: [usage], keys: { [`ed25519:${key.public}`]: key.public } };
  }

  get body(): Any {
    const signed = (value: Any) => this.master.sign(value, this.user.id, this.master.public);
    return {
      master_key: this.keyObject('master', this.master),
      self_signing_key: signed(this.keyObject('self_signing', this.selfSigning)),
      user_signing_key: signed(this.keyObject('user_signing', this.userSigning)),
    };
  }
}
