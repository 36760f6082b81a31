/** Random changes by two threads' tables in turn, on small tables where names get in each other's way, against a map. */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { HeddleError } from '../../src/base/errors.js';
import type { NamedActor, NameTable } from '../../src/registry/name-table.js';
import { effort } from '../support/effort.js';
import { actorOf, nameMemory, openNames } from '../support/names.js';

const NAMES = Array.from({ length: 12 }, (_, i) => `name ${i}`);
const ACTORS = [actorOf(0, 1), actorOf(1, 1), actorOf(0, 2), actorOf(0, 1, 1)];
const ORIGINS = [1, 2];
const entrusted = (actor: NamedActor): NamedActor => ({ ...actor, parent: 3 - actor.origin });

interface Operation {
  readonly do: 'reserve' | 'publish' | 'conceal' | 'free' | 'entrust' | 'freeAllOf';
  readonly name: string;
  readonly actor: NamedActor;
  readonly by: number;
}

const operation: fc.Arbitrary<Operation> = fc.record({
  do: fc.oneof(
    { weight: 10, arbitrary: fc.constant('reserve' as const) },
    { weight: 5, arbitrary: fc.constant('publish' as const) },
    { weight: 2, arbitrary: fc.constant('conceal' as const) },
    { weight: 12, arbitrary: fc.constant('free' as const) },
    { weight: 2, arbitrary: fc.constant('entrust' as const) },
    { weight: 1, arbitrary: fc.constant('freeAllOf' as const) },
  ),
  name: fc.constantFrom(...NAMES),
  actor: fc.constantFrom(...ACTORS),
  by: fc.nat(1),
});

class Model {
  readonly held = new Map<string, { readonly actor: NamedActor; shown: NamedActor; live: boolean }>();
  readonly #namesMax: number;

  constructor(namesMax: number) {
    this.#namesMax = namesMax;
  }

  run({ do: change, name, actor }: Operation): unknown {
    const holder = this.held.get(name);
    const mine = holder?.actor === actor ? holder : undefined;
    switch (change) {
      case 'reserve':
        if (holder !== undefined) return 'AlreadyRegistered';
        if (this.held.size === this.#namesMax) return 'LimitReached';
        this.held.set(name, { actor, shown: actor, live: false });
        break;
      case 'publish':
      case 'conceal':
        if (mine !== undefined) mine.live = change === 'publish';
        break;
      case 'free':
        if (mine !== undefined) this.held.delete(name);
        break;
      case 'entrust':
        if (mine !== undefined) mine.shown = entrusted(actor);
        return mine !== undefined;
      case 'freeAllOf': {
        const { origin } = actor;
        const names = this.#namesOf(({ shown }) => shown.origin === origin || shown.parent === origin);
        for (const each of names) this.held.delete(each);
        return names;
      }
    }
    return undefined;
  }

  #namesOf(which: (held: { actor: NamedActor; shown: NamedActor; live: boolean }) => boolean): string[] {
    return [...this.held].flatMap(([name, held]) => (which(held) ? [name] : [])).sort();
  }

  observe(): unknown {
    return {
      found: NAMES.map((name) => (this.held.get(name)?.live ? this.held.get(name)?.shown : null)),
      live: this.#namesOf(({ live }) => live),
      reserved: ORIGINS.map((origin) => this.#namesOf(({ actor, live }) => actor.origin === origin && !live)),
    };
  }
}

const observe = (names: NameTable): unknown => ({
  found: NAMES.map((name) => names.find(name) ?? null),
  live: names.list().sort(),
  reserved: ORIGINS.map((origin) =>
    names
      .reservedOf(origin)
      .map(([name]) => name)
      .sort(),
  ),
});

const run = (names: NameTable, { do: change, name, actor }: Operation): unknown => {
  try {
    if (change === 'freeAllOf') return names.freeAllOf(actor.origin).sort();
    return change === 'entrust' ? names.entrust(name, entrusted(actor)) : names[change](name, actor);
  } catch (error) {
    if (error instanceof HeddleError) return error.name;
    throw error;
  }
};

const same = (what: string, got: unknown, expected: unknown): void => {
  const [one, other] = [JSON.stringify(got), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${what}: ${one} instead of ${other}`);
};

describe('a table of names', () => {
  it('is a map that two threads share', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 4, 8), fc.array(operation, { maxLength: 150 }), (namesMax, operations) => {
        const words = nameMemory(namesMax);
        const tables = ORIGINS.map((origin) => openNames(words, namesMax, origin));
        const model = new Model(namesMax);
        for (const [index, each] of operations.entries()) {
          same(`result of operation ${index}`, run(tables[each.by]!, each), model.run(each));
          same(`after operation ${index}`, observe(tables[1 - each.by]!), model.observe());
        }
      }),
      { numRuns: effort(2000, 100_000) },
    );
  });
});
