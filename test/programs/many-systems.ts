/**
 * Starts and ends many systems in a row, of which some lose a thread, and compares what is left after all of them with what
 * is left after a part: handles, threads, and bytes of memory. Prints how it differs; ends by itself.
 */
import { existsSync, readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createSystem } from 'heddle';
import { Account } from '../actors/account.js';

const [, , systems = '100'] = process.argv;
/** Until here caches fill, and the process opens what it keeps. */
const WARM_SHARE = 0.3;
const DEATH_EVERY = 5;
/** What a hundred systems may leave in caches: V8 keeps compiled code for a while. */
const HEAP_SLACK_BYTES = 8 << 20;
const BUFFER_SLACK_BYTES = 1 << 18;
/** Of Linux; elsewhere threads are not counted. */
const TASKS = '/proc/self/task';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Left {
  readonly handles: number;
  readonly threads: number;
  readonly heapBytes: number;
  readonly bufferBytes: number;
}

const look = (): Left => {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return {
    handles: process.getActiveResourcesInfo().length,
    threads: existsSync(TASKS) ? readdirSync(TASKS).length : 0,
    heapBytes: heapUsed,
    bufferBytes: arrayBuffers,
  };
};

const useSystem = async (number: number): Promise<void> => {
  const system = await createSystem({ threads: 1 });
  const account = await system.spawn(Account, `owner ${number}`);
  if ((await account.owner()) !== `owner ${number}`) throw new Error('systems are mixed up');
  if (number % DEATH_EVERY === 0) await system.terminate(1);
  await system.shutdown();
};

const count = Number(systems);
let before = look();
for (let number = 1; number <= count; number++) {
  await useSystem(number);
  if (number === Math.round(count * WARM_SHARE)) before = look();
}

const isMore = (after: Left): boolean =>
  after.handles > before.handles ||
  after.threads > before.threads ||
  after.bufferBytes > before.bufferBytes + BUFFER_SLACK_BYTES ||
  after.heapBytes > before.heapBytes + HEAP_SLACK_BYTES;

// The last handles and threads go with the turns of the event loop that follow; what stays for good is told.
let after = look();
for (let turns = 0; turns < 1000 && isMore(after); turns++) {
  await turn();
  after = look();
}
console.log(isMore(after) ? `left: ${JSON.stringify({ before, after })}` : 'nothing is left');
