// SPDX-License-Identifier: EUPL-1.2
import { useEffect, useMemo } from 'react';

/** The address of bytes, as long as they are shown. */
export function useBlobUrl(blob: Blob | undefined): string | undefined {
  const url = useMemo(() => blob && URL.createObjectURL(blob), [blob]);
  useEffect(
    () => () => {
      if (url) URL.revokeObjectURL(url);
    },
    [url],
  );
  return url;
}
