/** The children of a supervisor, in the order in which they are started, while its next state is made. */
import { AlreadyRegistered, InvalidOptions, LimitReached, NoSuchActor } from '../base/errors.js';
import { type Child, newChild } from './child.js';
import type { ChildPlan, SupervisorPlan } from './plan.js';

/** @throws LimitReached */
export const checkRoom = ({ maxChildren }: SupervisorPlan, children: number): void => {
  if (children <= maxChildren) return;
  throw new LimitReached('the supervisor has no room for more children; raise its maxChildren', { maxChildren });
};

export class Roster {
  readonly #children: Child[];

  constructor(children: readonly Child[]) {
    this.#children = [...children];
  }

  get all(): readonly Child[] {
    return this.#children;
  }

  /** Those from a place on. */
  from(first: number): readonly Child[] {
    return this.#children.filter(({ place }) => place >= first);
  }

  find(id: string): Child | undefined {
    return this.#children.find(({ plan }) => plan.id === id);
  }

  /** @throws NoSuchActor */
  known(id: string): Child {
    const child = this.find(id);
    if (child !== undefined) return child;
    throw new NoSuchActor('the supervisor has no child of this id', { id });
  }

  /** @throws NoSuchActor, or InvalidOptions while it has not ended for good */
  resting(id: string): Child {
    const child = this.known(id);
    const { phase } = child;
    if (phase === 'terminated') return child;
    throw new InvalidOptions('only a child that has ended can be restarted or removed; terminate it first', {
      id,
      phase,
    });
  }

  /** @throws AlreadyRegistered, LimitReached */
  add(plan: SupervisorPlan, child: ChildPlan, place: number): void {
    const { id } = child;
    if (this.find(id) !== undefined) {
      throw new AlreadyRegistered('the supervisor has a child of this id; choose another, or remove that one', { id });
    }
    checkRoom(plan, this.#children.length + 1);
    this.#children.push(newChild(child, place, 'add'));
  }

  change(child: Child, change: Partial<Omit<Child, 'plan' | 'place'>>): Child {
    const changed = { ...child, ...change };
    this.#children[this.#indexOf(child)] = changed;
    return changed;
  }

  forget(child: Child): void {
    this.#children.splice(this.#indexOf(child), 1);
  }

  #indexOf({ place }: Child): number {
    return this.#children.findIndex((child) => child.place === place);
  }
}
