/**
 * Systems outside of JavaScript: a program of theirs, compiled where it is measured, does all the work and keeps the time.
 * It reads a task a line and answers with a line of JSON. Its source says what the tasks are.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { promisify } from 'node:util';
import type { Payload, Session, Tasks, Timed } from '../../adapter.js';
import { SATURATION_TIMED_EVERY } from '../../arrivals.js';
import { PERCENTILES } from '../../distribution.js';

export const run = promisify(execFile);

const MS_PER_SECOND = 1000;
const EXECUTABLE = 0o700;

interface Answer {
  readonly error?: string;
  readonly seconds: number;
  readonly count: number;
  /** Of each of `PERCENTILES`, if anything was timed. */
  readonly nanoseconds: readonly number[];
}

/** How programs are told what to send, and what to say of it. */
export const payloadArguments = (payload: Payload): readonly string[] => [
  payload.kind,
  String(payload.kind === 'bytes' ? payload.size : 0),
  PERCENTILES.join(),
];

const makeFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'heddle-laboratory-'));
const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/** A file that a compiler makes once, and that is kept here: nothing is left behind by who is interrupted in between. */
export class Compiled {
  readonly #name: string;
  readonly #compile: (folder: string) => Promise<unknown>;
  #bytes: Promise<Uint8Array> | undefined;

  /** @param compile makes a file of that name in a folder */
  constructor(name: string, compile: (folder: string) => Promise<unknown>) {
    this.#name = name;
    this.#compile = compile;
  }

  /** Puts the file into a new folder, which is to be removed. */
  async unpack(): Promise<string> {
    this.#bytes ??= this.#make();
    const bytes = await this.#bytes;
    const folder = await makeFolder();
    await writeFile(join(folder, this.#name), bytes, { mode: EXECUTABLE });
    return folder;
  }

  async #make(): Promise<Uint8Array> {
    const folder = await makeFolder();
    try {
      await this.#compile(folder);
      return await readFile(join(folder, this.#name));
    } finally {
      await removeFolder(folder);
    }
  }
}

/** The first line that a tool prints; why not, if it is not there. */
export const probeTool = async (
  command: string,
  ...args: readonly string[]
): Promise<{ readonly version: string } | { readonly missing: string }> => {
  try {
    const { stdout } = await run(command, args);
    return { version: stdout.split('\n')[0]!.trim() };
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { missing: isAbsent ? `${command} is not installed` : `${command} does not work: ${String(error)}` };
  }
};

class Program {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;
  #complaints = '';

  constructor(command: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#child = spawn(command, args, { env: { ...process.env, ...environment } });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text;
    });
    // A program that has ended is noticed by its answers, which end too.
    this.#child.stdin!.on('error', () => {});
    this.#lines = createInterface({ input: this.#child.stdout! });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  get processId(): number {
    return this.#child.pid!;
  }

  /** @throws if the result is wrong, or the program ends instead */
  async ask(task: string, ...numbers: readonly number[]): Promise<Answer> {
    this.#child.stdin!.write(`${[task, ...numbers].join(' ')}\n`);
    const { done, value } = await this.#answers.next();
    if (done === true) throw new Error(`the program ended at task=${task}: ${this.#complaints}`);
    const answer = JSON.parse(value) as Answer;
    if (answer.error !== undefined) throw new Error(`${answer.error} at task=${task}`);
    return answer;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    this.#lines.close();
  }
}

const timedOf = ({ nanoseconds, count }: Answer, expected: number): Timed => {
  if (count !== expected) throw new Error(`wrong result: count=${count} expected=${expected}`);
  return { distribution: PERCENTILES.map((percentile, index) => [percentile, nanoseconds[index]!] as const), count };
};

const tasksOf = (program: Program): Tasks => {
  const calls = async (count: number, inFlight: number): Promise<Timed> =>
    timedOf(await program.ask('calls', count, inFlight), count);
  return {
    'round trip': ({ count }) => calls(count, 1),
    async 'at a fixed rate'({ perSecond, forMs }) {
      const count = Math.max(1, Math.round((perSecond * forMs) / MS_PER_SECOND));
      return timedOf(await program.ask('pace', count, perSecond), count);
    },
    async 'at saturation'({ count }) {
      const answer = await program.ask('saturate', count, SATURATION_TIMED_EVERY);
      return timedOf(answer, Math.ceil(count / SATURATION_TIMED_EVERY));
    },
    'after idling': async ({ count, idleMs }) => timedOf(await program.ask('lone', count, idleMs), count),
    calls: ({ count, inFlight }) => calls(count, inFlight),
    stream: async ({ count }) => (await program.ask('saturate', count, 0)).seconds,
    async idling({ forMs }) {
      await program.ask('idle', forMs);
    },
  };
};

/** Starts a program out of a folder, which goes with it. */
export const openProgram = (
  folder: string,
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Session => {
  const program = new Program(command, args, environment);
  const close = async (): Promise<void> => {
    await program.close();
    await removeFolder(folder);
  };
  return { tasks: tasksOf(program), processIds: [program.processId], close };
};
