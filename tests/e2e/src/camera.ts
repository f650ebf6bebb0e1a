// SPDX-License-Identifier: EUPL-1.2
// What a camera sees: Chromium plays a film to the page in the camera's place.
import { rm, writeFile } from 'node:fs/promises';
import type { Locator } from 'playwright-core';
import { CAMERA } from './browser.ts';

const WIDTH = 640;
const HEIGHT = 480;
const FRAMES = 2;

/** The light of every dot, of what stands on a page as somebody would hold it before a camera. */
async function photograph(shown: Locator): Promise<Buffer> {
  const picture = (await shown.screenshot()).toString('base64');
  const light = await shown.page().evaluate(
    async ([png, width, height]) => {
      const bytes = Uint8Array.from(atob(png), (sign) => sign.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const context = new OffscreenCanvas(width, height).getContext('2d')!;
      context.fillStyle = '#998';
      context.fillRect(0, 0, width, height);
      const side = height * 0.9;
      context.drawImage(bitmap, (width - side) / 2, (height - side) / 2, side, side);
      const { data } = context.getImageData(0, 0, width, height);
      const luma = Array.from({ length: width * height }, (_, i) =>
        Math.round(0.3 * data[4 * i]! + 0.59 * data[4 * i + 1]! + 0.11 * data[4 * i + 2]!),
      );
      return luma;
    },
    [picture, WIDTH, HEIGHT] as const,
  );
  return Buffer.from(light);
}

/** From now on, whoever opens a camera sees that. YUV4MPEG2, without colours. */
export async function holdBeforeCamera(shown: Locator): Promise<void> {
  const grey = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), await photograph(shown), grey]);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  await writeFile(CAMERA, Buffer.concat([head, ...Array.from({ length: FRAMES }, () => frame)]));
}

export const forgetCamera = (): Promise<void> => rm(CAMERA, { force: true });
