/** The table, line by line. */
import type { Parameters, Played, Program } from './program.js';

const NAME_WIDTH = 15;
const PARAMETERS_WIDTH = 64;
const MESSAGES_WIDTH = 12;
const MS_WIDTH = 9;
const FIGURE_WIDTH = 12;
const UNIT_WIDTH = 14;
const DIGITS = 3;

const line = (
  name: string,
  parameters: string,
  messages: string,
  ms: string,
  figure: string,
  unit: string,
  result: string,
): string =>
  [
    name.padEnd(NAME_WIDTH),
    parameters.padEnd(PARAMETERS_WIDTH),
    messages.padStart(MESSAGES_WIDTH),
    ms.padStart(MS_WIDTH),
    figure.padStart(FIGURE_WIDTH),
    ` ${unit.padEnd(UNIT_WIDTH)}`,
    result,
  ].join('');

export const HEADER = line('program', 'parameters', 'messages', 'ms', 'figure', '', 'result');

const spell = (parameters: Parameters): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name} ${value.toLocaleString('en')}`)
    .join(', ');

/** A program that has a row has the right result: `run` throws otherwise. */
export const row = ({ name }: Program, parameters: Parameters, { ms, messages, figure }: Played): string => {
  const value = figure.value.toLocaleString('en', { maximumSignificantDigits: DIGITS });
  return line(name, spell(parameters), messages.toLocaleString('en'), ms.toFixed(1), value, figure.unit, 'right');
};
