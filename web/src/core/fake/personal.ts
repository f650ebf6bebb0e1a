// SPDX-License-Identifier: EUPL-1.2
import { NO_QUIET, type QuietHours } from '../../sw/quiet.ts';
import { Cell } from '../live.ts';
import type { Personal, PersonalState } from '../personal.ts';

export class FakePersonal implements Personal {
  readonly state = new Cell<PersonalState>({ welcome: true, hidden: false, digest: true, quiet: NO_QUIET });

  async dismissWelcome(): Promise<void> {
    this.state.patch({ welcome: false });
  }

  async setDigest(digest: boolean): Promise<void> {
    this.state.patch({ digest });
  }

  async setQuiet(quiet: QuietHours): Promise<void> {
    this.state.patch({ quiet });
  }

  async setHidden(hidden: boolean): Promise<void> {
    this.state.patch({ hidden });
  }
}
