/** Says whether its thread may make code from text. */
import { bool, call, defineActor } from 'heddle';

export const canGenerate = (): boolean => {
  try {
    return new Function('return true')() === true;
  } catch {
    return false;
  }
};

export const Generating = defineActor(import.meta.url, 'Generating', {
  protocol: { may: call({}, bool) },
  init: () => undefined,
  on: { may: () => canGenerate() },
});
