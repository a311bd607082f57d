/**
 * The few edits of an ONNX file that the runtime cannot do for us, made on bytes in memory; the file on disk stays as
 * it was verified. An ONNX file is a protobuf message: only the fields named here are read, all others are passed on.
 */

/** A protobuf field: its number and, for length-delimited ones, its payload; `raw` spans key and payload. */
interface Field {
  number: number;
  payload: Uint8Array | undefined;
  value: number;
  raw: Uint8Array;
}

// Field numbers of onnx.proto, the public schema of the format.
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const GRAPH_INPUT = 11;
const GRAPH_OUTPUT = 12;
const GRAPH_VALUE_INFO = 13;
const TENSOR_NAME = 8;
const VALUE_NAME = 1;
const VALUE_TYPE = 2;
const TYPE_TENSOR = 1;
const TENSOR_ELEMENT = 1;
const TENSOR_SHAPE = 2;
const SHAPE_DIMENSION = 1;
const DIMENSION_VALUE = 1;

const text = new TextDecoder();

function malformed(): never {
  throw new Error('not a readable ONNX model');
}

/** Reads a varint at `at`; values past 2^53 lose precision, which no field used here reaches. */
function readVarint(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  let factor = 1;
  for (let i = at; i < bytes.length && i < at + 10; i++) {
    const byte = bytes[i]!;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, next: i + 1 };
    factor *= 128;
  }
  return malformed();
}

function* fields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    const key = readVarint(bytes, at);
    at = key.next;
    let payload: Uint8Array | undefined;
    let value = 0;
    const wire = key.value % 8;
    if (wire === 0) ({ value, next: at } = readVarint(bytes, at));
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 2) {
      const length = readVarint(bytes, at);
      at = length.next + length.value;
      if (at > bytes.length) malformed();
      payload = bytes.subarray(length.next, at);
    } else malformed();
    if (at > bytes.length) malformed();
    yield { number: Math.floor(key.value / 8), payload, value, raw: bytes.subarray(start, at) };
  }
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

function numberField(field: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(field * 8), ...varint(value)]);
}

function messageField(field: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = Uint8Array.from([...varint(field * 8 + 2), ...varint(length)]);
  const joined = new Uint8Array(head.length + length);
  joined.set(head);
  let at = head.length;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function child(message: Uint8Array, number: number): Uint8Array {
  for (const field of fields(message)) if (field.number === number && field.payload) return field.payload;
  return malformed();
}

function nameOf(message: Uint8Array, nameField: number): string {
  return text.decode(child(message, nameField));
}

/** A graph input or output of the same name and element type with another shape, or with none for the runtime to infer. */
function withShape(valueInfo: Uint8Array, number: number, shape: readonly number[] | undefined): Uint8Array {
  const tensor = child(child(valueInfo, VALUE_TYPE), TYPE_TENSOR);
  const element = [...fields(tensor)].find((field) => field.number === TENSOR_ELEMENT);
  if (!element) malformed();
  const parts = [element.raw];
  if (shape) {
    const dimensions = shape.map((size) => messageField(SHAPE_DIMENSION, [numberField(DIMENSION_VALUE, size)]));
    parts.push(messageField(TENSOR_SHAPE, dimensions));
  }
  const name = messageField(VALUE_NAME, [child(valueInfo, VALUE_NAME)]);
  return messageField(number, [name, messageField(VALUE_TYPE, [messageField(TYPE_TENSOR, parts)])]);
}

/**
 * Returns the model prepared for the runtime:
 * - weights that older exporters also list as graph inputs are taken off that list, since the runtime treats them as
 *   changeable there and cannot fold them (folding took RFB-320 from 4.2 to 1.4 ms);
 * - with `inputShape`, the one remaining input is declared with that shape. Declared shapes further down belong to the
 *   old size, so they are dropped and the runtime infers them. Only fully convolutional models survive this: where a
 *   layer has its size baked in, opening the session fails.
 *
 * @param model bytes of the .onnx file; not changed.
 * @param inputShape such as [1, 3, 384, 640].
 * @throws Error when the bytes are no ONNX model, or `inputShape` is given and the model has not exactly one input.
 */
export function prepareGraph(model: Uint8Array, inputShape?: readonly number[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const field of fields(model)) {
    const graph = field.number === MODEL_GRAPH && field.payload;
    parts.push(graph ? prepareFields(graph, inputShape) : field.raw);
  }
  return Buffer.concat(parts);
}

function prepareFields(graph: Uint8Array, inputShape: readonly number[] | undefined): Uint8Array {
  const all = [...fields(graph)];
  const weights = new Set<string>();
  for (const field of all) {
    if (field.number === GRAPH_INITIALIZER && field.payload) weights.add(nameOf(field.payload, TENSOR_NAME));
  }
  const isInput = (field: Field): boolean =>
    field.number === GRAPH_INPUT && field.payload !== undefined && !weights.has(nameOf(field.payload, VALUE_NAME));
  const inputs = all.filter(isInput).length;
  if (inputShape && inputs !== 1) throw new Error(`a model with ${inputs} inputs cannot be given another input size`);

  const parts: Uint8Array[] = [];
  for (const field of all) {
    if (field.number === GRAPH_INPUT && !isInput(field)) continue;
    if (!inputShape || !field.payload) parts.push(field.raw);
    else if (field.number === GRAPH_INPUT) parts.push(withShape(field.payload, GRAPH_INPUT, inputShape));
    else if (field.number === GRAPH_OUTPUT) parts.push(withShape(field.payload, GRAPH_OUTPUT, undefined));
    else if (field.number !== GRAPH_VALUE_INFO) parts.push(field.raw);
  }
  return messageField(MODEL_GRAPH, parts);
}
