// SPDX-License-Identifier: EUPL-1.2

export const externals = {
  'extern.badge': 'Externe',
  'extern.me': 'Compte externe',
  'extern.inRoom': {
    one: '{count} personne externe dans ce salon',
    other: '{count} personnes externes dans ce salon',
  },
  'readers.public': 'Tous les agents peuvent lire ce salon : n’y écrivez rien de confidentiel.',
  'extern.mayCome': 'Ce salon est ouvert aux personnes externes.',
  'extern.direct': '{name} ne fait pas partie de l’administration.',
  'extern.welcome': 'Bienvenue',
  'extern.welcomeText':
    'Vous avez un compte externe : vous voyez les salons où un agent vous a invité. Ils apparaissent dans la liste des conversations.',
  'address.invite': 'Inviter {address} par courriel',
  'address.asking': 'Un instant…',
  'address.agent':
    'Cette adresse relève de « {organisation} ». Un courriel l’invite à créer son compte ; si elle en a déjà un, l’invitation l’y attend.',
  'address.agentAnywhere':
    'Un courriel invite cette personne à créer son compte ; si elle en a déjà un, l’invitation l’y attend.',
  'address.external':
    'Cette adresse ne fait pas partie de l’administration : la personne aura un compte externe. Elle lira ce qui s’écrit dans ce salon à partir de son arrivée, verra qui en est membre, et rien d’autre du service.',
  'address.closed':
    'Ce salon est réservé aux agents. Pour inviter une personne externe, il faut d’abord l’ouvrir aux externes.',
  'address.forum': 'Un salon public est réservé aux agents : une personne externe ne peut pas y entrer.',
  'address.send': 'Envoyer l’invitation',
  'address.sent': 'Une invitation attend {address}.',
  'opening.title': 'Ouvrir le salon aux externes ?',
  'opening.ask': 'Ouvrir aux externes…',
  'opening.text':
    'Des personnes qui ne font pas partie de l’administration pourront y être invitées. Elles liront ce qui s’y écrit à partir de leur arrivée.',
  'opening.forever': 'C’est définitif : le salon ne pourra plus être réservé aux agents.',
  'opening.confirm': 'Ouvrir définitivement',
  'opening.done': 'Le salon est ouvert aux personnes externes.',
  'extern.count': { one: '{count} externe', other: '{count} externes' },
} as const;
