/** A first pipeline: numbers come from the host, workers keep the primes, and these come back in order. */
import { createSystem, defineStage, isHost, pipeline, u32 } from 'heddle';

const NUMBERS = 100_000;

/** For each item that it takes a stage emits none, one or many. */
export const Primes = defineStage(import.meta.url, 'Primes', {
  in: u32,
  out: u32,
  process(_, n, out) {
    for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return;
    out.emit(n);
  },
});

function* numbers(): Generator<number> {
  for (let n = 2; n < NUMBERS; n++) yield n;
}

if (isHost) {
  await using system = await createSystem({ threads: 2 });
  const flow = pipeline('primes');
  const primes = flow.from(numbers(), u32).to(flow.stage(Primes, undefined, { parallel: 2, ordered: true }));
  const job = await flow.run(system, { output: primes.out });

  // Whoever reads slowly slows the pipeline down; nothing piles up.
  const found: number[] = [];
  for await (const prime of job.output) found.push(prime);
  console.log('first:', found.slice(0, 8).join(' '));
  console.log(
    'in order:',
    found.every((prime, index) => index === 0 || prime > found[index - 1]!),
  );

  const { outcome, stages } = await job.done;
  const { taken, emitted, instances } = stages['Primes']!;
  console.log(`${outcome}: ${instances} instances took ${taken} and emitted ${emitted}`);
}
