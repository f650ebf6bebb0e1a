// SPDX-License-Identifier: EUPL-1.2
// What is kept at hand, and all that was attached.

export const keeping = {
  'talk.save': 'Garder',
  'talk.unsave': 'Ne plus garder',
  'saved.title': 'Messages gardés',
  'saved.text': 'Vous seul voyez cette liste, sur tous vos appareils.',
  'saved.none': 'Aucun message gardé. Gardez ce qui doit se retrouver vite, depuis le menu d’un message.',
  'saved.looking': 'Chargement des messages gardés…',
  'saved.gone': 'Ce message n’existe plus, ou vous n’êtes plus dans la conversation.',
  'room.gallery': 'Fichiers et images',
  'gallery.title': 'Fichiers et images',
  'gallery.kind': 'Afficher',
  'gallery.all': 'Tout',
  'gallery.images': 'Les images',
  'gallery.files': 'Les autres fichiers',
  'gallery.none': 'Aucun fichier dans ce qui a été parcouru.',
  'gallery.looking': 'Recherche des fichiers…',
  'gallery.more': 'Chercher plus loin',
} as const;
