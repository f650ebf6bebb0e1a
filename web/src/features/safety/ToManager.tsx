// SPDX-License-Identifier: EUPL-1.2
import type { FormEvent, ReactElement } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { asksItself, giveToManager } from './manager.ts';

interface Props {
  code: string;
  userId: string;
  onGiven: () => void;
}

/** Lets the manager of passwords offer to keep the code, beside the password and not in its place. */
export function ToManager({ code, userId, onGiven }: Props): ReactElement {
  const { t } = useText();
  const name = t('code.managerName', { user: userId });
  const give = (event: FormEvent) => {
    event.preventDefault();
    onGiven();
    void giveToManager(name, code);
  };
  const hidden = { className: 'ui-hidden', readOnly: true, tabIndex: -1, 'aria-hidden': true } as const;
  return (
    <form onSubmit={give}>
      {!asksItself() && (
        <>
          <input {...hidden} type="text" autoComplete="username" value={name} />
          <input {...hidden} type="password" autoComplete="new-password" value={code} />
        </>
      )}
      <Button type="submit" icon="lock">
        {t('code.manager')}
      </Button>
    </form>
  );
}
