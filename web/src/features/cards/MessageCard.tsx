// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement, ReactNode } from 'react';
import type { Files } from '../../core/files.ts';
import type { Message } from '../../core/timeline.ts';
import { useText } from '../../i18n/TextContext.ts';
import { Body } from '../conversation/Body.tsx';
import { DoubtMark } from '../conversation/DoubtMark.tsx';
import { AttachmentView } from '../files/AttachmentView.tsx';
import { PersonName } from '../PersonName.tsx';
import './cards.css';

interface Props {
  message: Message;
  files: Files;
  /** Where it was said, where that does not go without saying. */
  place?: string;
  /** What can be done with it. */
  children: ReactNode;
}

/** A message outside its conversation. */
export function MessageCard({ message, files, place, children }: Props): ReactElement {
  const text = useText();
  const { content, sender, at, doubt } = message;
  return (
    <li className="card">
      <p className="card__who">
        <PersonName person={sender} short />{' '}
        <span className="card__when">
          {place && `${place} · `}
          <time dateTime={new Date(at).toISOString()}>{text.moment(at)}</time>
        </span>
      </p>
      {content.kind === 'file' && content.attachment ? (
        <AttachmentView files={files} attachment={content.attachment} />
      ) : (
        <Body content={content} />
      )}
      {doubt && <DoubtMark doubt={doubt} />}
      <div className="ui-actions">{children}</div>
    </li>
  );
}
