// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import { playedType } from '../../core/file-types.ts';
import { type Attachment, type Files, mayOpen } from '../../core/files.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { saveBlob } from '../../ui/save.ts';
import { useLive } from '../../ui/useLive.ts';
import { FailureNotice } from '../FailureNotice.tsx';
import { VoicePlayer } from '../voice/VoicePlayer.tsx';
import { AttachmentModel } from './AttachmentModel.ts';
import { sizeText } from './size.ts';
import { useBlobUrl } from './useBlobUrl.ts';
import { useSeen } from './useSeen.ts';
import { VerdictLine } from './VerdictLine.tsx';
import './files.css';

interface Part {
  model: AttachmentModel;
}

/** An image in its box, and larger when it is asked for. */
function Picture({ model }: Part): ReactElement | null {
  const { t } = useText();
  const { preview } = useLive(model.state);
  const [whole, setWhole] = useState<Blob>();
  const small = useBlobUrl(preview);
  const large = useBlobUrl(whole);
  if (!small) return null;
  const { name, description, width, height } = model.attachment;
  const alt = description ?? t('file.image', { name });
  return (
    <>
      <button
        type="button"
        className="file__picture"
        title={t('file.enlarge')}
        onClick={() => void model.open().then(setWhole)}
      >
        <img src={small} alt={alt} width={width} height={height} />
      </button>
      {large && (
        <Dialog title={name} closeLabel={t('app.close')} onClose={() => setWhole(undefined)}>
          <img className="file__large" src={large} alt={alt} />
          {description && <p aria-hidden="true">{description}</p>}
        </Dialog>
      )}
    </>
  );
}

/** The browser's own controls. */
function Player({ model }: Part): ReactElement | null {
  const { t } = useText();
  const { kind, type, name } = model.attachment;
  const { busy } = useLive(model.state);
  const [bytes, setBytes] = useState<Blob>();
  const url = useBlobUrl(bytes);
  if (model.attachment.voice) return <VoicePlayer voice={model.attachment.voice} open={() => model.open()} />;
  if ((kind !== 'audio' && kind !== 'video') || !playedType(type)) return null;
  if (!url)
    return (
      <Button icon="arrow" busy={busy} onClick={() => void model.open().then(setBytes)}>
        {t('file.play')}
      </Button>
    );
  return kind === 'audio' ? (
    // oxlint-disable-next-line jsx-a11y/media-has-caption -- what people send has none
    <audio controls src={url} aria-label={name} />
  ) : (
    // oxlint-disable-next-line jsx-a11y/media-has-caption -- what people send has none
    <video className="file__video" controls src={url} aria-label={name} />
  );
}

function Card({ model }: Part): ReactElement {
  const text = useText();
  const { t } = text;
  const { verdict, preview, busy, failure } = useLive(model.state);
  const { name, size, description } = model.attachment;
  const open = mayOpen(verdict);
  const keep = async () => {
    const blob = await model.open();
    if (blob) saveBlob(name, blob);
  };
  return (
    <>
      {open && <Picture model={model} />}
      {description && (
        // Of an image it is read as what the image is.
        <p className="talk__text talk__text--plain" aria-hidden={open && preview !== undefined}>
          {description}
        </p>
      )}
      <div className="file__card">
        <Icon name="clip" />
        <p className="file__name">
          <span>{name}</span>
          {size !== undefined && <span className="file__size"> {sizeText(text, size)}</span>}
        </p>
        <VerdictLine verdict={verdict} />
        {open && (
          <Button kind="quiet" icon="download" busy={busy} iconOnly onClick={() => void keep()}>
            {t('file.download', { name })}
          </Button>
        )}
        {(verdict.state === 'unreachable' || verdict.state === 'failed') && (
          <Button kind="quiet" onClick={() => model.askAgain()}>
            {t('file.askAgain')}
          </Button>
        )}
      </div>
      {open && <Player model={model} />}
      {failure && <FailureNotice failure={failure} />}
    </>
  );
}

/** A file that came with a message. */
export function AttachmentView({
  files,
  attachment,
}: {
  files: Files;
  attachment: Attachment;
}): ReactElement {
  const ref = useRef<HTMLDivElement>(null);
  const seen = useSeen(ref);
  // The same attachment may come as another object.
  const name = JSON.stringify(attachment);
  const model = useMemo(() => new AttachmentModel(files, JSON.parse(name) as Attachment), [files, name]);
  useEffect(() => (seen ? model.start() : undefined), [seen, model]);
  return (
    <div className="file" ref={ref}>
      <Card model={model} />
    </div>
  );
}
