// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { useLive } from '../../ui/useLive.ts';
import type { MembersModel } from './MembersModel.ts';

/** What a role or a removal means, before it is done. */
export function MemberQuestion({ model }: { model: MembersModel }): ReactElement | null {
  const { t } = useText();
  const { asking } = useLive(model.state);
  if (!asking) return null;
  const { act, person } = asking;
  if (act !== 'admin' && act !== 'remove' && act !== 'withdraw' && act !== 'ban') return null;
  const outside = act === 'ban' && 'invited' in person && person.invited === true;
  return (
    <Dialog
      title={t(`member.${act}Title`, { name: person.name })}
      closeLabel={t('app.close')}
      onClose={() => void model.answer(false)}
    >
      <p>{t(outside ? 'member.banOutsideText' : `member.${act}Text`, { name: person.name })}</p>
      <div className="ui-actions">
        <Button kind={act === 'admin' ? 'primary' : 'danger'} onClick={() => void model.answer(true)}>
          {t(`member.${act}`)}
        </Button>
        <Button onClick={() => void model.answer(false)}>{t('app.cancel')}</Button>
      </div>
    </Dialog>
  );
}
