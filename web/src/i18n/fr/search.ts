// SPDX-License-Identifier: EUPL-1.2

export const search = {
  'search.title': 'Rechercher',
  'search.here': 'Rechercher dans la conversation',
  'search.label': 'Personne, conversation, message ou fichier',
  'search.results': 'Résultats',
  'search.recent': 'Conversations récentes',
  'search.rooms': 'Conversations',
  'search.people': 'Personnes',
  'search.messages': 'Messages et fichiers',
  'search.looking': 'Recherche…',
  'search.none': 'Rien ne correspond.',
  'search.found': { one: '{count} message trouvé', other: '{count} messages trouvés' },
  'search.more': 'Afficher plus de messages',
  'search.filters': 'Filtrer les messages',
  'search.in': 'Dans',
  'search.everywhere': 'Toutes les conversations',
  'search.by': 'De',
  'search.anybody': 'Tout le monde',
  'search.from': 'À partir du',
  'search.to': 'Jusqu’au',
  'search.files': 'Fichiers seulement',
  'search.clear': 'Enlever les filtres',
  'search.reach.begun':
    'Vos messages sont en cours de lecture sur cet appareil : les résultats arrivent peu à peu.',
  'search.reach.reading':
    'La recherche remonte pour l’instant jusqu’au {day}. Les messages plus anciens sont en cours de lecture.',
  'search.reach.whole': 'La recherche porte sur tous les messages que vous pouvez lire.',
  'search.reach.cut':
    'La recherche remonte jusqu’au {day} : cet appareil n’en garde pas plus. Pour lire plus loin, remontez dans la conversation.',
  'search.reach.none':
    'Ce navigateur ne garde pas de quoi chercher dans les messages : seules les personnes et les conversations sont trouvées.',
} as const;
