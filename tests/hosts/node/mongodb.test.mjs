import assert from 'node:assert/strict';
import { test } from 'node:test';
import { document } from '../../../conformance/hosts/node/gates/bson.mjs';
import { mongodb } from '../../../conformance/hosts/node/gates/mongodb.mjs';

const int32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};

/** A small BSON writer. */
function bson(value) {
  const parts = Object.entries(value).map(([name, item]) => {
    const key = Buffer.from(`${name}\0`);
    if (item === null) return [10, key];
    if (typeof item === 'string') return [2, key, int32(Buffer.byteLength(item) + 1), Buffer.from(`${item}\0`)];
    if (typeof item === 'number') return [16, key, int32(item)];
    if (typeof item === 'boolean') return [8, key, Buffer.from([item ? 1 : 0])];
    if (Buffer.isBuffer(item)) return [5, key, int32(item.length), Buffer.from([0]), item];
    return [Array.isArray(item) ? 4 : 3, key, bson(item)];
  });
  const body = Buffer.concat(parts.flatMap(([kind, ...rest]) => [Buffer.from([kind]), ...rest]));
  return Buffer.concat([int32(body.length + 5), body, Buffer.from([0])]);
}

function message(id, command, { answers = 0, flags = 0, sequence } = {}) {
  const sections = [Buffer.from([0]), bson(command)];
  if (sequence) {
    const body = Buffer.concat([Buffer.from(`${sequence[0]}\0`), ...sequence[1].map(bson)]);
    sections.push(Buffer.from([1]), int32(body.length + 4), body);
  }
  const body = Buffer.concat([int32(flags), ...sections]);
  return Buffer.concat([int32(body.length + 16), int32(id), int32(answers), int32(2013), body]);
}

test('documents', () => {
  const value = { a: 'ü', b: 5, c: true, d: null, e: [1, { f: 'x' }], g: Buffer.from('abc'), h: 'end' };
  assert.deepEqual(document(bson(value)), { ...value, g: '…' });
});

const about = (command, more) => mongodb().request(message(1, command, more)).describe();

test('what a command does', () => {
  const { statements: found, ...read } = about({ find: 'runs', filter: { runId: 'r1', at: { $gt: 1 } }, $db: 'x' });
  assert.deepEqual(read, { label: 'find runs {runId: r1, at: {…}}', access: 'read', keys: ['runs'] });
  assert.deepEqual(found, [{ collection: 'runs', filter: { runId: 'r1' } }]);
  const { statements: made, ...insert } = about({ insert: 'events' }, { sequence: ['documents', [{ _id: 1, eventId: 'e1' }]] });
  assert.deepEqual(insert, { label: 'insert events {eventId: e1}', access: 'write', keys: ['events'] });
  assert.deepEqual(made, [{ collection: 'events', document: { eventId: 'e1' } }]);
  assert.deepEqual(about({ aggregate: 'runs', pipeline: [{ $out: 'other' }] }).keys, []);
  assert.deepEqual(about({ aggregate: 'runs', pipeline: [{ $match: {} }, { $lookup: { from: 'hooks' } }] }).keys, []);
  assert.deepEqual(about({ commitTransaction: 1 }), { label: 'commitTransaction', access: 'unknown', keys: [] });
  assert.deepEqual(about({ insert: 'a', startTransaction: true, autocommit: false }).keys, []);
});

test('what a command does to documents', () => {
  const of = (command, more) => about(command, more).statements;
  const update = (u, more) => of({ update: 'runs' }, { sequence: ['updates', [{ q: { runId: 'r1' }, u, ...more }]] });
  const collection = 'runs';
  assert.deepEqual(update({ $set: { 'a.b': 1 }, $inc: { n: 1 } }), [{ collection, filter: { runId: 'r1' }, sets: ['a', 'n'] }]);
  assert.deepEqual(update({ $rename: { a: 'b' } }), [{ collection, filter: { runId: 'r1' }, sets: ['a', 'b'] }]);
  assert.deepEqual(update([{ $set: { a: 1 } }]), [{ collection, sets: true }]);
  assert.deepEqual(update({ runId: 'r1', n: 1, status: 'done' }), [
    { collection, filter: { runId: 'r1' }, replaces: { runId: 'r1', status: 'done' }, upsert: false },
  ]);
  assert.deepEqual(update({ $setOnInsert: { a: 'x' } }, { upsert: true }), [
    { collection, filter: { runId: 'r1' }, sets: ['a'] },
    { collection, document: { runId: 'r1', a: 'x' } },
  ]);
  assert.deepEqual(of({ delete: 'runs' }, { sequence: ['deletes', [{ q: { runId: 'r1' }, limit: 1 }]] }), [
    { collection, filter: { runId: 'r1' }, removes: true },
  ]);
  const claim = of({ findAndModify: 'runs', query: { status: 'new', at: { $lt: 5 } }, update: { $set: { status: 'mine' } } });
  assert.deepEqual(claim, [{ collection, filter: { status: 'new' }, sets: ['status'] }]);
});

test('what is no plain equality is no condition', () => {
  const filter = (given, more) => about({ find: 'runs', filter: given, ...more }).statements[0].filter;
  assert.deepEqual(filter({ a: 'x', b: { $in: ['y'] }, c: 1, d: null, $or: [{ e: 'z' }] }), { a: 'x' });
  assert.deepEqual(filter({ $and: [{ a: 'x' }, { b: { $eq: 'y' } }] }), { a: 'x', b: 'y' });
  assert.deepEqual(filter({ a: 'x'.repeat(600) }), {});
  assert.equal(filter({ a: 'x' }, { collation: { locale: 'en' } }), undefined);
});

test('handshakes, and messages without an answer', () => {
  assert.equal(mongodb().request(message(1, { hello: 1 })).handshake, true);
  assert.equal(mongodb().request(message(1, { ping: 1 })).handshake, true);
  assert.equal(mongodb().request(message(1, { find: 'a' }, { flags: 2 })).replies, 0);
});

test('answers are told by the number of their request, however they are cut', () => {
  const data = Buffer.concat([message(100, { ok: 1 }, { answers: 8 }), message(101, { ok: 1 }, { answers: 7 })]);
  for (let size = 1; size <= data.length; size++) {
    const talk = mongodb();
    const ids = [];
    for (let at = 0; at < data.length; at += size) ids.push(...talk.replies(data.subarray(at, at + size)));
    assert.deepEqual(ids, [8, 7], `in pieces of ${size}`);
  }
});
