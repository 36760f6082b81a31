/** The actors of a run: where they live, how long they are waited for, how much is sent to them at a time. */
import type { AnyRef, Protocol, Self, System } from 'heddle';
import { WrongResult } from './check.js';

/** How long a report is waited for: longer than any program takes, and an error if it never comes. */
export const PATIENCE = { timeoutMs: 120_000 } as const;

/** Messages between two looks whether there is room for more. */
export const BURST = 1_000;

/** The workers in turn, so that neighbours live on different threads; the host if it is alone. */
export const threadFor = (system: System, index: number): number =>
  system.threads === 0 ? 0 : 1 + (index % system.threads);

/** Ends the actor when its handler has returned. */
export const leave = <P extends Protocol>(self: Self<P>): void => {
  void self.stop(self.ref);
};

/** Resolves when all these actors have left, and rejects as soon as one of them ends in another way. */
export const allLeft = async (system: System, refs: readonly AnyRef[]): Promise<void> => {
  await Promise.all(
    refs.map(async (ref) => {
      const { reason, detail, error } = await system.stopped(ref);
      if (reason !== 'stopped') throw new WrongResult(`an actor has ended: ${reason} ${detail}`, { cause: error });
    }),
  );
};
