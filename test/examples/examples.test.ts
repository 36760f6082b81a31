/** Every numbered example prints what it promises, and nothing goes wrong on the way. */
import { describe, expect, it } from 'vitest';
import { runProgram } from './program.js';

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  '.build/examples/01-account/main.js': ['10'],
  'examples/01-account/main.mjs': ['10'],
  '.build/examples/02-calls.js': [
    'deadline: HEDDLE_CALL_TIMEOUT',
    'abort: never mind',
    'deferred: 1',
    'all: HEDDLE_NO_SUCH_ACTOR',
    'all: blue',
  ],
  '.build/examples/03-back-pressure.js': [
    'total 500000500000',
    '{ accepted: 1000001, handled: 1000001, dead: 0, lost: 0 }',
    'kept for a full ring: less than 1 MiB true',
  ],
  '.build/examples/04-refs.js': [
    "[ [ 'heddles move threads' ], [ 'heddles move threads' ] ]",
    'length of the chain: 3',
  ],
  '.build/examples/05-bytes.js': [
    'bytes: 67108864',
    'text: 67108864',
    'typed array: 3',
    'view: 6',
    'any: when: [object Date], ids: [object Set]',
  ],
  '.build/examples/06-async.js': [
    'InTurn: long begins, long ends, short begins, short ends',
    'TwoAtOnce: long begins, short begins, short ends, long ends',
    'a file: heddle',
  ],
  '.build/examples/07-ends.js': [
    'before: 33',
    'caller: HEDDLE_ACTOR_FAILED <- division by zero',
    'watcher: failed',
    'problem: actor-failed',
    'dead letter: no-such-actor',
    'call: HEDDLE_NO_SUCH_ACTOR',
    'drain: drained 25',
    "stop: { reason: 'stopped', detail: 'enough' }",
    'sleeper: HEDDLE_ACTOR_STOPPED',
    'kill: killed',
  ],
  '.build/examples/08-queues.js': ['1000000 records, sum 500000500000, lost wake-ups 0'],
  '.build/examples/09-placement.js': [
    'host: [ 0 ]',
    'a number: [ 3 ]',
    'near: [ 3 ]',
    'round-robin, the default: [ 1, 2, 3 ]',
    'least-loaded is not the third: true',
    'actors: 0: true, 1: true, 2: true, 3: true',
    'quiet true, accepted 107, handled 107, lost 0, dead 0, undelivered 0, unaccounted 0',
  ],
  '.build/examples/10-supervision.js': [
    'left: 2',
    'problem: actor-failed <- there is nothing to put',
    'right: 1',
    'right: 0 left and right',
    'restarts by thread: [ 0, 1, 1 ]',
    'shop: stopped []',
  ],
  '.build/examples/11-names-and-timers.js': [
    'a second one: HEDDLE_ALREADY_REGISTERED',
    "names: [ 'cache', 'store' ]",
    'before: blue',
    'after: nothing; it has swept: true',
    'end: stopped because it was idle',
    'names: [] undefined',
  ],
  '.build/examples/12-pipeline.js': [
    'first: 2 3 5 7 11 13 17 19',
    'in order: true',
    'done: 2 instances took 99998 and emitted 9592',
  ],
  '.build/examples/13-channels.js': [
    'some were lost: true and all of them are known: true',
    'the display knows, too: true',
    'the newest was shown: true',
    'window: 0 1 2 3',
    'window: 4 5 6 7',
    'window: 8 9',
    'notified: 10',
  ],
};

describe('an example', () => {
  it.each(Object.entries(EXPECTED))('%s prints what it promises', async (path, lines) => {
    expect(await runProgram(path)).toEqual({ code: 0, stdout: lines.map((line) => `${line}\n`).join(''), stderr: '' });
  });
});
