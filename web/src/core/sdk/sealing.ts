// SPDX-License-Identifier: EUPL-1.2
// What only the antivirus may read: PkEncryption, as it is in the backup of keys
// ("m.megolm_backup.v1.curve25519-aes-sha2").
import { Curve25519PublicKey, initAsync, PkEncryption } from '@matrix-org/matrix-sdk-crypto-wasm';
import { toBase64 } from '../file-crypto.ts';
import type { SealedText } from '../matrix-files.ts';

export async function seal(text: string, recipient: string): Promise<SealedText> {
  await initAsync();
  const sealing = PkEncryption.fromKey(new Curve25519PublicKey(recipient));
  const message = sealing.encryptString(text);
  const sealed = {
    ciphertext: toBase64(message.ciphertext()),
    mac: toBase64(message.mac()),
    ephemeral: message.ephemeralKey().toBase64(),
  };
  message.free();
  sealing.free();
  return sealed;
}
