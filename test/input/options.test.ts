import { createSystem, type SystemOptions } from 'heddle';
import { describe, expect, it } from 'vitest';
import { BadSelf } from '../actors/bad-self.js';
import { Program, programUrl } from '../support/programs.js';
import { expectRefusal, refusal, rejected } from '../support/refusals.js';
import { expectUsable } from '../support/shared.js';
import { finish, start } from '../support/systems.js';

const create = (options: unknown): Promise<unknown> => createSystem(options as SystemOptions);

const integers: readonly [keyof SystemOptions, number, number][] = [
  ['threads', 0, 250],
  ['ringBytes', 4096, 33_554_432],
  ['mailboxLimit', 1, 1_073_741_824],
  ['outboxBytes', 65_536, 1_073_741_824],
  ['spinMicros', 0, 1_000_000],
];

describe('createSystem', () => {
  it.each([null, 5, 'threads', [], true])('refuses %j in place of its options', async (options) => {
    expectRefusal(
      await rejected(create(options)),
      refusal('InvalidOptions', /^createSystem: expected an object of threads, ringBytes, .*, got /),
    );
  });

  it('names an option that there is not', async () => {
    const error = await rejected(create({ thread: 2 }));
    expectRefusal(
      error,
      refusal(
        'InvalidOptions',
        /^createSystem: there is no option "thread", there are: threads, ringBytes, .*execArgv$/,
      ),
    );
  });

  describe.each(integers)('%s', (name, least, most) => {
    it.each([least - 1, most + 1, least + 0.5, Number.NaN, Number.POSITIVE_INFINITY, '2', null, true, {}, 2n])(
      'refuses %s',
      async (value) => {
        const error = await rejected(create({ [name]: value }));
        expectRefusal(
          error,
          refusal('InvalidOptions', new RegExp(`^${name} is an integer from ${least} to ${most}, got=`)),
        );
      },
    );
  });

  const wrong: [name: string, value: unknown, says: string][] = [
    ...['callTimeoutMs', 'importTimeoutMs'].flatMap((name) =>
      [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '5', null].map((value): (typeof wrong)[number] => [
        name,
        value,
        'is a number of milliseconds from 0 to 1073741824, got=',
      ]),
    ),
    ...['strict', 'keepAlive', 'traceContext'].flatMap((name) =>
      [1, 'true', null].map((value): (typeof wrong)[number] => [name, value, 'is true or false, got=']),
    ),
    ...[5, true, null, []].map((value): (typeof wrong)[number] => [
      'watchdog',
      value,
      'expected an object of endAfterMs, got ',
    ]),
    ['watchdog', { afterMs: 5 }, 'there is no option "afterMs", there are: endAfterMs'],
    ...[0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 30 + 1, '5', null].map(
      (endAfterMs): (typeof wrong)[number] => [
        'watchdog',
        { endAfterMs },
        'endAfterMs is a number of milliseconds from 1 to 1073741824, got=',
      ],
    ),
    ...['sleep', null, 1].map((value): (typeof wrong)[number] => ['park', value, "is 'event-loop' or 'block', got="]),
    ...['a.js', [1], null].map((value): (typeof wrong)[number] => [
      'workerImports',
      value,
      'is an array of strings, got=',
    ]),
    ...[['./a.js'], ['..'], ['']].map((value): (typeof wrong)[number] => [
      'workerImports',
      value,
      'are absolute URLs or paths, or package names; .*got=string',
    ]),
    ...['--no-warnings', [1], null].map((value): (typeof wrong)[number] => [
      'execArgv',
      value,
      'is an array of strings, got=',
    ]),
    ...['A=1', null, ['A=1']].map((value): (typeof wrong)[number] => ['env', value, 'is an object of texts, got=']),
    ['env', { PORT: 80 }, 'PORT is not a text, got=number 80'],
    ['resourceLimits', 5, 'expected an object of maxYoungGenerationSizeMb, .*, got number 5'],
    ['resourceLimits', { heap: 5 }, 'there is no option "heap", there are: maxYoungGenerationSizeMb'],
    ['resourceLimits', { stackSizeMb: -1 }, 'stackSizeMb is a number of megabytes, .*got=number -1'],
    ['resourceLimits', { stackSizeMb: '4' }, 'stackSizeMb is a number of megabytes, .*got=string "4"'],
    ['resourceLimits', { maxOldGenerationSizeMb: Number.NaN }, 'maxOldGenerationSizeMb is a number of megabytes'],
  ];
  it.each(wrong)('refuses %s: %j', async (name, value, says) => {
    const error = await rejected(create({ [name]: value }));
    expectRefusal(error, refusal('InvalidOptions', new RegExp(`^${name}.*${says}`)));
  });

  it('refuses a ring that is no power of two, and rings that need too much memory together', async () => {
    expectRefusal(
      await rejected(create({ ringBytes: 5000 })),
      refusal('InvalidOptions', /^ringBytes is a power of two, got=5000/),
    );
    const much = await rejected(create({ threads: 100, ringBytes: 32 * 2 ** 20 }));
    expectRefusal(
      much,
      refusal(
        'InvalidOptions',
        /more shared memory than one system can have, threads=100 ringBytes=33554432 bytes=\d+ bytesMax=/,
      ),
    );
  });

  it.each([-1, Number.NaN, 2 ** 31, '5', null])(
    'refuses %s as the deadline of a shutdown, and goes on',
    async (deadlineMs) => {
      const system = await start({ threads: 0 });
      const error = await rejected(system.shutdown({ deadlineMs } as never));
      expectRefusal(error, refusal('InvalidOptions', /^shutdown: deadlineMs is a number from 0 to \d+, got=/));
      await expectUsable(system);
    },
  );

  it.each([5, null, { deadline: 5 }])('refuses %j as the options of a shutdown, and goes on', async (options) => {
    const system = await start({ threads: 0 });
    expectRefusal(
      await rejected(system.shutdown(options as never)),
      refusal('InvalidOptions', /^shutdown: .*deadlineMs/),
    );
    await expectUsable(system);
  });
});

describe('what is passed on to workers', () => {
  it('is theirs to see', async () => {
    const system = await start({
      threads: 1,
      env: { GREETING: 'hello', NOTHING: undefined },
      execArgv: ['--no-warnings'],
      resourceLimits: { maxOldGenerationSizeMb: 77 },
      workerImports: [programUrl('first-import')],
    });
    const self = await system.spawn(BadSelf);
    expect(await self.env({ name: 'GREETING' })).toBe('hello');
    expect(await self.env({ name: 'NOTHING' })).toBeUndefined();
    expect(await self.env({ name: 'PATH' })).toBeUndefined();
    expect(await self.env({ name: 'FIRST_IMPORT' })).toBe('imported');
    expect(await self.execArgv()).toEqual(['--no-warnings']);
    expect(await self.oldSpaceMb()).toBe(77);
  });

  it('is by default what the host has', async () => {
    const system = await start({ threads: 1 });
    const self = await system.spawn(BadSelf);
    expect(await self.env({ name: 'PATH' })).toBe(process.env['PATH']);
    expect(await self.execArgv()).toEqual(process.execArgv);
    expect(process.execArgv).not.toEqual([]);
  });

  it.each([
    [
      'a flag that there is not',
      { execArgv: ['--no-such-flag'] },
      /invalid execArgv flags: --no-such-flag/,
      'ERR_WORKER_INVALID_EXEC_ARGV',
    ],
    ['a module that throws', { workerImports: [programUrl('broken-import')] }, /^this set-up fails$/, undefined],
    [
      'a module that there is not',
      { workerImports: ['no-such-package'] },
      /Cannot find package 'no-such-package'/,
      'ERR_MODULE_NOT_FOUND',
    ],
    [
      'a module that never finishes',
      { workerImports: [programUrl('waiting-import')], importTimeoutMs: 50 },
      /took too long, deadlineMs=50/,
      'HEDDLE_DEADLINE_PASSED',
    ],
  ])('keeps a system from starting if it is %s', async (_what, options, says, code) => {
    const error = await rejected(createSystem({ threads: 1, ...options }));
    const where =
      'workerImports' in options ? /^workerImports: thread 1 cannot import "/ : /^the threads cannot be started: /;
    expectRefusal(error, refusal('StartFailed', where));
    const { cause } = error as { cause?: Error & { code?: string } };
    expect(cause?.message).toMatch(says);
    expect(cause?.code).toBe(code);
  });

  it('leaves nothing running if the system does not start', async () => {
    const [line] = await new Program('failing-start').ended();
    expect(JSON.parse(line ?? '')).toMatchObject({
      name: 'StartFailed',
      code: 'HEDDLE_START_FAILED',
      message: expect.stringContaining('broken-import.js'),
      cause: 'this set-up fails',
    });
  });
});

describe('a process', () => {
  it('ends by itself when only a system is left that does not keep it alive', async () => {
    expect(await new Program('keeping-alive', 'false').ended()).toEqual(['balance 10', 'exit']);
  });

  it('is kept alive by a system until the shutdown', async () => {
    const program = new Program('keeping-alive', 'true');
    await program.printed('balance 10');
    expect(program.hasEnded).toBe(false);
    program.terminate();
    expect(await program.ended()).toEqual(['balance 10', 'quiet', 'exit']);
  });

  it('sees the end of a shutdown also of a system that does not keep it alive', async () => {
    const [line] = await new Program('short-lived').ended();
    expect(JSON.parse(line ?? '')).toEqual({ quiet: true, accepted: 1, handled: 1 });
  });

  it('is left without handles, threads and bytes by a hundred systems in a row', { timeout: 180_000 }, async () => {
    expect(await new Program('many-systems').ended()).toEqual(['nothing is left']);
  });

  it('may have two systems that know nothing of each other', async () => {
    const [one, other] = [await start({ threads: 1 }), await start({ threads: 2 })];
    const self = await one.spawn(BadSelf);
    await finish(other);
    expect(await self.draw({ shape: 'still here' })).toBe('still here');
    await expectUsable(one);
  });
});
