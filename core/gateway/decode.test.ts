import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeForm, decodeJson, decodeText } from './decode.ts';
import { CODE, type ContractError } from './errors.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const refused = (code: number) => (error: ContractError) => error.code === code;

test('a message is one JSON object with its number as text or number', () => {
  assert.deepEqual(decodeJson(bytes('{"msg_id":"513","a":1}')).parameters, { a: 1 });
  assert.equal(decodeJson(bytes('{"msg_id":513}')).id, 513);
  assert.equal(decodeJson(bytes('\ufeff{"msg_id":" 513 "}')).id, 513);
});

test('what is not a message is refused with a code', () => {
  for (const wrong of ['', '{', '{"msg_id":"516"', 'null', '[]', '"516"', '516']) {
    assert.throws(() => decodeJson(bytes(wrong)), refused(CODE.wrongParameter), wrong);
  }
  assert.throws(() => decodeJson(Uint8Array.of(0xff, 0xfe, 0x7b)), refused(CODE.wrongParameter));
  for (const wrong of ['{}', '{"msg_id":""}', '{"msg_id":"x"}', '{"msg_id":-1}', '{"msg_id":1.5}', '{"msg_id":null}']) {
    assert.throws(() => decodeJson(bytes(wrong)), refused(CODE.wrongMessageId), wrong);
  }
  assert.throws(() => decodeJson(bytes('{"msg_id":"1","msg_id":"2"}')), refused(CODE.wrongParameter));
});

async function form(fill: (form: FormData) => void) {
  const data = new FormData();
  fill(data);
  const request = new Response(data);
  return {
    body: new Uint8Array(await request.arrayBuffer()),
    type: request.headers.get('content-type') ?? '',
  };
}

test('a form brings texts and files', async () => {
  const { body, type } = await form((data) => {
    data.set('msg_id', '1029');
    data.set('person_name', '王芳');
    data.set('img', new Blob([Uint8Array.of(1, 2, 3)], { type: 'image/png' }), 'face.png');
  });
  const decoded = await decodeForm(body, type);
  assert.equal(decoded.id, 1029);
  assert.deepEqual(decoded.parameters, { person_name: '王芳' });
  const file = decoded.files.get('img');
  assert.equal(file?.name, 'face.png');
  assert.deepEqual([...(file?.bytes ?? [])], [1, 2, 3]);
});

test('text that is not UTF-8 is refused, and not kept as something else', async () => {
  const { body, type } = await form((data) => {
    data.set('msg_id', '1029');
    data.set('person_name', 'Muller');
  });
  assert.equal((await decodeForm(body, type)).parameters['person_name'], 'Muller');
  // The u of Müller as Latin-1 writes it.
  body[Buffer.from(body).indexOf('uller')] = 0xfc;
  await assert.rejects(decodeForm(body, type), refused(CODE.wrongParameter));
  assert.throws(() => decodeText(Uint8Array.of(0x4d, 0xfc)), refused(CODE.wrongParameter));
});

test('a broken form and a doubled msg_id are refused', async () => {
  await assert.rejects(decodeForm(bytes('nonsense'), 'multipart/form-data; boundary=x'), refused(CODE.wrongParameter));
  await assert.rejects(decodeForm(bytes('nonsense'), undefined), refused(CODE.wrongParameter));
  const { body, type } = await form((data) => {
    data.append('msg_id', '1');
    data.append('msg_id', '2');
  });
  await assert.rejects(decodeForm(body, type), refused(CODE.wrongParameter));
});
