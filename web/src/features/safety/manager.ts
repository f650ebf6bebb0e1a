// SPDX-License-Identifier: EUPL-1.2
// What keeps passwords on this device, if anything does: no page is told which.

/** As TypeScript does not know it: "Credential Management", which not every browser has. */
type PasswordCredential = new (data: { id: string; name: string; password: string }) => Credential;

const kind = (): PasswordCredential | undefined =>
  (window as unknown as { PasswordCredential?: PasswordCredential }).PasswordCredential;

/** Without that, managers watch for a form that is sent. */
export const asksItself = (): boolean => kind() !== undefined;

/** `name`: what it is kept under, which is not that of the account's password. Never fails. */
export async function giveToManager(name: string, code: string): Promise<void> {
  const Kind = kind();
  if (Kind) await navigator.credentials.store(new Kind({ id: name, name, password: code })).catch(() => {});
}
