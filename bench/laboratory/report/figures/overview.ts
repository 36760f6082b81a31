/** Everything at one look: how many times better the subject is than each rival, question by question. */
import { median } from '../../../harness/statistics.js';
import type { Experiment, Measurement } from '../../results.js';
import { type Figure, SUBJECT } from '../figure.js';
import { asTitle, comparable, groupBy, type Situation, sayConditions, situationsOf } from '../situations.js';
import { formatQuantity, formatTimes } from '../units.js';

/** A question, in the situation that most took part in. */
export interface Duel {
  readonly experiment: Experiment;
  readonly scenario: string;
  readonly situation: string;
  /** The median of the subject, with its unit. */
  readonly reached: string;
  /** How many times better the subject is than each, the strongest rival first. */
  readonly rivals: readonly { readonly contestant: string; readonly times: number }[];
}

const timesBetter = (subject: Measurement, rival: Measurement): number => {
  const [mine, theirs] = [median(subject.samples), median(rival.samples)];
  return subject.better === 'less' ? theirs / mine : mine / theirs;
};

const duelOf = (scenario: string, { conditions, measurements }: Situation): Duel | undefined => {
  const subject = measurements.find(({ contestant }) => contestant === SUBJECT);
  if (subject === undefined) return undefined;
  const rivals = measurements
    .filter((one) => one !== subject)
    .map((rival) => ({ contestant: rival.contestant, times: timesBetter(subject, rival) }))
    // What took no time at all is no measure.
    .filter(({ times }) => times > 0 && Number.isFinite(times))
    .sort((a, b) => a.times - b.times);
  if (rivals.length === 0) return undefined;
  const reached = formatQuantity(median(subject.samples), subject.unit);
  const { experiment } = subject;
  return { experiment, scenario: asTitle(scenario), situation: sayConditions(conditions), reached, rivals };
};

export const duelsOf = (measurements: readonly Measurement[]): Duel[] => {
  // Idling costs next to nothing, or a core: a ratio of next to nothings says nothing.
  const working = measurements.filter(({ experiment }) => experiment !== 'idle');
  return groupBy(working, ({ experiment, scenario }) => `${experiment} ${scenario}`).flatMap((group) => {
    const duels = situationsOf(comparable(group).measurements).flatMap(
      (situation) => duelOf(group[0]!.scenario, situation) ?? [],
    );
    const most = Math.max(...duels.map(({ rivals }) => rivals.length));
    return duels.find(({ rivals }) => rivals.length === most) ?? [];
  });
};

/** With its experiment, where another has a scenario of the same name. */
const nameOf = ({ scenario, experiment }: Duel, duels: readonly Duel[]): string =>
  duels.filter((duel) => duel.scenario === scenario).length === 1 ? scenario : `${scenario}, ${experiment}`;

/** Undefined: the subject met nobody. */
export const overviewFigure = (duels: readonly Duel[]): Figure | undefined => {
  if (duels.length === 0) return undefined;
  const said = duels.map(
    ({ scenario, rivals: [strongest] }) => `${scenario}: ${strongest!.contestant} ${formatTimes(strongest!.times)}`,
  );
  return {
    title: 'At one look',
    caption: `How many times better ${SUBJECT} is than each rival; left of the line the rival is better. Of each question, the situation that most took part in.`,
    description: `How many times better ${SUBJECT} is than its strongest rival. ${said.join('; ')}.`,
    plot: { kind: 'ratios', rows: duels.map((duel) => ({ label: nameOf(duel, duels), points: duel.rivals })) },
    table: {
      columns: ['Question', 'Situation', SUBJECT, `Times better than`],
      rows: duels.map(({ scenario, situation, reached, rivals }) => [
        scenario,
        situation,
        reached,
        rivals.map(({ contestant, times }) => `${contestant} ${formatTimes(times)}`).join('; '),
      ]),
    },
  };
};
