/**
 *     every Creature <-> Mall        Creature <-> Creature
 *
 * Creatures go to the mall, which brings any two together; these exchange their colours and go to the mall again.
 */
import {
  type AnyDefinition,
  call,
  defineActor,
  oneOf,
  protocol,
  type Ref,
  type Reply,
  record,
  ref,
  selfRef,
  u32,
} from 'heddle';
import { check } from './check.js';
import { allLeft, leave, PATIENCE, threadFor } from './company.js';
import { type Program, rate } from './program.js';

const COLOURS = ['yellow', 'blue', 'red'] as const;
type Colour = (typeof COLOURS)[number];
const Colour = oneOf(...COLOURS);

/** Two of one colour keep it; two of different colours take the third. */
const complement = (one: Colour, other: Colour): Colour =>
  one === other ? one : COLOURS.find((third) => third !== one && third !== other)!;

const CreatureProtocol = protocol({
  enter: { mall: ref<MallRef>((): AnyDefinition => Mall), colour: Colour },
  /** The mall hands on what the other one has asked it. */
  meet: { colour: Colour, who: selfRef },
  change: { colour: Colour },
  exit: {},
});
interface CreatureRef extends Ref<typeof CreatureProtocol> {}

const MallProtocol = protocol({
  /** Answered when all creatures have left: what they have counted, and how many messages have come here. */
  open: call({ creatures: u32, meetings: u32 }, record({ meetings: u32, messages: u32 })),
  meet: { colour: Colour, who: ref<CreatureRef>((): AnyDefinition => Creature) },
  faded: { meetings: u32 },
});
interface MallRef extends Ref<typeof MallProtocol> {}

interface CreatureState {
  mall: MallRef | undefined;
  colour: Colour;
  meetings: number;
}

const goToTheMall = ({ mall, colour }: CreatureState, who: CreatureRef): void => mall!.meet({ colour, who });

export const Creature = defineActor(import.meta.url, 'Creature', {
  protocol: CreatureProtocol,
  init: (): CreatureState => ({ mall: undefined, colour: 'yellow', meetings: 0 }),
  on: {
    enter(state, { mall, colour }, self) {
      state.mall = mall;
      state.colour = colour;
      goToTheMall(state, self.ref);
    },
    meet(state, { colour, who }, self) {
      state.colour = complement(state.colour, colour);
      state.meetings++;
      who.change({ colour: state.colour });
      goToTheMall(state, self.ref);
    },
    change(state, { colour }, self) {
      state.colour = colour;
      state.meetings++;
      goToTheMall(state, self.ref);
    },
    exit({ mall, meetings }, _, self) {
      mall!.faded({ meetings });
      leave(self);
    },
  },
});

interface MallState {
  reply: Reply<{ meetings: number; messages: number }> | undefined;
  /** Meetings that are still to come. */
  left: number;
  waiting: CreatureRef | undefined;
  creatures: number;
  meetings: number;
  messages: number;
}

export const Mall = defineActor(import.meta.url, 'Mall', {
  protocol: MallProtocol,
  init: (): MallState => ({
    reply: undefined,
    left: 0,
    waiting: undefined,
    creatures: 0,
    meetings: 0,
    messages: 0,
  }),
  on: {
    open(state, { creatures, meetings }, self) {
      state.left = meetings;
      state.creatures = creatures;
      for (let index = 0; index < creatures; index++) {
        // Linked, so that the mall ends after them, and fails with them.
        const creature = self.spawnNow(Creature, undefined, { link: true });
        creature.enter({ mall: self.ref, colour: COLOURS[index % COLOURS.length]! });
      }
      state.reply = self.reply();
      return state.reply;
    },
    meet(state, { colour, who }) {
      state.messages++;
      if (state.left === 0) who.exit();
      else if (state.waiting === undefined) state.waiting = who;
      else {
        state.left--;
        state.waiting.meet({ colour, who });
        state.waiting = undefined;
      }
    },
    faded(state, { meetings }, self) {
      state.messages++;
      state.meetings += meetings;
      if (--state.creatures > 0) return;
      check('creature that waits for another', state.waiting, undefined);
      state.reply!.send({ meetings: state.meetings, messages: state.messages });
      leave(self);
    },
  },
});

export const chameneos: Program<'creatures' | 'meetings'> = {
  name: 'chameneos',
  title: 'one actor that all others talk to',
  sizes: {
    faithful: { creatures: 100, meetings: 200_000 },
    usual: { creatures: 100, meetings: 500_000 },
    quick: { creatures: 10, meetings: 4_000 },
  },
  async run(system, { creatures, meetings }) {
    const began = performance.now();
    const mall = await system.spawn(Mall, undefined, { place: threadFor(system, 0) });
    const [counted] = await Promise.all([mall.open({ creatures, meetings }, PATIENCE), allLeft(system, [mall])]);
    const ms = performance.now() - began;
    check('meetings that the creatures have counted', counted.meetings, 2 * meetings);
    check('messages to the mall', counted.messages, 2 * meetings + 2 * creatures);
    return rate(ms, 4 * meetings + 3 * creatures, meetings, 'meetings');
  },
};
