// SPDX-License-Identifier: EUPL-1.2
// Comparing pictures between two devices of one person ("Short Authentication String" in the
// specification), from either side.
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/CryptoEvent.js';
import type { MatrixClient } from 'matrix-js-sdk';
import {
  type ShowSasCallbacks,
  VerificationPhase,
  type VerificationRequest,
  VerificationRequestEvent,
  type Verifier,
  VerifierEvent,
} from 'matrix-js-sdk/lib/crypto-api/verification.js';
import { Cell, type Live } from '../live.ts';
import type { Comparison, ComparisonStep } from '../safety.ts';

const SAS = 'm.sas.v1';
const OVER: ComparisonStep[] = ['done', 'mismatch', 'stopped'];

export class Comparing {
  private readonly cell = new Cell<Comparison | undefined>(undefined);
  private readonly client: MatrixClient;
  private request: VerificationRequest | undefined;
  private verifier: Verifier | undefined;
  private sas: ShowSasCallbacks | undefined;

  constructor(client: MatrixClient) {
    this.client = client;
    client.on(CryptoEvent.VerificationRequestReceived, (request) => {
      const over = this.cell.get() === undefined || OVER.includes(this.cell.get()!.step);
      if (request.isSelfVerification && over && request.phase === VerificationPhase.Requested)
        this.follow(request, 'asked');
    });
  }

  get state(): Live<Comparison | undefined> {
    return this.cell;
  }

  private say(step: ComparisonStep): void {
    this.cell.set({ step, pictures: this.cell.get()?.pictures ?? [] });
  }

  private follow(request: VerificationRequest, step: ComparisonStep): void {
    this.request = request;
    this.verifier = undefined;
    this.sas = undefined;
    this.cell.set({ step, pictures: [] });
    request.on(VerificationRequestEvent.Change, () => void this.look(request));
  }

  /** Who asked starts; the other waits to see it started. */
  private async look(request: VerificationRequest): Promise<void> {
    if (request !== this.request) return;
    if (request.phase === VerificationPhase.Cancelled) this.stop();
    else if (request.phase === VerificationPhase.Done) this.say('done');
    else if (request.verifier) this.run(request.verifier);
    else if (request.phase === VerificationPhase.Ready) {
      this.say('preparing');
      if (request.initiatedByMe) await request.startVerification(SAS).then(this.run, () => this.stop());
    }
  }

  private stop(): void {
    const step = this.cell.get()?.step;
    if (step && !OVER.includes(step)) this.say('stopped');
  }

  private readonly run = (verifier: Verifier): void => {
    if (verifier === this.verifier) return;
    this.verifier = verifier;
    verifier.on(VerifierEvent.ShowSas, this.show);
    const already = verifier.getShowSasCallbacks();
    if (already) this.show(already);
    verifier.verify().then(
      () => this.say('done'),
      () => this.stop(),
    );
  };

  private readonly show = (sas: ShowSasCallbacks): void => {
    this.sas = sas;
    const pictures = (sas.sas.emoji ?? []).map(([picture]) => picture);
    this.cell.set({ step: 'comparing', pictures });
  };

  async ask(): Promise<void> {
    const request = await this.client.getCrypto()!.requestOwnUserVerification();
    this.follow(request, 'asking');
    await this.look(request);
  }

  async accept(): Promise<void> {
    this.say('preparing');
    await this.request?.accept();
  }

  async confirm(same: boolean): Promise<void> {
    if (same) {
      this.say('confirmed');
      await this.sas?.confirm();
    } else {
      this.say('mismatch');
      this.sas?.mismatch();
    }
  }

  async close(): Promise<void> {
    const request = this.request;
    const over = OVER.includes(this.cell.get()?.step ?? 'done');
    this.request = undefined;
    this.cell.set(undefined);
    if (request && !over) await request.cancel().catch(() => {});
  }
}
