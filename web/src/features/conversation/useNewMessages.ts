// SPDX-License-Identifier: EUPL-1.2
import { useEffect, useRef, useState } from 'react';
import type { Item, Message } from '../../core/timeline.ts';
import type { Text } from '../../i18n/text.ts';
import { useText } from '../../i18n/TextContext.ts';

/** Of more at once, only how many are said. */
const SAID = 3;

function sentence({ sender, at, content, doubt }: Message, text: Text): string {
  const other = () =>
    content.kind === 'file'
      ? text.t('talk.file', { name: content.name })
      : text.t('talk.several', { count: 1 });
  const words = 'text' in content ? content.text : other();
  const said = text.t('talk.said', { name: sender.name, time: text.time(at), text: words });
  return doubt ? `${said} (${text.t(`doubt.${doubt}`)})` : said;
}

/** What opens it is on its way: it is said once it can be read. */
const isOpening = (item: Item): boolean =>
  item.type === 'message' && item.content.kind === 'locked' && item.content.lock === 'waiting';

/** [UX-17] What a screen reader says of the messages that others have just added at the end: author, hour
 * and text, or how many there are. Nothing of what was there when the room was opened. */
export function useNewMessages(items: readonly Item[], following: boolean): string {
  const text = useText();
  const known = useRef<ReadonlySet<string> | undefined>(undefined);
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (!following) return;
    const before = known.current;
    known.current = new Set(items.filter((item) => !isOpening(item)).map((item) => item.id));
    if (!before) return;
    const added = items.filter(
      (item): item is Message =>
        item.type === 'message' && !item.mine && !before.has(item.id) && !isOpening(item),
    );
    if (added.length > SAID) setSaid(text.t('talk.several', { count: added.length }));
    else if (added.length > 0) setSaid(added.map((message) => sentence(message, text)).join('\n'));
  }, [items, following, text]);
  return said;
}
