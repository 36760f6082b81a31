import { writeFile } from 'node:fs/promises';
import { createSystem, fileRanges, pipeline, readLines, StageFailed } from 'heddle';

const system = await createSystem({ threads: 2 });
const lines = Array.from({ length: 1_000 }, (_, n) => `line ${n}`);
await writeFile('lines.txt', lines.join('\n'));

const read = async (paths) => {
  const flow = pipeline('lines');
  const reader = flow.stage(readLines, undefined, { parallel: 2, ordered: true });
  flow.stage(fileRanges, { paths, rangeBytes: 100 }, { place: 1 }).to(reader);
  const job = await flow.run(system, { output: reader.out });
  const all = [];
  for await (const line of job.output) all.push(line);
  return all;
};

const got = await read(['lines.txt']);
const failure = await read(['missing.txt']).catch((error) => error);
console.log(
  JSON.stringify({
    isSame: got.join() === lines.join(),
    failure: failure instanceof StageFailed && failure.cause.code,
  }),
);
await system.shutdown();
