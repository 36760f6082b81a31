/** The quick start of `native-free-queues/README.md`, as it stands there. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createRing, RecordConsumer, RecordProducer } from 'heddle/queues';
import { describe, expect, it } from 'vitest';

const readme = readFileSync(new URL('../../native-free-queues/README.md', import.meta.url), 'utf8');
const blocks = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code!);
// Inside the package, so that it finds itself by its name.
const folder = new URL('../../.build/test/queues-readme/', import.meta.url);

describe('the README', () => {
  it('has a quick start that runs', () => {
    mkdirSync(folder, { recursive: true });
    for (const code of blocks.slice(0, 2)) {
      const name = /^\/\/ ([\w.]+):/.exec(code)![1]!;
      writeFileSync(new URL(name, folder), code);
    }
    const printed = execFileSync(process.execPath, [fileURLToPath(new URL('main.mjs', folder))], { encoding: 'utf8' });
    expect(printed).toBe('10000 messages, the last one: message 10000\n');
  });

  it('shows how to write a record where it will lie', () => {
    const place = createRing(1 << 10);
    const producer = new RecordProducer(place);
    new Function('producer', blocks[2]!)(producer);
    const seen: number[][] = [];
    const sink = { receive: (type: number, at: number) => seen.push([type, place.words[(at + 8) >> 2]!]) };
    new RecordConsumer(place).drain(sink, 10);
    expect(seen).toEqual([[7, 42]]);
  });

  it('shows what a lossy ring loses', () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(new URL('lossy.mjs', folder), blocks[3]!);
    const printed = execFileSync(process.execPath, [fileURLToPath(new URL('lossy.mjs', folder))], { encoding: 'utf8' });
    expect(printed.trim().split('\n')).toEqual([
      'lost 0: price 0',
      'lost 1: price 1',
      '2: price 2',
      '3: price 3',
      '4: price 4',
      '3 read, 2 lost',
    ]);
  });
});
