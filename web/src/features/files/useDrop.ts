// SPDX-License-Identifier: EUPL-1.2
import { type RefObject, useEffect, useState } from 'react';

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/** Takes files dropped on what holds an element. Anywhere else they are not opened in the place of the page.
 * True while some are held over it. */
export function useDrop(inside: RefObject<HTMLElement | null>, onFiles: (files: FileList) => void): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const isHere = (event: DragEvent) =>
      event.target instanceof Node && (inside.current?.parentElement?.contains(event.target) ?? false);
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(isHere(event));
    };
    const onLeave = (event: DragEvent) => {
      if (!event.relatedTarget) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      if (event.dataTransfer && isHere(event)) onFiles(event.dataTransfer.files);
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, [inside, onFiles]);
  return over;
}
