/** The service of `docs/recipes.md`, as its clients and its operator see it. */
import { get } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { removeFolder } from '../package/support.js';
import { NodeProgram } from '../support/programs.js';
import { Backend, priceOf } from './backend.js';
import { makeProject } from './project.js';

/** What its actor takes: 32 that it works on, and 16 in its mailbox. */
const CAPACITY = 48;

let project: string;
let backend: Backend;
let service: NodeProgram;
let url: string;

beforeAll(async () => {
  project = await makeProject('service');
});
afterAll(() => removeFolder(project));

beforeEach(async () => {
  backend = new Backend();
  service = new NodeProgram(['--import', 'tsx', 'main.ts', await backend.start(), '0'], project);
  url = (await service.printed('\n')).trim();
});
afterEach(() => {
  service.terminate();
  backend.stop();
});

/** As long as it takes: deadlines are the subject of one test only. */
const PATIENCE_MS = 600_000;

const ask = (item: string): Promise<Response> => fetch(`${url}/quotes/${item}?withinMs=${PATIENCE_MS}`);

/** Ends the service as its operator does; its report. */
const shutDown = async (): Promise<unknown> => {
  service.terminate();
  await service.printed('closing');
  backend.release();
  return JSON.parse((await service.ended()).at(-1)!);
};

const QUIET = { quiet: true, lost: 0, undelivered: 0, unaccounted: 0 };

describe('a service with actors inside', () => {
  it('answers', async () => {
    backend.release();
    const response = await ask('silk');
    expect([response.status, await response.json()]).toEqual([200, { price: priceOf('silk') }]);
    expect(await shutDown()).toMatchObject({ ...QUIET, accepted: 1, handled: 1, dead: 0 });
  });

  it('answers 503 to whom its actor has no room for, and all others later', async () => {
    const REFUSED = 16;
    const statuses: number[] = [];
    let allRefused = (): void => undefined;
    const refused = new Promise<void>((resolve) => {
      allRefused = resolve;
    });
    const asked = Array.from({ length: CAPACITY + REFUSED }, async (_, n) => {
      const { status } = await ask(`wool-${n}`);
      if (statuses.push(status) === REFUSED) allRefused();
    });
    await refused;
    expect(statuses).toEqual(new Array(REFUSED).fill(503));
    backend.release();
    await Promise.all(asked);
    expect(statuses.slice(REFUSED)).toEqual(new Array(CAPACITY).fill(200));
    expect(await shutDown()).toMatchObject({ ...QUIET, handled: CAPACITY });
  });

  it('answers 504 when its actor does not answer in time', async () => {
    const { status } = await fetch(`${url}/quotes/silk?withinMs=20`);
    expect(status).toBe(504);
    await shutDown();
  });

  it('gives up a call whose client has left', async () => {
    const client = get(`${url}/quotes/silk?withinMs=${PATIENCE_MS}`).on('error', () => undefined);
    await backend.holds(1);
    client.destroy();
    await service.printed('a client has left');
    expect(await shutDown()).toMatchObject({ ...QUIET, accepted: 1, handled: 1, dead: 0 });
  });

  it('answers what is under way when it is told to end, ends by itself, and its report is exact', async () => {
    const UNDER_WAY = 20;
    const asked = Array.from({ length: UNDER_WAY }, (_, n) => ask(`linen-${n}`));
    await backend.holds(UNDER_WAY);
    const report = await shutDown();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses).toEqual(new Array(UNDER_WAY).fill(200));
    expect(report).toMatchObject({ ...QUIET, accepted: UNDER_WAY, handled: UNDER_WAY, dead: 0 });
  });
});
