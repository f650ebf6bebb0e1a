// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { FakeAccount } from '../../core/fake/account.ts';
import { PasswordModel } from './PasswordModel.ts';

async function setUp() {
  const account = new FakeAccount();
  const model = new PasswordModel(account);
  await model.findLeast();
  return { account, model };
}

test('the form says what is missing before the server is asked', async () => {
  const { account, model } = await setUp();
  expect(await model.submit()).toBe(false);
  expect(model.state.get()).toMatchObject({ oldFault: 'missing', nextFault: 'missing' });
  model.setOld(account.password);
  model.setNext('court');
  await model.submit();
  expect(model.state.get().nextFault).toBe('short');
  model.setNext(account.password);
  await model.submit();
  expect(model.state.get().nextFault).toBe('same');
});

test('the old password is asked for; a wrong one is said, the right one changes it and nothing is kept', async () => {
  const { account, model } = await setUp();
  model.setOld('autre chose');
  model.setNext('une nouvelle phrase');
  await model.submit();
  expect(model.state.get().failure?.code).toBe('M_FORBIDDEN');
  model.setOld('un mot de passe');
  await model.submit();
  expect(account.password).toBe('une nouvelle phrase');
  expect(model.state.get()).toMatchObject({ old: '', next: '', done: true, failure: undefined });
  expect(account.kept.map((device) => device.id)).toEqual(['DEVICE']);
});
