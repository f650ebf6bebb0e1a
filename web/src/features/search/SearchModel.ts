// SPDX-License-Identifier: EUPL-1.2
// One field for all there is: conversations by their name, people of the directory, what was said.
import { fold } from '../../core/fold.ts';
import { Cell, type Live } from '../../core/live.ts';
import type { Person, RoomSummary } from '../../core/rooms.ts';
import type { FoundMessage, SearchResult } from '../../core/search.ts';
import type { Session } from '../../core/session.ts';

const ROOMS = 8;
/** Beside people and messages there is less place. */
const ROOMS_BESIDE = 4;
const PEOPLE = 4;
const PAGE = 30;
const PAUSE_MS = 200;
/** Words are looked for from so many letters on. */
const LEAST = 2;

export interface SearchFilters {
  readonly roomId: string | undefined;
  readonly sender: string | undefined;
  /** Days, as a date field has them; empty: any. */
  readonly from: string;
  readonly to: string;
  readonly filesOnly: boolean;
}

export interface SearchState extends SearchFilters {
  readonly words: string;
  readonly rooms: readonly RoomSummary[];
  readonly people: readonly Person[];
  readonly found: SearchResult;
  /** What is asked for has not been answered yet. */
  readonly looking: boolean;
  /** Of all that is shown, from the top. */
  readonly chosen: number;
}

export type Option =
  | { readonly kind: 'room'; readonly room: RoomSummary }
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'message'; readonly message: FoundMessage };

/** Where an option leads. */
export interface Place {
  readonly roomId: string;
  readonly eventId: string | undefined;
}

const NOTHING: SearchResult = { messages: [], total: 0, people: [], roomIds: [] };
const NO_FILTERS: SearchFilters = {
  roomId: undefined,
  sender: undefined,
  from: '',
  to: '',
  filesOnly: false,
};

/** Rooms whose name has these words, a name that begins so first, then the most recent. */
export function fitting(list: readonly RoomSummary[], search: string): readonly RoomSummary[] {
  const words = fold(search).split(/\s+/).filter(Boolean);
  const begins = (room: RoomSummary) => words[0] !== undefined && fold(room.name).startsWith(words[0]);
  return list
    .filter((room) => words.every((word) => fold(room.name).includes(word)))
    .toSorted((a, b) => Number(begins(b)) - Number(begins(a)))
    .slice(0, ROOMS);
}

/** The beginning of a day here; of the day after. Undefined: no day was chosen. */
function dayOf(day: string, after = 0): number | undefined {
  const [year, month, date] = day.split('-').map(Number);
  return year && month && date ? new Date(year, month - 1, date + after).getTime() : undefined;
}

export const isFiltered = (filters: SearchFilters): boolean =>
  filters.roomId !== undefined ||
  filters.sender !== undefined ||
  filters.from !== '' ||
  filters.to !== '' ||
  filters.filesOnly;

export function optionsOf({ rooms, people, found }: SearchState): readonly Option[] {
  return [
    ...rooms.map((room) => ({ kind: 'room', room }) as const),
    ...people.map((person) => ({ kind: 'person', person }) as const),
    ...found.messages.map((message) => ({ kind: 'message', message }) as const),
  ];
}

export class SearchModel {
  private readonly session: Session;
  private readonly pause: (milliseconds: number) => Promise<void>;
  private readonly cell: Cell<SearchState>;
  private asking = new AbortController();
  private most = PAGE;

  constructor(
    session: Session,
    roomId?: string,
    pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  ) {
    this.session = session;
    this.pause = pause;
    this.cell = new Cell<SearchState>({
      ...NO_FILTERS,
      roomId,
      words: '',
      rooms: [],
      people: [],
      found: NOTHING,
      looking: false,
      chosen: 0,
    });
    this.cell.patch({ rooms: this.roomsFor('') });
  }

  get state(): Live<SearchState> {
    return this.cell;
  }

  get reach() {
    return this.session.search.reach;
  }

  get allRooms() {
    return this.session.rooms.list;
  }

  /** While somebody looks at it: older messages are read faster, and what they bring is shown. */
  watch(): () => void {
    const release = this.session.search.hurry();
    const stop = this.reach.subscribe(() => void this.look());
    return () => {
      stop();
      release();
      this.asking.abort();
    };
  }

  setWords(words: string): Promise<void> {
    this.most = PAGE;
    this.cell.patch({ words, chosen: 0, rooms: this.roomsFor(words), people: [] });
    return this.look();
  }

  setFilters(filters: Partial<SearchFilters>): Promise<void> {
    this.most = PAGE;
    this.cell.patch({ ...filters, chosen: 0 });
    this.cell.patch({ rooms: this.roomsFor(this.cell.get().words), people: [] });
    return this.look();
  }

  clearFilters(): Promise<void> {
    return this.setFilters(NO_FILTERS);
  }

  showMore(): Promise<void> {
    this.most += PAGE;
    return this.look();
  }

  move(by: number): void {
    const { length } = optionsOf(this.cell.get());
    if (length > 0) this.cell.patch({ chosen: (this.cell.get().chosen + by + length) % length });
  }

  /** Undefined: it could not be done. */
  async placeOf(option: Option): Promise<Place | undefined> {
    if (option.kind === 'room') return { roomId: option.room.id, eventId: undefined };
    if (option.kind === 'message') {
      const { roomId, id } = option.message;
      return { roomId, eventId: id };
    }
    const roomId = await this.session.rooms.talkTo(option.person.id).catch(() => undefined);
    return roomId === undefined ? undefined : { roomId, eventId: undefined };
  }

  /** With filters, messages are meant. */
  private roomsFor(words: string): readonly RoomSummary[] {
    if (isFiltered(this.cell.get())) return [];
    const rooms = fitting(this.session.rooms.list.get(), words);
    return words.trim().length < LEAST ? rooms : rooms.slice(0, ROOMS_BESIDE);
  }

  /** Asks after a pause in the typing; an answer to what has been typed over is dropped. */
  private async look(): Promise<void> {
    this.asking.abort();
    const asking = new AbortController();
    this.asking = asking;
    const { words, ...state } = this.cell.get();
    const enough = words.trim().length >= LEAST;
    if (!enough && !isFiltered(state)) return this.cell.patch({ found: NOTHING, people: [], looking: false });
    this.cell.patch({ looking: true });
    await this.pause(PAUSE_MS);
    if (asking.signal.aborted) return undefined;
    const [found, people] = await Promise.all([this.messages(asking.signal), this.people(words, enough)]);
    if (!asking.signal.aborted) this.cell.patch({ found, people, looking: false });
    return undefined;
  }

  private messages(signal: AbortSignal): Promise<SearchResult> {
    const { words, roomId, sender, from, to, filesOnly } = this.cell.get();
    const query = { words, roomId, sender, from: dayOf(from), to: dayOf(to, 1), filesOnly };
    return this.session.search.find(query, this.most, signal).catch(() => NOTHING);
  }

  /** Without the network, nobody; externals may not ask. */
  private async people(words: string, enough: boolean): Promise<readonly Person[]> {
    if (!enough || isFiltered(this.cell.get()) || this.session.me.get().external) return [];
    const found = await this.session.rooms.findPeople(words.trim()).catch(() => []);
    return found.slice(0, PEOPLE);
  }
}
