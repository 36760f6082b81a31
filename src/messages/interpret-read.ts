/** The reading part of the interpreter; the variable part of what it reads lies at `memory.at`. */
import { asRecord, layoutOf } from './interpret-context.js';
import { ELEMENT_BYTES, fixedBytes, nestedBytes, type PlacedField, type RecordLayout } from './layout.js';
import { advance, corrupt } from './memory.js';
import type { ElementKind, RecordShape, Shape } from './shape.js';
import type { Tools } from './tools.js';

/** Reads the record whose fixed part begins at `base`, or its one field if it is `bare`. */
export const readRecord = (tools: Tools, layout: RecordLayout, base: number, bare: boolean): unknown => {
  const members = readFields(tools, layout, layout.fields, base);
  return bare ? members[0]?.[1] : Object.fromEntries(members);
};

const readFields = (
  tools: Tools,
  layout: RecordLayout,
  fields: readonly PlacedField[],
  base: number,
): [name: string, value: unknown][] =>
  fields.map(({ name, shape, optionalBit: bit, at, fields: inner }) => {
    const bits = bit < 0 ? 0 : tools.memory.i32[((base + layout.bitsAt) >> 2) + (bit >> 5)]!;
    if (bit >= 0 && (bits & (1 << (bit & 31))) === 0) return [name, undefined];
    if (inner !== undefined) return [name, Object.fromEntries(readFields(tools, layout, inner, base))];
    return [name, at >= 0 ? readScalar(tools, shape, base + at) : readVariable(tools, shape)];
  });

const readScalar = ({ memory, refs, shares }: Tools, of: Shape, at: number): unknown => {
  switch (of.kind) {
    case 'bool':
      return memory.u8[at] !== 0;
    case 'date':
      return new Date(memory.f64[at >> 3]!);
    case 'oneOf': {
      const index = fixedBytes(of) === 1 ? memory.u8[at]! : memory.u16[at >> 1]!;
      return of.values[index] ?? corrupt('a text that is not one of the declared');
    }
    case 'ref':
      return refs.read(of.target, memory.i32, at >> 2);
    case 'shared':
      return shares.read(memory.i32[at >> 2]!);
    default: {
      const kind = of.kind as ElementKind;
      return memory[kind][at / ELEMENT_BYTES[kind]];
    }
  }
};

const readVariable = (tools: Tools, of: Shape): unknown => {
  const { text, bytes, general } = tools;
  switch (of.kind) {
    case 'text':
      return text.read();
    case 'bytes':
      return bytes.read();
    case 'view':
      return bytes.readView();
    case 'array':
      return bytes.readArray(of.element);
    case 'any':
      return general.read();
    case 'list':
      return readList(tools, of.of);
    case 'union': {
      const index = readWord(tools);
      const [name, variant] = of.variants[index] ?? corrupt(`variant ${index} of a union`);
      return { [of.tag]: name, ...(readNested(tools, variant, false) as object) };
    }
    default:
      return readNested(tools, asRecord(of), of.kind !== 'record');
  }
};

const WORD_BYTES = 4;

const readWord = ({ memory }: Tools): number => memory.i32[advance(memory, WORD_BYTES) >> 2]!;

const readList = (tools: Tools, of: Shape): unknown[] => {
  const { memory } = tools;
  const count = readWord(tools);
  const size = fixedBytes(of);
  // Each element takes this much at least, so a forged count is found out before anything is allocated.
  const least = size ?? WORD_BYTES;
  if (count < 0 || count * least > memory.end - memory.at) {
    corrupt(`a list of ${count} elements is longer than its record`);
  }
  if (size === undefined) return Array.from({ length: count }, () => readVariable(tools, of));
  if (size === 8) memory.at = (memory.at + 7) & -8;
  const at = advance(memory, (count * size + 3) & -4);
  return Array.from({ length: count }, (_, k) => readScalar(tools, of, at + k * size));
};

const readNested = (tools: Tools, of: RecordShape, bare: boolean): unknown => {
  const { memory } = tools;
  const layout = layoutOf(of);
  if (layout.alignment === 8) memory.at = (memory.at + 7) & -8;
  return readRecord(tools, layout, advance(memory, nestedBytes(layout)), bare);
};
