/** A run as chapters, one for each experiment: what is asked, and the figures that answer. */
import { EXPERIMENTS, type Experiment, type Measurement } from '../results.js';
import type { Chapter, Figure, Group } from './figure.js';
import { barFigures } from './figures/bars.js';
import { cornerFigure } from './figures/corner.js';
import { percentileFigures } from './figures/percentiles.js';
import { sweepFigures, sweptKey } from './figures/sweeps.js';
import { asTitle, comparable, groupBy, sayConditions, situationsOf, varyingKeys } from './situations.js';

const HEADS: Readonly<Record<Experiment, Pick<Chapter, 'title' | 'introduction'>>> = {
  latency: {
    title: 'Latency',
    introduction:
      'How long messages are under way. To the right lies the tail: each step is ten times rarer than the last. Low and flat is good.',
  },
  throughput: {
    title: 'Throughput',
    introduction: 'How much gets through when nobody waits. Bars are medians, and each dot is a round.',
  },
  scaling: {
    title: 'Scaling',
    introduction:
      'What more threads bring, and what more actors cost. Lines are medians; around them is where the rounds lay.',
  },
  idle: { title: 'Idle', introduction: 'What a system costs while it does nothing, and how soon it is back.' },
  savina: {
    title: 'Savina',
    introduction: 'The benchmarks by which actor systems are compared, each checked for its result.',
  },
};

/** What a scenario asks, where its name does not say it. */
const QUESTIONS: Readonly<Record<string, string>> = {
  'round trip': 'One message there and back, one after the other.',
  'at a fixed rate': 'One way, at a rate that is kept whatever happens: timed from when each message was due.',
  'at saturation': 'One way, as fast as it goes: what the queue adds when the sender never rests.',
  'after idling': 'A single message after both sides have had nothing to do.',
  'all to all': 'From every thread to every other.',
  pairs: 'Threads two by two, side by side.',
  actors: 'The cost of a message, by how many actors there are to send to.',
  calls: 'Requests with answers, so many at a time.',
};

const figuresOf = (scenario: string, measurements: readonly Measurement[]): Figure[] => {
  if (measurements.some(({ latency }) => latency !== undefined)) return percentileFigures(scenario, measurements);
  const key = sweptKey(measurements);
  return key === undefined ? barFigures(scenario, measurements) : sweepFigures(scenario, measurements, key);
};

/** What is the same in all figures of a group. */
const commonOf = (measurements: readonly Measurement[]): string => {
  const situations = situationsOf(measurements);
  const varying = varyingKeys(situations);
  const conditions = situations[0]!.conditions;
  return sayConditions(
    conditions,
    Object.keys(conditions).filter((key) => !varying.includes(key)),
  );
};

const sentence = (text: string): string => (text === '' ? '' : `${asTitle(text)}.`);

const groupOf = (scenario: string, measured: readonly Measurement[]): Group => {
  const { measurements, aside } = comparable(measured);
  const sentences = [QUESTIONS[scenario] ?? '', sentence(commonOf(measurements)), aside === '' ? '' : `${aside}.`];
  return {
    title: asTitle(scenario),
    question: sentences.filter((text) => text !== '').join(' '),
    figures: figuresOf(scenario, measurements),
  };
};

/** Groups of one figure have no heads of their own: they stand side by side, under the titles of their figures. */
const joined = (groups: readonly Group[]): Group[] => {
  const single = groups.filter(({ figures }) => figures.length === 1);
  if (single.length < 2) return [...groups];
  const several = groups.filter(({ figures }) => figures.length > 1);
  const figures = single.map(({ title, question, figures: [figure] }) => ({
    ...figure!,
    title: title ?? figure!.title,
    caption: [question, figure!.caption].filter(Boolean).join(' '),
  }));
  return [...several, { figures }];
};

export const chaptersOf = (measurements: readonly Measurement[]): Chapter[] =>
  EXPERIMENTS.flatMap((experiment): Chapter[] => {
    const own = measurements.filter((measurement) => measurement.experiment === experiment);
    if (own.length === 0) return [];
    const corner = experiment === 'idle' ? cornerFigure(measurements) : undefined;
    const groups = joined(groupBy(own, ({ scenario }) => scenario).map((group) => groupOf(group[0]!.scenario, group)));
    return [
      {
        id: experiment,
        ...HEADS[experiment],
        groups: corner === undefined ? groups : [{ figures: [corner] }, ...groups],
      },
    ];
  });
