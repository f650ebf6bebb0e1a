// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useRef, useState } from 'react';
import type { Voice } from '../../core/files.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { useBlobUrl } from '../files/useBlobUrl.ts';
import './voice.css';

interface Props {
  voice: Voice;
  /** Its bytes, once they are asked for; undefined: they cannot be had. */
  open: () => Promise<Blob | undefined>;
}

export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

const BAR = 3;
const HIGH = 24;

/** How loud it is, from its beginning to its end; what has been heard is darker. */
function Waveform({ waveform, part }: { waveform: readonly number[]; part: number }): ReactElement {
  const path = (from: number, to: number) =>
    waveform
      .slice(from, to)
      .map((level, i) => {
        const half = Math.max(1, (level * HIGH) / 2);
        return `M${(from + i) * BAR + 1.5} ${HIGH / 2 - half}v${half * 2}`;
      })
      .join('');
  const heard = Math.round(part * waveform.length);
  return (
    <svg
      className="voice__shape"
      viewBox={`0 0 ${Math.max(1, waveform.length) * BAR} ${HIGH}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <path className="voice__heard" d={path(0, heard)} />
      <path d={path(heard, waveform.length)} />
    </svg>
  );
}

/** Played, stopped and moved in by keyboard like by pointer. */
export function VoicePlayer({ voice, open }: Props): ReactElement {
  const { t } = useText();
  const audio = useRef<HTMLAudioElement>(null);
  const [bytes, setBytes] = useState<Blob>();
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const url = useBlobUrl(bytes);
  const length = voice.duration / 1000;
  const toggle = async () => {
    // Played as soon as it is there.
    if (!url) setBytes(await open());
    else if (playing) audio.current?.pause();
    else await audio.current?.play().catch(() => {});
  };
  const move = (seconds: number) => {
    setAt(seconds);
    if (audio.current) audio.current.currentTime = seconds;
  };
  return (
    <div className="voice" role="group" aria-label={t('voice.label', { length: clock(length) })}>
      <Button kind="secondary" icon={playing ? 'pause' : 'play'} iconOnly onClick={() => void toggle()}>
        {t(playing ? 'voice.pause' : 'voice.play')}
      </Button>
      <div className="voice__line">
        <Waveform waveform={voice.waveform} part={length > 0 ? at / length : 0} />
        <input
          type="range"
          className="voice__place"
          aria-label={t('voice.place')}
          aria-valuetext={t('voice.at', { at: clock(at), length: clock(length) })}
          min={0}
          max={length}
          step={0.1}
          value={Math.min(at, length)}
          disabled={!url}
          onChange={(event) => move(Number(event.target.value))}
        />
      </div>
      <span className="voice__time" aria-hidden="true">
        {clock(playing || at > 0 ? at : length)}
      </span>
      {url && (
        // oxlint-disable-next-line jsx-a11y/media-has-caption -- what people say has none
        <audio
          ref={audio}
          src={url}
          autoPlay
          onPlay={() => setPlaying(true)}
          onPause={() => setPlaying(false)}
          onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
          onEnded={() => setAt(0)}
        />
      )}
    </div>
  );
}
