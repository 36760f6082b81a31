/** What tests of supervised actors look at. */
import type { AnyRef, RefOf, System } from 'heddle';
import type { Lenient, WardPlan } from '../actors/ward.js';
import { Ward } from '../actors/ward.js';

type SupervisorRef = RefOf<typeof Lenient>;
export type WardRef = RefOf<typeof Ward>;

/** Plans of so many wards, in turn on these threads. */
export const plansOf = (prefix: string, count: number, places: readonly number[], named = false): WardPlan[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `${prefix}${index}`,
    place: places[index % places.length]!,
    ...(named ? { named } : {}),
  }));

/** The children of a supervisor that it has a ref of, in their order. */
export const childrenOf = async (supervisor: SupervisorRef): Promise<AnyRef[]> =>
  (await supervisor.children()).flatMap(({ ref }) => ref ?? []);

export const wardsOf = async (system: System, supervisor: SupervisorRef): Promise<WardRef[]> =>
  (await childrenOf(supervisor)).map((ref) => system.typed(Ward, ref));

export const phasesOf = async (supervisor: SupervisorRef): Promise<string[]> =>
  (await supervisor.children()).map(({ phase }) => phase);

export const totalsOf = (wards: readonly WardRef[]): Promise<number[]> =>
  Promise.all(wards.map((ward) => ward.total()));

/** How often actors have been started again. */
export const restartsOf = (system: System): number =>
  system.counters().threads.reduce((sum, { actorsRestarted }) => sum + actorsRestarted, 0);

/** How many actors live. */
export const actorsOf = (system: System): number =>
  system.counters().threads.reduce((sum, { actors }) => sum + actors, 0);
