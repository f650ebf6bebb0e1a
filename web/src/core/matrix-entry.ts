// SPDX-License-Identifier: EUPL-1.2
// Client-server API, "Client authentication": the homeserver is the one that served this page, unless
// its well-known says that the API is kept apart.
import type { Credentials, Entry, MailProof, MailPurpose, Policy, SignUpOffer, SignUpWay } from './entry.ts';
import { Failure } from './failure.ts';
import { type Answer, ask, call, failureIn, type Json } from './http.ts';
import { aboutAddress, type AddressInfo } from './identity.ts';

const str = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** A text inside an object, whatever has come. */
const part = (value: unknown, name: string): string | undefined =>
  str((value as Json | null | undefined)?.[name]);

const CLIENT = '/_matrix/client/v3';
const MAIL = 'm.login.email.identity';
const DUMMY = 'm.login.dummy';
const TOKEN = 'm.login.registration_token';
const ASKING: Record<MailPurpose, string> = { signUp: '/register', reset: '/account/password' };
/** Where the server does not say. */
const PASSWORD_LEAST = 12;

function stagesOf(body: Json): string[][] {
  const flows = Array.isArray(body.flows) ? (body.flows as { stages?: string[] }[]) : [];
  return flows.map((flow) => flow.stages ?? []);
}

function wayOf({ status, body }: Answer): SignUpWay {
  const flows = status === 401 ? stagesOf(body) : [];
  if (flows.some((stages) => stages.includes(MAIL))) return 'email';
  const alone = (stage: string) => flows.some((stages) => stages.length === 1 && stages[0] === stage);
  if (alone(DUMMY)) return 'open';
  return alone(TOKEN) ? 'token' : 'closed';
}

function policiesOf(body: Json): SignUpOffer['policies'] {
  const params = body.params as { 'm.login.terms'?: { policies?: Record<string, Json> } } | undefined;
  return Object.values(params?.['m.login.terms']?.policies ?? {}).map((policy) => {
    const languages = Object.entries(policy).filter(
      ([, value]) => typeof value === 'object' && value !== null,
    );
    return Object.fromEntries(languages) as Record<string, Policy>;
  });
}

function randomSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class MatrixEntry implements Entry {
  private readonly origin: string;
  private readonly deviceName: string;
  private found: Promise<Json> | undefined;

  constructor(origin: string, deviceName: string) {
    this.origin = origin;
    this.deviceName = deviceName;
  }

  /** What the server says of itself; nothing, where it says nothing. Asked once, unless it does not answer. */
  private wellKnown(): Promise<Json> {
    this.found ??= ask('GET', `${this.origin}/.well-known/matrix/client`).then(
      ({ status, body }) => (status === 200 ? body : {}),
      (error: unknown) => {
        this.found = undefined;
        throw error;
      },
    );
    return this.found;
  }

  private async api(path: string): Promise<string> {
    const named = part((await this.wellKnown())['m.homeserver'], 'base_url');
    return `${(named || this.origin).replace(/\/$/, '')}${CLIENT}${path}`;
  }

  async operator(): Promise<string | undefined> {
    return part((await this.wellKnown())['org.chappe.operator'], 'name')?.trim() || undefined;
  }

  async offer(): Promise<SignUpOffer> {
    const [answer, policy, demo] = await Promise.all([
      ask('POST', await this.api('/register'), {}),
      ask('GET', await this.api('/password_policy')).catch(() => undefined),
      fetch(`${this.origin}/demo/mail`, { method: 'HEAD' }).catch(() => undefined),
    ]);
    const least = policy?.body['m.minimum_length'];
    return {
      way: wayOf(answer),
      policies: policiesOf(answer.body),
      passwordLeast: typeof least === 'number' ? least : PASSWORD_LEAST,
      demoMails: demo?.status === 200 ? `${this.origin}/demo/mail` : undefined,
    };
  }

  async signIn(name: string, password: string): Promise<Credentials> {
    const trimmed = name.trim();
    const byMail = trimmed.includes('@') && !trimmed.startsWith('@');
    const identifier = byMail
      ? { type: 'm.id.thirdparty', medium: 'email', address: trimmed.toLowerCase() }
      : { type: 'm.id.user', user: trimmed.startsWith('@') ? trimmed : trimmed.toLowerCase() };
    const body = await call('POST', await this.api('/login'), {
      type: 'm.login.password',
      identifier,
      password,
      refresh_token: true,
      initial_device_display_name: this.deviceName,
    });
    return this.credentials(body);
  }

  async signUp(name: string, password: string, token?: string): Promise<Credentials> {
    const wanted = {
      username: name.trim().toLowerCase(),
      password,
      refresh_token: true,
      initial_device_display_name: this.deviceName,
    };
    const url = await this.api('/register');
    let answer: Answer = await ask('POST', url, wanted);
    const session = str(answer.body.session);
    const stage = token === undefined ? { type: DUMMY } : { type: TOKEN, token: token.trim() };
    if (answer.status === 401 && session)
      answer = await ask('POST', url, { ...wanted, auth: { ...stage, session } });
    // Unknown, or used up while the form was filled in.
    const { errcode } = answer.body;
    if (token !== undefined && (errcode === 'M_UNAUTHORIZED' || errcode === 'M_FORBIDDEN'))
      throw new Failure('INVITATION_REFUSED', answer.status);
    if (answer.status !== 200) throw failureIn(answer);
    return this.credentials(answer.body);
  }

  async about(address: string): Promise<AddressInfo> {
    return aboutAddress((await this.api('')).replace(CLIENT, ''), address);
  }

  async sendCode(purpose: MailPurpose, address: string, before?: MailProof): Promise<MailProof> {
    const secret = before?.secret ?? randomSecret();
    const attempt = (before?.attempt ?? 0) + 1;
    const body = await call('POST', await this.api(`${ASKING[purpose]}/email/requestToken`), {
      client_secret: secret,
      email: address,
      send_attempt: attempt,
    });
    const sid = str(body.sid);
    const submitUrl = str(body.submit_url);
    if (!sid || !submitUrl) throw new Failure('RUBBISH', 200);
    return { address, sid, secret, submitUrl, attempt };
  }

  async submitCode(proof: MailProof, code: string): Promise<void> {
    // The path is the server's; its host is the one that we talk to (the policy lets no other in).
    const base = (await this.api('')).replace(CLIENT, '');
    const url = base + new URL(proof.submitUrl).pathname;
    await call('POST', url, { sid: proof.sid, client_secret: proof.secret, token: code });
  }

  async signUpByMail(proof: MailProof, password: string): Promise<Credentials> {
    const url = await this.api('/register');
    const wanted = { password, refresh_token: true, initial_device_display_name: this.deviceName };
    const first = await ask('POST', url, {});
    const session = str(first.body.session);
    if (first.status !== 401 || !session) throw failureIn(first);
    const threepid = { sid: proof.sid, client_secret: proof.secret };
    let answer: Answer = first;
    for (const stage of stagesOf(first.body).find((flow) => flow.includes(MAIL)) ?? []) {
      const more = stage === MAIL ? { threepid_creds: threepid } : {};
      answer = await ask('POST', url, { ...wanted, auth: { type: stage, session, ...more } });
      if (answer.status !== 200 && answer.body.errcode) throw failureIn(answer);
    }
    if (answer.status !== 200) throw failureIn(answer);
    return this.credentials(answer.body);
  }

  async resetPassword(proof: MailProof, password: string): Promise<void> {
    const url = await this.api('/account/password');
    const wanted = { new_password: password, logout_devices: true };
    const first = await ask('POST', url, wanted);
    const session = str(first.body.session);
    if (first.status !== 401 || !session) throw failureIn(first);
    const threepid_creds = { sid: proof.sid, client_secret: proof.secret };
    await call('POST', url, { ...wanted, auth: { type: MAIL, session, threepid_creds } });
  }

  private async credentials(body: Json): Promise<Credentials> {
    const userId = str(body.user_id);
    const deviceId = str(body.device_id);
    const accessToken = str(body.access_token);
    if (!userId || !deviceId || !accessToken) throw new Failure('RUBBISH', 200);
    const homeserver = (await this.api('')).replace(CLIENT, '');
    return { homeserver, userId, deviceId, accessToken, refreshToken: str(body.refresh_token) };
  }
}
