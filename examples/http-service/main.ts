/**
 * A service that has much to compute, and answers `/health` at once all the same: `node:http` before actors on worker
 * threads, before piscina, and alone. Each is a process of its own; another one makes the load, and checks every answer.
 *
 *     node .build/examples/http-service/main.js
 *     node .build/examples/http-service/main.js --seconds 60 --connections 64 --threads 4
 */
import { Child } from './child.js';
import type { Measured, Order } from './load.js';
import { type Options, readOptions, USAGE, UsageError } from './options.js';
import { type Run, report, wrongAnswers } from './report.js';
import type { Listening } from './server.js';
import { WAY_NAMES } from './way.js';

const ROUNDS = 5;
/** Before the first round, so that no way is measured while its code is being compiled. */
const WARM_UP_MS = 500;

/** Characters of a wrong answer. */
const SHOWN_MAX = 200;

interface Contestant extends Run {
  readonly server: Child;
  readonly rounds: Measured[];
}

const main = async (options: Options): Promise<void> => {
  const load = new Child('load');
  const contestants = WAY_NAMES.map((name): Contestant => {
    return { name, server: new Child('server', name, `${options.threads}`), rounds: [] };
  });
  const children = [load, ...contestants.map(({ server }) => server)];
  try {
    await Promise.race([compare(options, load, contestants), ...children.map(({ lost }) => lost)]);
  } catch (error) {
    // How they end is of no interest beside what has happened.
    await Promise.allSettled(children.map((child) => child.end()));
    throw error;
  }
  await Promise.all(children.map((child) => child.end()));
};

const compare = async (
  { seconds, connections, threads }: Options,
  load: Child,
  contestants: readonly Contestant[],
): Promise<void> => {
  const listening = await Promise.all(contestants.map(({ server }) => server.next<Listening>()));
  const measure = async (place: number, ms: number): Promise<Measured> => {
    const { port } = listening[place]!;
    load.send({ port, connections, ms } satisfies Order);
    return await load.next<Measured>();
  };
  console.log(`connections: ${connections}; worker threads of heddle and of piscina: ${threads}`);
  for (const [place, { name, server }] of contestants.entries()) {
    console.log(`${name} listens on port ${listening[place]!.port}, process ${server.pid}`);
    await measure(place, WARM_UP_MS);
  }
  const ms = (seconds * 1000) / (ROUNDS * contestants.length);
  for (let round = 1; round <= ROUNDS; round++) {
    console.log(`round ${round} of ${ROUNDS}, ${ms.toFixed(0)} ms each`);
    for (const [place, { rounds }] of contestants.entries()) rounds.push(await measure(place, ms));
  }
  console.log(report(contestants));
  const wrong = wrongAnswers(contestants);
  if (wrong.length > 0) throw new Error(`${wrong.length} answers were wrong; ${wrong[0]!.slice(0, SHOWN_MAX)}`);
};

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\nusage: ${USAGE}`);
  process.exitCode = 2;
}
