/** A stage whose module cannot be imported by workers: it throws there. */
import { defineStage, isHost, u32 } from 'heddle';

export const Nowhere = defineStage(import.meta.url, 'Nowhere', {
  in: u32,
  out: u32,
  process: (_, n, out) => out.emit(n),
});

if (!isHost) throw new RangeError('this module breaks on workers');
