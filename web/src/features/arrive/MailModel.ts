// SPDX-License-Identifier: EUPL-1.2
// [UX-1] In three steps: address, code, password. For a new account, or for a password that was forgotten.
import type { Credentials, Entry, MailProof, MailPurpose, SignUpOffer } from '../../core/entry.ts';
import { type Failure, failureOf } from '../../core/failure.ts';
import type { AddressInfo } from '../../core/identity.ts';
import { Cell, type Live } from '../../core/live.ts';
import { type Arrived, isShort } from './arrival.ts';

export type MailStep = 'address' | 'code' | 'password';
export type MailFault = 'missing' | 'wrong' | 'short';

export interface MailState {
  readonly step: MailStep;
  readonly address: string;
  readonly code: string;
  readonly password: string;
  readonly info: AddressInfo | undefined;
  readonly fault: MailFault | undefined;
  readonly sentAgain: boolean;
  readonly busy: boolean;
  readonly failure: Failure | undefined;
}

export class MailModel {
  readonly offer: SignUpOffer;
  readonly purpose: MailPurpose;
  private readonly entry: Entry;
  private readonly arrived: Arrived;
  private readonly cell = new Cell<MailState>({
    step: 'address',
    address: '',
    code: '',
    password: '',
    info: undefined,
    fault: undefined,
    sentAgain: false,
    busy: false,
    failure: undefined,
  });
  private proof: MailProof | undefined;

  constructor(entry: Entry, offer: SignUpOffer, purpose: MailPurpose, arrived: Arrived) {
    this.entry = entry;
    this.purpose = purpose;
    this.offer = offer;
    this.arrived = arrived;
  }

  get state(): Live<MailState> {
    return this.cell;
  }

  type(field: MailStep, value: string): void {
    this.cell.patch({ [field]: value, fault: undefined });
  }

  private faultOf(): MailFault | undefined {
    const { step, address, code, password } = this.cell.get();
    if (step === 'address') return !address.trim() ? 'missing' : address.includes('@') ? undefined : 'wrong';
    if (step === 'code') return /^\d{8}$/.test(code.replaceAll(/\s/g, '')) ? undefined : 'missing';
    if (!password) return 'missing';
    return isShort(password, this.offer) ? 'short' : undefined;
  }

  /** The step's one button. False when the field itself says no. */
  async submit(): Promise<boolean> {
    const { step, busy } = this.cell.get();
    if (busy) return true;
    const fault = this.faultOf();
    this.cell.patch({ fault, failure: undefined });
    if (fault) return false;
    const steps = { address: this.sendCode, code: this.checkCode, password: this.finish };
    await this.attempt(steps[step]);
    return true;
  }

  private readonly sendCode = async (): Promise<void> => {
    const address = this.cell.get().address.trim();
    const info = this.purpose === 'signUp' ? await this.entry.about(address) : undefined;
    const { purpose } = this;
    this.proof = await this.entry.sendCode(
      purpose,
      address,
      this.proof?.address === address ? this.proof : undefined,
    );
    this.cell.patch({ step: 'code', address, info, code: '', sentAgain: false });
  };

  private readonly checkCode = async (): Promise<void> => {
    if (this.proof) await this.entry.submitCode(this.proof, this.cell.get().code.replaceAll(/\s/g, ''));
    this.cell.patch({ step: 'password', sentAgain: false });
  };

  private readonly finish = async (): Promise<void> => {
    if (!this.proof) return;
    const { password } = this.cell.get();
    try {
      const credentials = await this.enter(this.proof, password);
      this.cell.patch({ password: '' });
      this.arrived(credentials, password, this.purpose === 'signUp');
    } catch (error) {
      // The link was not opened after all: the code is still good.
      if (failureOf(error).code === 'M_UNAUTHORIZED') this.cell.patch({ step: 'code' });
      throw error;
    }
  };

  private async enter(proof: MailProof, password: string): Promise<Credentials> {
    if (this.purpose === 'signUp') return this.entry.signUpByMail(proof, password);
    await this.entry.resetPassword(proof, password);
    return this.entry.signIn(proof.address, password);
  }

  async sendAgain(): Promise<void> {
    await this.attempt(async () => {
      if (this.proof) this.proof = await this.entry.sendCode(this.purpose, this.proof.address, this.proof);
      this.cell.patch({ code: '', sentAgain: true, fault: undefined });
    });
  }

  /** The link of the mail was opened instead of typing the code. */
  linkUsed(): void {
    this.cell.patch({ step: 'password', fault: undefined, failure: undefined });
  }

  changeAddress(): void {
    this.cell.patch({ step: 'address', fault: undefined, failure: undefined, sentAgain: false });
  }

  private async attempt(action: () => Promise<void>): Promise<void> {
    this.cell.patch({ busy: true, failure: undefined });
    try {
      await action();
    } catch (error) {
      this.cell.patch({ failure: failureOf(error) });
    } finally {
      this.cell.patch({ busy: false });
    }
  }
}
