/** Pipelines: what users start with. */
import { checkMembers } from '../base/members.js';
import type { Field } from '../messages/fields.js';
import type { System } from '../scheduler/system.js';
import { hold, type OpenTaker, type SinkEdge, type SourceEdge, sinkEdge, sourceEdge } from './edges.js';
import { Flow, type FlowOptions, type Node, type NodeOptions, type OutPort } from './flow.js';
import { checkItems, type Items } from './items.js';
import { Job } from './job.js';
import { checkReceiver, type Receiver, takerOf } from './receivers.js';

export interface RunOptions<T> {
  /** An output that `job.output` reads. */
  readonly output?: OutPort<T>;
}

/** A stage on the host has a name; the rest follows from what it is. */
export type EdgeOptions = Pick<NodeOptions, 'name'>;

const RUN_OPTIONS: ReadonlySet<string> = new Set<keyof RunOptions<never>>(['output']);
const EDGE_OPTIONS: ReadonlySet<string> = new Set<keyof EdgeOptions>(['name']);

export class Pipeline extends Flow {
  /**
   * Adds a source of items that the host has: an array, a generator, a `Readable`, a `ReadableStream`. It is pulled as
   * there is room; when the job ends before, it is told by `return`. In an acknowledged pipeline items are kept until
   * they are acknowledged.
   *
   * @throws InvalidOptions, InvalidFlow
   *
   * @example
   * flow.from(createReadStream('log.txt'), bytes).to(flow.stage(Lines)).to(flow.stage(Count));
   */
  from<T>(items: Items<T>, of: Field<T>, options: EdgeOptions = {}): Node<undefined, Field<T>> {
    checkItems(items);
    const args = hold({ items, isKept: this.isAcknowledged });
    return this.stage(sourceEdge(of) as SourceEdge, args, this.#edge('source', options)) as never;
  }

  /**
   * Adds a sink that gives items to the host: to a `Writable` or `WritableStream`, which is ended with the pipeline and
   * destroyed if that fails, or to a function, whose promise is awaited.
   *
   * @throws InvalidOptions, InvalidFlow
   *
   * @example
   * lines.to(flow.into(createWriteStream('out.txt'), text));
   */
  into<T>(receiver: Receiver<T>, of: Field<T>, options: EdgeOptions = {}): Node<Field<T>, undefined> {
    checkReceiver(receiver);
    const args = hold(((onFailure) => takerOf(receiver, onFailure)) as OpenTaker);
    return this.stage(sinkEdge(of) as SinkEdge, args, this.#edge('sink', options)) as never;
  }

  #edge(kind: string, options: EdgeOptions): NodeOptions {
    checkMembers(`pipeline ${this.name}: ${kind}`, options, EDGE_OPTIONS);
    return { name: options.name ?? this.freeName(kind), place: 'host' };
  }

  /**
   * Checks the graph and starts it; resolves when it runs.
   *
   * @throws InvalidFlow  a port that leads nowhere, a cycle without a declared loop, types that do not fit
   * @throws InvalidDefinition, InvalidOptions, SystemStopped, and what the `init` of a stage throws
   */
  async run<T = never>(system: System, options: RunOptions<T> = {}): Promise<Job<T>> {
    checkMembers(`pipeline ${this.name}: run`, options, RUN_OPTIONS);
    return await Job.start<T>(this, system, options.output);
  }
}

/**
 * A pipeline, to which stages are added and linked before it is run.
 *
 * @throws InvalidOptions
 *
 * @example
 * const flow = pipeline('squares');
 * flow.stage(Numbers, 1_000_000).to(flow.stage(Square, undefined, { parallel: 4, ordered: true })).to(flow.stage(Total));
 * const job = await flow.run(system);
 * await job.done;
 */
export const pipeline = (name: string, options: FlowOptions = {}): Pipeline => new Pipeline(name, options);
