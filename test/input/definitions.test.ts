import { bytes, call, defineActor, f64, list, oneOf, optional, record, ref, text, union } from 'heddle';
import { describe, expect, it } from 'vitest';
import { Account } from '../actors/account.js';
import { expectRefusal, refusal, thrown } from '../support/refusals.js';

const define = defineActor as unknown as (url: unknown, name: unknown, spec: unknown) => unknown;
const field = { f64, optional, list, record, ref, oneOf, union, call } as unknown as Record<
  string,
  (...args: unknown[]) => unknown
>;

const nothing = (): undefined => undefined;
const good = { protocol: { ping: {} }, init: nothing, on: { ping: nothing } };
/** A definition that is good but for one message. */
const message = (name: string | symbol, entry: unknown): object => ({
  ...good,
  protocol: { [name]: entry },
  on: { [name]: nothing },
});

let count = 0;
const refuses = (spec: unknown, says: RegExp): void => {
  const error = thrown(() => define(import.meta.url, `Bad${count++}`, spec));
  expectRefusal(error, refusal('InvalidDefinition', says));
};

class Fields {
  amount = f64;
}

describe('a definition', () => {
  it.each([
    ['no name', '', /a name of 1 to 200 characters, got=string ""/],
    ['a name that is no text', 7, /a name .*got=number 7/],
    ['a very long name', 'x'.repeat(201), /a name of 1 to 200 characters/],
  ])('is refused with %s', (_what, name, says) => {
    expectRefusal(
      thrown(() => define(import.meta.url, name, good)),
      refusal('InvalidDefinition', says),
    );
  });

  it.each([
    ['a data: URL', 'data:text/javascript,1'],
    ['a https: URL', 'https://example.org/actor.js'],
    ['a path', '/actors/account.js'],
    ['nothing', undefined],
    ['a URL object', new URL('file:///actor.js')],
  ])('is refused when its URL is %s', (_what, url) => {
    expectRefusal(
      thrown(() => define(url, 'Actor', good)),
      refusal('InvalidDefinition', /^Actor: give import\.meta\.url .* must be a file: URL, got=/),
    );
  });

  it.each([
    ['nothing', undefined, /Bad\d+: expected an object of protocol, init, on, .*got nothing/],
    ['a function', nothing, /expected an object of protocol, .*got a function/],
    ['no protocol', { ...good, protocol: undefined }, /Bad\d+: protocol is not an object of messages, got=nothing/],
    ['no init', { ...good, init: undefined }, /Bad\d+: init is not a function, got=nothing/],
    ['no handlers', { ...good, on: undefined }, /Bad\d+: on is not an object of handlers, got=nothing/],
    ['a misspelt member', { ...good, mailBox: {} }, /Bad\d+: there is no option "mailBox", there are: .*mailbox/],
    ['a message without a handler', { ...good, on: {} }, /Bad\d+: the message "ping" has no handler in on/],
    ['a handler that is none', { ...good, on: { ping: 1 } }, /the message "ping" has no handler in on/],
    [
      'a handler without a message',
      { ...good, on: { ...good.on, pong: nothing } },
      /on\.pong handles a message that the protocol does not declare/,
    ],
  ])('is refused with %s', (_what, spec, says) => refuses(spec, says));

  it.each(['then', 'constructor', 'toJSON', 'toString', 'toLocaleString', 'valueOf', '__proto__'])(
    'may not call a message "%s"',
    (name) => {
      refuses(message(name, {}), new RegExp(`Bad\\d+\\.${name}: JavaScript itself calls this name`));
    },
  );

  it('may not call a message by a symbol, or inherit one', () => {
    refuses(message(Symbol('ping'), {}), /a protocol is a plain object; .* not by symbols or "__proto__"/);
    refuses({ ...good, protocol: { ping: {}, __proto__: { pong: {} } } }, /a protocol is a plain object/);
  });

  it('may not have more messages than a record can tell apart', () => {
    const names = Array.from({ length: 1901 }, (_, index) => `m${index}`);
    const protocol = Object.fromEntries(names.map((name) => [name, {}]));
    refuses({ ...good, protocol }, /at most 1900 messages, given=1901/);
  });

  it.each([
    ['a number', 5, /Bad\d+\.ping: expected fields, a field type or call\(\.\.\.\), got=number 5/],
    ['nothing', undefined, /Bad\d+\.ping: .*got=nothing/],
    ['null', null, /Bad\d+\.ping: .*got=null/],
    ['a function, such as a call without its arguments', call, /Bad\d+\.ping: .*got=a function/],
    ['an array', [f64], /Bad\d+\.ping: expected an object of fields, or a field type, got=Array\(1\)/],
    ['an instance', new Fields(), /Bad\d+\.ping: .*got=an instance of Fields/],
    ['a Map', new Map([['amount', f64]]), /Bad\d+\.ping: .*got=an instance of Map/],
    ['a definition', Account, /Bad\d+\.ping: field "name": expected a field type .*got=string "Account"/],
    ['a call of nothing', (call as unknown as () => unknown)(), /Bad\d+\.ping request: .*got=nothing/],
    ['a call whose reply is a type', call({}, String as never), /Bad\d+\.ping reply: .*got=a function/],
    ['a field that is none', { amount: Number }, /ping: field "amount": expected a field type .*got=a function/],
    ['fields in fields', { who: { name: text } }, /ping: field "who": expected a field type .*got=an object/],
    ['a field called __proto__', { ['__proto__']: f64 }, /ping: a field may not be called "__proto__"/],
  ])('is refused when a message is %s', (_what, entry, says) => refuses(message('ping', entry), says));

  it.each([
    ['ref', [undefined], /ref\(undefined\): the definition is not made yet; give a function/],
    ['ref', [null], /expected what defineActor returned; .*got=null/],
    ['ref', [{ name: 'Account' }], /expected what defineActor returned; .*got=an object/],
    ['optional', [Number], /optional: expected a field type .*got=a function/],
    ['list', [{}], /list: expected a field type .*got=an object/],
    ['record', [5], /record: expected an object of fields/],
    ['oneOf', [], /oneOf takes 1 to 65,536 different texts, given=0/],
    ['oneOf', ['a', 'a'], /different texts, given=2/],
    ['union', ['kind', {}], /union takes 1 to 65,536 variants, tag=kind given=0/],
    ['union', ['kind', { a: { kind: f64 } }], /a field with the name of the tag, tag=kind variant=a/],
    ['union', ['kind', { a: 5 }], /union variant "a": expected an object of fields/],
  ])('refuses %s of %j', (name, args, says) => {
    expectRefusal(
      thrown(() => field[name]?.(...args)),
      refusal('InvalidDefinition', says),
    );
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '5', null])(
    'refuses a mailbox limit of %s',
    (limit) => refuses({ ...good, mailbox: { limit } }, /Bad\d+: mailbox\.limit is not an integer from 1 to \d+, got=/),
  );

  it.each([
    ['an unknown policy', { mailbox: { policy: 'drop' } }, /mailbox\.policy is not refuse, .*got=string "drop"/],
    [
      'a misspelt mailbox option',
      { mailbox: { size: 5 } },
      /mailbox: there is no option "size", there are: limit, policy/,
    ],
    ['a mailbox that is a number', { mailbox: 5 }, /mailbox: expected an object of limit, policy, got number 5/],
    [
      'a concurrency of 0',
      { concurrency: 0 },
      /concurrency is neither a positive integer nor 'unbounded', got=number 0/,
    ],
    ['a fractional concurrency', { concurrency: 1.5 }, /concurrency is neither/],
    ['a concurrency that is a text', { concurrency: 'all' }, /concurrency is neither .*got=string "all"/],
    ['a budget of 0', { budgetMs: 0 }, /budgetMs is not a number of milliseconds from 1 to 1073741824, got=number 0/],
    ['a budget that is no number', { budgetMs: Number.NaN }, /budgetMs is not a number of .*got=number NaN/],
    [
      'a budget without end',
      { budgetMs: Number.POSITIVE_INFINITY },
      /budgetMs is not a number of .*got=number Infinity/,
    ],
    ['a budget that is a text', { budgetMs: '5' }, /budgetMs is not a number of .*got=string "5"/],
  ])('is refused with %s', (_what, part, says) => refuses({ ...good, ...part }, says));

  it('has a name of its own in its module', () => {
    define(import.meta.url, 'Twin', good);
    expectRefusal(
      thrown(() => define(import.meta.url, 'Twin', good)),
      refusal('AlreadyRegistered', /an actor of this name already.*name=Twin url=file:.*definitions\.test\.ts/),
    );
    // Another module may use the name.
    expect(define('file:///another/module.js', 'Twin', good)).toMatchObject({ name: 'Twin' });
  });

  it('that was refused leaves its name free', () => {
    thrown(() => define(import.meta.url, 'Second', { ...good, on: {} }));
    expect(define(import.meta.url, 'Second', good)).toMatchObject({ name: 'Second' });
  });

  it('may have a field called shape, and any other name that is not reserved', () => {
    const spec = message('draw', { shape: text, kind: bytes, toString: f64 });
    expect(define(import.meta.url, 'Shapes', spec)).toMatchObject({ name: 'Shapes' });
  });
});
