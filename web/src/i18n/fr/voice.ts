// SPDX-License-Identifier: EUPL-1.2

export const voice = {
  'voice.title': 'Message vocal',
  'voice.record': 'Enregistrer un message vocal',
  'voice.asking': 'Votre navigateur vous demande d’autoriser le micro…',
  'voice.recording': 'Enregistrement en cours',
  'voice.level': 'Niveau du son',
  'voice.stop': 'Terminer',
  'voice.send': 'Envoyer le message vocal',
  'voice.drop': 'Abandonner l’enregistrement',
  'voice.label': 'Message vocal, {length}',
  'voice.play': 'Écouter',
  'voice.pause': 'Mettre en pause',
  'voice.place': 'Position',
  'voice.at': '{at} sur {length}',
} as const;
