// SPDX-License-Identifier: EUPL-1.2
import type { ReactElement } from 'react';
import type { Content } from '../../core/timeline.ts';
import { useText } from '../../i18n/TextContext.ts';
import { cleanHtml } from './html.ts';

/** What a message says, without what can be done with it. */
export function Body({ content }: { content: Content }): ReactElement {
  const { t } = useText();
  switch (content.kind) {
    case 'deleted':
      return <p className="talk__aside">{t('talk.deleted')}</p>;
    case 'file':
      return <p className="talk__aside">{t('talk.file', { name: content.name })}</p>;
    case 'locked':
      return <p className="talk__aside">{t('talk.locked', { count: 1 })}</p>;
    case 'unknown':
      return <p className="talk__aside">{t('talk.unknown')}</p>;
    case 'poll':
      return <p className="talk__text">{t('poll.label', { question: content.poll.question })}</p>;
    default: {
      const html = content.html && cleanHtml(content.html, content.people);
      return html ? (
        // Clean, and TrustedHTML: the policy lets nothing else in.
        <div className="talk__text" dangerouslySetInnerHTML={{ __html: html }} />
      ) : (
        <p className="talk__text talk__text--plain">{content.text}</p>
      );
    }
  }
}
