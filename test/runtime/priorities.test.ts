/** What goes before what: kill, stop, supervision, messages; on cores without threads, step by step. */
import { describe, expect, it } from 'vitest';
import { defineActor, type RefOf } from '../../src/actor/definition.js';
import { anyRef } from '../../src/actor/ref-fields.js';
import { i32 } from '../../src/messages/fields.js';
import { makeCores } from '../support/cores.js';

let log: string[] = [];
let open: () => void = () => undefined;

const Worker = defineActor(import.meta.url, 'PriorityWorker', {
  protocol: { note: { n: i32 }, wait: {}, watch: { who: anyRef } },
  init: () => undefined,
  on: {
    note: (_, { n }) => void log.push(`note ${n}`),
    wait: () => new Promise<void>((resolve) => (open = resolve)),
    watch: (_, { who }, self) => void self.watch(who),
  },
  stopped: (_, { reason }) => void log.push(reason),
  onSupervision: () => void log.push('notice'),
});
type WorkerRef = RefOf<typeof Worker>;

const setUp = async (place: number) => {
  log = [];
  const cores = makeCores(1);
  const host = cores.all[0]!;
  const worker = host.spawnNow(Worker, undefined, { place }) as WorkerRef;
  await cores.settle();
  return { ...cores, host, target: cores.all[place]!, worker };
};

const MANY = 100;

describe.each([
  ['on one thread', 0],
  ['across threads', 1],
] as const)('%s', (_, place) => {
  it('a kill goes before every message that has not begun, wherever it waits', async () => {
    const { host, settle, worker } = await setUp(place);
    worker.wait({});
    await settle();
    // In the mailbox, and on the way to it.
    for (let n = 0; n < MANY; n++) worker.note({ n });
    await settle();
    for (let n = 0; n < MANY; n++) worker.note({ n });
    host.flush();
    const end = host.kill(worker);
    await settle();
    expect(await end).toMatchObject({ reason: 'killed' });
    expect(log).toEqual([]);
    open();
    await settle();
    expect(log).toEqual([]);
  });

  it('a stop waits for the handler that runs, and goes before what waits', async () => {
    const { host, settle, worker } = await setUp(place);
    worker.wait({});
    await settle();
    for (let n = 0; n < MANY; n++) worker.note({ n });
    host.flush();
    const end = host.stop(worker);
    await settle();
    expect(log).toEqual([]);
    open();
    await settle();
    await settle();
    expect(await end).toMatchObject({ reason: 'stopped' });
    expect(log).toEqual(['stopped']);
  });

  it('a drain goes behind what was sent before, and refuses the rest', async () => {
    const { host, settle, worker } = await setUp(place);
    worker.wait({});
    for (let n = 0; n < 3; n++) worker.note({ n });
    const end = host.drain(worker);
    for (let n = 3; n < 6; n++) worker.note({ n });
    await settle();
    open();
    await settle();
    await settle();
    expect(await end).toMatchObject({ reason: 'drained' });
    expect(log).toEqual(['note 0', 'note 1', 'note 2', 'drained']);
  });

  it('many notices do not keep messages waiting for ever', async () => {
    const { all, settle, worker, host } = await setUp(place);
    // Subjects on the other thread, whose notices overtake what is from here.
    const other = all[1 - place]!;
    const subjects = Array.from({ length: MANY }, () => other.spawnNow(Worker, undefined, { place: 1 - place }));
    await settle();
    const words = new Int32Array(3);
    const from = (core: typeof host, ref: object): WorkerRef => {
      other.refs.write(ref, words, 0);
      return core.refs.read(() => Worker, words, 0) as WorkerRef;
    };
    for (const subject of subjects) worker.watch({ who: from(host, subject) });
    await settle();
    worker.wait({});
    await settle();
    for (const subject of subjects) void other.stop(subject);
    await settle();
    for (let n = 0; n < 3; n++) worker.note({ n });
    await settle();
    log = log.filter((line) => line !== 'stopped');
    open();
    await settle();
    await settle();
    expect(log.filter((line) => line === 'notice')).toHaveLength(MANY);
    const first = log.findIndex((line) => line.startsWith('note'));
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThanOrEqual(16);
  });
});
