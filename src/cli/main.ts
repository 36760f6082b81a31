#!/usr/bin/env node
/** The command `heddle`. What a command needs is imported when it is asked for. */

const USAGE = `usage: heddle bench [options]

  bench    measures heddle beside its rivals on this machine; heddle bench --help says more`;

const EXIT_USAGE = 2;

/** From the file that this one is built into. */
const LABORATORY = './laboratory/bench/laboratory/main.js';

interface Laboratory {
  main(args: readonly string[]): Promise<number>;
}

const run = async ([command, ...args]: readonly string[]): Promise<number> => {
  if (command === 'bench') {
    const { main } = (await import(new URL(LABORATORY, import.meta.url).href)) as Laboratory;
    return main(args);
  }
  if (command === '--help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  process.stderr.write(
    `${command === undefined ? 'a command is missing' : `there is no command ${command}`}\n${USAGE}\n`,
  );
  return EXIT_USAGE;
};

process.exitCode = await run(process.argv.slice(2));
