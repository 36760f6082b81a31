/** What must hold of every scenario; each function adds to `world.broken` what does not. */
import { SLOT_INDEX_BITS } from '../../../src/base/limits.js';
import type { SimulationEvent } from '../../../src/testing/event-log.js';
import type { LifeFacts, World } from './world.js';

type Counters = ReturnType<World['sim']['system']['counters']>;

const lastOf = <T>(items: readonly T[], is: (item: T) => boolean): T | undefined => items.filter(is).at(-1);

/** By address: where the log says that it has ended. */
const endsOf = (log: readonly SimulationEvent[]): Map<string, number> =>
  new Map(log.flatMap(({ kind, address }, index) => (kind === 'ended' ? [[address, index] as const] : [])));

/** The present life of an address, if it has one. */
const livingAt = (world: World, ends: ReadonlyMap<string, number>, address: string): LifeFacts | undefined => {
  const life = lastOf(world.lives, (one) => one.address === address);
  if (life === undefined || world.isLost(life) || (ends.get(address) ?? -1) > life.begunAt) return undefined;
  return life;
};

/** Addresses that should answer. */
export const livingOf = (world: World): Set<string> => {
  const ends = endsOf(world.sim.log);
  return new Set(
    world.lives.filter(({ address }) => livingAt(world, ends, address) !== undefined).map(({ address }) => address),
  );
};

/** Everything that was accepted is handled, lost or dead. */
export const checkBooks = (world: World, { accepted, handled, lost, dead }: Counters): void => {
  const left = accepted - handled - lost - dead;
  if (left !== 0)
    world.violate(
      `conservation: of ${accepted} requests ${handled} were handled, ${lost} lost, ${dead} dead; ${left} are left`,
    );
  if (world.delivered > world.accepted)
    world.violate(`delivery: ${world.delivered} notes arrived of ${world.accepted}`);
};

/** A restart loses nothing that waits, where the thread lives and nobody ended the actor but its own failures. */
/** The thread of whoever spawned an actor: the high bits of its slot. */
const spawnerOf = (address: string): number => Number(address.split(':')[1]) >>> SLOT_INDEX_BITS;

export const checkMailboxes = (world: World, { deadByReason }: Counters): void => {
  // Those may have been anybody's.
  if (deadByReason['mailbox-full'] > 0) return;
  const kept = new Set(world.lives.filter(({ isKept }) => isKept).map(({ address }) => address));
  for (const address of kept) {
    // With the thread of its supervisor a child ends for good.
    const wasOrphaned = world.epochOf(spawnerOf(address)) > 0;
    const isTouched =
      wasOrphaned ||
      world.ended.has(address) ||
      world.lives.some((life) => life.address === address && world.isLost(life));
    const missing = world.missingOf(address);
    if (!isTouched && missing !== 0) world.violate(`restarts: ${missing} notes to ${address} were accepted and lost`);
  }
};

export const checkWatches = (world: World): void => {
  const ends = endsOf(world.sim.log);
  for (const { subject, watcher, given, unwatched, notices } of world.watches) {
    if (notices > 1) world.violate(`watching: ${notices} notices of ${subject} for one watch`);
    const life = world.lives[watcher]!;
    const watches = watcher === 0 || livingAt(world, ends, life.address) === life;
    if (unwatched || !watches) continue;
    const living = livingAt(world, ends, subject);
    const wasLost = world.lives.some((one) => one.address === subject && world.isLost(one));
    if (living === undefined && !given)
      world.violate(`watching: no notice of the end of ${subject} for life ${watcher}`);
    if (living !== undefined && given && !wasLost)
      world.violate(`watching: a notice of ${subject}, which lives, for life ${watcher}`);
  }
};

export const checkCalls = (world: World): void => {
  for (const [number, { caller, settled }] of world.calls.entries()) {
    const mayHang = world.isLost(world.lives[caller]!);
    if (settled !== 1 && !(mayHang && settled === 0))
      world.violate(`calls: call ${number} of life ${caller} has settled ${settled} times`);
  }
};

/** Ends that nobody asked for, and failures that were no test's. */
export const checkIsolation = (world: World, doomed: ReadonlySet<string>): void => {
  for (const event of world.sim.log) {
    const { kind, address, what, detail } = event;
    if (kind === 'problem') {
      const text = String(detail);
      const isAsked = what === 'actor-failed' && text.startsWith('the handler of Member.fail failed');
      // Whoever was killed in a handler twice within a millisecond is poison.
      const isExpected = isAsked || what === 'thread-ended' || what === 'poison';
      if (!isExpected) world.violate(`isolation: ${event}`);
    }
    if (kind !== 'ended') continue;
    const text = String(detail);
    const isConsequence =
      /its parent has ended|it took longer than|the system (is|was) shut down|the system has been shut down/.test(text);
    if (!isConsequence && !doomed.has(address)) world.violate(`isolation: nobody ended it: ${event}`);
  }
};

/** `stopped` hooks, children before parents, and nothing after the end. */
export const checkEnds = (world: World): void => {
  const { log } = world.sim;
  const ends = endsOf(log);
  const kept = new Set(world.lives.filter(({ isKept }) => isKept).map(({ address }) => address));
  const spawned = new Set<string>();
  const stopped = new Map<string, number>();
  for (const [index, event] of log.entries()) {
    const { kind, actor, address, what, detail } = event;
    if (actor !== 'Member') continue;
    if (kind === 'spawned') spawned.add(address);
    if (kind === 'runs' && (ends.get(address) ?? Number.POSITIVE_INFINITY) < index)
      world.violate(`ending: after its end: ${event}`);
    if (kind === 'runs' && what === 'stopped') stopped.set(address, (stopped.get(address) ?? 0) + 1);
    if (kind !== 'ended' || kept.has(address)) continue;
    const runs = stopped.get(address) ?? 0;
    const wasKilled = /^killed|it took longer than|; killed/.test(String(detail));
    if (runs > 1) world.violate(`ending: stopped ran ${runs} times: ${event}`);
    if (runs === 0 && spawned.has(address) && !wasKilled && !isBuried(String(detail)))
      world.violate(`ending: stopped has not run: ${event}`);
    if (!wasKilled) checkChildren(world, ends, address, index);
  }
};

/** What is left when the system is over ends without ceremony. */
const isBuried = (detail: string): boolean => detail.includes('the system was shut down');

const checkChildren = (world: World, ends: ReadonlyMap<string, number>, parent: string, endedAt: number): void => {
  for (const family of world.families) {
    if (family.parent !== parent || world.adopted.has(family.child)) continue;
    const wasLost = world.lives.some((life) => life.address === family.child && world.isLost(life));
    if (!wasLost && (ends.get(family.child) ?? Number.POSITIVE_INFINITY) > endedAt) {
      world.violate(`ending: ${parent} has ended before its child ${family.child}`);
    }
  }
};
