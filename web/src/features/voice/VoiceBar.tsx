// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useLive } from '../../ui/useLive.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import type { VoiceModel } from './VoiceModel.ts';
import { clock, VoicePlayer } from './VoicePlayer.tsx';
import './voice.css';

const focus = (button: HTMLButtonElement | null) => button?.focus();

/** Above where one types, while a voice message is made. */
export function VoiceBar({ model, onDone }: { model: VoiceModel; onDone: () => void }): ReactElement | null {
  const { t } = useText();
  const { at, seconds, level, recording, failure } = useLive(model.state);
  const cancel = () => {
    model.cancel();
    onDone();
  };
  const send = async () => {
    await model.send();
    onDone();
  };
  if (at === 'idle') return failure ? <FailureNotice failure={failure} /> : null;
  return (
    <section className="voice__bar" aria-label={t('voice.title')}>
      {failure && <FailureNotice failure={failure} />}
      {(at === 'asking' || at === 'recording') && (
        <div className="voice__recording">
          <p role="status">{t(at === 'asking' ? 'voice.asking' : 'voice.recording')}</p>
          <span className="voice__time">{clock(seconds)}</span>
          <meter className="voice__level" min={0} max={1} value={level} aria-label={t('voice.level')} />
        </div>
      )}
      {recording && <VoicePlayer voice={recording} open={async () => recording.bytes} />}
      <div className="ui-actions">
        {at === 'recording' && (
          <Button ref={focus} kind="primary" onClick={() => void model.stop()}>
            {t('voice.stop')}
          </Button>
        )}
        {(at === 'ready' || at === 'sending') && (
          <Button ref={focus} kind="primary" icon="send" busy={at === 'sending'} onClick={() => void send()}>
            {t('voice.send')}
          </Button>
        )}
        <Button onClick={cancel}>{t('voice.drop')}</Button>
      </div>
    </section>
  );
}
