// SPDX-License-Identifier: EUPL-1.2
import { createContext, type ReactElement, use, useEffect, useState } from 'react';
import type { RoomSummary } from '../core/rooms.ts';
import { Avatar } from '../ui/Avatar.tsx';
import { useBlobUrl } from './files/useBlobUrl.ts';

type FindPicture = (url: string) => Promise<Blob | undefined>;

/** Where pictures come from. */
export const PicturesContext = createContext<FindPicture>(async () => undefined);

function usePicture(url: string | undefined): string | undefined {
  const find = use(PicturesContext);
  const [found, setFound] = useState<{ url: string; blob: Blob | undefined }>();
  useEffect(() => {
    let wanted = url !== undefined;
    if (url !== undefined)
      void find(url).then((blob) => {
        if (wanted) setFound({ url, blob });
      });
    return () => {
      wanted = false;
    };
  }, [find, url]);
  return useBlobUrl(found?.url === url ? found?.blob : undefined);
}

interface Props {
  room: Pick<RoomSummary, 'name' | 'seed' | 'kind' | 'picture'>;
  small?: boolean;
  large?: boolean;
}

/** The picture of a room, or the first letters of its name until there is one. */
export function RoomPicture({ room, small = false, large = false }: Props): ReactElement {
  const src = usePicture(room.picture);
  return (
    <Avatar
      name={room.name}
      seed={room.seed}
      square={room.kind !== 'direct'}
      small={small}
      large={large}
      src={src}
    />
  );
}
