/** What users see of our types in their editors: short, and nothing of how it is made. */
import { describe, expect, it } from 'vitest';
import { hintsOf } from '../support/hints.js';

describe('the hint of an editor', () => {
  it('for a ref and its messages is what was declared', () => {
    const hints = hintsOf(`
      import { createSystem } from 'heddle';
      import { Account } from '../actors/account.js';
      const system = await createSystem();
      const /*?*/ account = await system.spawn(Account, 'ann');
      account./*?*/ deposit({ amount: 1 });
      account./*?*/ balance();
      const /*?*/ balances = await system.callAll([account], 'balance', {});
      void balances;
    `);
    expect(hints).toEqual([
      'const account: Ref<{ deposit: { amount: Field<number>; }; owner: Call<{}, Field<string>>; balance: Call<{}, Field<number>>; }>',
      '(property) deposit: (message: { amount: number; }) => void',
      '(property) balance: (message?: {} | undefined, options?: CallOptions | undefined) => Promise<number>',
      'const balances: PromiseSettledResult<number>[]',
    ]);
  });

  it('for what a handler is given is as if it had been written by hand', () => {
    const hints = hintsOf(`
      import { call, date, defineActor, f64, list, oneOf, optional, record, selfRef, text, union } from 'heddle';
      export const Cart = defineActor(import.meta.url, 'Cart', {
        protocol: {
          add: { line: record({ price: f64, at: date }), note: optional(text), how: oneOf('cash', 'card') },
          draw: { shape: union('kind', { circle: { r: f64 }, square: { side: f64 } }), tags: list(text) },
          join: { who: selfRef },
          total: call({ since: optional(date) }, record({ sum: f64 })),
        },
        init: async (_self, start: number) => ({ sum: start }),
        on: {
          add(/*?*/ state, /*?*/ message, /*?*/ self) { void [state, message, self]; },
          draw(_state, /*?*/ message) { void message; },
          join(_state, { /*?*/ who }) { void who; },
          total: (/*?*/ state, /*?*/ message) => { void message; return state; },
        },
      });
    `);
    const protocol =
      '{ add: { line: Field<{ price: number; at: Date; }>; note: Field<string | undefined>; how: Field<"cash" | "card">; }; ' +
      'draw: { shape: Field<{ kind: "circle"; r: number; } | { kind: "square"; side: number; }>; tags: Field<string[]>; }; ' +
      'join: { who: SelfField<SelfToken>; }; total: Call<{ since: Field<Date | undefined>; }, Field<{ sum: number; }>>; }';
    expect(hints).toEqual([
      '(parameter) state: { sum: number; }',
      '(parameter) message: { line: { price: number; at: Date; }; how: "cash" | "card"; note?: string | undefined; }',
      `(parameter) self: Self<${protocol}>`,
      '(parameter) message: { shape: { kind: "circle"; r: number; } | { kind: "square"; side: number; }; tags: string[]; }',
      `(parameter) who: Ref<${protocol}>`,
      '(parameter) state: { sum: number; }',
      '(parameter) message: { since?: Date | undefined; }',
    ]);
  });
});
