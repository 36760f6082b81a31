/** The service with heddle: supervised actors on worker threads, each request to the one with the fewest under way. */
import { createSystem, type System } from 'heddle';
import { Differ, type DifferRef, Differs, differName } from './differ.js';
import { DEADLINE_MS, Refusal, type Way } from './way.js';

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  // Another thread takes its place.
  HEDDLE_THREAD_LOST: 503,
  HEDDLE_CALL_TIMEOUT: 504,
};

interface Desk {
  readonly differ: DifferRef;
  underWay: number;
}

export const openActors = async (threads: number): Promise<Way> => {
  const system = await createSystem({ threads });
  void reportProblems(system);
  await system.spawn(Differs, threads, { place: 'host' });
  // Good also after a restart.
  const desks = Array.from(
    { length: threads },
    (_, index): Desk => ({
      differ: system.whereIs(Differ, differName(index))!,
      underWay: 0,
    }),
  );
  return {
    async answer(body, signal) {
      const desk = desks.reduce((best, other) => (other.underWay < best.underWay ? other : best));
      desk.underWay++;
      try {
        return await desk.differ.diff({ body }, { timeoutMs: DEADLINE_MS, signal });
      } catch (error) {
        const { code = '', message } = error as Error & { code?: string };
        const status = STATUS_BY_CODE[code];
        throw status === undefined ? error : new Refusal(status, message, error);
      } finally {
        desk.underWay--;
      }
    },
    close: () => system.shutdown(),
  };
};

const reportProblems = async (system: System): Promise<void> => {
  for await (const { kind, error } of system.problems) console.error(`heddle: ${kind}:`, error);
};
