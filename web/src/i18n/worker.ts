// SPDX-License-Identifier: EUPL-1.2
// The few words of notifications that come while no page is open: the service worker does not carry the
// catalogue with it.

interface Words {
  readonly title: string;
  readonly body: string;
}

export interface WorkerWords {
  readonly message: Words;
  readonly test: Words;
  unread(count: number): string;
}

const fr: WorkerWords = {
  message: { title: 'Nouveau message', body: 'Ouvrez la messagerie pour le lire.' },
  test: { title: 'Notification d’essai', body: 'Les notifications arrivent sur cet appareil.' },
  unread: (count) => `${new Intl.NumberFormat('fr-FR').format(count)} messages non lus`,
};

const en: WorkerWords = {
  message: { title: 'New message', body: 'Open the messaging service to read it.' },
  test: { title: 'Test notification', body: 'Notifications reach this device.' },
  unread: (count) => `${new Intl.NumberFormat('en-GB').format(count)} unread messages`,
};

export const workerWords = (language: 'fr' | 'en'): WorkerWords => (language === 'en' ? en : fr);
