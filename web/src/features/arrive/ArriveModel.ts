// SPDX-License-Identifier: EUPL-1.2
// Signing in, and making an account where anybody may. What was typed is trimmed here, never by the server.
import type { Entry, MailPurpose, SignUpOffer } from '../../core/entry.ts';
import { type Failure, failureOf } from '../../core/failure.ts';
import { Cell, type Live } from '../../core/live.ts';
import { type Arrived, isShort } from './arrival.ts';
import { MailModel } from './MailModel.ts';

const NAME = /^[a-z0-9._=/+-]+$/;

export type NameFault = 'missing' | 'wrong';
export type PasswordFault = 'missing' | 'short';

export interface ArriveState {
  readonly mode: 'signIn' | 'signUp' | 'reset';
  readonly name: string;
  readonly password: string;
  /** What one was given to sign up with, where that is the way. */
  readonly invitation: string;
  readonly nameFault: NameFault | undefined;
  readonly passwordFault: PasswordFault | undefined;
  readonly invitationMissing: boolean;
  readonly busy: boolean;
  readonly failure: Failure | undefined;
  /** Asked for when it is first needed; undefined until then. */
  readonly offer: SignUpOffer | undefined;
}

const FAULTLESS = {
  nameFault: undefined,
  passwordFault: undefined,
  invitationMissing: false,
  failure: undefined,
} as const;

export class ArriveModel {
  private readonly entry: Entry;
  private readonly arrived: Arrived;
  private readonly cell: Cell<ArriveState>;
  private invited: string | undefined;

  constructor(entry: Entry, arrived: Arrived, mode: ArriveState['mode'] = 'signIn') {
    this.entry = entry;
    this.arrived = arrived;
    this.cell = new Cell<ArriveState>({
      mode,
      name: '',
      password: '',
      invitation: '',
      nameFault: undefined,
      passwordFault: undefined,
      invitationMissing: false,
      busy: false,
      failure: undefined,
      offer: undefined,
    });
  }

  get state(): Live<ArriveState> {
    return this.cell;
  }

  setMode(mode: ArriveState['mode']): void {
    if (mode !== this.cell.get().mode) this.cell.patch({ ...FAULTLESS, mode });
  }

  setName(name: string): void {
    this.cell.patch({ name, nameFault: undefined });
  }

  setPassword(password: string): void {
    this.cell.patch({ password, passwordFault: undefined });
  }

  setInvitation(invitation: string): void {
    this.cell.patch({ invitation, invitationMissing: false });
  }

  async findOffer(): Promise<void> {
    if (this.cell.get().offer) return;
    try {
      const offer = await this.entry.offer();
      this.cell.patch({ offer, failure: undefined });
    } catch (error) {
      this.cell.patch({ failure: failureOf(error) });
    }
  }

  /** Of who comes from the mail of an invitation: they sign up with the address that got it. */
  invite(address: string | undefined): void {
    this.invited = address;
  }

  byMail(offer: SignUpOffer, purpose: MailPurpose): MailModel {
    const mail = new MailModel(this.entry, offer, purpose, this.arrived);
    if (purpose === 'signUp' && this.invited) mail.type('address', this.invited);
    return mail;
  }

  private get byInvitation(): boolean {
    const { mode, offer } = this.cell.get();
    return mode === 'signUp' && offer?.way === 'token';
  }

  private check(): boolean {
    const { mode, name, password, offer } = this.cell.get();
    const trimmed = name.trim().toLowerCase();
    const nameFault = !trimmed ? 'missing' : mode === 'signUp' && !NAME.test(trimmed) ? 'wrong' : undefined;
    const short = mode === 'signUp' && isShort(password, offer);
    const passwordFault = !password ? 'missing' : short ? 'short' : undefined;
    const invitationMissing = this.byInvitation && !this.cell.get().invitation.trim();
    this.cell.patch({ nameFault, passwordFault, invitationMissing, failure: undefined });
    return !nameFault && !passwordFault && !invitationMissing;
  }

  /** False when the form itself says no: the first field at fault is the one to go to. */
  async submit(): Promise<boolean> {
    if (this.cell.get().busy) return true;
    if (!this.check()) return false;
    const { mode, name, password, invitation } = this.cell.get();
    if (mode === 'reset') return false;
    this.cell.patch({ busy: true });
    try {
      const credentials =
        mode === 'signIn'
          ? await this.entry.signIn(name, password)
          : await this.entry.signUp(name, password, this.byInvitation ? invitation : undefined);
      this.cell.patch({ busy: false, password: '' });
      this.arrived(credentials, password, mode === 'signUp');
    } catch (error) {
      this.cell.patch({ busy: false, failure: failureOf(error) });
    }
    return true;
  }
}
