/** A figure by a number that was raised step by step: threads, pairs, actors. */
import type { Measurement } from '../../results.js';
import type { Figure, Line } from '../figure.js';
import { asTitle, contestantsOf, type Situation, sayConditions, situationsOf, varyingKeys } from '../situations.js';
import { type Spread, spreadOf } from '../spread.js';
import { samplesTable } from '../tables.js';
import { formatQuantity } from '../units.js';

/** With fewer there is no course to be seen: they are bars. */
const STEPS_LEAST = 3;
/** What grows more than so often is drawn by its logarithm. */
const LINEAR_MOST = 64;

/** The condition that was raised, if one was: that with the most values. */
export const sweptKey = (measurements: readonly Measurement[]): string | undefined => {
  const candidates = Object.keys(measurements[0]?.conditions ?? {})
    .map((key) => ({ key, values: new Set(measurements.map(({ conditions }) => conditions[key])) }))
    .filter(({ values }) => values.size >= STEPS_LEAST && [...values].every((value) => typeof value === 'number'));
  return candidates.sort((a, b) => b.values.size - a.values.size)[0]?.key;
};

const lineOf = (contestant: string, x: readonly number[], key: string, all: readonly Measurement[]): Line => {
  const spreads = x.map((value): Spread | undefined => {
    const found = all.find((one) => one.contestant === contestant && one.conditions[key] === value);
    return found === undefined ? undefined : spreadOf(found.samples);
  });
  return {
    contestant,
    values: spreads.map((spread) => spread?.median ?? null),
    low: spreads.map((spread) => spread?.low ?? null),
    high: spreads.map((spread) => spread?.high ?? null),
  };
};

const figureOf = ({ measurements }: Situation, key: string, title: string): Figure => {
  const { unit, better } = measurements[0]!;
  const x = [...new Set(measurements.map(({ conditions }) => Number(conditions[key])))].sort((a, b) => a - b);
  const lines = contestantsOf(measurements).map((contestant) => lineOf(contestant, x, key, measurements));
  const said = lines.map(({ contestant, values }) => {
    const reached = values.filter((value) => value !== null);
    return `${contestant} from ${formatQuantity(reached[0]!, unit)} to ${formatQuantity(reached.at(-1)!, unit)}`;
  });
  return {
    title,
    caption: `${unit} by ${key}, ${better} is better`,
    description: `${unit} by ${key}, ${better} is better. ${said.join('; ')}. Arrow keys read it.`,
    plot: {
      kind: 'sweep',
      label: key,
      x,
      logarithmic: x[0]! > 0 && x.at(-1)! / x[0]! > LINEAR_MOST,
      lines,
      unit,
    },
    table: samplesTable(measurements, key),
  };
};

/** Of one scenario. */
export const sweepFigures = (scenario: string, measurements: readonly Measurement[], key: string): Figure[] => {
  const situations = situationsOf(measurements, key);
  const varying = varyingKeys(situations);
  return situations.map((situation) =>
    figureOf(
      situation,
      key,
      asTitle(sayConditions(situation.conditions, varying)) ||
        asTitle(scenario === key ? key : `${scenario} by ${key}`),
    ),
  );
};
