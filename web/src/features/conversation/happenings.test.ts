// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from 'vitest';
import type { Change } from '../../core/timeline.ts';
import { fr } from '../../i18n/fr/index.ts';
import { Text } from '../../i18n/text.ts';
import { sentenceOf } from './happenings.ts';

const { t } = new Text('fr', fr);

function told(part: Partial<Change> & Pick<Change, 'happening'>, direct = false): string {
  const change: Change = {
    type: 'change',
    id: '$c',
    at: 0,
    by: 'Alix',
    mine: false,
    aboutMe: false,
    ...part,
  };
  const { what: _, ...rest } = change.happening;
  return t(sentenceOf(change, direct), { by: change.by, ...rest });
}

test('one is spoken to, and not spoken of', () => {
  expect(told({ happening: { what: 'created' }, mine: true })).toBe('Vous avez créé ce salon');
  expect(told({ happening: { what: 'created' } })).toBe('Alix a créé le salon');
  expect(told({ happening: { what: 'invited', whom: 'Paul' }, mine: true })).toBe('Vous avez invité Paul');
  expect(told({ happening: { what: 'invited', whom: 'Camille' }, aboutMe: true })).toBe(
    'Alix vous a envoyé une invitation',
  );
  expect(told({ happening: { what: 'joined', whom: 'Camille' }, mine: true, aboutMe: true })).toBe(
    'Vous avez rejoint la conversation',
  );
  expect(told({ happening: { what: 'joined', whom: 'Alix' } })).toBe('Alix a rejoint la conversation');
  expect(told({ happening: { what: 'uninvited', whom: 'Paul' } })).toBe('Alix n’invite plus Paul');
  expect(told({ happening: { what: 'encrypted' }, mine: true })).toBe('Les messages sont chiffrés');
});

test('two people have no room', () => {
  expect(told({ happening: { what: 'created' }, mine: true }, true)).toBe(
    'Vous avez ouvert cette conversation',
  );
  expect(told({ happening: { what: 'created' } }, true)).toBe('Alix a ouvert cette conversation');
});
