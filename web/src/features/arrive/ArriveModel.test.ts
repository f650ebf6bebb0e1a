// SPDX-License-Identifier: EUPL-1.2
import { expect, test, vi } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { FakeEntry } from '../../core/fake/entry.ts';
import { ArriveModel } from './ArriveModel.ts';

function setUp(mode: 'signIn' | 'signUp' = 'signIn') {
  const entry = new FakeEntry();
  entry.accounts.set('camille', 'un mot de passe');
  const arrived = vi.fn();
  return { entry, arrived, model: new ArriveModel(entry, arrived, mode) };
}

function type(model: ArriveModel, name: string, password: string): void {
  model.setName(name);
  model.setPassword(password);
}

test('an empty form is not sent, and says what is missing', async () => {
  const { model, arrived } = setUp();
  expect(await model.submit()).toBe(false);
  expect(model.state.get()).toMatchObject({ nameFault: 'missing', passwordFault: 'missing', busy: false });
  model.setName('c');
  expect(model.state.get().nameFault).toBeUndefined();
  expect(arrived).not.toHaveBeenCalled();
});

test('the right password lets in, and is not kept', async () => {
  const { model, arrived } = setUp();
  type(model, 'camille', 'un mot de passe');
  expect(await model.submit()).toBe(true);
  expect(arrived).toHaveBeenCalledWith(
    expect.objectContaining({ userId: '@camille:example.org' }),
    'un mot de passe',
    false,
  );
  expect(model.state.get()).toMatchObject({ password: '', failure: undefined });
});

test('a wrong password is said, and what was typed stays', async () => {
  const { model, arrived } = setUp();
  type(model, 'camille', 'autre chose');
  await model.submit();
  expect(model.state.get()).toMatchObject({
    name: 'camille',
    password: 'autre chose',
    busy: false,
    failure: { code: 'M_FORBIDDEN' },
  });
  expect(arrived).not.toHaveBeenCalled();
});

test('a form at work is not sent twice', async () => {
  const { model, entry } = setUp();
  const signIn = vi.spyOn(entry, 'signIn');
  type(model, 'camille', 'un mot de passe');
  await Promise.all([model.submit(), model.submit()]);
  expect(signIn).toHaveBeenCalledTimes(1);
});

test('a new account: the name and the password are looked at before the server is asked', async () => {
  const { model, entry } = setUp('signUp');
  await model.findOffer();
  const signUp = vi.spyOn(entry, 'signUp');
  type(model, 'Élise Martin', 'court');
  expect(await model.submit()).toBe(false);
  expect(model.state.get()).toMatchObject({ nameFault: 'wrong', passwordFault: 'short' });
  type(model, ' Elise.Martin ', 'une phrase assez longue');
  expect(await model.submit()).toBe(true);
  expect(signUp).toHaveBeenCalledTimes(1);
});

test('changing between signing in and up forgets the faults and keeps the name', async () => {
  const { model } = setUp();
  type(model, 'camille', 'faux');
  await model.submit();
  model.setMode('signUp');
  expect(model.state.get()).toMatchObject({ mode: 'signUp', name: 'camille', failure: undefined });
});

test('who comes from the mail of an invitation finds its address filled in, to sign up and for nothing else', async () => {
  const { model, entry } = setUp('signUp');
  entry.way = 'email';
  model.invite('partenaire@asso.example');
  await model.findOffer();
  const { offer } = model.state.get();
  if (!offer) throw new Error('no offer');
  expect(model.byMail(offer, 'signUp').state.get()).toMatchObject({
    step: 'address',
    address: 'partenaire@asso.example',
  });
  expect(model.byMail(offer, 'reset').state.get().address).toBe('');
  model.invite(undefined);
  expect(model.byMail(offer, 'signUp').state.get().address).toBe('');
});

test('how one signs up is asked once, and again after a failure', async () => {
  const { model, entry } = setUp('signUp');
  entry.failing = new Failure('OFFLINE');
  await model.findOffer();
  expect(model.state.get()).toMatchObject({ offer: undefined, failure: { code: 'OFFLINE' } });
  await model.findOffer();
  expect(model.state.get()).toMatchObject({ offer: { way: 'open' }, failure: undefined });
  const asked = vi.spyOn(entry, 'offer');
  await model.findOffer();
  expect(asked).not.toHaveBeenCalled();
});

test('where an account is made with a code that one was given, it is asked for, and its refusal said', async () => {
  const { model, entry, arrived } = setUp('signUp');
  Object.assign(entry, { way: 'token', token: 'bienvenue' });
  await model.findOffer();
  type(model, 'nour', 'une phrase assez longue');
  expect(await model.submit()).toBe(false);
  expect(model.state.get().invitationMissing).toBe(true);
  model.setInvitation('faux');
  expect(await model.submit()).toBe(true);
  expect(model.state.get()).toMatchObject({
    invitationMissing: false,
    failure: { code: 'INVITATION_REFUSED' },
  });
  model.setInvitation('bienvenue');
  await model.submit();
  expect(arrived).toHaveBeenCalledWith(expect.anything(), 'une phrase assez longue', true);
});
