/**
 * Shared memory by hand: rings for one shape of message each, and no runtime around them. What the language allows.
 * On one thread it is a plain array of messages.
 */
import type { Adapter, Session, Situation } from '../adapter.js';
import { makeBell } from '../rivals/bell.js';
import { makeByHandSide } from '../rivals/by-hand-side.js';
import { BLOCK_BYTES_MAX, makeRing } from '../rivals/channel.js';
import { makePlainSides } from '../rivals/plain.js';
import { endSides, onHost, openSides, twoSided } from '../two-sided.js';
import { probePackage } from '../versions.js';

const THREAD = new URL('../rivals/by-hand.js', import.meta.url);

const overRings = async ({ wait, placement, payload }: Situation): Promise<Session> => {
  const sides = await openSides(placement, THREAD, makeByHandSide);
  const makeLine = () => ({ ring: makeRing(payload), bell: makeBell() });
  const there = makeLine();
  const back = makeLine();
  await Promise.all([
    sides.sender.ask('connect', { payload, wait, out: there, back }),
    sides.receiver.ask('connect', { payload, wait, out: back, back: there }),
  ]);
  return { tasks: twoSided(sides, placement), close: () => endSides(sides) };
};

const onOneThread = ({ placement, payload }: Situation): Session => {
  const { sender, receiver } = makePlainSides(payload);
  return {
    tasks: twoSided({ sender: onHost(sender), receiver: onHost(receiver) }, placement),
    close: () => Promise.resolve(),
  };
};

/** Objects need something that makes bytes of them. */
const canCarry = async ({ kind, ...rest }: Situation['payload']): Promise<boolean> => {
  if (kind === 'order') return 'version' in (await probePackage('msgpackr'));
  return !('size' in rest) || (rest.size as number) <= BLOCK_BYTES_MAX;
};

export const byHand: Adapter = {
  name: 'by hand',
  probe: () => Promise.resolve({ version: process.versions.v8 }),
  async open(situation) {
    // Parked it is blocked already: it has nothing to do on an event loop.
    if (situation.wait === 'blocked') return undefined;
    if (situation.placement === 'same-thread') return onOneThread(situation);
    return (await canCarry(situation.payload)) ? overRings(situation) : undefined;
  },
};
