/** What TypeScript makes of declarations. `npm run check` is what fails here; at run time there is little to see. */
import {
  type AnyRef,
  any,
  anyRef,
  bool,
  bytes,
  type CallOptions,
  call,
  date,
  defineActor,
  f32,
  f32s,
  f64,
  f64s,
  i8,
  i8s,
  i16,
  i16s,
  i32,
  i32s,
  i64,
  i64s,
  list,
  message,
  narrow,
  oneOf,
  optional,
  type Ref,
  type RefOf,
  type Reply,
  record,
  ref,
  type Self,
  type Shared,
  type System,
  selfRef,
  shared,
  type Timer,
  text,
  u8,
  u16,
  u16s,
  u32,
  u32s,
  u64,
  u64s,
  union,
  view,
} from 'heddle';
import { describe, expectTypeOf, it } from 'vitest';
import { Account } from '../actors/account.js';
import { Ping, type PingRef } from '../actors/ping.js';
import { Pong, type PongRef } from '../actors/pong.js';

const here = import.meta.url;

type Empty = Record<never, never>;

/** For code that is only to be type checked. */
const checkOnly = (_code: (system: System) => unknown): void => undefined;

const Everything = defineActor(here, 'Everything', {
  protocol: {
    numbers: { a: u8, b: i8, c: u16, d: i16, e: u32, f: i32, g: f32, h: f64 },
    longs: { signed: i64, unsigned: u64 },
    simple: { flag: bool, name: text, when: date, raw: bytes, seen: view, choice: oneOf('red', 'green') },
    arrays: { a: i8s, b: u16s, c: i16s, d: u32s, e: i32s, f: u64s, g: i64s, h: f32s, i: f64s },
    nested: { lines: list(record({ price: f64, tags: list(text) })), deep: record({ inner: record({ x: i32 }) }) },
    maybe: { need: text, note: optional(text), sub: optional(record({ x: f64, y: optional(f64) })) },
    shape: { shape: union('kind', { circle: { r: f64 }, square: { side: f64, name: optional(text) } }) },
    general: { value: any<{ a: number[] }>(), unknown: any() },
    typed: message<{ id: string } | null>(),
    bare: text,
    bareList: list(f64),
    refs: { account: ref(Account), self: selfRef, any: anyRef, peers: list(optional(selfRef)) },
    beside: { me: selfRef, table: any<Map<string, number>>(), set: any<Set<Date>>(), rest: any() },
    memory: { table: shared, more: list(optional(shared)), last: optional(shared), me: selfRef },
    nothing: {},
    askMemory: call(shared, shared),
    ask: call({ id: text, deep: optional(bool) }, record({ found: bool, who: optional(selfRef) })),
    askNothing: call({}, list(text)),
    askBare: call(text, f64),
    done: call({ id: text }),
    askGeneral: call(message<[number, string]>(), any<ReadonlyMap<string, Date>>()),
  },
  init: (self, args: { readonly start: number }) => {
    expectTypeOf(self.thread).toEqualTypeOf<number>();
    return { total: args.start, waiting: [] as Reply<boolean>[] };
  },
  on: {
    numbers(state, sent, self) {
      expectTypeOf(state).toEqualTypeOf<{ total: number; waiting: Reply<boolean>[] }>();
      type Number = number;
      expectTypeOf(sent).toEqualTypeOf<{
        a: Number;
        b: Number;
        c: Number;
        d: Number;
        e: Number;
        f: Number;
        g: Number;
        h: Number;
      }>();
      expectTypeOf(self.ref.bare).toEqualTypeOf<(message: string) => void>();
      expectTypeOf(self.signal).toEqualTypeOf<AbortSignal>();
    },
    longs: (_state, sent) => expectTypeOf(sent).toEqualTypeOf<{ signed: bigint; unsigned: bigint }>(),
    simple: (_state, sent) =>
      expectTypeOf(sent).toEqualTypeOf<{
        flag: boolean;
        name: string;
        when: Date;
        raw: Uint8Array;
        seen: Uint8Array;
        choice: 'red' | 'green';
      }>(),
    arrays: (_state, sent) =>
      expectTypeOf(sent).toEqualTypeOf<{
        a: Int8Array;
        b: Uint16Array;
        c: Int16Array;
        d: Uint32Array;
        e: Int32Array;
        f: BigUint64Array;
        g: BigInt64Array;
        h: Float32Array;
        i: Float64Array;
      }>(),
    nested: (_state, sent) =>
      expectTypeOf(sent).toEqualTypeOf<{
        lines: { price: number; tags: string[] }[];
        deep: { inner: { x: number } };
      }>(),
    maybe: (_state, sent) =>
      expectTypeOf(sent).toEqualTypeOf<{
        need: string;
        note?: string | undefined;
        sub?: { x: number; y?: number | undefined } | undefined;
      }>(),
    shape(_state, { shape }) {
      expectTypeOf(shape.kind).toEqualTypeOf<'circle' | 'square'>();
      if (shape.kind === 'circle') expectTypeOf(shape).toEqualTypeOf<{ kind: 'circle'; r: number }>();
      else expectTypeOf(shape).toEqualTypeOf<{ kind: 'square'; side: number; name?: string | undefined }>();
    },
    general: (_state, sent) => expectTypeOf(sent).toEqualTypeOf<{ value: { a: number[] }; unknown?: unknown }>(),
    typed: (_state, sent) => expectTypeOf(sent).toEqualTypeOf<{ id: string } | null>(),
    bare: (_state, sent) => expectTypeOf(sent).toEqualTypeOf<string>(),
    bareList: (_state, sent) => expectTypeOf(sent).toEqualTypeOf<number[]>(),
    refs(_state, sent, self) {
      expectTypeOf(sent.account).toEqualTypeOf<RefOf<typeof Account>>();
      expectTypeOf(sent.self).toEqualTypeOf<RefOf<typeof Everything>>();
      expectTypeOf(sent.self).toEqualTypeOf(self.ref);
      expectTypeOf(sent.any).toEqualTypeOf<AnyRef>();
      expectTypeOf(sent.peers).toEqualTypeOf<(RefOf<typeof Everything> | undefined)[]>();
    },
    beside(_state, { table, set, rest }) {
      // A token to be resolved stands beside them; they stay what they are.
      expectTypeOf(table).toEqualTypeOf<Map<string, number>>();
      expectTypeOf(set).toEqualTypeOf<Set<Date>>();
      expectTypeOf(rest).toEqualTypeOf<unknown>();
    },
    memory(_state, sent) {
      expectTypeOf(sent).toEqualTypeOf<{
        table: Shared;
        more: (Shared | undefined)[];
        me: RefOf<typeof Everything>;
        last?: Shared | undefined;
      }>();
      expectTypeOf(sent.table.buffer).toEqualTypeOf<SharedArrayBuffer>();
    },
    askMemory: (_state, sent) => sent,
    nothing: (_state, sent) => expectTypeOf(sent).toEqualTypeOf<Empty>(),
    ask(_state, sent, self) {
      expectTypeOf(sent).toEqualTypeOf<{ id: string; deep?: boolean | undefined }>();
      return { found: true, who: self.ref };
    },
    askNothing: async () => ['a'],
    askBare: (_state, sent) => sent.length,
    done(state, _sent, self) {
      const reply = self.reply<void>();
      state.total++;
      return reply;
    },
    askGeneral: (_state, [number, name]) => new Map([[name, new Date(number)]]),
  },
});

describe('the type of a ref', () => {
  it('has a method for each message, as the sender writes it', () => {
    type R = RefOf<typeof Everything>;
    expectTypeOf<R['longs']>().toEqualTypeOf<(message: { signed: bigint; unsigned: bigint }) => void>();
    expectTypeOf<R['bareList']>().toEqualTypeOf<(message: number[]) => void>();
    expectTypeOf<R['nothing']>().toEqualTypeOf<(message?: Empty) => void>();
    expectTypeOf<R['askNothing']>().toEqualTypeOf<(message?: Empty, options?: CallOptions) => Promise<string[]>>();
    expectTypeOf<R['askBare']>().toEqualTypeOf<(message: string, options?: CallOptions) => Promise<number>>();
    expectTypeOf<R['done']>().toEqualTypeOf<(message: { id: string }, options?: CallOptions) => Promise<void>>();
    expectTypeOf<R['askGeneral']>().toEqualTypeOf<
      (message: [number, string], options?: CallOptions) => Promise<ReadonlyMap<string, Date>>
    >();
    expectTypeOf<Awaited<ReturnType<R['ask']>>>().toEqualTypeOf<{ found: boolean; who?: R | undefined }>();
    expectTypeOf<Parameters<R['shape']>[0]['shape']>().toEqualTypeOf<
      { kind: 'circle'; r: number } | { kind: 'square'; side: number; name?: string | undefined }
    >();
  });

  it('refuses what the protocol does not say', () => {
    checkOnly((system) => {
      const account = system.spawnNow(Account, 'ann');
      const all = system.spawnNow(Everything, { start: 1 });
      // @ts-expect-error no such message
      account.close();
      // @ts-expect-error a field of another type
      account.deposit({ amount: '12' });
      // @ts-expect-error a field is missing
      account.deposit({});
      // @ts-expect-error a field too many
      account.deposit({ amount: 1, currency: 'eur' });
      // @ts-expect-error the message is missing
      account.deposit();
      // @ts-expect-error a cast takes no options
      account.deposit({ amount: 1 }, { timeoutMs: 5 });
      // @ts-expect-error a cast gives no promise
      account.deposit({ amount: 1 }).then(() => undefined);
      // @ts-expect-error an unknown option
      account.balance({}, { timeout: 5 });
      // @ts-expect-error the reply is a number
      account.balance().then((balance: string) => balance);
      // @ts-expect-error not one of the texts
      all.simple({ flag: true, name: '', when: new Date(), raw: Buffer.of(), seen: Buffer.of(), choice: 'blue' });
      // @ts-expect-error a number is no bigint
      all.longs({ signed: 1, unsigned: 1n });
      // @ts-expect-error no such variant
      all.shape({ shape: { kind: 'line', r: 1 } });
      // @ts-expect-error a field of the other variant
      all.shape({ shape: { kind: 'circle', side: 1 } });
      // @ts-expect-error null is not undefined
      all.maybe({ need: '', note: null });
      // @ts-expect-error a ref to other actors
      all.refs({ account: all, self: all, any: all, peers: [] });
      // @ts-expect-error a buffer is no handle to it
      all.askMemory(new SharedArrayBuffer(4));
      // @ts-expect-error what looks like a handle is none
      all.askMemory({ buffer: new SharedArrayBuffer(4) });
      // @ts-expect-error an element of another type
      all.bareList([1, '2']);
      // @ts-expect-error another array
      all.arrays({ ...({} as Parameters<typeof all.arrays>[0]), a: new Float64Array(1) });
      // An optional field may be left out, or undefined.
      all.maybe({ need: '', sub: { x: 1, y: undefined } });
      all.refs({ account, self: all, any: account, peers: [undefined, all] });
    });
  });
});

describe('the type of a definition', () => {
  it('asks for each handler, and for no other', () => {
    checkOnly(() => {
      const protocol = { a: { x: f64 }, b: call({}, text) };
      const init = () => ({ n: 0 });
      // @ts-expect-error b has no handler
      defineActor(here, 'x', { protocol, init, on: { a() {} } });
      // @ts-expect-error c is no message
      defineActor(here, 'x', { protocol, init, on: { a() {}, b: () => '', c() {} } });
      // @ts-expect-error the reply is a text
      defineActor(here, 'x', { protocol, init, on: { a() {}, b: () => 12 } });
      // @ts-expect-error the reply is a text
      defineActor(here, 'x', { protocol, init, on: { a() {}, b: async () => 12 } });
      // @ts-expect-error the deferred reply is a text
      defineActor(here, 'x', { protocol, init, on: { a() {}, b: (_s, _m, self) => self.reply<number>() } });
      // @ts-expect-error a call must be answered
      defineActor(here, 'x', { protocol, init, on: { a() {}, b() {} } });
      // @ts-expect-error the state has no such member
      defineActor(here, 'x', { protocol, init, on: { a: (state) => state.m, b: () => '' } });
      // @ts-expect-error neither fields nor a field type
      defineActor(here, 'x', { protocol: { a: 'text' }, init, on: { a() {} } });
      defineActor(here, 'x', { protocol, init, on: { a() {}, b: (_s, _m, self) => self.reply<string>() } });
    });
  });

  it('knows what an actor may send itself later, and pass on', () => {
    checkOnly(() => {
      const protocol = { tick: {}, add: { n: f64 }, sum: call({}, f64), name: call({ of: text }, text) };
      const Adder = defineActor(here, 'x', {
        protocol,
        init: () => ({}),
        on: {
          tick(_state, _message, self) {
            expectTypeOf(self.after(5, 'tick')).toEqualTypeOf<Timer>();
            expectTypeOf(self.every(5, 'add', { n: 1 }, { missed: 'delay' })).toEqualTypeOf<Timer>();
            // @ts-expect-error a message is needed
            self.after(5, 'add');
            // @ts-expect-error n is a number
            self.every(5, 'add', { n: 'one' });
            // @ts-expect-error a call is no cast
            self.after(5, 'sum');
            // @ts-expect-error there is no such policy
            self.every(5, 'tick', {}, { missed: 'burst' });
            expectTypeOf(self.to(self.ref)).toEqualTypeOf(self.ref);
            self.pipe(Promise.resolve({ n: 1 }), self.ref, 'add');
            self.pipe(self.ref.sum(), self.ref, 'add', (n) => ({ n }), { onError: () => ({ n: 0 }) });
            // @ts-expect-error the value is no message of it
            self.pipe(Promise.resolve(1), self.ref, 'add');
            // @ts-expect-error what is made is no message of it
            self.pipe(Promise.resolve(1), self.ref, 'add', (n) => n);
            // @ts-expect-error a call is no cast
            self.pipe(Promise.resolve({}), self.ref, 'sum');
          },
          add: () => undefined,
          sum: (_state, _message, self) => self.forward(self.ref, 'sum'),
          // @ts-expect-error the other answer is a number
          name: (_state, _message, self) => self.forward(self.ref, 'sum'),
        },
      });
      const adder = {} as RefOf<typeof Adder>;
      const part = narrow(adder, 'add', 'sum');
      expectTypeOf(part.add).toEqualTypeOf(adder.add);
      expectTypeOf(part.sum()).toEqualTypeOf<Promise<number>>();
      expectTypeOf(part).toExtend<AnyRef>();
      // @ts-expect-error it has been left out
      part.name;
      // @ts-expect-error there is no such message
      narrow(adder, 'subtract');
    });
  });

  it('infers the state from an init that is sync or async', () => {
    checkOnly(() => {
      defineActor(here, 'x', {
        protocol: { a: {} },
        init: async () => ({ n: [1] }),
        on: { a: (state) => expectTypeOf(state).toEqualTypeOf<{ n: number[] }>() },
      });
      defineActor(here, 'x', {
        protocol: { a: {} },
        init: () => 12,
        on: { a: (state) => expectTypeOf(state).toEqualTypeOf<number>() },
      });
      defineActor(here, 'x', {
        protocol: { a: {} },
        init: () => undefined,
        on: { a: (state) => expectTypeOf(state).toEqualTypeOf<undefined>() },
      });
    });
  });
});

describe('spawn', () => {
  it('takes what init takes', () => {
    const protocol = { a: {} };
    const on = { a() {} };
    const None = defineActor(here, 'None', { protocol, init: () => 0, on });
    const Maybe = defineActor(here, 'Maybe', { protocol, init: (_self, at?: number) => at, on });
    const Needed = defineActor(here, 'Needed', { protocol, init: (_self, at: Date) => at, on });
    checkOnly((system) => {
      expectTypeOf(system.spawn(None)).toEqualTypeOf<Promise<RefOf<typeof None>>>();
      expectTypeOf(system.spawnNow(None)).toEqualTypeOf<Ref<typeof protocol>>();
      system.spawn(None, undefined, { place: 'host' });
      system.spawn(Maybe);
      system.spawn(Maybe, 12);
      system.spawn(Needed, new Date(), { place: { near: system.spawnNow(None) }, timeoutMs: 5 });
      // @ts-expect-error an argument that init does not take
      system.spawn(None, 12);
      // @ts-expect-error an argument of another type
      system.spawn(Maybe, '12');
      // @ts-expect-error the argument is missing
      system.spawn(Needed);
      // @ts-expect-error no such place
      system.spawn(None, undefined, { place: 'moon' });
      // @ts-expect-error no definition
      system.spawn({ name: 'None' });
    });
  });

  it('is the same inside an actor', () => {
    expectTypeOf<Self<Empty>['spawn']>().toEqualTypeOf<System['spawn']>();
    expectTypeOf<Self<Empty>['callAll']>().toEqualTypeOf<System['callAll']>();
  });
});

describe('callAll', () => {
  it('takes the name of a call, its request, and gives its replies', () => {
    checkOnly((system) => {
      const accounts = [system.spawnNow(Account, 'ann'), system.spawnNow(Account, 'bob')];
      expectTypeOf(system.callAll(accounts, 'balance', {})).toEqualTypeOf<Promise<PromiseSettledResult<number>[]>>();
      expectTypeOf(system.callAll(accounts, 'owner', {}, { timeoutMs: 5 })).resolves.toEqualTypeOf<
        PromiseSettledResult<string>[]
      >();
      const all = [system.spawnNow(Everything, { start: 1 })];
      expectTypeOf(system.callAll(all, 'done', { id: 'x' })).resolves.toEqualTypeOf<PromiseSettledResult<void>[]>();
      expectTypeOf(system.callAll(all, 'askBare', 'x')).resolves.toEqualTypeOf<PromiseSettledResult<number>[]>();
      // @ts-expect-error a cast has no replies
      system.callAll(accounts, 'deposit', { amount: 1 });
      // @ts-expect-error no such call
      system.callAll(accounts, 'close', {});
      // @ts-expect-error a request of another type
      system.callAll(all, 'done', { id: 12 });
    });
  });
});

describe('two protocols that hold refs to each other', () => {
  it('are typed both ways', () => {
    expectTypeOf<Parameters<PingRef['back']>[0]>().toEqualTypeOf<{ from: PongRef; left: number }>();
    expectTypeOf<Parameters<PongRef['hit']>[0]>().toEqualTypeOf<{ by: PingRef; left: number }>();
    checkOnly((system) => {
      const ping = system.spawnNow(Ping);
      const pong = system.spawnNow(Pong);
      expectTypeOf(ping.play({ with: pong, rounds: 3 })).toEqualTypeOf<Promise<number>>();
      // @ts-expect-error a ref to the other one
      ping.play({ with: ping, rounds: 3 });
    });
  });
});
