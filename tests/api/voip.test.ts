// SPDX-License-Identifier: EUPL-1.2
// Credentials of TURN servers, as coturn checks them (use-auth-secret).
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { stage } from './src/stage.ts';

const SECRET = 'un secret de seize octets';

describe('with TURN servers', () => {
  const t = stage({
    set: {
      'voip.turn.uris': 'turn:turn.interieur.example:3478?transport=udp, turns:turn.interieur.example',
      'voip.turn.shared_secret': SECRET,
      'voip.turn.lifetime': '10m',
    },
  });

  test('the user name holds its end, the password is the HMAC that the server makes too', async () => {
    const alice = await t.user('alice');
    const before = Math.floor(Date.now() / 1000);
    const turn = await alice.get('/v3/voip/turnServer');
    const [end, user] = [Number(turn.username.split(':')[0]), turn.username.replace(/^\d+:/, '')];
    expect(user).toBe(alice.id);
    expect(turn.ttl).toBe(600);
    expect(end).toBeGreaterThanOrEqual(before + 600);
    expect(end).toBeLessThanOrEqual(Math.floor(Date.now() / 1000) + 600);
    expect(turn.password).toBe(createHmac('sha1', SECRET).update(turn.username).digest('base64'));
    expect(turn.uris).toEqual([
      'turn:turn.interieur.example:3478?transport=udp',
      'turns:turn.interieur.example',
    ]);
    await t.api.call('GET', '/_matrix/client/v3/voip/turnServer', { expect: [401, 'M_MISSING_TOKEN'] });
  });

  test('the secret is shown to nobody', async () => {
    const shown = await t.server.command(
      'config',
      'show',
      '--set',
      `voip.turn.shared_secret=${SECRET}`,
      '--set',
      'voip.turn.uris=turn:a.example',
    );
    expect(shown).toContain('voip.turn.shared_secret: "***"');
    expect(shown).not.toContain(SECRET);
  });
});

describe('without', () => {
  const t = stage();

  test('there are no credentials', async () => {
    const alice = await t.user('alice');
    expect(await alice.get('/v3/voip/turnServer')).toEqual({});
  });

  test('half a configuration is refused', async () => {
    const wrong = (...set: string[]) =>
      t.server.command('config', 'check', ...set.flatMap((s) => ['--set', s]));
    await expect(wrong('voip.turn.uris=turn:a.example')).rejects.toThrow(/go together/);
    await expect(wrong('voip.turn.uris=http://a.example')).rejects.toThrow(/must be turn:/);
    await expect(wrong('voip.turn.shared_secret=secret')).rejects.toThrow(/well-known/);
  });
});
