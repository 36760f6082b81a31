/** The job with heddle: files flow from the host to readers on all workers, and their terms to a shard on each. */
import { PassThrough, Readable } from 'node:stream';
import { createSystem, pipeline, text, u32s } from 'heddle';
import { batchesOf, type File } from './files.js';
import { addSummaries, type Pairs, shardOf } from './postings.js';
import { Batch, Read, ReportField, Shard } from './stages.js';
import { type Report, type Way, WORKER_LIMITS } from './way.js';

export const openPipeline = async (threads: number, files: readonly File[]): Promise<Way> => {
  const reports: Report[] = [];
  let finish!: () => void;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const flow = pipeline('full-text index');
  const input = new PassThrough({ objectMode: true });
  const read = flow.stage(Read, undefined, { parallel: threads, outputs: threads });
  const report = flow.into((one: Report) => reports.push(one) === threads && finish(), ReportField, { name: 'report' });
  flow.from(input, Batch, { name: 'batches' }).to(read);
  const shards = read.out.map((terms, index) => {
    const questions = new PassThrough({ objectMode: true });
    const asked: ((pairs: Pairs) => void)[] = [];
    const shard = flow.stage(Shard, threads, { name: `shard-${index}`, place: index + 1 });
    terms.to(shard.in.part);
    flow.from(questions, text, { name: `questions-${index}` }).to(shard.in.question);
    shard.out.report.to(report);
    // Answers come in the order of the questions.
    shard.out.answer.to(flow.into((pairs: Pairs) => asked.shift()!(pairs), u32s, { name: `answers-${index}` }));
    const ask = (term: string): Promise<Pairs> =>
      new Promise((resolve) => {
        asked.push(resolve);
        questions.write(term);
      });
    return { ask, end: () => questions.end() };
  });

  const system = await createSystem({ threads, resourceLimits: WORKER_LIMITS });
  const job = await flow.run(system);
  const unlessFailed = <T>(result: Promise<T>): Promise<T> => Promise.race([result, job.done.then(() => result)]);
  return {
    name: 'heddle',
    async index() {
      Readable.from(batchesOf(files)).pipe(input);
      await unlessFailed(finished);
      // Every shard is told what became of all files.
      return { tally: reports[0]!.tally, summary: addSummaries(reports.map(({ summary }) => summary)) };
    },
    find: (term) => unlessFailed(shards[shardOf(term, threads)]!.ask(term)),
    counters: () => job.counters(),
    async close() {
      for (const { end } of shards) end();
      await job.done;
      await system.shutdown();
    },
  };
};
