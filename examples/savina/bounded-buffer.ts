/**
 *     Producers <-> Manager <-> Consumers
 *
 * Back-pressure by messages: a producer makes the next item when the manager asks for it, which it does as long as few
 * items wait. Producers and consumers compute, so this is also what many threads are for.
 */
import {
  type AnyDefinition,
  call,
  defineActor,
  f64,
  protocol,
  type Ref,
  type Reply,
  record,
  ref,
  type Self,
  u32,
} from 'heddle';
import { check, checkNear, WrongResult } from './check.js';
import { allLeft, leave, PATIENCE, threadFor } from './company.js';
import { type Program, rate } from './program.js';
import { PseudoRandom } from './pseudo-random.js';

const STEPS_PER_COST = 100;
/** Keeps the logarithm finite. */
const OFFSET = 0.01;

/** Adds the same number each time, by computing it anew. */
const work = (term: number, cost: number): number => {
  const random = new PseudoRandom(cost);
  let sum = term;
  for (let step = 0; step < cost * STEPS_PER_COST; step++) sum += Math.log(random.fraction() + OFFSET);
  return sum;
};

const ProducerProtocol = protocol({
  produce: { manager: ref<ManagerRef>((): AnyDefinition => Manager) },
});
interface ProducerRef extends Ref<typeof ProducerProtocol> {}

const ConsumerProtocol = protocol({
  item: { sequence: u32, value: f64, manager: ref<ManagerRef>((): AnyDefinition => Manager) },
  /** Ends it; what it has consumed. */
  exit: call({}, record({ items: u32, sum: f64 })),
});
interface ConsumerRef extends Ref<typeof ConsumerProtocol> {}

const Report = record({ items: u32, sum: f64, waitingMost: u32 });

const ManagerProtocol = protocol({
  start: call({ producers: u32, consumers: u32, items: u32, cost: u32, limit: u32 }, Report),
  item: { sequence: u32, value: f64, from: ref<ProducerRef>((): AnyDefinition => Producer) },
  available: { from: ref<ConsumerRef>((): AnyDefinition => Consumer) },
  /** A producer has made all its items. */
  exited: {},
});
interface ManagerRef extends Ref<typeof ManagerProtocol> {}

interface Job {
  readonly items: number;
  readonly cost: number;
}

export const Producer = defineActor(import.meta.url, 'Producer', {
  protocol: ProducerProtocol,
  init: (_, { items, cost }: Job) => ({ items, cost, sequence: 0, value: 0 }),
  on: {
    produce(state, { manager }, self) {
      if (state.sequence === state.items) {
        manager.exited();
        leave(self);
        return;
      }
      state.sequence++;
      state.value = work(state.value, state.cost);
      manager.item({ sequence: state.sequence, value: state.value, from: self.ref });
    },
  },
});

export const Consumer = defineActor(import.meta.url, 'Consumer', {
  protocol: ConsumerProtocol,
  init: (_, cost: number) => ({ cost, step: work(0, cost), items: 0, sum: 0, term: 0 }),
  on: {
    item(state, { sequence, value, manager }, self) {
      checkNear(`item ${sequence} of a producer`, value, sequence * state.step);
      state.items++;
      state.sum += value;
      state.term = work(state.term + value, state.cost);
      manager.available({ from: self.ref });
    },
    exit({ items, sum }, _, self) {
      leave(self);
      return { items, sum };
    },
  },
});

interface Item {
  readonly sequence: number;
  readonly value: number;
}

interface ManagerState {
  reply: Reply<{ items: number; sum: number; waitingMost: number }> | undefined;
  /** Items that may wait before producers have to. */
  limit: number;
  /** Producers that have not made all their items. */
  left: number;
  readonly consumers: ConsumerRef[];
  readonly idle: ConsumerRef[];
  readonly waiting: Item[];
  readonly parked: ProducerRef[];
  waitingMost: number;
}

/** Ends everything once nobody produces and nobody consumes. */
const finishIfDone = async (state: ManagerState, self: Self<typeof ManagerProtocol>): Promise<void> => {
  const { left, idle, consumers, waitingMost, reply } = state;
  if (left > 0 || idle.length < consumers.length) return;
  const consumed = await Promise.all(consumers.map((consumer) => consumer.exit({}, PATIENCE)));
  const items = consumed.reduce((sum, one) => sum + one.items, 0);
  const sum = consumed.reduce((sum, one) => sum + one.sum, 0);
  reply!.send({ items, sum, waitingMost });
  leave(self);
};

export const Manager = defineActor(import.meta.url, 'Manager', {
  protocol: ManagerProtocol,
  init: (): ManagerState => ({
    reply: undefined,
    limit: 0,
    left: 0,
    consumers: [],
    idle: [],
    waiting: [],
    parked: [],
    waitingMost: 0,
  }),
  on: {
    start(state, { producers, consumers, items, cost, limit }, self) {
      state.limit = limit;
      state.left = producers;
      // Linked, so that the manager ends after them, and fails with them.
      for (let index = 0; index < consumers; index++) {
        state.consumers.push(self.spawnNow(Consumer, cost, { link: true }));
      }
      state.idle.push(...state.consumers);
      for (let index = 0; index < producers; index++) {
        self.spawnNow(Producer, { items, cost }, { link: true }).produce({ manager: self.ref });
      }
      state.reply = self.reply();
      return state.reply;
    },
    item(state, { sequence, value, from }, self) {
      const consumer = state.idle.shift();
      if (consumer !== undefined) consumer.item({ sequence, value, manager: self.ref });
      else state.waiting.push({ sequence, value });
      state.waitingMost = Math.max(state.waitingMost, state.waiting.length);
      if (state.waiting.length >= state.limit) state.parked.push(from);
      else from.produce({ manager: self.ref });
    },
    available(state, { from }, self) {
      const item = state.waiting.shift();
      if (item === undefined) {
        state.idle.push(from);
        return finishIfDone(state, self);
      }
      from.item({ ...item, manager: self.ref });
      state.parked.shift()?.produce({ manager: self.ref });
      return undefined;
    },
    exited(state, _, self) {
      state.left--;
      return finishIfDone(state, self);
    },
  },
});

export const boundedBuffer: Program<'producers' | 'consumers' | 'items' | 'cost' | 'buffer'> = {
  name: 'bounded-buffer',
  title: 'many that produce, many that consume, and little room between them',
  sizes: {
    faithful: { producers: 40, consumers: 40, items: 1_000, cost: 25, buffer: 50 },
    usual: { producers: 40, consumers: 40, items: 500, cost: 25, buffer: 50 },
    quick: { producers: 8, consumers: 4, items: 50, cost: 1, buffer: 10 },
  },
  async run(system, { producers, consumers, items, cost, buffer }) {
    // Each producer may have one item under way.
    const limit = buffer - producers;
    const began = performance.now();
    const manager = await system.spawn(Manager, undefined, { place: threadFor(system, 0) });
    const [report] = await Promise.all([
      manager.start({ producers, consumers, items, cost, limit }, PATIENCE),
      allLeft(system, [manager]),
    ]);
    const ms = performance.now() - began;
    check('items that were consumed', report.items, producers * items);
    // Each producer's items are 1, 2, 3 ... times the same number.
    checkNear('sum of all items', report.sum, ((producers * items * (items + 1)) / 2) * work(0, cost));
    if (report.waitingMost > buffer)
      throw new WrongResult(`${report.waitingMost} items have waited in room for ${buffer}`);
    return rate(ms, 4 * producers * items + 2 * producers + consumers, producers * items, 'items');
  },
};
