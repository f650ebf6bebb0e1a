// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import { FakeAccount } from '../../core/fake/account.ts';
import { Failure } from '../../core/failure.ts';
import { DevicesModel } from './DevicesModel.ts';

const names = (model: DevicesModel) => model.state.get().devices?.map((device) => device.name);

async function setUp() {
  const account = new FakeAccount();
  const model = new DevicesModel(account);
  await model.load();
  return { account, model };
}

test('devices are renamed; an empty name changes nothing', async () => {
  const { model } = await setUp();
  model.startRenaming('OTHER');
  await model.rename('OTHER', '  ');
  expect(names(model)).toEqual(['Ici', 'Ailleurs']);
  model.startRenaming('OTHER');
  await model.rename('OTHER', ' Poste du bureau ');
  expect(names(model)).toEqual(['Ici', 'Poste du bureau']);
  expect(model.state.get().renaming).toBeUndefined();
});

test('another device is signed out with the password only', async () => {
  const { model, account } = await setUp();
  model.startLeaving(['OTHER']);
  expect(await model.signOut('pas le bon')).toBe(false);
  expect(model.state.get()).toMatchObject({ leaving: ['OTHER'], failure: { code: 'M_FORBIDDEN' } });
  expect(await model.signOut(account.password)).toBe(true);
  expect(names(model)).toEqual(['Ici']);
  expect(model.state.get().leaving).toEqual([]);
});

test('a list that does not come is said, and asked for again', async () => {
  const account = new FakeAccount();
  account.failing = new Failure('OFFLINE');
  const model = new DevicesModel(account);
  await model.load();
  expect(model.state.get()).toMatchObject({ devices: undefined, failure: { code: 'OFFLINE' } });
  await model.load();
  expect(names(model)).toHaveLength(2);
});
