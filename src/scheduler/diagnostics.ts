/** All that heddle tells on `node:diagnostics_channel`, and what systems tell. */
import { Topic } from '../base/topics.js';
import type { CallTimeoutMessage, ThreadLostMessage, ThreadReadyMessage } from '../runtime/diagnostics.js';
import type { DeadLetter, Problem } from '../runtime/reports.js';
import type { ShutdownReport, System } from './system.js';

export interface SystemStartMessage {
  readonly system: System;
}

export interface SystemStopMessage {
  readonly system: System;
  readonly report: ShutdownReport;
}

/**
 * What is published, by channel. `docs/diagnostics.md` says on which threads.
 *
 * @example
 * subscribe('heddle:call-timeout', (message) => {
 *   const { call, timeoutMs } = message as DiagnosticMessages['heddle:call-timeout'];
 * });
 */
export interface DiagnosticMessages {
  'heddle:system-start': SystemStartMessage;
  'heddle:system-stop': SystemStopMessage;
  'heddle:thread-ready': ThreadReadyMessage;
  'heddle:thread-lost': ThreadLostMessage;
  'heddle:dead-letter': DeadLetter;
  'heddle:problem': Problem;
  'heddle:call-timeout': CallTimeoutMessage;
}

export const systemStartTopic = new Topic<SystemStartMessage>('heddle:system-start');
export const systemStopTopic = new Topic<SystemStopMessage>('heddle:system-stop');
