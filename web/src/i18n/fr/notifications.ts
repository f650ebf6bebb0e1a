// SPDX-License-Identifier: EUPL-1.2

export const notifications = {
  'notice.message': 'Nouveau message',
  'notice.messageHint': 'Ouvrez la messagerie pour le lire.',
  'notice.mention': 'Vous êtes mentionné',
  'notice.mentionHint': 'Ouvrez la messagerie pour lire le message.',
  'notice.invitation': 'Nouvelle invitation',
  'notice.invitationHint': 'Ouvrez la messagerie pour y répondre.',
  'notice.external': '{name} (externe)',
  'notice.in': '{sender}, dans « {room} »',
  'notice.invites': 'vous invite dans « {room} »',
  'notify.device': 'Sur cet appareil',
  'notify.consequence':
    'Votre navigateur va vous demander son accord. Vous serez ensuite prévenu des nouveaux messages, même quand la messagerie est fermée. Une notification dit « Nouveau message » : ni nom, ni contenu, sauf si vous le choisissez.',
  'notify.on': 'Activer les notifications',
  'notify.off': 'Désactiver les notifications',
  'notify.reach.unknown': 'Les notifications sont activées sur cet appareil.',
  'notify.reach.closed':
    'Les notifications sont activées sur cet appareil, même quand la messagerie est fermée.',
  'notify.reach.open':
    'Les notifications sont activées sur cet appareil tant que la messagerie y est ouverte. Rien ne viendra quand elle est fermée : le test dit pourquoi.',
  'notify.denied':
    'Votre navigateur refuse les notifications de cette adresse. Autorisez-les dans ses réglages (le symbole à gauche de l’adresse), puis revenez ici.',
  'notify.absent':
    'Ce navigateur n’a pas de notifications ici. Dans une fenêtre privée, ouvrez une fenêtre ordinaire ; sur iPhone et iPad, installez d’abord la messagerie sur l’écran d’accueil.',
  'notify.content': 'Montrer les noms et le texte des messages',
  'notify.contentText':
    'Tant que la messagerie est ouverte. Qui voit votre écran les voit aussi, même verrouillé.',
  'notify.attention': 'Me prévenir',
  'notify.attention.all': 'De tous les messages',
  'notify.attention.direct': 'Des messages directs et des mentions',
  'notify.attention.mentions': 'Des mentions seulement',
  'notify.attention.mixed': 'Comme réglé dans une autre application',
  'notify.attentionHint': 'Sur tous vos appareils. Compte aussi pour les messages non lus.',
  'quiet.on': 'Heures calmes',
  'quiet.text':
    'Rien ne vous appelle pendant ces heures, sur tous vos appareils ; les messages vous attendent. Quand la messagerie est fermée, votre navigateur peut montrer une notification sans son.',
  'quiet.from': 'De',
  'quiet.until': 'À',
  'quiet.weekend': 'Et tout le samedi et le dimanche',
  'notify.test': 'Recevoir un test',
  'notify.testText': 'Envoie une notification à cet appareil, et dit ce qui l’arrête si elle n’arrive pas.',
  'notify.testing': 'Test en cours…',
  'notify.testPassed': 'Le test est arrivé : les notifications fonctionnent sur cet appareil.',
  'notify.testFailed': 'Le test n’est pas arrivé.',
  'notify.link.permission': 'Accord du navigateur',
  'notify.link.worker': 'Travail en arrière-plan',
  'notify.link.offer': 'Réponse de votre messagerie',
  'notify.link.subscription': 'Abonnement du navigateur',
  'notify.link.server': 'Envoi par votre messagerie',
  'notify.link.delivery': 'Arrivée sur cet appareil',
  'notify.held': 'fonctionne',
  'notify.faulty': 'ne fonctionne pas',
  'notify.notReached': 'pas encore essayé',
  'notify.fault.permission':
    'Le navigateur refuse les notifications de cette adresse. Autorisez-les dans ses réglages (le symbole à gauche de l’adresse), puis recommencez.',
  'notify.fault.worker':
    'Le navigateur ne laisse pas la messagerie travailler en arrière-plan. Une fenêtre privée en est souvent la cause : ouvrez une fenêtre ordinaire.',
  'notify.fault.offer':
    'Votre messagerie n’envoie rien quand elle est fermée : son administrateur ne l’a pas activé. Vous êtes prévenu tant qu’elle est ouverte.',
  'notify.fault.subscription':
    'Le navigateur n’a pas pu joindre son service de notifications. Un réseau filtré ou un navigateur géré par votre administration en est souvent la cause.',
  'notify.fault.delivery':
    'Le service de notifications a pris le test, et rien n’est arrivé en trente secondes. Vérifiez les notifications du système, le mode « Ne pas déranger » et l’économie d’énergie.',
  'notify.fault.accepted': 'Le service de notifications a pris le test.',
  'notify.fault.address':
    'Votre messagerie n’a pas le droit d’écrire au service de notifications de ce navigateur. Dites-le à son administrateur.',
  'notify.fault.unresolved':
    'Votre messagerie ne trouve pas le service de notifications de ce navigateur sur le réseau. Dites-le à son administrateur.',
  'notify.fault.unreachable':
    'Votre messagerie n’arrive pas à joindre le service de notifications de ce navigateur. Dites-le à son administrateur.',
  'notify.fault.certificate':
    'Votre messagerie ne reconnaît pas le certificat du service de notifications. Dites-le à son administrateur.',
  'notify.fault.key':
    'Le service de notifications ne reconnaît plus votre messagerie. Désactivez les notifications, puis activez-les à nouveau.',
  'notify.fault.gone':
    'Le navigateur s’est désabonné. Désactivez les notifications, puis activez-les à nouveau.',
  'notify.fault.later': 'Le service de notifications est surchargé. Recommencez dans quelques minutes.',
  'notify.fault.refused': 'Le service de notifications a refusé le test. Dites-le à l’assistance.',
  'version.ready': 'Une nouvelle version est prête.',
  'version.apply': 'Mettre à jour',
  'version.later': 'Plus tard',
  'install.title': 'Application',
  'install.text':
    'Installée, la messagerie a sa propre fenêtre et son icône, avec le nombre de messages non lus. Elle reste la même, et rien d’autre n’est installé.',
  'install.button': 'Installer l’application',
  'install.done': 'L’application est installée.',
  'install.how':
    'Votre navigateur ne propose pas l’installation d’ici : cherchez « Installer » ou « Ajouter à l’écran d’accueil » dans son menu.',
  'offline.lastVisit':
    'Hors ligne : voici ce qui est déjà sur cet appareil. Vos messages partiront au retour de la connexion.',
} as const;
