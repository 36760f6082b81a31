/**
 * The ports of stages: what goes in, and what comes out.
 *
 * | declared as          | is                                          | `process` gets or writes to           |
 * | -------------------- | ------------------------------------------- | ------------------------------------- |
 * | `text`, `record(..)` | one port, called `in` or `out`              | `item`, `out.emit(item)`              |
 * | `{ a: f, b: g }`     | ports of different types, by name           | a function each, `out.a.emit(item)`   |
 * | `many(f)`            | as many as the graph connects, of one type  | `stage.input`, `out[0].emit(item)`    |
 *
 * From its ports follows what kind of stage it is; the names are those of acto-rs (David Beck).
 */
import { describe } from '../base/describe.js';
import { InvalidDefinition } from '../base/errors.js';
import { type Field, isField, type ValueOf } from '../messages/fields.js';
import { holdsView, type Shape } from '../messages/shape.js';

const MANY: unique symbol = Symbol.for('heddle.many') as never;

/** Any number of ports of one type. */
export interface Many<F extends Field<unknown>> {
  readonly field: F;
  readonly [MANY]: true;
}

/** Declares any number of ports of one type: the outputs of a scatter, the inputs of a gather. */
export const many = <F extends Field<unknown>>(field: F): Many<F> => Object.freeze({ field, [MANY]: true as const });

export type NamedPorts = Readonly<Record<string, Field<unknown>>>;

/** What a stage may declare on one side. */
export type Ports = Field<unknown> | NamedPorts | Many<Field<unknown>>;

/** What goes through a port. */
export type ItemOf<F> = F extends Many<infer G> ? ValueOf<G> : F extends Field<unknown> ? ValueOf<F> : never;

/** One declared port, checked. */
export interface PortPlan {
  readonly name: string;
  readonly field: Field<unknown>;
  readonly shape: Shape;
  readonly isMany: boolean;
}

export type Side = 'in' | 'out';

const isMany = (ports: unknown): ports is Many<Field<unknown>> =>
  typeof ports === 'object' && ports !== null && (ports as { [MANY]?: unknown })[MANY] === true;

const planPort = (where: string, name: string, field: unknown, isManyPort: boolean): PortPlan => {
  if (!isField(field)) {
    throw new InvalidDefinition(`${where}: port ${JSON.stringify(name)} is not a field type`, { got: describe(field) });
  }
  if (holdsView(field.shape)) {
    throw new InvalidDefinition(`${where}: port ${JSON.stringify(name)} holds a view; items wait, so declare bytes`);
  }
  return { name, field, shape: field.shape, isMany: isManyPort };
};

/** Ports that a stage may have on one side. */
const PORTS_MAX = 64;

/** @throws InvalidDefinition */
export const planPorts = (stage: string, side: Side, ports: unknown): readonly PortPlan[] => {
  const where = `${stage}: ${side}`;
  if (ports === undefined) return [];
  if (isField(ports)) return [planPort(where, side, ports, false)];
  if (isMany(ports)) return [planPort(where, side, ports.field, true)];
  if (typeof ports !== 'object' || ports === null || Array.isArray(ports)) {
    throw new InvalidDefinition(`${where} is a field type, an object of them, or many(...)`, { got: describe(ports) });
  }
  const named = Object.entries(ports);
  if (named.length === 0 || named.length > PORTS_MAX) {
    throw new InvalidDefinition(`${where} names 1 to ${PORTS_MAX} ports; leave it out if there is none`, {
      given: named.length,
    });
  }
  return named.map(([name, field]) => planPort(where, name, field, false));
};

/** Whether the ports of a side have names of their own. */
export const isNamed = (ports: unknown): ports is NamedPorts =>
  ports !== undefined && !isField(ports) && !isMany(ports);

export type Topology = 'source' | 'sink' | 'filter' | 'ysplit' | 'ymerge' | 'scatter' | 'gather' | 'custom';

/** What kind of stage has these ports. */
export const topologyOf = (ins: readonly PortPlan[], outs: readonly PortPlan[]): Topology => {
  const isOne = (ports: readonly PortPlan[]): boolean => ports.length === 1 && !ports[0]!.isMany;
  const isAny = (ports: readonly PortPlan[]): boolean => ports.length === 1 && ports[0]!.isMany;
  if (ins.length === 0 && outs.length > 0) return isOne(outs) ? 'source' : 'custom';
  if (outs.length === 0 && ins.length > 0) return isOne(ins) ? 'sink' : 'custom';
  if (isOne(ins) && isOne(outs)) return 'filter';
  if (isOne(ins) && isAny(outs)) return 'scatter';
  if (isAny(ins) && isOne(outs)) return 'gather';
  if (isOne(ins) && outs.length === 2) return 'ysplit';
  if (ins.length === 2 && isOne(outs)) return 'ymerge';
  return 'custom';
};
