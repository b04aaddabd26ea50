import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '../../../conformance/hosts/node/values.mjs';
import { canFollow, fill, keep } from '../../../conformance/hosts/node/plan.mjs';

test('an object in which nothing is replaced is not copied, and what a World gave is not changed', () => {
  const plain = { a: 1, b: { c: 'x', d: null } };
  assert.equal(encode(plain), plain);
  const when = new Date(5);
  const event = { at: when, inside: plain, list: [when, undefined] };
  const sent = encode(event);
  assert.deepEqual(sent, { at: { $date: '1970-01-01T00:00:00.005Z' }, inside: plain, list: [{ $date: '1970-01-01T00:00:00.005Z' }, null] });
  assert.deepEqual(event, { at: when, inside: plain, list: [when, undefined] });
});

test('a key that looks like a tag is wrapped, unless nothing is sent under it', () => {
  assert.deepEqual(encode({ $bytes: 'x' }), { $object: { $bytes: 'x' } });
  assert.deepEqual(encode({ $at: new Date(0) }), { $object: { $at: { $date: '1970-01-01T00:00:00.000Z' } } });
  assert.equal(JSON.stringify(encode({ $run: undefined, $code: () => 1, a: 2n })), '{"a":2}');
});

test('a text of an answer is taken as it was sent, whatever the World makes of it later', () => {
  const calls = [{}, { put: [{ at: [0], answer: 0, path: ['run', 'id'] }, { at: [1, 'at'], ms: 7 }], after: 'result' }];
  const value = { run: { id: 'r1' } };
  assert.equal(canFollow(calls[1], 'result'), false);
  keep(calls, 0, { value });
  value.run.id = 'r2';
  keep(calls, 1, { value });
  assert.equal(canFollow(calls[1], 'result'), true);
  assert.equal(canFollow(calls[1], 'error'), false);
  assert.equal(canFollow(undefined, 'result'), false);
  const args = [null, { at: null }];
  fill(args, calls[1].put, 100);
  assert.deepEqual(args, ['r1', { at: new Date(107) }]);
});
