// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import type { MailPurpose } from '../../core/entry.ts';
import { Failure } from '../../core/failure.ts';
import { FAKE_MAIL_CODE, FakeEntry } from '../../core/fake/entry.ts';
import { MailModel } from './MailModel.ts';

const ADDRESS = 'camille.durand@interieur.example';
const PASSWORD = 'une phrase assez longue';

async function setUp(purpose: MailPurpose = 'signUp') {
  const entry = new FakeEntry();
  entry.way = 'email';
  const arrived = vi.fn();
  return { entry, arrived, model: new MailModel(entry, await entry.offer(), purpose, arrived) };
}

async function fill(
  model: MailModel,
  field: 'address' | 'code' | 'password',
  value: string,
): Promise<boolean> {
  model.type(field, value);
  return model.submit();
}

test('[UX-1] three steps, one field each, lead in; blanks around and inside do not count', async () => {
  const { model, arrived } = await setUp();
  await fill(model, 'address', `  ${ADDRESS} `);
  expect(model.state.get()).toMatchObject({
    step: 'code',
    address: ADDRESS,
    info: { organisation: 'Intérieur' },
  });
  await fill(model, 'code', '1234 5678 ');
  expect(model.state.get().step).toBe('password');
  await fill(model, 'password', PASSWORD);
  expect(arrived).toHaveBeenCalledWith(expect.objectContaining({ deviceId: 'DEVICE' }), PASSWORD, true);
  expect(model.state.get().password).toBe('');
});

test('each field says what is wrong before the server is asked', async () => {
  const { model, entry } = await setUp();
  const asked = vi.spyOn(entry, 'sendCode');
  expect(await fill(model, 'address', '')).toBe(false);
  expect(await fill(model, 'address', 'camille')).toBe(false);
  expect(model.state.get().fault).toBe('wrong');
  expect(asked).not.toHaveBeenCalled();
  await fill(model, 'address', ADDRESS);
  expect(await fill(model, 'code', '123')).toBe(false);
  await fill(model, 'code', FAKE_MAIL_CODE);
  expect(await fill(model, 'password', 'court')).toBe(false);
  expect(model.state.get().fault).toBe('short');
});

test('a wrong code is said; another one is sent; the address can be changed', async () => {
  const { model, entry } = await setUp();
  await fill(model, 'address', ADDRESS);
  await fill(model, 'code', '00000000');
  expect(model.state.get()).toMatchObject({ step: 'code', failure: { reason: 'code_wrong' } });
  const asked = vi.spyOn(entry, 'sendCode');
  await model.sendAgain();
  expect(asked).toHaveBeenCalledWith('signUp', ADDRESS, expect.objectContaining({ attempt: 1 }));
  expect(model.state.get()).toMatchObject({ sentAgain: true, failure: undefined });
  model.changeAddress();
  await fill(model, 'address', 'autre@interieur.example');
  expect(asked).toHaveBeenLastCalledWith('signUp', 'autre@interieur.example', undefined);
});

test('who opened the link goes on; who did not is sent back to the code', async () => {
  const { model, entry, arrived } = await setUp();
  await fill(model, 'address', ADDRESS);
  model.linkUsed();
  await fill(model, 'password', PASSWORD);
  expect(model.state.get()).toMatchObject({ step: 'code', failure: { code: 'M_UNAUTHORIZED' } });
  entry.proved.add(ADDRESS);
  model.linkUsed();
  await model.submit();
  expect(arrived).toHaveBeenCalledTimes(1);
});

test('an address that is refused is said, and stays', async () => {
  const { model, entry } = await setUp();
  entry.failing = new Failure('M_THREEPID_DENIED', 403, { reason: 'invitation_missing' });
  await fill(model, 'address', 'x@partenaire.example');
  expect(model.state.get()).toMatchObject({
    step: 'address',
    busy: false,
    failure: { reason: 'invitation_missing' },
  });
});

test('a forgotten password: the address is proved, a new one is chosen, and one is in', async () => {
  const { model, entry, arrived } = await setUp('reset');
  entry.accounts.set(ADDRESS, 'oublié depuis longtemps');
  const asked = vi.spyOn(entry, 'sendCode');
  await fill(model, 'address', ADDRESS);
  expect(asked).toHaveBeenCalledWith('reset', ADDRESS, undefined);
  expect(model.state.get()).toMatchObject({ step: 'code', info: undefined });
  await fill(model, 'code', FAKE_MAIL_CODE);
  await fill(model, 'password', PASSWORD);
  expect(entry.accounts.get(ADDRESS)).toBe(PASSWORD);
  expect(arrived).toHaveBeenCalledWith(expect.objectContaining({ deviceId: 'DEVICE' }), PASSWORD, false);
});

test('a forgotten password of nobody is said once the address is proved', async () => {
  const { model, arrived } = await setUp('reset');
  await fill(model, 'address', ADDRESS);
  await fill(model, 'code', FAKE_MAIL_CODE);
  await fill(model, 'password', PASSWORD);
  expect(model.state.get().failure?.code).toBe('M_THREEPID_NOT_FOUND');
  expect(arrived).not.toHaveBeenCalled();
});
