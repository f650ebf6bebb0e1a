// SPDX-License-Identifier: EUPL-1.2

export const keys = {
  'keys.title': 'Raccourcis clavier',
  'keys.show': 'Raccourcis clavier',
  'keys.anywhere': 'Partout',
  'keys.search': 'Rechercher, aller à une conversation',
  'keys.zones': 'Zone suivante (avec Maj : précédente)',
  'keys.help': 'Cette liste',
  'keys.writing': 'Là où l’on écrit',
  'keys.send': 'Envoyer',
  'keys.send.key': 'Entrée',
  'keys.line': 'Passer à la ligne',
  'keys.line.key': 'Maj + Entrée',
  'keys.edit': 'Modifier son dernier message',
  'keys.edit.key': '↑',
  'keys.cancel': 'Annuler une réponse ou une modification',
  'keys.cancel.key': 'Échap',
  'keys.mention': 'Mentionner quelqu’un',
  'keys.mention.key': '@',
} as const;
