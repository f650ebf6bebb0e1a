// SPDX-License-Identifier: EUPL-1.2
import type { keeping as fr } from '../fr/keeping.ts';
import type { Words } from '../text.ts';

export const keeping: Words<typeof fr> = {
  'talk.save': 'Keep',
  'talk.unsave': 'Keep no longer',
  'saved.title': 'Kept messages',
  'saved.text': 'You alone see this list, on all your devices.',
  'saved.none': 'No message is kept. Keep what must be found again quickly, from the menu of a message.',
  'saved.looking': 'Loading the kept messages…',
  'saved.gone': 'This message is no more, or you are no longer in the conversation.',
  'room.gallery': 'Files and images',
  'gallery.title': 'Files and images',
  'gallery.kind': 'Show',
  'gallery.all': 'All',
  'gallery.images': 'Images',
  'gallery.files': 'Other files',
  'gallery.none': 'No file in what was gone through.',
  'gallery.looking': 'Looking for the files…',
  'gallery.more': 'Look further back',
};
