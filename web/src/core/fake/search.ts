// SPDX-License-Identifier: EUPL-1.2
import { Cell } from '../live.ts';
import type { FoundMessage, Search, SearchQuery, SearchReach, SearchResult } from '../search.ts';
import { fits, folded, termsOf } from '../search/words.ts';

export class FakeSearch implements Search {
  readonly reach = new Cell<SearchReach>({ at: 'whole', since: undefined });
  said: FoundMessage[] = [];
  hurried = 0;

  async find(query: SearchQuery, most: number): Promise<SearchResult> {
    const terms = termsOf(query.words);
    const fitting = this.said.filter((one) => fits(folded(one.text), terms));
    const messages = fitting.filter(
      ({ roomId, sender }) =>
        (query.roomId === undefined || roomId === query.roomId) &&
        (query.sender === undefined || sender.id === query.sender),
    );
    return {
      messages: messages.slice(0, most),
      total: messages.length,
      people: fitting.map(({ sender }) => sender),
      roomIds: [...new Set(fitting.map(({ roomId }) => roomId))],
    };
  }

  hurry(): () => void {
    this.hurried++;
    return () => this.hurried--;
  }
}
