/** Which definitions are supervisors: they are given as much time to end as their children take, as in Erlang. */
import type { AnyDefinition } from '../actor/definition.js';

const supervisors = new WeakSet<AnyDefinition>();

export const knowSupervisor = <D extends AnyDefinition>(definition: D): D => {
  supervisors.add(definition);
  return definition;
};

export const isSupervisor = (definition: AnyDefinition): boolean => supervisors.has(definition);
