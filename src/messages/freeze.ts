/** Freezes plain objects and arrays in depth; what cannot be frozen (Maps, Dates, typed arrays) is left as it is. */
export const freezePlain = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const plain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  if (!plain) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) freezePlain(inner);
  return value;
};
