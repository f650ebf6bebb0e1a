// SPDX-License-Identifier: EUPL-1.2
// Mails by SMTP, to a real server on the loopback that behaves well, or badly. Nobody waits for a
// mail: a request is answered the same in each of these.
import { expect, test } from 'vitest';
import { PostOffice, type PostOfficeOptions } from './src/mail.ts';
import { Server } from './src/server.ts';
import { askMail, newAddress, registerWith, submitCode } from './src/signup.ts';

async function withOffice(
  options: PostOfficeOptions,
  act: (office: PostOffice, server: Server) => Promise<void>,
  settings?: (office: PostOffice) => Promise<Record<string, string>>,
): Promise<void> {
  const office = await PostOffice.open(options);
  const set = {
    'registration.mode': 'email',
    domains: await mapFile(),
    public_url: 'https://chappe.interieur.example',
    ...(settings ? await settings(office) : office.settings()),
  };
  const server = await Server.start({ set });
  try {
    await act(office, server);
  } finally {
    await server.dispose();
    await office.close();
  }
}

async function mapFile(): Promise<string> {
  const { mkdtemp, writeFile } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const file = join(await mkdtemp(join(tmpdir(), 'chappe-map-')), 'domains.yaml');
  await writeFile(file, 'domains:\n  - {domain: interieur.example, server: localhost}\n');
  return file;
}

const logUntil = async (office: PostOffice, server: Server, event: string) =>
  office.until(() => server.log.includes(`"event":"${event}"`));

test('[ACC-05] the dialogue has one recipient, the address that is stored, over TLS', async () => {
  for (const scheme of ['smtp', 'smtps'] as const) {
    await withOffice(
      { secure: scheme === 'smtps' },
      async (office, server) => {
        const address = newAddress('recipient');
        const proof = await askMail(server, address.toUpperCase());
        const taken = await office.mailTo(address);
        expect(taken.recipients).toEqual([address]);
        expect(taken.from).toBe('ne-pas-repondre@interieur.example');
        expect(taken.secure).toBe(true);
        expect(taken.mail.to).toBe(address);
        expect(new URL(taken.mail.link).origin).toBe('https://chappe.interieur.example');
        const recipients = office.dialogue.filter((line) => /RCPT TO/i.test(line));
        expect(recipients.length).toBe(1);
        expect(recipients[0]).toContain(`<${address}>`);
        await submitCode(server, proof, taken.mail.code);
        await registerWith(server, proof);
        expect(office.taken.length).toBe(1);
      },
      async (office) => office.settings(scheme),
    );
  }
});

test('[ACC-11] without STARTTLS no mail is handed over, and it is said', async () => {
  await withOffice({ disabledCommands: ['AUTH', 'STARTTLS'] }, async (office, server) => {
    const address = newAddress('stripped');
    await askMail(server, address);
    await logUntil(office, server, 'mail_not_sent');
    expect(office.taken).toEqual([]);
    expect(office.dialogue.join('\n')).toContain('EHLO');
    expect(office.dialogue.join('\n')).not.toContain('MAIL FROM');
    expect(server.log).not.toContain(address);
  });
});

test('[ACC-11] with a certificate of another authority, or of another name, no mail is handed over', async () => {
  const act = async (office: PostOffice, server: Server) => {
    await askMail(server, newAddress('false'));
    await logUntil(office, server, 'mail_not_sent');
    expect(office.taken).toEqual([]);
    expect(office.dialogue.join('\n')).not.toContain('MAIL FROM');
  };
  await withOffice({}, act, (office) => office.untrusted());
  await withOffice({ certificateName: 'mail.evil.example' }, act);
});

test('what the mail server refuses for now is tried again', async () => {
  let refusals = 2;
  const busy = Object.assign(new Error('busy'), { responseCode: 451 });
  const onRcptTo: PostOfficeOptions['onRcptTo'] = (_address, _session, done) =>
    refusals-- > 0 ? done(busy) : done();
  await withOffice({ onRcptTo }, async (office, server) => {
    const address = newAddress('later');
    await askMail(server, address);
    await office.mailTo(address);
    expect(office.taken.length).toBe(1);
  });
});

test('what it refuses for good is set aside, and the others go on', async () => {
  const unknown = newAddress('unknown');
  const never = Object.assign(new Error('no such user'), { responseCode: 550 });
  const onRcptTo: PostOfficeOptions['onRcptTo'] = (to, _session, done) =>
    to.address === unknown ? done(never) : done();
  await withOffice({ onRcptTo }, async (office, server) => {
    const known = newAddress('known');
    await askMail(server, unknown);
    await askMail(server, known);
    await office.mailTo(known);
    await logUntil(office, server, 'mail_refused');
    expect(office.taken.length).toBe(1);
  });
});

test('a mail server that is down loses nothing and blocks nobody', async () => {
  await withOffice({}, async (office, server) => {
    await office.pause();
    const addresses = [newAddress('down'), newAddress('down'), newAddress('down')];
    for (const address of addresses) await askMail(server, address);
    await logUntil(office, server, 'mail_not_sent');
    // The queue is in the store: it survives the death of the server.
    await server.restart('SIGKILL');
    await office.resume();
    for (const address of addresses) await office.mailTo(address);
    expect(office.taken.length).toBe(3);
  });
});

test('a mail server that never answers delays no request and no stop', async () => {
  let held = 0;
  const onRcptTo: PostOfficeOptions['onRcptTo'] = () => {
    held++;
  };
  await withOffice({ onRcptTo }, async (office, server) => {
    await askMail(server, newAddress('slow'));
    await office.until(() => held > 0);
    for (let i = 0; i < 20; i++) await askMail(server, newAddress('behind'));
    expect(await server.stop()).toBe(0);
  });
});

test('a connection that is cut in the middle of a mail is tried again', async () => {
  let cuts = 1;
  const onData: PostOfficeOptions['onData'] = (stream, session, done) => {
    if (cuts-- > 0) {
      stream.once('data', () => office_.cutAll());
      return;
    }
    office_.take(stream, session, done);
  };
  let office_!: PostOffice;
  await withOffice({ onData }, async (office, server) => {
    office_ = office;
    const address = newAddress('cut');
    await askMail(server, address);
    const taken = await office.mailTo(address);
    expect(taken.mail.code).toMatch(/^\d{8}$/);
  });
});

test('[DUR-12] a mail at which the server dies three times is set aside, and the rest go on', async () => {
  const poison = newAddress('poison');
  let held = 0;
  const onRcptTo: PostOfficeOptions['onRcptTo'] = (to, _session, done) => {
    if (to.address === poison) held++;
    else done();
  };
  await withOffice({ onRcptTo }, async (office, server) => {
    await askMail(server, poison);
    for (let death = 1; death <= 3; death++) {
      await office.until(() => held === death);
      await server.restart('SIGKILL');
    }
    await logUntil(office, server, 'mail_set_aside');
    const address = newAddress('after');
    await askMail(server, address);
    await office.mailTo(address);
    expect(held).toBe(3);
    expect(office.taken.length).toBe(1);
  });
});
