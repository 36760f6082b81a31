/** Pipelines of heddle that run to their end. */
import type { OutPort, Pipeline, System } from 'heddle';

/** Runs a pipeline until all is done; resolves with the only item that comes out. */
export const runFlow = async <T>(system: System, flow: Pipeline, output: OutPort<T>): Promise<T> => {
  const job = await flow.run(system, { output });
  const results: T[] = [];
  for await (const result of job.output) results.push(result);
  await job.done;
  const [result] = results;
  if (result === undefined || results.length > 1) throw new Error(`${results.length} results of a pipeline`);
  return result;
};
