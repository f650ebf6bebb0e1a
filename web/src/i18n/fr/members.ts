// SPDX-License-Identifier: EUPL-1.2

export const members = {
  'member.actions': 'Actions sur {name}',
  'member.filter': 'Filtrer les membres',
  'member.more': 'Tous ne sont pas affichés : filtrez par nom ou par ministère.',
  'member.listActions': 'Actions sur la liste',
  'member.invited': 'Invitations en attente',
  'member.export': 'Télécharger la liste (tableur)',
  'member.csvName': 'Nom',
  'member.csvOrganisation': 'Organisation',
  'member.csvRole': 'Rôle',
  'member.admin': 'Nommer administrateur',
  'member.adminTitle': 'Nommer {name} administrateur ?',
  'member.adminText':
    '{name} pourra tout régler dans ce salon, aussi les rôles. Vous ne pourrez plus lui retirer ce rôle, sauf si vous avez créé le salon.',
  'member.moderator': 'Nommer modérateur',
  'member.member': 'Rendre simple membre',
  'member.remove': 'Retirer du salon',
  'member.removeTitle': 'Retirer {name} du salon ?',
  'member.removeText': '{name} ne lira plus les messages à venir, et pourra être invité de nouveau.',
  'member.withdraw': 'Retirer l’invitation',
  'member.withdrawTitle': 'Retirer l’invitation : {name} ?',
  'member.withdrawText':
    '{name} ne pourra plus entrer dans le salon avec cette invitation, et pourra être invité de nouveau.',
  'member.ban': 'Exclure du salon',
  'member.banTitle': 'Exclure {name} ?',
  'member.banText':
    '{name} quittera le salon et ne pourra pas y revenir tant que l’exclusion n’est pas levée.',
  'member.banOutsideText':
    '{name} ne pourra pas entrer dans le salon, même invité, tant que l’exclusion n’est pas levée.',
  'member.asking': { one: '{count} demande d’entrée', other: '{count} demandes d’entrée' },
  'member.reason': '« {text} »',
  'member.admit': 'Accepter',
  'member.admitOne': 'Accepter {name}',
  'member.turnAway': 'Refuser',
  'member.turnAwayOne': 'Refuser {name}',
  'member.unban': 'Lever l’exclusion',
  'member.unbanOne': 'Lever l’exclusion : {name}',
  'member.banned': { one: '{count} personne exclue', other: '{count} personnes exclues' },
} as const;
