/** What the functions of a stage emit by. */
import type { Writer } from './contract.js';
import type { Outlet } from './outlet.js';
import type { PortPlan } from './ports.js';
import type { Tally } from './tally.js';

/** Resolves when all outputs have room. */
export type AwaitRoom = () => Promise<void>;

/** One output. While nothing is connected to it, nobody wants what is emitted. */
export class PortWriter implements Writer<unknown> {
  outlet: Outlet | undefined;
  readonly #tally: Tally;
  readonly #awaitRoom: AwaitRoom;

  constructor(tally: Tally, awaitRoom: AwaitRoom) {
    this.#tally = tally;
    this.#awaitRoom = awaitRoom;
  }

  get dropped(): number {
    return this.outlet?.dropped ?? 0;
  }

  emit(item: unknown): boolean {
    const { outlet } = this;
    const tally = this.#tally;
    if (outlet === undefined) {
      tally.emitted++;
      tally.unwanted(1);
      return true;
    }
    const hasRoom = outlet.put(item, tally.keepsOrigins ? tally.originOf() : 0);
    // What a channel refuses was not emitted.
    tally.emitted++;
    return hasRoom;
  }

  room(): Promise<void> {
    return this.#awaitRoom();
  }
}

/** The writers of all output ports; those that `many` stands for come and go with the channels. */
export class Writers {
  /** By number of the port. */
  readonly byPort: PortWriter[][];
  /** What `process` is given. */
  readonly given: unknown;
  readonly #make: () => PortWriter;

  constructor(ports: readonly PortPlan[], isNamed: boolean, counts: readonly number[], make: () => PortWriter) {
    this.#make = make;
    this.byPort = ports.map(({ isMany }, port) => Array.from({ length: isMany ? counts[port]! : 1 }, make));
    if (isNamed) this.given = Object.fromEntries(ports.map(({ name }, port) => [name, this.byPort[port]![0]]));
    else if (ports.length === 0) this.given = {};
    else this.given = ports[0]!.isMany ? this.byPort[0] : this.byPort[0]![0];
  }

  /** Leads the first writer of a port that leads nowhere to an outlet; a new one if there is none. */
  connect(port: number, outlet: Outlet): void {
    const writers = this.byPort[port]!;
    let free = writers.find((writer) => writer.outlet === undefined);
    if (free === undefined) {
      free = this.#make();
      writers.push(free);
    }
    free.outlet = outlet;
  }

  disconnectAll(): void {
    for (const writers of this.byPort) for (const writer of writers) writer.outlet = undefined;
  }

  /** Who writes to an outlet. */
  writerOf(outlet: Outlet): PortWriter | undefined {
    return this.byPort.flat().find((writer) => writer.outlet === outlet);
  }
}
