import assert from 'node:assert/strict';
import { test } from 'node:test';
import { postgres } from '../../../conformance/hosts/node/gates/postgres.mjs';
import { describe, Transaction } from '../../../conformance/hosts/node/gates/sql.mjs';

const plain = (text) => ({ sql: text, values: [] });
const about = (...texts) => describe(texts.map(plain), new Transaction());

test('reads, writes, locks and tables', () => {
  const cases = [
    ['select "a" from "workflow"."workflow_runs" where "id" = $1', 'read', ['workflow.workflow_runs']],
    ['SELECT * FROM a JOIN b ON a.x = b.x', 'read', ['a', 'b']],
    ['select * from runs for update', 'write', ['runs']],
    ['select * from runs for no key update skip locked', 'write', ['runs']],
    ['insert into "s"."events" ("a", "b") values ($1, $2) on conflict do update set a = 1', 'write', ['s.events']],
    ['update only runs set status = $1 where id = $2 returning *', 'write', ['runs']],
    ['delete from hooks where run = (select id from runs)', 'write', ['hooks', 'runs']],
    ["select * from t where note = 'delete from x'", 'read', ['t']],
    ['with gone as (delete from hooks returning *) select * from gone', 'write', ['hooks', 'gone']],
    ['select graphile_worker.add_job($1)', 'unknown', []],
    ['select * from graphile_worker.add_job($1)', 'unknown', []],
    ['select x, lower.f(y) from t', 'unknown', []],
    ['select 1', 'unknown', []],
    ['select * from a; delete from b', 'unknown', []],
    ['notify channel', 'unknown', []],
    ['replace into `kv` values (1)', 'write', ['kv']],
  ];
  for (const [text, access, keys] of cases) {
    const found = about(text);
    assert.deepEqual([found.access, found.keys], [access, keys], text);
  }
});

/** What each of these statements is, one after another on a connection. */
function session(...texts) {
  const transaction = new Transaction();
  return texts.map((text) => describe([plain(text)], transaction));
}

test('a commit touches what its transaction wrote or locked', () => {
  const [begin, , , , commit, rollback] = session(
    'begin',
    'update runs set a = 1',
    'select * from steps',
    'select * from hooks for update',
    'commit',
    'rollback',
  );
  assert.deepEqual(begin, { label: 'BEGIN', access: 'read', keys: ['@session'] });
  assert.deepEqual([commit.label, commit.access, commit.keys], ['COMMIT', 'write', ['runs', 'hooks', '@session']]);
  assert.deepEqual(commit.statements.map(({ sql }) => sql), ['update runs set a = 1', 'select * from hooks for update']);
  assert.deepEqual(rollback.keys, ['@session']);
});

test('a commit may touch anything when one of its statements may', () => {
  assert.deepEqual(session('begin', 'select add_job(1)', 'commit').at(-1), { label: 'COMMIT', access: 'unknown', keys: [] });
});

test('a transaction that sees one moment depends on everything', () => {
  const snapshot = session('begin isolation level repeatable read', 'select * from runs', 'update runs set a = 1', 'commit');
  assert.deepEqual(snapshot.slice(1).map(({ access, keys }) => [access, keys]), [['read', []], ['write', []], ['write', []]]);
  const strict = session('begin', 'set transaction isolation level serializable', 'select * from runs');
  assert.deepEqual([strict[2].access, strict[2].keys], ['unknown', []]);
  const usual = session("set default_transaction_isolation = 'serializable'", 'select * from runs', 'begin', 'select * from runs', 'commit', 'begin', 'select * from runs');
  assert.deepEqual([usual[1], usual[3], usual[6]].map(({ access }) => access), ['unknown', 'unknown', 'unknown']);
  assert.deepEqual(session('begin isolation level serializable', 'commit', 'select * from runs')[2].keys, ['runs']);
});

const message = (kind, body) => {
  const head = Buffer.alloc(5);
  head.write(kind);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
const z = (...texts) => Buffer.from(texts.map((text) => `${text}\0`).join(''));
const startup = Buffer.concat([Buffer.from([0, 0, 0, 9, 0, 3, 0, 0]), Buffer.from([0])]);
const ready = message('Z', Buffer.from('I'));

/** A connection that is past its handshake. */
function connected() {
  const talk = postgres();
  assert.deepEqual([talk.request(startup).replies, talk.request(startup).handshake], [1, true]);
  assert.equal(talk.request(message('p', z('password'))).handshake, true);
  assert.equal(talk.replies(Buffer.concat([message('R', Buffer.alloc(4)), message('S', z('a', 'b')), ready])), 1);
  return talk;
}

test('encryption is asked for first, and answered with one byte', () => {
  const talk = postgres();
  const asked = Buffer.alloc(8);
  asked.writeInt32BE(8, 0);
  asked.writeInt32BE(80877103, 4);
  assert.deepEqual([talk.request(asked).replies, talk.request(asked).handshake], [0, true]);
  assert.equal(talk.replies(Buffer.from('N')), 0);
  assert.equal(talk.request(startup).replies, 1);
  assert.equal(talk.replies(ready), 1);
});

test('simple, extended and prepared statements', () => {
  const talk = connected();
  const simple = talk.request(message('Q', z('select * from a')));
  assert.deepEqual([simple.replies, simple.handshake, simple.describe().label], [1, false, 'SELECT a']);
  const tail = Buffer.concat([message('E', z('')), message('S', Buffer.alloc(0))]);
  const parse = (name, text) => message('P', Buffer.concat([z(name, text), Buffer.alloc(2)]));
  const bind = (name) => message('B', Buffer.concat([z('', name), Buffer.alloc(6)]));
  assert.equal(talk.request(Buffer.concat([parse('', 'delete from b'), bind(''), tail])).describe().label, 'DELETE b');
  talk.request(Buffer.concat([parse('p1', 'update c set d = 1'), message('S', Buffer.alloc(0))]));
  const again = talk.request(Buffer.concat([bind('p1'), tail]));
  assert.deepEqual([again.replies, again.describe().label], [1, 'UPDATE c']);
});

test('parameters are told as text, unless they are in binary or long', () => {
  const talk = connected();
  const short = (...numbers) => Buffer.concat(numbers.map((number) => Buffer.from([number >> 8, number & 255])));
  const value = (text) => Buffer.concat([Buffer.from([0, 0, text.length >> 8, text.length & 255]), Buffer.from(text)]);
  const NULL = Buffer.from([255, 255, 255, 255]);
  const parse = message('P', Buffer.concat([z('', 'delete from b where c = $1'), Buffer.alloc(2)]));
  const values = (formats, ...given) =>
    talk
      .request(Buffer.concat([parse, message('B', Buffer.concat([z('', ''), short(formats.length, ...formats), short(given.length), ...given, short(0)]))]))
      .describe().statements[0].values;
  assert.deepEqual(values([], value('x1'), NULL, value('')), ['x1', null, '']);
  assert.deepEqual(values([1], value('x1'), NULL), [true, null]);
  assert.deepEqual(values([0, 1], value('x1'), value('x2')), ['x1', true]);
  assert.deepEqual(values([], value('x'.repeat(600))), [true]);
});

test('the end of a connection is not held', () => {
  const last = connected().request(message('X', Buffer.alloc(0)));
  assert.deepEqual([last.replies, last.handshake], [0, true]);
});

test('answers are counted, however they are cut', () => {
  const data = Buffer.concat([message('D', Buffer.alloc(300, 90)), ready, message('C', z('SELECT 1')), ready]);
  for (let size = 1; size <= data.length; size += size < 12 ? 1 : 37) {
    const talk = connected();
    let count = 0;
    for (let at = 0; at < data.length; at += size) count += talk.replies(data.subarray(at, at + size));
    assert.equal(count, 2, `in pieces of ${size}`);
  }
});
