// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useRef, useState } from 'react';
import { Failure } from '../../core/failure.ts';
import { useText } from '../../i18n/TextContext.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { readQr } from './qr-reading.ts';
import type { SafetyModel } from './SafetyModel.ts';

/** Between two looks; and the longer side of what is looked at, in dots. */
const LOOK_MS = 150;
const SIDE = 720;

/** What the camera sees now, made small; undefined: nothing yet. */
function pictureOf(video: HTMLVideoElement, canvas: OffscreenCanvas): ImageData | undefined {
  const { videoWidth, videoHeight } = video;
  if (!videoWidth || !videoHeight) return undefined;
  const scale = Math.min(1, SIDE / Math.max(videoWidth, videoHeight));
  canvas.width = Math.round(videoWidth * scale);
  canvas.height = Math.round(videoHeight * scale);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context?.drawImage(video, 0, 0, canvas.width, canvas.height);
  return context?.getImageData(0, 0, canvas.width, canvas.height);
}

/** Looks through the camera until it sees the code of the other device. */
export function Reader({ model }: { model: SafetyModel }): ReactElement {
  const { t } = useText();
  const screen = useRef<HTMLVideoElement>(null);
  const [failure, setFailure] = useState<Failure>();
  useEffect(() => {
    let over = false;
    let stream: MediaStream | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const canvas = new OffscreenCanvas(1, 1);
    const look = async () => {
      const picture = screen.current && pictureOf(screen.current, canvas);
      const code = picture && readQr(picture);
      if (code) {
        const refused = await model.readCode(code);
        if (over) return;
        setFailure(refused);
        if (!refused) return;
      }
      timer = setTimeout(() => void look(), LOOK_MS);
    };
    const begin = async () => {
      const opened = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      stream = opened;
      if (over || !screen.current) return end();
      screen.current.srcObject = opened;
      await screen.current.play();
      return look();
    };
    const end = () => {
      over = true;
      clearTimeout(timer);
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
    begin().catch(() => {
      if (!over) setFailure(new Failure('NO_CAMERA'));
    });
    return end;
  }, [model]);
  return (
    <>
      <p>{t('compare.aim')}</p>
      {failure && <FailureNotice failure={failure} />}
      <video ref={screen} className="safety__camera" muted playsInline aria-label={t('compare.view')} />
    </>
  );
}
