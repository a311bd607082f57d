/**
 * A tiny ONNX model written byte by byte, for tests of code that opens models: y = relu(x + 1), with any input shape.
 * As older exporters do, it lists the weight 1 among the graph's inputs.
 */
export function makeModel(shape: readonly number[], options: { extraInput?: boolean } = {}): Uint8Array {
  const input = [...field(11, valueInfo('x', shape)), ...field(11, valueInfo('one', [1]))];
  const extra = options.extraInput ? field(11, valueInfo('z', [1])) : [];
  const graph = [
    ...field(1, node('Add', ['x', 'one'], 'sum')),
    ...field(1, node('Relu', ['sum'], 'y')),
    ...field(2, text('made')),
    ...field(5, [...number(1, 1), ...number(2, FLOAT), ...field(8, text('one')), ...field(9, float32(1))]),
    ...input,
    ...extra,
    ...field(12, valueInfo('y', shape)),
    ...field(13, valueInfo('sum', shape)),
  ];
  const opset = number(2, 11);
  return Uint8Array.from([...number(1, 6), ...field(7, graph), ...field(8, opset)]);
}

/** ONNX for 32-bit floating point numbers. */
export const FLOAT = 1;

export function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

export function number(id: number, value: number): number[] {
  return [...varint(id * 8), ...varint(value)];
}

export function field(id: number, payload: number[]): number[] {
  return [...varint(id * 8 + 2), ...varint(payload.length), ...payload];
}

export function text(value: string): number[] {
  return [...Buffer.from(value)];
}

export function float32(value: number): number[] {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return [...bytes];
}

export function node(type: string, inputs: string[], result: string): number[] {
  return [...inputs.flatMap((name) => field(1, text(name))), ...field(2, text(result)), ...field(4, text(type))];
}

export function valueInfo(name: string, shape: readonly number[]): number[] {
  const dimensions = shape.flatMap((size) => field(1, number(1, size)));
  const tensor = [...number(1, FLOAT), ...field(2, dimensions)];
  return [...field(1, text(name)), ...field(2, field(1, tensor))];
}
