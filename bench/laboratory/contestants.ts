/** Who takes part: what comes with the laboratory, and what files add. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Adapter } from './adapter.js';
import { byHand } from './adapters/by-hand.js';
import { comlink } from './adapters/comlink.js';
import { cpp } from './adapters/cpp.js';
import { erlang } from './adapters/erlang.js';
import { heddle } from './adapters/heddle.js';
import { nact } from './adapters/nact.js';
import { piscina } from './adapters/piscina.js';
import { postMessage } from './adapters/post-message.js';
import { type LaboratoryOptions, UsageError } from './options.js';
import type { Absence } from './results.js';

export const ADAPTERS: readonly Adapter[] = [heddle, byHand, postMessage, comlink, piscina, nact, erlang, cpp];

export interface Contestants {
  readonly present: readonly Adapter[];
  readonly absent: readonly Absence[];
  readonly versions: Readonly<Record<string, string>>;
}

const isAdapter = (value: unknown): value is Adapter => {
  const { name, probe, open } = (value ?? {}) as Partial<Adapter>;
  return typeof name === 'string' && typeof probe === 'function' && typeof open === 'function';
};

const load = async (file: string): Promise<Adapter> => {
  let adapter: unknown;
  try {
    ({ default: adapter } = (await import(pathToFileURL(resolve(file)).href)) as { default: unknown });
  } catch (cause) {
    throw new UsageError(`--rival ${file} cannot be imported: ${(cause as Error).message}`, { cause });
  }
  if (isAdapter(adapter)) return adapter;
  throw new UsageError(`--rival ${file} has no adapter as its default export: { name, probe, open }`);
};

/** heddle, and those that are asked for. */
const select = (rivals: readonly string[] | undefined): readonly Adapter[] => {
  if (rivals === undefined) return ADAPTERS;
  const known = ADAPTERS.map(({ name }) => name);
  const unknown = rivals.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(`--rivals takes some of ${known.join(', ')}, not ${unknown}`);
  return ADAPTERS.filter((adapter) => adapter === heddle || rivals.includes(adapter.name));
};

/** @throws UsageError */
export const gather = async ({ rivals, rivalFiles }: LaboratoryOptions): Promise<Contestants> => {
  const adapters = [...select(rivals), ...(await Promise.all(rivalFiles.map(load)))];
  const probed = await Promise.all(adapters.map(async (adapter) => ({ adapter, outcome: await adapter.probe() })));
  const there = probed.flatMap(({ adapter, outcome }) =>
    'version' in outcome ? [{ adapter, version: outcome.version }] : [],
  );
  return {
    present: there.map(({ adapter }) => adapter),
    absent: probed.flatMap(({ adapter: { name }, outcome }) =>
      'missing' in outcome ? [{ contestant: name, reason: outcome.missing }] : [],
    ),
    versions: Object.fromEntries(there.map(({ adapter, version }) => [adapter.name, version])),
  };
};
