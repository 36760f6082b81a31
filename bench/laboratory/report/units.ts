/** How figures are written, in tables and in plots alike. */

const DIGITS = 3;
const THOUSAND = 1000;

const TIMES = ['ns', 'µs', 'ms', 's'] as const;
const COUNTS = ['', 'k', 'M', 'G'] as const;
const BINARY = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Three digits that mean something: 0.0123, 1.23, 123, 1,234. */
export const formatNumber = (value: number): string => {
  const digits = Math.abs(value) >= THOUSAND ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: DIGITS };
  return value.toLocaleString('en', digits);
};

/** By the largest of the `names` that leaves a number of at least 1. */
const scaled = (value: number, step: number, names: readonly string[]): string => {
  let size = 0;
  let rest = value;
  // What would be written as 1,000 is 1 of the next.
  while (Number(Math.abs(rest).toPrecision(DIGITS)) >= step && size < names.length - 1) {
    rest /= step;
    size++;
  }
  return `${formatNumber(rest)} ${names[size]}`.trimEnd();
};

export const formatNanoseconds = (nanoseconds: number): string => scaled(nanoseconds, THOUSAND, TIMES);

export const formatBytes = (bytes: number): string => scaled(bytes, 1024, BINARY);

/** A short count, for axes: 1,000,000 is `1 M`. */
export const formatCount = (count: number): string => scaled(count, THOUSAND, COUNTS);

export const formatQuantity = (value: number, unit: string): string => {
  if (unit === 'ns') return formatNanoseconds(value);
  if (unit === 'bytes') return formatBytes(value);
  return `${formatNumber(value)} ${unit}`;
};

/** How many times, as one says it: `1.9 ×`, `120 ×`. */
export const formatTimes = (times: number): string =>
  `${times.toLocaleString('en', { maximumSignificantDigits: times < 10 ? 2 : DIGITS })} ×`;

/** Places along the tail that have names. */
export const NAMED_NINES: readonly (readonly [nines: number, name: string])[] = [
  [Math.log10(2), '50'],
  [1, '90'],
  [2, '99'],
  [3, '99.9'],
  [4, '99.99'],
  [5, '99.999'],
  [6, '99.9999'],
];
