// SPDX-License-Identifier: EUPL-1.2
import { type ReactElement, useMemo } from 'react';
import { useText } from '../../i18n/TextContext.ts';
import { squaresOf } from './qr.ts';

/** A code of the two devices, dark on light in every appearance: cameras read no other. */
export function QrPicture({ code }: { code: Uint8Array }): ReactElement {
  const { t } = useText();
  const squares = useMemo(() => squaresOf(code), [code]);
  const side = squares.length;
  const path = squares.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return (
    <svg className="safety__qr" viewBox={`0 0 ${side} ${side}`} role="img" aria-label={t('compare.code')}>
      <path fill="#fff" d={`M0 0h${side}v${side}H0z`} />
      <path fill="#000" d={path.join('')} shapeRendering="crispEdges" />
    </svg>
  );
}
