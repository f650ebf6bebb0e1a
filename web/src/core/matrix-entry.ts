// SPDX-License-Identifier: EUPL-1.2
// Client-server API, "Client authentication": the homeserver is the one that served this page, unless
// its well-known says that the API is kept apart.
import type { Credentials, Entry, SignUpWay } from './entry.ts';
import { Failure } from './failure.ts';
import { type Answer, ask, call, failureIn, type Json } from './http.ts';

const str = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export class MatrixEntry implements Entry {
  private readonly origin: string;
  private readonly deviceName: string;
  private homeserver: Promise<string> | undefined;

  constructor(origin: string, deviceName: string) {
    this.origin = origin;
    this.deviceName = deviceName;
  }

  private async findHomeserver(): Promise<string> {
    const { status, body } = await ask('GET', `${this.origin}/.well-known/matrix/client`);
    const named = str((body['m.homeserver'] as Json | undefined)?.base_url);
    if (status !== 200 || !named) return this.origin;
    return named.replace(/\/$/, '');
  }

  private api(path: string): Promise<string> {
    this.homeserver ??= this.findHomeserver().catch((error: unknown) => {
      this.homeserver = undefined;
      throw error;
    });
    return this.homeserver.then((base) => `${base}/_matrix/client/v3${path}`);
  }

  async signUpWay(): Promise<SignUpWay> {
    const answer = await ask('POST', await this.api('/register'), {});
    if (answer.status !== 401) return 'closed';
    const flows = Array.isArray(answer.body.flows) ? (answer.body.flows as { stages?: string[] }[]) : [];
    if (flows.some((f) => f.stages?.includes('m.login.email.identity'))) return 'email';
    return flows.some((f) => f.stages?.length === 1 && f.stages[0] === 'm.login.dummy') ? 'open' : 'closed';
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

  async signUp(name: string, password: string): Promise<Credentials> {
    const wanted = {
      username: name.trim().toLowerCase(),
      password,
      refresh_token: true,
      initial_device_display_name: this.deviceName,
    };
    const url = await this.api('/register');
    let answer: Answer = await ask('POST', url, wanted);
    const session = str(answer.body.session);
    if (answer.status === 401 && session)
      answer = await ask('POST', url, { ...wanted, auth: { type: 'm.login.dummy', session } });
    if (answer.status !== 200) throw failureIn(answer);
    return this.credentials(answer.body);
  }

  private async credentials(body: Json): Promise<Credentials> {
    const userId = str(body.user_id);
    const deviceId = str(body.device_id);
    const accessToken = str(body.access_token);
    if (!userId || !deviceId || !accessToken) throw new Failure('RUBBISH', 200);
    const homeserver = (await this.api('')).replace('/_matrix/client/v3', '');
    return { homeserver, userId, deviceId, accessToken, refreshToken: str(body.refresh_token) };
  }
}
