/** Places for names beside points, so that none covers another. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const AWAY = 9;
const STEPS_MOST = 12;

/**
 * The nearest free place for a text of that size at the point, within the bounds: to its right or left, then higher and
 * higher. `taken` are the places of the others; that found is added to them. Undefined: there is none, and marks must do.
 */
export const placeLabel = (
  [x, y]: readonly [number, number],
  { width, height }: Pick<Box, 'width' | 'height'>,
  bounds: Box,
  taken: Box[],
): Box | undefined => {
  const clamped = (left: number): number => Math.min(Math.max(left, bounds.x), bounds.x + bounds.width - width);
  const tries = Array.from({ length: STEPS_MOST }, (_, step) => {
    const up = y - height / 2 - step * height;
    return [x + AWAY, x - AWAY - width, clamped(x - width / 2)]
      .filter((left) => clamped(left) === left)
      .map((left): Box => ({ x: left, y: up, width, height }));
  }).flat();
  const fits = (box: Box): boolean => box.y >= bounds.y && !taken.some((other) => overlap(box, other));
  const found = tries.find(fits);
  if (found !== undefined) taken.push(found);
  return found;
};
