/** Probes: actors that write down what they are sent, for a test to look at. */
import { isDeepStrictEqual } from 'node:util';
import { type Definition, defineActor, type Handlers } from '../actor/definition.js';
import type { Ended } from '../actor/family.js';
import { type AnyRef, type MessageOf, type Ref, refKey, type Sent } from '../actor/ref.js';
import type { Self } from '../actor/self.js';
import { isPlain } from '../messages/general-walk.js';
import { type Call, isCall, type Protocol } from '../messages/protocol.js';
import type { System } from '../scheduler/system.js';
import { show } from './event-log.js';
import type { Fail } from './failure.js';

/** Fields of a message that are compared; the others may be anything. */
export type Expected<M> = M extends object ? Partial<M> : M;

/** How long a probe waits for what it expects, in virtual ms. */
const WITHIN_MS_DEFAULT = 5_000;
/** Messages that an error shows. */
const SHOWN_MAX = 10;

export interface Probe<P extends Protocol> {
  readonly ref: Ref<P>;
  /** Messages that have arrived and were not expected yet, in order. */
  readonly waiting: readonly { readonly name: keyof P & string; readonly message: unknown }[];
  /**
   * Takes the next message, which must be of this name and have these fields.
   *
   * @param withinMs virtual time that it may take to arrive; default 5,000
   * @throws SimulationFailed what came instead
   */
  expect<M extends keyof P & string>(
    name: M,
    expected?: Expected<MessageOf<P[M], P>>,
    withinMs?: number,
  ): Promise<MessageOf<P[M], P>>;
  /** Lets virtual time pass, in which no message may arrive, nor be there already. @throws SimulationFailed */
  expectNone(ms?: number): Promise<void>;
  /** Waits for the notice that an actor has ended, which the probe watches. @throws SimulationFailed */
  expectDown(ref: AnyRef, withinMs?: number): Promise<Ended>;
  watch(ref: AnyRef): void;
  /** Says what the probe answers to a call; without that it fails the call. */
  answer<M extends keyof P & string>(
    name: M,
    answer: (message: MessageOf<P[M], P>) => P[M] extends Call<unknown, infer R> ? Sent<R, P> : never,
  ): void;
}

interface Received {
  readonly name: string;
  readonly message: unknown;
}

/** What a probe has seen. */
class Recorder {
  readonly messages: Received[] = [];
  readonly downs: { readonly key: string; readonly ended: Ended }[] = [];
  readonly answers = new Map<string, (message: unknown) => unknown>();
  readonly watched = new Set<string>();
  self: Self<Protocol> | undefined;
}

/** Until their probe is born: an actor is given a number only, because its arguments travel. */
const unborn = new Map<number, Recorder>();
let probeCount = 0;
const definitions = new WeakMap<Protocol, Definition<Protocol, number>>();
let definitionCount = 0;

const handlerOf =
  (name: string, wantsReply: boolean) =>
  (recorder: Recorder, message: unknown, self: Self<Protocol>): unknown => {
    recorder.messages.push({ name, message });
    const answer = recorder.answers.get(name);
    if (answer !== undefined) return answer(message);
    if (!wantsReply) return undefined;
    const reply = self.reply();
    reply.fail(new Error(`the probe has no answer to ${name}; give it one by probe.answer`));
    return reply;
  };

const definitionOf = (protocol: Protocol): Definition<Protocol, number> => {
  const known = definitions.get(protocol);
  if (known !== undefined) return known;
  const handlers = Object.entries(protocol).map(([name, entry]) => [name, handlerOf(name, isCall(entry))]);
  const made = defineActor('file:///heddle/probe.js', `Probe${++definitionCount}`, {
    protocol,
    init: (self: Self<Protocol>, number: number): Recorder => {
      const recorder = unborn.get(number)!;
      unborn.delete(number);
      recorder.self = self;
      return recorder;
    },
    on: Object.fromEntries(handlers) as Handlers<Protocol, Recorder>,
    onSupervision: ({ downs }, { ref, ended }) => {
      downs.push({ key: refKey(ref), ended });
    },
  });
  definitions.set(protocol, made);
  return made;
};

export interface ProbePorts {
  readonly system: System;
  readonly fail: Fail;
  readonly until: <T>(promise: Promise<T>) => Promise<T>;
  /** Goes on until something is so, or so much virtual time has passed. */
  readonly waitFor: (what: string, isSo: () => boolean, withinMs: number) => Promise<void>;
}

const spell = ({ name, message }: Received): string => `${name} ${show(message)}`;

const matches = (expected: unknown, message: unknown): boolean => {
  if (expected === undefined) return true;
  if (typeof expected !== 'object' || expected === null || !isPlain(expected))
    return isDeepStrictEqual(expected, message);
  return Object.entries(expected).every(([field, value]) =>
    isDeepStrictEqual((message as Record<string, unknown> | null)?.[field], value),
  );
};

class ActorProbe implements Probe<Protocol> {
  readonly ref: Ref<Protocol>;
  readonly #recorder: Recorder;
  readonly #ports: ProbePorts;

  constructor(ref: Ref<Protocol>, recorder: Recorder, ports: ProbePorts) {
    this.ref = ref;
    this.#recorder = recorder;
    this.#ports = ports;
  }

  get waiting(): readonly Received[] {
    return this.#recorder.messages;
  }

  async expect(name: string, expected?: unknown, withinMs = WITHIN_MS_DEFAULT): Promise<never> {
    const { messages } = this.#recorder;
    const wanted = expected === undefined ? name : `${name} ${show(expected)}`;
    await this.#ports.waitFor(`expect ${wanted}`, () => messages.length > 0, withinMs);
    const [next] = messages;
    if (next === undefined) throw this.#ports.fail(`expected ${wanted}, but nothing came within ${withinMs} ms`);
    if (next.name !== name || !matches(expected, next.message)) {
      const behind = messages.slice(1, SHOWN_MAX).map((received) => `\n  then ${spell(received)}`);
      throw this.#ports.fail(`expected ${wanted}, but the next message was ${spell(next)}${behind.join('')}`);
    }
    messages.shift();
    return next.message as never;
  }

  async expectNone(ms = 0): Promise<void> {
    const { messages } = this.#recorder;
    await this.#ports.waitFor('expectNone', () => messages.length > 0, ms);
    const [first] = messages;
    if (first !== undefined) throw this.#ports.fail(`expected no message, but there was ${spell(first)}`);
  }

  watch(ref: AnyRef): void {
    this.#recorder.watched.add(refKey(ref));
    this.#recorder.self!.watch(ref);
  }

  async expectDown(ref: AnyRef, withinMs = WITHIN_MS_DEFAULT): Promise<Ended> {
    const { downs, watched, messages } = this.#recorder;
    const key = refKey(ref);
    if (!watched.has(key))
      throw this.#ports.fail('expectDown: the probe does not watch this actor; call probe.watch first');
    const find = (): number => downs.findIndex((down) => down.key === key);
    await this.#ports.waitFor('expectDown', () => find() >= 0, withinMs);
    const index = find();
    if (index < 0) {
      const seen = messages.length === 0 ? 'nothing else came' : `the next message was ${spell(messages[0]!)}`;
      throw this.#ports.fail(
        `expected a down-notice of the actor ${key}, but none came within ${withinMs} ms; ${seen}`,
      );
    }
    return downs.splice(index, 1)[0]!.ended;
  }

  answer(name: string, answer: (message: never) => unknown): void {
    this.#recorder.answers.set(name, answer as (message: unknown) => unknown);
  }
}

/** An actor on the host that writes down what it is sent. */
export const makeProbe = async <P extends Protocol>(protocol: P, ports: ProbePorts): Promise<Probe<P>> => {
  const recorder = new Recorder();
  const number = probeCount++;
  unborn.set(number, recorder);
  const ref = await ports.until(ports.system.spawn(definitionOf(protocol), number, { place: 'host' }));
  return new ActorProbe(ref, recorder, ports) as unknown as Probe<P>;
};
