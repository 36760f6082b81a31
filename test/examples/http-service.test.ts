/** The service that stays responsive: what it answers, whom it refuses, and how it and its comparison end. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client } from '../../examples/http-service/client.js';
import { diff } from '../../examples/http-service/diff.js';
import { NodeProgram } from '../support/programs.js';
import { type Outcome, runProgram } from './program.js';

const MAIN = '.build/examples/http-service/main.js';
const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Takes a patch at its word: it removes only what it says, from where it says. */
const patched = (before: string, patch: string): string => {
  const old = before.split('\n');
  const lines: string[] = [];
  let next = 0;
  const copyTo = (end: number): void => {
    lines.push(...old.slice(next, end));
    next = end;
  };
  for (const line of patch.split('\n').slice(0, -1)) {
    const hunk = /^@@ -(\d+),(\d+) \+\d+,\d+ @@$/.exec(line);
    if (hunk !== null) copyTo(Number(hunk[1]) - (hunk[2] === '0' ? 0 : 1));
    else if (line.startsWith('+')) lines.push(line.slice(1));
    else expect(line).toBe(`-${old[next++]}`);
  }
  copyTo(old.length);
  return lines.join('\n');
};

const lines = (word: string, count: number): string =>
  Array.from({ length: count }, (_, n) => `${word} ${n}`).join('\n');

/** Lines that are not in common, by the book: a table of all places. */
const leastEdits = (before: readonly string[], after: readonly string[]): number => {
  let row = Array.from({ length: after.length + 1 }, (_, y) => y);
  for (const [x, line] of before.entries()) {
    const last = row;
    row = [x + 1];
    for (const [y, other] of after.entries()) {
      row.push(line === other ? last[y]! : 1 + Math.min(last[y + 1]!, row[y]!));
    }
  }
  return row.at(-1)!;
};

describe('the work', () => {
  it('is the shortest way from one text to the other', () => {
    const text = fc.array(fc.constantFrom('', 'a', 'b', 'c', '@@ -1,1 +1,1 @@'), { maxLength: 20 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const patch = diff(before.join('\n'), after.join('\n'))!;
        expect(patched(before.join('\n'), patch)).toBe(after.join('\n'));
        const hunks = patch
          .split('\n')
          .slice(0, -1)
          .filter((line) => /^[+-]/.test(line));
        // A text without lines is one empty line.
        const [old, young] = [before, after].map((lines) => (lines.length === 0 ? [''] : lines));
        expect(hunks).toHaveLength(leastEdits(old!, young!));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['a\nb\nc', 'a\nB\nc', '@@ -2,1 +2,1 @@\n-b\n+B\n'],
    ['a', 'a\nb', '@@ -1,0 +2,1 @@\n+b\n'],
    ['a\nb', 'b', '@@ -1,1 +0,0 @@\n-a\n'],
    ['a\nb', 'a\nb', ''],
  ])('makes hunks of it: %j to %j', (before, after, patch) => {
    expect(diff(before, after)).toBe(patch);
  });
});

describe.each(['heddle', 'piscina', 'none'])('the service with %s', (way) => {
  let server: ChildProcess;
  let url: string;
  let client: Client;

  beforeEach(async () => {
    server = fork(at('.build/examples/http-service/server.js'), [way, '1']);
    const [{ port }] = (await once(server, 'message')) as [{ port: number }];
    url = `http://127.0.0.1:${port}`;
    client = new Client(port);
  });

  afterEach(() => {
    server.kill('SIGKILL');
  });

  const post = async (body: string): Promise<[status: number, text: string]> => {
    const reply = await client.post('/diff', Buffer.from(body));
    return [reply.status, reply.body.toString()];
  };
  const postTexts = (before: string, after: string) => post(JSON.stringify({ before, after }));

  it('answers, or says what is wrong', async () => {
    const health = await client.get('/health');
    expect([health.status, health.body.toString()]).toEqual([200, 'ok\n']);
    expect(await postTexts('a\nb', 'a\nc')).toEqual([200, '@@ -2,1 +2,1 @@\n-b\n+c\n']);
    expect(await postTexts('weft', 'weft')).toEqual([200, '']);
    for (const wrong of ['', '{', 'null', '[]', '{ "before": "a" }', '{ "before": "a", "after": 1 }']) {
      expect(await post(wrong)).toEqual([400, 'expected { "before": "...", "after": "..." }\n']);
    }
    expect(await postTexts(lines('warp', 1_001), lines('weft', 1_001))).toEqual([
      422,
      'the texts have too little in common\n',
    ]);
    expect((await fetch(`${url}/diff`, { method: 'POST', body: 'x'.repeat(2 ** 20 + 1) })).status).toBe(413);
    const unmeasured = new Blob(['{}']).stream();
    expect((await fetch(`${url}/diff`, { method: 'POST', body: unmeasured, duplex: 'half' })).status).toBe(411);
    for (const path of ['/', '/diff', '/health?deep']) expect((await client.get(path)).status).toBe(404);
  });

  it.skipIf(way === 'none')('refuses what it has no room for, and answers all else', async () => {
    const [ASKED, UNDER_WAY_MAX] = [200, 100];
    // As different as they may be, so that they come faster than they are answered.
    const [before, after] = [lines('warp', 500), lines('weft', 500)];
    const right = diff(before, after);
    const answers = await Promise.all(Array.from({ length: ASKED }, () => postTexts(before, after)));
    const answered = answers.filter(([status, text]) => status === 200 && text === right).length;
    const refused = answers.filter(([status]) => status === 503).length;
    expect(refused).toBeGreaterThan(0);
    expect(answered).toBeGreaterThanOrEqual(UNDER_WAY_MAX);
    expect(answered + refused).toBe(ASKED);
    expect(await postTexts('a', 'a')).toEqual([200, '']);
  });

  it('goes on when clients leave before they are answered', async () => {
    const body = JSON.stringify({ before: lines('warp', 1_000), after: lines('weft', 1_000) });
    const left = new AbortController();
    const asked = [1, 2, 3].map(() => fetch(`${url}/diff`, { method: 'POST', body, signal: left.signal }));
    // They are in its hands when the last one is answered, or before.
    await Promise.race(asked);
    left.abort();
    await Promise.allSettled(asked);
    expect(await postTexts('a', 'b')).toEqual([200, '@@ -1,1 +1,1 @@\n-a\n+b\n']);
  });

  it('ends with its parent, in the middle of requests', async () => {
    const asked = [1, 2, 3].map(() => postTexts(lines('warp', 1_000), lines('weft', 1_000)));
    const settled = Promise.allSettled(asked);
    await Promise.race(asked);
    server.disconnect();
    expect(await once(server, 'exit')).toEqual([0, null]);
    await settled;
  });
});

/** The numbers in the row that begins with a label, one for each way. */
const read = ({ stdout }: Outcome, label: string): number[] =>
  (stdout.match(new RegExp(`^${label} +(.*)$`, 'm'))?.[1] ?? '')
    .split(/ {2,}/)
    .map((cell) => Number.parseFloat(cell.replaceAll(',', '')));

describe('the comparison', () => {
  it('asks all ways the same, and every answer is right', async () => {
    const outcome = await runProgram(MAIN, '--seconds', '2', '--connections', '4', '--threads', '2');
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toMatch(/^ +heddle +piscina +none$/m);
    expect(read(outcome, 'wrong answers')).toEqual([0, 0, 0]);
    const some = [0, 0, 0].map(() => expect.toSatisfy((count: number) => count > 0));
    for (const label of ['POST /diff, a second', 'GET /health p50, ms', 'GET /health p99, ms', 'GET /health max, ms']) {
      expect(read(outcome, label)).toEqual(some);
    }
    for (const label of ['answers to /diff', 'answers to /health']) expect(read(outcome, label)).toEqual(some);
  });

  let program: NodeProgram | undefined;
  afterEach(() => program?.terminate());

  const begin = (): NodeProgram => {
    program = new NodeProgram([at(MAIN), '--seconds', '3600', '--threads', '1']);
    return program;
  };

  it('leaves no process behind when it is ended', async () => {
    const running = begin();
    await running.printed('round 1');
    running.terminate();
    // All processes write to the same end, which is closed by the last of them.
    await expect(running.ended()).rejects.toThrow('the program ended with null');
  });

  it('says so when a server dies, and ends the others', async () => {
    const running = begin();
    const printed = await running.printed('round 1');
    process.kill(Number(/^piscina listens .* process (\d+)$/m.exec(printed)![1]), 'SIGKILL');
    await expect(running.ended()).rejects.toThrow('server piscina 1 has ended with SIGKILL');
  });

  it.each([
    [['--seconds', '0'], '--seconds takes a number from 1 to 3600, got 0'],
    [['--connections', '1001'], '--connections takes a number from 1 to 1000, got 1001'],
    [['--threads', 'many'], '--threads takes a number from 1 to 250, got many'],
    [['--threads='], '--threads takes a number from 1 to 250, got '],
    [['--speed'], "Unknown option '--speed'"],
    [['now'], "Unexpected argument 'now'"],
  ])('refuses %j with a usage', async (args, message) => {
    const outcome = await runProgram(MAIN, ...args);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).toContain('usage: node .build/examples/http-service/main.js [--seconds N]');
  });
});
