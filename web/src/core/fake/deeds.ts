// SPDX-License-Identifier: EUPL-1.2
import type { Deed, Deeds } from '../deeds.ts';
import type { Failure } from '../failure.ts';

export class FakeDeeds implements Deeds {
  readonly done: Deed[] = [];
  intended: Deed[] = [];
  /** Thrown by the next that is carried out. */
  failing: Failure | undefined;

  async intend(deed: Deed): Promise<void> {
    this.intended = [...this.intended, deed];
  }

  async takeBack(deed: Deed): Promise<void> {
    this.intended = this.intended.filter((one) => one !== deed);
  }

  async carryOut(deed: Deed): Promise<void> {
    const failure = this.failing;
    this.failing = undefined;
    await this.takeBack(deed);
    if (failure) throw failure;
    this.done.push(deed);
  }
}
