/** What channels do when there is no room, how a stage is notified, and how items are taken in windows. */
import { setTimeout as delay } from 'node:timers/promises';
import { createSystem, defineStage, isHost, list, pipeline, u32 } from 'heddle';

const READINGS = 100_000;
const PRESSES = 10;

/** Never waits for anybody. */
export const Sensor = defineStage(import.meta.url, 'Sensor', {
  out: u32,
  init: () => ({ next: 0 }),
  process(state, _, out, stage) {
    if (state.next === READINGS) stage.stop();
    else out.emit(state.next++);
  },
});

/** Runs when it is notified. Notifications that come at once are one tick, which says how many they were. */
export const Button = defineStage(import.meta.url, 'Button', {
  out: u32,
  init: () => ({ presses: 0 }),
  process(state, { count }, out, stage) {
    for (let press = 0; press < count; press++) out.emit(state.presses++);
    if (state.presses === PRESSES) stage.stop();
  },
});

export const InFours = defineStage(import.meta.url, 'InFours', {
  in: u32,
  out: list(u32),
  window: { count: 4 },
  process: (_, presses, out) => void out.emit([...presses]),
});

if (isHost) {
  await using system = await createSystem({ threads: 2 });

  // The display is slow. Of what waits for it the oldest is dropped, and counted; the newest comes through.
  const readings = pipeline('readings');
  const shown: number[] = [];
  const show = async (reading: number): Promise<void> => {
    shown.push(reading);
    await delay(1);
  };
  const display = readings.into(show, u32, { name: 'display' });
  readings.stage(Sensor).to(display, { policy: 'drop-oldest', capacity: 16 });
  const { stages } = await (await readings.run(system)).done;
  const [{ emitted, dropped }, { taken, missed }] = [stages['Sensor']!, stages['display']!];
  console.log('some were lost:', dropped > 0, 'and all of them are known:', taken + dropped === emitted);
  console.log('the display knows, too:', missed === dropped);
  console.log('the newest was shown:', shown.at(-1) === READINGS - 1);

  const presses = pipeline('presses');
  const fours = presses.stage(Button, undefined, { rule: 'event' }).to(presses.stage(InFours));
  const job = await presses.run(system, { output: fours.out });
  for (let press = 0; press < PRESSES; press++) job.notify('Button');
  for await (const window of job.output) console.log('window:', window.join(' '));
  console.log('notified:', (await job.done).stages['Button']!.notified);
}
