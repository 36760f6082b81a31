import { context, trace } from '@opentelemetry/api';
import { call, defineActor, text } from 'heddle';
import { called } from './telemetry.js';

export const Clerk = defineActor(import.meta.url, 'Clerk', {
  protocol: { traceId: call({}, text) },
  init: () => ({}),
  on: {
    traceId: () => called(() => trace.getSpanContext(context.active()).traceId),
  },
});
