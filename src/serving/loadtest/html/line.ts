// A line of a plot over time.
import { escapeHtml, formatPlace } from '../../../foundation/html/index.ts';

/** A line through the points; a null value interrupts it. */
export function drawLine(
  kind: string,
  points: readonly (readonly [x: number, y: number | null])[],
  title: string,
): string {
  let [path, isDown] = ['', false];
  for (const [x, y] of points) {
    if (y !== null) path += `${isDown ? 'L' : 'M'}${formatPlace(x)} ${formatPlace(y)}`;
    isDown = y !== null;
  }
  return path === ''
    ? ''
    : `<path class="line ${kind}" d="${path}"><title>${escapeHtml(title)}</title></path>`;
}
