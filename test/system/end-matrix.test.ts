/**
 * Every way in which an actor can end, at every place of its code: who is told what, what becomes of its messages, its name and
 * its children, and what a supervisor does. What is expected stands in `support/end-cells.ts`.
 */
import { createSystem, type Ended, type RefOf, type System, sameRef, type ThreadLost } from 'heddle';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Restless } from '../actors/busy.js';
import {
  Bystander,
  Clerk,
  FAR_BORN,
  FAR_ENDED,
  GATE,
  House,
  LIVES,
  NEAR_BORN,
  NEAR_ENDED,
  Parent,
  PLACES,
  type Plan,
  REACHED,
  RESTARTS_MAX,
  Subject,
  type Told,
  WAYS,
  type Way,
  type Where,
  WORDS,
} from '../actors/subject.js';
import { ASKED, CELLS, type Cell } from '../support/end-cells.js';
import { finish, quiet } from '../support/systems.js';
import { until } from '../support/until.js';

type SubjectRef = RefOf<typeof Subject>;

const NEAR = 1;
const FAR = 2;
/** How long code may take that does not return to heddle, and that has no budget. */
const END_AFTER_MS = 250;
/** For calls that are not to end by their own deadline. */
const PATIENT = { timeoutMs: 30_000 };
const NOTES = 2;

const isLoop = (way: Way): boolean => way === 'infinite loop' || way === 'microtask loop';
/** Code after an `await` has no budget. */
const isBounded = (way: Way, where: Where): boolean => way === 'infinite loop' && where !== 'after await';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const deathsOf = (system: System): number => system.counters().threads[NEAR]!.epoch;
const restartsOf = (system: System): number =>
  system.counters().threads.reduce((sum, { actorsRestarted }) => sum + actorsRestarted, 0);

/** A system with somebody on each thread who has no part in what happens, and the memory in which actors say what they do. */
const setUp = async (way: Way) => {
  const system = await createSystem({
    threads: 2,
    strict: true,
    ...(isLoop(way) ? { watchdog: { endAfterMs: END_AFTER_MS } } : {}),
  });
  const clerk = await system.spawn(Clerk, undefined, { place: 0, name: 'clerk' });
  const far = await system.spawn(Bystander, undefined, { place: FAR });
  /** Gives the actors fresh memory. */
  const learn = async () => {
    const near = await system.spawn(Bystander, undefined, { place: NEAR });
    // A thread that is asleep is looked at less often.
    if (isLoop(way)) (await system.spawn(Restless, undefined, { place: NEAR })).again();
    const memory = await system.share(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT));
    for (const actor of [clerk, near, far]) await actor.learn({ memory });
    return { near, words: new Int32Array(memory.buffer), deaths: deathsOf(system), restarts: restartsOf(system) };
  };
  return { system, far, learn };
};

type Stage = Awaited<ReturnType<typeof setUp>>;
type Scene = Awaited<ReturnType<Stage['learn']>>;

const lostOf = (system: System): number => system.counters().lost;
const actorsOf = (system: System): readonly number[] => system.counters().threads.map(({ actors }) => actors);

/** The outcome of a call: its answer, or the code of its error. */
const outcomeOf = (call: Promise<unknown>): Promise<unknown> =>
  call.catch((error: unknown) => (error as { code?: string }).code);

/** Leads an actor to the place. Resolves when it is on its way there; the promise in it is the call that it handles. */
const lead = async (system: System, where: Where, subject: SubjectRef): Promise<{ answer?: Promise<unknown> }> => {
  switch (where) {
    case 'handler':
      return { answer: outcomeOf(subject.act({ value: 11 }, PATIENT)) };
    case 'after await':
      return { answer: outcomeOf(subject.actLater({ value: 11 }, PATIENT)) };
    case 'timer':
      subject.arm();
      return {};
    case 'onSupervision': {
      const other = await system.spawn(Bystander, undefined, { place: FAR });
      await subject.observe({ who: other });
      await system.stop(other);
      return {};
    }
    case 'stopped':
      // A stop would overtake the spawn.
      await subject.tally({}, PATIENT);
      system.stop(subject, { reason: ASKED }).catch(() => undefined);
      return {};
    default:
      return {};
  }
};

/** Lets an actor end that is at its place, after messages were sent to it. Returns the outcome of the last one. */
const release = async ({ system }: Stage, { near, words }: Scene, way: Way, cell: Cell, subject: SubjectRef) => {
  await until(() => Atomics.load(words, REACHED) === 1);
  for (let note = 0; note < NOTES; note++) subject.note();
  const tally = outcomeOf(subject.tally({}, PATIENT));
  // What was sent is published by then; where the thread goes on it has come out of the ring, too.
  await turn();
  if (cell.awaits && way !== 'terminate') await near.thread();
  const asked = { reason: ASKED };
  if (way === 'kill') system.kill(subject, asked).catch(() => undefined);
  if (way === 'stop') system.stop(subject, asked).catch(() => undefined);
  if (way === 'terminate') await system.terminate(NEAR);
  // It waits for nothing that is in a promise.
  else if (way !== 'kill' || !cell.awaits) {
    if (cell.awaits) await near.thread();
    Atomics.store(words, GATE, 1);
    Atomics.notify(words, GATE);
  }
  // In an object, because a promise would be waited for.
  return { tally };
};

const toldOf = (kind: Told['kind'], { ended, code, cause }: Cell): object => ({
  kind,
  ...ended,
  ...(code === undefined ? {} : { code }),
  ...(cause === undefined ? {} : { cause }),
});

/** That an end is told as it was. */
const expectEnd = (told: Ended, { ended, code, cause, loss, hasCulprit }: Cell, where: Where): void => {
  expect(told).toMatchObject(ended);
  expect((told.error as { code?: string } | undefined)?.code).toBe(code);
  if (cause !== undefined) expect(told.error).toMatchObject({ cause: { message: cause } });
  if (loss === undefined || ended.reason !== 'thread-lost') return;
  const { reason, exitCode, culprit } = told.error as ThreadLost;
  expect({ reason, ...(loss.exitCode === undefined ? {} : { exitCode }) }).toEqual(loss);
  expect(culprit?.message).toBe(hasCulprit ? LABELS[where] : undefined);
};

/** What a culprit is called that was at a place. */
const LABELS: Readonly<Record<Where, string>> = {
  init: 'init',
  started: 'started',
  handler: 'act',
  'after await': 'none',
  stopped: 'stopped',
  onSupervision: 'onSupervision',
  timer: 'tick',
};

/** That the thread is there, with whoever lived there or without, and that others never noticed. */
const expectOthers = async ({ system, far }: Stage, { near, deaths }: Scene, isLost: boolean): Promise<void> => {
  expect(await far.thread()).toBe(FAR);
  if (isLost) await expect(near.thread()).rejects.toMatchObject({ code: 'HEDDLE_THREAD_LOST' });
  else {
    expect(await near.thread()).toBe(NEAR);
    await system.stop(near);
  }
  const next = await system.spawn(Bystander, undefined, { place: NEAR });
  expect(await next.thread()).toBe(NEAR);
  await system.stop(next);
  expect(system.counters().threads.map(({ epoch }) => epoch)).toEqual([0, deaths + Number(isLost), 0]);
};

/** An actor that nobody starts again. */
const endAlone = async (stage: Stage, way: Way, where: Where, cell: Cell): Promise<void> => {
  const { system } = stage;
  const scene = await stage.learn();
  const { words } = scene;
  const parent = await system.spawn(Parent, undefined, { place: FAR });
  const lostBefore = lostOf(system);
  const plan: Plan = { way, where, life: 1, awaits: cell.awaits, failures: 0, children: [NEAR, FAR] };
  const bounded = Number(isBounded(way, where));
  const subject = await parent.bear({ plan, place: NEAR, name: 'subject', bounded });
  const ended = system.stopped(subject);
  const notices: { readonly ended: Ended; readonly isNamed: boolean; readonly hasChildren: boolean }[] = [];
  system.watch(subject, (end) => {
    const hasNear = Atomics.load(words, NEAR_BORN) !== Atomics.load(words, NEAR_ENDED);
    const hasFar = Atomics.load(words, FAR_BORN) !== Atomics.load(words, FAR_ENDED);
    notices.push({ ended: end, isNamed: system.whereIs('subject') !== undefined, hasChildren: hasNear || hasFar });
  });
  const { answer } = await lead(system, where, subject);
  const { tally } = await release(stage, scene, way, cell, subject);

  const isLost = cell.loss !== undefined;
  await until(() => notices.length > 0);
  // One who asks while code keeps the thread that then ends there asks too late; the parent has asked before.
  const isLate = !cell.awaits && (where === 'init' || where === 'started');
  for (const end of [await ended, notices[0]!.ended]) {
    if (!isLate || end.reason !== 'no-such-actor') expectEnd(end, cell, where);
  }
  expect(notices[0]!.isNamed).toBe(false);
  // The near one ends with its thread, and the far one when its own thread has heard of that.
  if (!isLost) expect(notices[0]!.hasChildren).toBe(false);
  if (answer !== undefined) expect(await answer).toBe(cell.refusal ?? 11);
  if (way === 'microtask loop') await tally;
  else expect(await tally).toMatch(isLost ? /THREAD_LOST/ : /ACTOR_FAILED|ACTOR_STOPPED|NO_SUCH_ACTOR/);
  if (isLost) await until(() => deathsOf(system) === scene.deaths + 1);
  await quiet(system);
  await until(() => Atomics.load(words, FAR_BORN) === Atomics.load(words, FAR_ENDED));
  expect(lostOf(system) - lostBefore).toBe(cell.lost);
  expect(await system.stopped(subject)).toMatchObject({ reason: expect.stringMatching(/no-such-actor|thread-lost/) });
  expect(notices).toHaveLength(1);

  const { isBorn } = cell;
  const spawned = isBorn ? { kind: 'spawned' } : { kind: 'refused', code: cell.code ?? 'HEDDLE_ACTOR_STOPPED' };
  const down = toldOf('down', cell);
  const expected = [spawned, down, ...(isBorn ? [toldOf('child', cell)] : [])];
  let told = await parent.told();
  while (told.length < expected.length) told = await parent.told();
  const late = told.filter(({ reason }) => isLate && reason === 'no-such-actor').map(({ kind }) => ({ kind }));
  expect(told).toEqual(
    expect.arrayContaining(
      expected.map((one) => expect.objectContaining(one === down && late.length > 0 ? late[0]! : one)),
    ),
  );

  await expectOthers(stage, scene, isLost);
  expect(await parent.told()).toHaveLength(expected.length);
  await system.stop(parent);
  expect(system.names()).toEqual(['clerk']);
  // The clerk and whoever is far.
  await until(() => String(actorsOf(system)) === '1,0,1');
};

/** Whether the supervised actor is at its place in its second life: it cannot be held in an init that nobody knows of. */
const lifeAt = (where: Where): number => (where === 'init' ? 2 : 1);

/** A supervisor and its child, and what is told of it. */
const keepHouse = async ({ system }: Stage, plan: Plan, bounded: boolean) => {
  const house = await system.spawn(House, { plan, bounded }, { place: FAR });
  const subject = system.typed(Subject, (await house.children())[0]!.ref!);
  const notices: Ended[] = [];
  system.watch(subject, (end) => notices.push(end));
  if (plan.where === 'init') subject.fail();
  return { house, subject, notices };
};

/** That the child runs, under the ref that it had. */
const expectUp = async (system: System, house: RefOf<typeof House>, subject: SubjectRef): Promise<void> => {
  let [kept] = await house.children();
  while (kept!.phase !== 'running') [kept] = await house.children();
  expect(sameRef(kept!.ref!, subject)).toBe(true);
  expect(sameRef(system.whereIs(Subject, 'subject') ?? system.whereIs('subject')!, subject)).toBe(true);
};

/** A permanent child of a supervisor. */
const endSupervised = async (stage: Stage, way: Way, where: Where, cell: Cell): Promise<void> => {
  const { system } = stage;
  const scene = await stage.learn();
  const { words } = scene;
  const life = lifeAt(where);
  const plan: Plan = { way, where, life, awaits: cell.awaits, failures: 0, children: [NEAR] };
  const { house, subject, notices } = await keepHouse(stage, plan, isBounded(way, where));
  const { answer } = await lead(system, where, subject);
  const { tally } = await release(stage, scene, way, cell, subject);

  const isLost = cell.loss !== undefined;
  if (answer !== undefined) expect(await answer).toBe(cell.refusal ?? 11);
  if (isLost) await until(() => deathsOf(system) === scene.deaths + 1);
  await until(() => Atomics.load(words, LIVES) > life);
  await expectUp(system, house, subject);
  if (way === 'microtask loop') await tally;
  else if (cell.keeps) expect(await tally).toBe(NOTES);
  else expect(await tally).toMatch(isLost ? /THREAD_LOST/ : /ACTOR_STOPPED/);
  if (way !== 'microtask loop') expect(await subject.tally()).toBe(cell.keeps ? NOTES : 0);
  await quiet(system);
  const restarts = restartsOf(system) - scene.restarts;
  const lives = Atomics.load(words, LIVES);
  // A loop of microtasks may let the end of its life be told, and the next one be asked for, before its thread is ended.
  const isTwice = way === 'microtask loop' && restarts === life + 1;
  if (!isTwice) expect(restarts).toBe(life);
  expect(isTwice ? [life + 1, life + 2] : [life + 1]).toContain(lives);
  // A restart is no end; whoever watches an actor on a thread that dies is told of that.
  expect(notices.map(({ reason }) => reason)).toEqual(isLost ? ['thread-lost'] : []);
  if (!isLost) expect(Atomics.load(words, NEAR_ENDED)).toBe(Atomics.load(words, NEAR_BORN) - 1);
  await expectOthers(stage, scene, isLost);
  expect(await system.stop(house)).toMatchObject({ reason: 'stopped' });
  expect(system.names()).toEqual(['clerk']);
  await until(() => String(actorsOf(system)) === '1,0,1');
};

/** A child that fails at its place, and then cannot start so many times. */
const failToRestart = async (stage: Stage, where: Where, failures: number): Promise<void> => {
  const { system } = stage;
  const scene = await stage.learn();
  const { words } = scene;
  const cell = CELLS.throw(where);
  // In an init there is nothing else to fail than what starts again.
  const life = where === 'init' ? 0 : 1;
  const plan: Plan = { way: 'throw', where, life, awaits: cell.awaits, failures, children: [NEAR] };
  const { house, subject, notices } = await keepHouse(stage, plan, false);
  const ended = system.stopped(house);
  let tally: Promise<unknown> | undefined;
  if (life > 0) {
    await lead(system, where, subject);
    ({ tally } = await release(stage, scene, 'throw', cell, subject));
  }
  // The first restart comes after a life, the others after one that has not begun.
  const restarts = failures + 1;
  if (restarts <= RESTARTS_MAX) {
    await until(() => Atomics.load(words, LIVES) === 1 + restarts);
    await expectUp(system, house, subject);
    if (tally !== undefined) expect(await tally).toBe(NOTES);
    expect(restartsOf(system) - scene.restarts).toBe(restarts);
    expect(notices).toEqual([]);
    await expectOthers(stage, scene, false);
    await system.stop(house);
  } else {
    expect(await ended).toMatchObject({
      reason: 'failed',
      error: {
        code: 'HEDDLE_ACTOR_FAILED',
        cause: { code: 'HEDDLE_ACTOR_FAILED', cause: { message: 'it cannot start' } },
      },
    });
    expect((await ended).error!.message).toContain(`${RESTARTS_MAX + 1} restarts within`);
    await until(() => notices.length > 0);
    expect(notices).toMatchObject([{ reason: 'failed', detail: 'it cannot start' }]);
    // It may not have come out of the ring before all is over.
    if (tally !== undefined) expect(await tally).toMatch(/ACTOR_FAILED|NO_SUCH_ACTOR/);
    expect(restartsOf(system) - scene.restarts).toBe(RESTARTS_MAX);
    expect(await outcomeOf(subject.tally())).toBe('HEDDLE_NO_SUCH_ACTOR');
    await expectOthers(stage, scene, false);
  }
  expect(Atomics.load(words, LIVES)).toBe(1 + Math.min(restarts, RESTARTS_MAX));
  expect(system.names()).toEqual(['clerk']);
  await until(() => String(actorsOf(system)) === '1,0,1');
};

/** A child that ends in its first init. */
const failToStart = async (stage: Stage, way: Way): Promise<void> => {
  const { system } = stage;
  const scene = await stage.learn();
  const { words } = scene;
  const cell = CELLS[way]('init');
  const plan: Plan = { way, where: 'init', life: 1, awaits: false, failures: 0, children: [NEAR] };
  const born = system.spawn(House, { plan, bounded: isBounded(way, 'init') }, { place: FAR });
  const outcome = born.catch((error: unknown) => error);
  await until(() => Atomics.load(words, REACHED) === 1);
  if (way === 'terminate') await system.terminate(NEAR);
  Atomics.store(words, GATE, 1);
  Atomics.notify(words, GATE);
  expect(await outcome).toMatchObject({ code: 'HEDDLE_ACTOR_FAILED', cause: { cause: { code: cell.code } } });
  await expectOthers(stage, scene, cell.loss !== undefined);
  expect(system.names()).toEqual(['clerk']);
  await until(() => String(actorsOf(system)) === '1,0,1');
};

/** One system for many cells, and another one after a cell that has failed. */
const useStage = (way: Way): ((cell: (stage: Stage) => Promise<void>) => Promise<void>) => {
  let stage: Stage | undefined;
  let isClean = false;
  beforeEach(async () => {
    if (isClean) return;
    void stage?.system.shutdown({ deadlineMs: 0 });
    stage = await setUp(way);
  });
  afterAll(async () => {
    if (isClean) await finish(stage!.system);
  });
  return async (cell) => {
    isClean = false;
    await cell(stage!);
    isClean = true;
  };
};

describe.each(WAYS)('the end by %s', (way) => {
  const on = useStage(way);

  it.each(PLACES)('in %s of an actor alone', (where) => on((stage) => endAlone(stage, way, where, CELLS[way](where))));

  it.each(PLACES)('in %s of a permanent child', (where) =>
    on((stage) => endSupervised(stage, way, where, CELLS[way](where))),
  );
});

describe('a restart that fails', () => {
  const on = useStage('throw');

  it.each(PLACES)('less often than it may, after the end in %s', (where) =>
    on((stage) => failToRestart(stage, where, RESTARTS_MAX - 1)),
  );

  it.each(PLACES)('more often, after the end in %s', (where) =>
    on((stage) => failToRestart(stage, where, RESTARTS_MAX)),
  );
});

/** Whoever asks for the end of an actor knows of it. */
const FIRST_STARTS = WAYS.filter((way) => way !== 'kill' && way !== 'stop' && !CELLS[way]('init').isBorn);

describe.each(FIRST_STARTS)('a first start that ends by %s', (way) => {
  const on = useStage(way);

  it('keeps its supervisor from being born', () => on((stage) => failToStart(stage, way)));
});
