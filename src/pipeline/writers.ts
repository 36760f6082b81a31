/** What the functions of a stage emit by. */
import type { Writer } from './contract.js';
import type { Outlet } from './outlet.js';
import type { PortPlan } from './ports.js';

export interface WriterHost {
  /** Whether items keep the numbers of those that they come from. */
  readonly keepsOrigins: boolean;
  /** The number that an item has which is emitted now. */
  originOf(): number;
  /** Items that were emitted. */
  emitted: number;
  unwanted(count: number): void;
  /** Resolves when all outputs have room. */
  room(): Promise<void>;
}

/** One output. While nothing is connected to it, nobody wants what is emitted. */
export class PortWriter implements Writer<unknown> {
  outlet: Outlet | undefined;
  readonly #host: WriterHost;

  constructor(host: WriterHost) {
    this.#host = host;
  }

  emit(item: unknown): boolean {
    const { outlet } = this;
    const host = this.#host;
    host.emitted++;
    if (outlet === undefined) {
      host.unwanted(1);
      return true;
    }
    outlet.put(item, host.keepsOrigins ? host.originOf() : 0);
    return outlet.hasRoom;
  }

  room(): Promise<void> {
    return this.#host.room();
  }
}

/** The writers of all output ports; those that `many` stands for come and go with the channels. */
export class Writers {
  /** By number of the port. */
  readonly byPort: PortWriter[][];
  /** What `process` is given. */
  readonly given: unknown;
  readonly #host: WriterHost;

  constructor(ports: readonly PortPlan[], isNamed: boolean, counts: readonly number[], host: WriterHost) {
    this.#host = host;
    this.byPort = ports.map(({ isMany }, port) =>
      Array.from({ length: isMany ? counts[port]! : 1 }, () => new PortWriter(host)),
    );
    if (isNamed) this.given = Object.fromEntries(ports.map(({ name }, port) => [name, this.byPort[port]![0]]));
    else if (ports.length === 0) this.given = {};
    else this.given = ports[0]!.isMany ? this.byPort[0] : this.byPort[0]![0];
  }

  /** Leads the first writer of a port that leads nowhere to an outlet; a new one if there is none. */
  connect(port: number, outlet: Outlet): void {
    const writers = this.byPort[port]!;
    let free = writers.find((writer) => writer.outlet === undefined);
    if (free === undefined) {
      free = new PortWriter(this.#host);
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
