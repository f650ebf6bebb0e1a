// SPDX-License-Identifier: EUPL-1.2
// Two devices of one person that get to know each other, from either side: one reads the code that the other
// shows ("QR codes" in the specification), or both show the same pictures ("Short Authentication String").
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/CryptoEvent.js';
import type { MatrixClient } from 'matrix-js-sdk';
import {
  type ShowQrCodeCallbacks,
  type ShowSasCallbacks,
  VerificationPhase,
  type VerificationRequest,
  VerificationRequestEvent,
  type Verifier,
  VerifierEvent,
} from 'matrix-js-sdk/lib/crypto-api/verification.js';
import { Failure } from '../failure.ts';
import { Cell, type Live } from '../live.ts';
import type { Comparison, ComparisonStep } from '../safety.ts';

const SAS = 'm.sas.v1';
const SHOWS_CODE = 'm.qr_code.show.v1';
const OVER: ComparisonStep[] = ['done', 'mismatch', 'stopped'];
const BEGUN: Comparison = { step: 'asking', pictures: [], code: undefined, mayRead: false };

export class Comparing {
  private readonly cell = new Cell<Comparison | undefined>(undefined);
  private readonly client: MatrixClient;
  private request: VerificationRequest | undefined;
  private verifier: Verifier | undefined;
  private sas: ShowSasCallbacks | undefined;
  private shown: ShowQrCodeCallbacks | undefined;
  private offered = false;

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
    this.cell.set({ ...(this.cell.get() ?? BEGUN), step });
  }

  private follow(request: VerificationRequest, step: ComparisonStep): void {
    this.request = request;
    this.verifier = undefined;
    this.sas = undefined;
    this.shown = undefined;
    this.offered = false;
    this.cell.set({ ...BEGUN, step });
    request.on(VerificationRequestEvent.Change, () => void this.look(request));
  }

  private async look(request: VerificationRequest): Promise<void> {
    if (request !== this.request) return;
    if (request.phase === VerificationPhase.Cancelled) this.stop();
    else if (request.phase === VerificationPhase.Done) this.say('done');
    else if (request.verifier) this.run(request.verifier);
    else if (request.phase === VerificationPhase.Ready && !this.offered) await this.offer(request);
  }

  /** What each side can do is known: the code of this device, and the ways that there are. */
  private async offer(request: VerificationRequest): Promise<void> {
    this.offered = true;
    this.say('preparing');
    const code = await request.generateQRCode().catch(() => undefined);
    if (request !== this.request || request.phase !== VerificationPhase.Ready) return undefined;
    const mayRead = request.otherPartySupportsMethod(SHOWS_CODE);
    // Where neither can read the other there are pictures alone, and who asked begins with them.
    if (!code && !mayRead) return request.initiatedByMe ? this.choosePictures() : undefined;
    this.cell.set({
      ...BEGUN,
      step: 'choosing',
      code: code && Uint8Array.from(code),
      mayRead,
    });
    return undefined;
  }

  private stop(): void {
    const step = this.cell.get()?.step;
    if (step && !OVER.includes(step)) this.say('stopped');
  }

  private readonly run = (verifier: Verifier): void => {
    // It comes to know that it was read after it has begun, and tells it by a change only.
    const shown = verifier.getReciprocateQrCodeCallbacks();
    if (shown && !this.shown) this.showRead(shown);
    if (verifier === this.verifier) return;
    this.verifier = verifier;
    verifier.on(VerifierEvent.ShowSas, this.show);
    const already = verifier.getShowSasCallbacks();
    if (already) this.show(already);
    // One that was closed meanwhile is over, whatever comes of it.
    verifier.verify().then(
      () => verifier === this.verifier && this.say('done'),
      () => verifier === this.verifier && this.stop(),
    );
  };

  private readonly show = (sas: ShowSasCallbacks): void => {
    this.sas = sas;
    const pictures = (sas.sas.emoji ?? []).map(([picture]) => picture);
    this.cell.set({ ...BEGUN, step: 'comparing', pictures });
  };

  /** Some device has read the code of this one: whoever stands here says whether it is theirs. */
  private showRead(shown: ShowQrCodeCallbacks): void {
    this.shown = shown;
    this.cell.set({ ...BEGUN, step: 'read' });
  }

  async ask(): Promise<void> {
    const request = await this.client.getCrypto()!.requestOwnUserVerification();
    this.follow(request, 'asking');
    await this.look(request);
  }

  async accept(): Promise<void> {
    this.say('preparing');
    await this.request?.accept();
  }

  /** Pictures instead of the code. Both sides may begin at once: the SDK settles it. */
  async choosePictures(): Promise<void> {
    this.say('preparing');
    await this.request?.startVerification(SAS).then(this.run, () => this.stop());
  }

  /** What the camera has read. Fails with WRONG_QR for what is no code of this very moment. */
  async read(code: Uint8Array): Promise<void> {
    const { request } = this;
    if (!request) return;
    try {
      const verifier = await request.scanQRCode(Uint8ClampedArray.from(code));
      this.cell.set({ ...BEGUN, step: 'recognised' });
      this.run(verifier);
    } catch {
      throw new Failure('WRONG_QR');
    }
  }

  async confirmRead(mine: boolean): Promise<void> {
    this.say(mine ? 'preparing' : 'mismatch');
    if (mine) this.shown?.confirm();
    else this.shown?.cancel();
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
    this.verifier = undefined;
    this.cell.set(undefined);
    if (request && !over) await request.cancel().catch(() => {});
  }
}
