/** The state of a stage; of a keyed one, a state for each key. */
import { LimitReached } from '../base/errors.js';
import type { Context } from './context.js';
import type { StageDetails } from './details.js';

/** Keys that one instance of a stage may have states for. */
const KEYS_MAX = 2 ** 22;

export class States {
  /** Of a stage without keys. */
  only: unknown;
  readonly #details: StageDetails;
  readonly #context: Context;
  readonly #args: unknown;
  readonly #byKey = new Map<string | number, unknown>();
  #isBegun = false;

  constructor(details: StageDetails, context: Context, args: unknown) {
    this.#details = details;
    this.#context = context;
    this.#args = args;
  }

  async begin(): Promise<void> {
    if (this.#details.key === undefined) this.only = await this.#make();
    this.#isBegun = true;
  }

  #make(): unknown {
    return this.#details.init?.(this.#context, this.#args);
  }

  /** The state of a key, or a promise of it. @throws LimitReached, and what `init` throws */
  of(key: string | number): unknown {
    const known = this.#byKey.get(key);
    if (known !== undefined || this.#byKey.has(key)) return known;
    if (this.#byKey.size >= KEYS_MAX) {
      throw new LimitReached(`${this.#context.name}: there are states for too many keys`, { keys: KEYS_MAX });
    }
    const made = this.#make();
    if (made instanceof Promise) {
      return made.then((state: unknown) => {
        this.#byKey.set(key, state);
        return state;
      });
    }
    this.#byKey.set(key, made);
    return made;
  }

  /** Makes the state anew; of a keyed stage that of the item's key. */
  async renew(item: unknown): Promise<void> {
    const { key } = this.#details;
    if (key === undefined) {
      this.only = await this.#make();
      return;
    }
    try {
      this.#byKey.delete(key(item));
    } catch {
      // What has no key has no state.
    }
  }

  /** Does something with the state, or with those of all keys, one after the other. */
  forAll(act: (state: unknown) => unknown): unknown {
    return this.#details.key === undefined ? act(this.only) : this.#forEach(act);
  }

  async #forEach(act: (state: unknown) => unknown): Promise<void> {
    for (const state of this.#byKey.values()) await act(state);
  }

  /** It will not be used any more. */
  end(): unknown {
    const { stopped } = this.#details;
    if (stopped === undefined || !this.#isBegun) return undefined;
    return this.forAll((state) => stopped(state, this.#context));
  }
}
