/** Opens a system in the first of several situations that it knows. */
import type { Adapter, Session, Situation } from '../adapter.js';

export interface Opened {
  readonly session: Session;
  readonly situation: Situation;
}

export const openFirst = async (adapter: Adapter, situations: readonly Situation[]): Promise<Opened | undefined> => {
  for (const situation of situations) {
    const session = await adapter.open(situation);
    if (session !== undefined) return { session, situation };
  }
  return undefined;
};
