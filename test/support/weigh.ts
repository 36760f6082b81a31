/** How much a value is: its bytes, characters and members, all added up. */
export const weigh = (value: unknown): number => {
  if (typeof value === 'string') return 8 + value.length;
  if (typeof value !== 'object' || value === null) return 8;
  if (ArrayBuffer.isView(value)) return 16 + value.byteLength;
  if (value instanceof Date) return 16;
  if (value instanceof Map) return sum([...value.keys(), ...value.values()]);
  if (value instanceof Set || Array.isArray(value)) return sum(value);
  return sum(Object.values(value)) + sum(Object.keys(value));
};

const sum = (values: Iterable<unknown>): number => {
  let total = 16;
  for (const value of values) total += weigh(value);
  return total;
};
