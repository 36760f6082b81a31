/**
 * The definitions that other threads have announced, and the modules that this thread imports for them.
 *
 * An announcement is the only thing received that leads to an import: a URL and a name, once for each definition and pair
 * of threads. Spawns then mention its number.
 */
import type { Behavior } from '../actor/behavior.js';
import { type Details, detailsOf, findDefinition, findForeign } from '../actor/definition.js';
import { withDeadline } from '../base/deadline.js';
import { debug } from '../base/debug.js';
import { InvalidDefinition } from '../base/errors.js';
import type { Inbound } from '../mesh/inbound.js';
import type { Link } from '../mesh/link.js';
import { ANNOUNCE, BODY_AT, CALL_AT, GENERATION, SLOT } from '../mesh/records.js';
import { NO_ROOM } from '../messages/memory.js';
import type { Core } from './core.js';
import type { HeldRecord } from './held.js';

const NO_KEY = -1;
/** An announcement: number, hash; then URL and name. */
const NUMBER = SLOT;
const HASH = GENERATION;
const NAMES_AT = BODY_AT + 8;

/** A definition of another thread: what it became here, or why it did not. */
export type Loaded = { readonly behavior: Behavior } | { readonly error: Error };

export interface Announced {
  readonly url: string;
  readonly name: string;
  readonly hash: number;
  /** Undefined while the module is being imported. */
  loaded: Loaded | undefined;
  /** Spawns that came while the module was being imported. */
  readonly waiting: HeldRecord[];
}

export interface ModulePorts {
  /** Imports a module; the only place where anything received leads to an import. */
  readonly importModule: (url: string) => Promise<unknown>;
  /** A module has been imported, or cannot be. */
  readonly loaded: (announced: Announced, loaded: Loaded) => void;
}

export class Modules {
  readonly #core: Core;
  readonly #ports: ModulePorts;
  /** By thread, then by the number that thread uses. */
  readonly #announced: Map<number, Announced>[];
  /** Modules that could not be imported, by URL, and why. */
  readonly #broken = new Map<string, unknown>();

  constructor(core: Core, ports: ModulePorts) {
    this.#core = core;
    this.#ports = ports;
    this.#announced = Array.from({ length: core.mesh.layout.threads }, () => new Map());
  }

  /** Tells a peer, once, what this thread means by the number of a definition. */
  announce(link: Link, { number, url, name, hash }: Details): void {
    if (link.announced.has(number)) return;
    link.transmit({
      type: ANNOUNCE,
      key: NO_KEY,
      reserved: true,
      message: undefined,
      write: ({ memory: { i32 }, general }, at, end) => {
        if (at + CALL_AT > end) return NO_ROOM;
        i32[(at >> 2) + NUMBER] = number;
        i32[(at >> 2) + HASH] = hash;
        return general.write([url, name], at + NAMES_AT, end);
      },
    });
    link.announced.add(number);
  }

  receive(inbound: Inbound, at: number, end: number): void {
    const { memory, general } = this.#core.mesh.tools;
    const number = memory.i32[(at >> 2) + NUMBER]!;
    const hash = memory.i32[(at >> 2) + HASH]!;
    memory.at = at + NAMES_AT;
    memory.end = end;
    const [url, name] = general.read() as [string, string];
    const announced: Announced = { url, name, hash, loaded: undefined, waiting: [] };
    this.#announced[inbound.peer]!.set(number, announced);
    announced.loaded = this.#lookUp(announced);
    if (announced.loaded !== undefined) return;
    void this.#import(announced)
      .then(() => this.#load(announced))
      .catch((error: unknown) => ({ error: this.#importFailed(announced, error) }))
      .then((loaded) => {
        announced.loaded = loaded;
        this.#ports.loaded(announced, loaded);
        this.#core.wake();
      });
  }

  /** What a thread means by a number. A module whose import took too long may be there by now. */
  find(thread: number, number: number): Announced | undefined {
    const announced = this.#announced[thread]!.get(number);
    if (announced?.loaded !== undefined && 'error' in announced.loaded) {
      announced.loaded = this.#lookUp(announced) ?? announced.loaded;
    }
    return announced;
  }

  /** Spawns of a thread that wait for a module. */
  waitingOf(thread: number): readonly HeldRecord[] {
    return [...this.#announced[thread]!.values()].flatMap(({ waiting }) => waiting);
  }

  /** A thread has died; its replacement announces what it needs anew. Imports that are under way go on. */
  loseThread(thread: number): void {
    this.#announced[thread] = new Map();
  }

  /** The system ends: nothing is born any more. */
  bury(): void {
    for (const announced of this.#announced) for (const { waiting } of announced.values()) waiting.length = 0;
  }

  /** Modules that are being imported. */
  get importing(): number {
    const { mesh } = this.#core;
    return mesh.tools.memory.i32[mesh.layout.importingWord(mesh.thread)]!;
  }

  async #import({ url }: Announced): Promise<void> {
    const { mesh, options } = this.#core;
    const words = mesh.tools.memory.i32;
    const importing = mesh.layout.importingWord(mesh.thread);
    debug('thread %d imports %s', this.#core.thread, url);
    // Read by spawners whose deadline has passed: a module that loops keeps this thread from telling.
    Atomics.add(words, importing, 1);
    try {
      const imported = this.#ports.importModule(url);
      // Also when that is too late for those who wait now.
      void imported.then(
        () => this.#broken.delete(url),
        () => undefined,
      );
      await withDeadline(imported, options.importTimeoutMs, 'the import; its top level may wait');
    } catch (error) {
      this.#broken.set(url, error);
      throw error;
    } finally {
      Atomics.sub(words, importing, 1);
    }
  }

  #importFailed({ url, name }: Announced, cause: unknown): Error {
    const { thread } = this.#core;
    const what = `thread ${thread} cannot import the module that defines ${name}`;
    const advice = 'define actors in modules that every thread can import, apart from tests and programs';
    return new InvalidDefinition(`${what}; ${advice}`, { url }, { cause });
  }

  /** What this thread knows of a definition without an import. What a module defined before it threw is not used. */
  #lookUp(announced: Announced): Loaded | undefined {
    const { url, name } = announced;
    if (this.#broken.has(url)) return { error: this.#importFailed(announced, this.#broken.get(url)) };
    return findDefinition(url, name) === undefined ? undefined : this.#load(announced);
  }

  #load({ url, name, hash }: Announced): Loaded {
    const { thread, births } = this.#core;
    const definition = findDefinition(url, name);
    if (definition === undefined) {
      const foreign = findForeign(url, name);
      if (foreign !== undefined) return { error: foreign };
      const advice = 'call defineActor at the top level of the module whose import.meta.url it is given';
      return { error: new InvalidDefinition(`the module defines no ${name} on thread ${thread}; ${advice}`, { url }) };
    }
    const details = detailsOf(definition);
    if (details.hash !== hash) {
      return {
        error: new InvalidDefinition(`${name} has another protocol on thread ${thread} than where it was spawned`, {
          url,
        }),
      };
    }
    return { behavior: births.behaviorOf(details) };
  }
}
