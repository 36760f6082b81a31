import { trace } from '@opentelemetry/api';
import { createSystem } from 'heddle';
import { Clerk } from './clerk.js';
import { calling } from './telemetry.js';

const system = await createSystem({ threads: 1, traceContext: true });
const clerk = await system.spawn(Clerk);
await trace.getTracer('main').startActiveSpan('ask', async (span) => {
  const traceId = await calling(() => clerk.traceId());
  console.log(traceId === span.spanContext().traceId ? 'one trace' : 'two traces');
  span.end();
});
await system.shutdown();
