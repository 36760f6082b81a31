/**
 * heddle: stateful code on many threads in Node.js. Every public name is listed here.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { getEnvironmentData, MessageChannel, Worker } from 'node:worker_threads';
import { StartFailed } from './base/errors.js';
import { type ControlPlane, type ControlSetup, WORKER_MARK } from './scheduler/control-plane.js';
import type { SystemOptions } from './scheduler/options.js';
import type { ControlConnection, System } from './scheduler/system.js';

export {
  type ActorSpec,
  type Answer,
  type AnyDefinition,
  type ArgumentsOf,
  type Definition,
  defineActor,
  type Handlers,
  type MailboxOptions,
  type MailboxPolicy,
  type ProtocolOf,
  type RefOf,
} from './actor/definition.js';
export type { Ended, SupervisionEvent, Watch } from './actor/family.js';
export { type Narrowed, narrow } from './actor/narrow.js';
export { type AnyRef, type CallOptions, type Ref, refKey, sameRef } from './actor/ref.js';
export { anyRef, ref, selfRef } from './actor/ref-fields.js';
export type {
  EveryOptions,
  LinkOptions,
  MissedTicks,
  PipeOptions,
  Place,
  Reply,
  Self,
  SpawnOptions,
  StopOptions,
  Timer,
  Verbs,
} from './actor/self.js';
export {
  ActorFailed,
  ActorStopped,
  AlreadyRegistered,
  CallTimeout,
  ChannelFull,
  type Culprit,
  DeadlinePassed,
  HeddleError,
  InvalidDefinition,
  InvalidFlow,
  InvalidMessage,
  InvalidOptions,
  LimitReached,
  type LossReason,
  MailboxFull,
  MessageTooLarge,
  NestedSystem,
  NoSuchActor,
  SlowHandler,
  type StageFacts,
  StageFailed,
  StartFailed,
  SystemStopped,
  ThreadLost,
  TwoCopies,
} from './base/errors.js';
export type { Missable } from './base/stream.js';
export { traceparent, withTraceparent } from './base/trace-context.js';
export type { DeadReason } from './mesh/books.js';
export type { RemoteError } from './messages/envelope.js';
export {
  any,
  bool,
  bytes,
  date,
  type Field,
  type Fields,
  f32,
  f32s,
  f64,
  f64s,
  i8,
  i8s,
  i16,
  i16s,
  i32,
  i32s,
  i64,
  i64s,
  list,
  oneOf,
  optional,
  record,
  shared,
  text,
  u8,
  u16,
  u16s,
  u32,
  u32s,
  u64,
  u64s,
  union,
  view,
} from './messages/fields.js';
export { type Call, call, message, type Protocol, protocol } from './messages/protocol.js';
export type { Shared } from './messages/shares.js';
export type {
  Delay,
  Observation,
  ObserveOptions,
  ReadDelaysOptions,
} from './observation/observation.js';
export type {
  Outputs,
  StageContext,
  StageSpec,
  Tick,
  Window,
  Writer,
} from './pipeline/contract.js';
export type { JobCounters, StageCounters } from './pipeline/counters.js';
export {
  type FileChunk,
  type FileRange,
  fileChunk,
  fileRange,
  fileRanges,
  type RangeOptions,
  type ReadOptions,
  readBytes,
  readLines,
} from './pipeline/files.js';
export type { ChannelOptions, FlowOptions, InPort, Node, NodeOptions, OutPort } from './pipeline/flow.js';
export { itemFailure } from './pipeline/item-failure.js';
export type { Items } from './pipeline/items.js';
export type { ItemFailure, Job, JobReport, StopJobOptions } from './pipeline/job.js';
export { type Pipeline, pipeline, type RunOptions } from './pipeline/pipeline.js';
export { type Many, many, type Ports, type Topology } from './pipeline/ports.js';
export { type Policy, StageNotifier } from './pipeline/protocol.js';
export type { Receiver } from './pipeline/receivers.js';
export type { Dispatch, FailurePolicy, RetryPolicy, Rule, Verdict } from './pipeline/setup.js';
export { defineStage, type StageDefinition } from './pipeline/stage.js';
export type { CallTimeoutMessage, ThreadLostMessage, ThreadReadyMessage } from './runtime/diagnostics.js';
export type { DeadLetter, LifeEvent, Problem, ProblemKind } from './runtime/reports.js';
export type { SystemCounters, ThreadCounters, ThreadState } from './scheduler/counters.js';
export type { DiagnosticMessages, SystemStartMessage, SystemStopMessage } from './scheduler/diagnostics.js';
export type { SystemOptions, WatchdogOptions } from './scheduler/options.js';
export type { ShutdownOptions, ShutdownReport, System } from './scheduler/system.js';
export { type ChildSpec, type ChildSpecOptions, child } from './supervision/child-spec.js';
export type { AutoShutdown, BackOff, Intensity, Restart } from './supervision/plan.js';
export {
  type DynamicSupervisorProtocol,
  type DynamicSupervisorSpec,
  defineDynamicSupervisor,
  defineSupervisor,
  type SupervisorProtocol,
  type SupervisorSpec,
} from './supervision/supervisor.js';
export { defineTask, type TaskProtocol } from './supervision/task.js';

/** Whether this thread may start systems: false in modules that a worker of heddle imports. */
export const isHost: boolean = getEnvironmentData(WORKER_MARK) === undefined;

/** The control thread's file, which stands beside this one in the package. @throws StartFailed */
const controlUrl = (): URL => {
  // A bundle of CommonJS modules has no `import.meta.url`.
  const url = URL.canParse('./control.js', import.meta.url) ? new URL('./control.js', import.meta.url) : undefined;
  if (url !== undefined && existsSync(url)) return url;
  const what = 'heddle has been bundled without the files that its threads start at; leave it out of the bundle';
  throw new StartFailed(what, { missing: url?.href });
};

const connect = (setup: ControlSetup, keepAlive: boolean): ControlConnection => {
  // A channel of its own, because what goes through comlink is posted later than it is said.
  const labels = new MessageChannel();
  const worker = new Worker(controlUrl(), {
    workerData: { ...setup, labelsPort: labels.port2 },
    transferList: [labels.port2],
    name: 'heddle-control',
  });
  if (!keepAlive) worker.unref();
  // comlink is loaded by the first system, not by importing heddle.
  const connected = Promise.all([
    import('comlink/dist/esm/comlink.mjs'),
    import('comlink/dist/esm/node-adapter.mjs'),
  ]).then(([{ wrap }, { default: nodeEndpoint }]) => {
    const plane = wrap<ControlPlane>(nodeEndpoint(worker));
    // Listening to a worker keeps the process alive again.
    if (!keepAlive) worker.unref();
    return { plane };
  });
  const died = new Promise<never>((_, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the control thread has ended with code ${code}`)));
  });
  died.catch(() => undefined);
  const ask = <T>(question: (plane: ControlPlane) => Promise<T>): Promise<T> =>
    Promise.race([connected.then(({ plane }) => question(plane as unknown as ControlPlane)), died]);
  return {
    plane: {
      start: () => ask((plane) => plane.start()),
      share: (share) => ask((plane) => plane.share(share)),
      terminate: (thread) => ask((plane) => plane.terminate(thread)),
      finish: (deadlineMs) => ask((plane) => plane.finish(deadlineMs)),
    },
    tellLabels: (range) => labels.port1.postMessage(range),
    end: () => worker.terminate(),
  };
};

/**
 * Starts a system.
 *
 * @throws InvalidOptions  an option that is out of range, or unknown
 * @throws NestedSystem    this module is being imported by a worker
 *
 * @example
 * await using system = await createSystem({ threads: 4 });
 */
export const createSystem = async (options?: SystemOptions): Promise<System> => {
  // The runtime, the larger half of heddle, is loaded by the first system: whoever only defines actors does without.
  const { startSystem } = await import('./scheduler/system.js');
  return startSystem(options, { isHost, connect });
};
