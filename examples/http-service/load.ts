/**
 * The load generator, in a process of its own: as many clients as there are connections ask for work, each as soon as it
 * is answered, while `/health` is asked at a steady rate. Runs once for each order that its parent sends.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from './client.js';
import { makeDocuments } from './documents.js';
import { probe } from './probe.js';

export interface Order {
  readonly port: number;
  readonly connections: number;
  readonly ms: number;
}

export interface Measured {
  readonly seconds: number;
  /** Requests for work that were answered. */
  readonly answered: number;
  /** Requests that were refused for want of room, and asked again. */
  readonly refused: number;
  /** Answers that were not what they should have been, of both routes. */
  readonly wrong: readonly string[];
  /** From when each probe was to be sent to its answer, in ms. */
  readonly healthMs: readonly number[];
  /** How late this process itself has sent each of them; a part of `healthMs`. */
  readonly lateMs: readonly number[];
}

/** Connections are kept from one run to the next: it is answers that are measured, not connections. */
const clients = new Map<number, Client>();

const clientOf = (port: number): Client => {
  const client = clients.get(port) ?? new Client(port);
  clients.set(port, client);
  return client;
};

const DOCUMENTS = 8;
const documents = makeDocuments(DOCUMENTS);

/** How long a client waits that was refused. */
const RETRY_MS = 20;

interface Tally {
  answered: number;
  refused: number;
  readonly wrong: string[];
}

const askForWork = async (client: Client, first: number, endMs: number, tally: Tally): Promise<void> => {
  for (let next = first; performance.now() < endMs; next++) {
    const { request, reply } = documents[next % DOCUMENTS]!;
    const { status, body } = await client.post('/diff', request);
    if (status === 503) {
      tally.refused++;
      await sleep(RETRY_MS);
    } else if (status === 200 && body.equals(reply)) tally.answered++;
    else tally.wrong.push(`POST /diff: ${status} ${body}`);
  }
};

const run = async ({ port, connections, ms }: Order): Promise<Measured> => {
  const client = clientOf(port);
  const tally: Tally = { answered: 0, refused: 0, wrong: [] };
  const beganMs = performance.now();
  const endMs = beganMs + ms;
  const asking = Array.from({ length: connections }, (_, first) => askForWork(client, first, endMs, tally));
  const [{ wrong, ...probes }] = await Promise.all([probe(client, beganMs, endMs), ...asking]);
  const seconds = (performance.now() - beganMs) / 1000;
  return { seconds, ...tally, ...probes, wrong: [...tally.wrong, ...wrong] };
};

process.on('message', async (order: Order) => process.send!(await run(order)));
process.once('disconnect', () => process.exit());
