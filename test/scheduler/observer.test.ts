/** The watchdog's eyes and hands, on memory that no thread lives in. */
import { expect, it } from 'vitest';
import { MeshLayout, RUNNING } from '../../src/mesh/layout.js';
import { Memory } from '../../src/messages/memory.js';
import { LabelBook } from '../../src/scheduler/label-book.js';
import { Observer } from '../../src/scheduler/observer.js';
import { LOOK_MS } from '../../src/scheduler/watchdog.js';
import { until } from '../support/until.js';

const THREAD = 1;
const LABEL = 7;
/** Enough for what is not to happen to happen. */
const LOOKS = 4;

/** An observer of a thread that is in a handler and does not return; whether an inspector is active is told by the test. */
const watchLoop = () => {
  const layout = new MeshLayout({ workers: 1, ringBytes: 1 << 14 });
  const memory = new Memory(new SharedArrayBuffer(layout.totalBytes));
  const words = memory.i32;
  words[layout.stateWord(THREAD)] = RUNNING;
  words[layout.runningWord(THREAD) + 1] = LABEL;
  const answers: ((inspected: boolean) => void)[] = [];
  const ended: number[] = [];
  const observer = new Observer(
    layout,
    words,
    new LabelBook(),
    { endAfterMs: 1 },
    {
      countSlow: () => undefined,
      tellSlow: () => undefined,
      end: (_thread, epoch) => ended.push(epoch),
      isInspected: () => new Promise((resolve) => answers.push(resolve)),
    },
  );
  observer.start();
  const beReplaced = (): void => {
    words[layout.epochWord(THREAD)]!++;
  };
  return { observer, answers, ended, beReplaced };
};

const looks = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOKS * LOOK_MS));

it('is not stopped while it waits to hear of an inspector: its thread must not end before', async () => {
  const { observer, answers } = watchLoop();
  await until(() => answers.length > 0);
  let stopped = false;
  const stop = observer.stop().then(() => {
    stopped = true;
  });
  await looks();
  expect(stopped).toBe(false);
  answers[0]!(false);
  await stop;
  await looks();
  expect(answers).toHaveLength(1);
});

it('asks once before it ends a life, however long that takes to die, and again before it ends the next', async () => {
  const { observer, answers, ended, beReplaced } = watchLoop();
  await until(() => answers.length === 1);
  answers[0]!(false);
  await looks();
  expect(answers).toHaveLength(1);
  expect(ended).toEqual([0]);
  beReplaced();
  await until(() => answers.length === 2);
  answers[1]!(false);
  await until(() => ended.length === 2);
  expect(ended).toEqual([0, 1]);
  await observer.stop();
});

it('asks again if an inspector was active', async () => {
  const { observer, answers, ended } = watchLoop();
  await until(() => answers.length === 1);
  answers[0]!(true);
  await until(() => answers.length === 2);
  expect(ended).toEqual([]);
  answers[1]!(false);
  await observer.stop();
});
