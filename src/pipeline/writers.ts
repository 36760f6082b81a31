/** What the functions of a stage emit by. */
import type { Writer } from './contract.js';
import type { Outlet } from './outlet.js';
import type { PortPlan } from './ports.js';
import type { Tally } from './tally.js';

export interface WriterPorts {
  /** Resolves when all outputs have room. */
  room(): Promise<void>;
  /** There is something to send. */
  again(): void;
}

/** One output. While nothing is connected to it, nobody wants what is emitted. */
export class PortWriter implements Writer<unknown> {
  outlet: Outlet | undefined;
  readonly #tally: Tally;
  readonly #ports: WriterPorts;

  constructor(tally: Tally, ports: WriterPorts) {
    this.#tally = tally;
    this.#ports = ports;
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
    if (tally.isLate && !tally.isHolding) this.#ports.again();
    return hasRoom;
  }

  room(): Promise<void> {
    return this.#ports.room();
  }
}

/** The writers of all output ports. */
export class Writers {
  /** By number of the port. */
  readonly byPort: PortWriter[][];
  /** What `process` is given. */
  readonly given: unknown;

  constructor(ports: readonly PortPlan[], isNamed: boolean, counts: readonly number[], make: () => PortWriter) {
    this.byPort = ports.map(({ isMany }, port) => Array.from({ length: isMany ? counts[port]! : 1 }, make));
    if (isNamed) this.given = Object.fromEntries(ports.map(({ name }, port) => [name, this.byPort[port]![0]]));
    else if (ports.length === 0) this.given = {};
    else this.given = ports[0]!.isMany ? this.byPort[0] : this.byPort[0]![0];
  }

  connect(outlet: Outlet): void {
    this.#of(outlet).outlet = outlet;
  }

  disconnect(outlet: Outlet): void {
    this.#of(outlet).outlet = undefined;
  }

  disconnectAll(): void {
    for (const writers of this.byPort) for (const writer of writers) writer.outlet = undefined;
  }

  #of({ plan: { port, output } }: Outlet): PortWriter {
    return this.byPort[port]![output]!;
  }
}
