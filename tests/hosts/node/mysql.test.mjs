import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mysql } from '../../../conformance/hosts/node/gates/mysql.mjs';

/** A packet: the length of what it carries, its number, and that. */
function packet(number, ...parts) {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const head = Buffer.alloc(4);
  head.writeUIntLE(body.length, 0, 3);
  head[3] = number;
  return Buffer.concat([head, body]);
}
const query = (sql) => packet(0, [0x03], sql);
const execute = (id) => packet(0, [0x17], [id, 0, 0, 0], [0, 1, 0, 0, 0]);

/** A connection that has been greeted. */
function greeted() {
  const talk = mysql();
  const greeting = talk.request(packet(1, Buffer.alloc(60)));
  assert.deepEqual([greeting.handshake, greeting.describe().label], [true, 'handshake']);
  assert.equal(talk.request(packet(3, Buffer.alloc(20))).handshake, true);
  return talk;
}

test('statements have their verb and tables for a label', () => {
  const talk = greeted();
  const cases = [
    ['START TRANSACTION', 'BEGIN'],
    ['SELECT * FROM `runs` WHERE `run_id` = \'r\' FOR UPDATE', 'SELECT runs FOR UPDATE'],
    ["SELECT * FROM steps WHERE id = 'x' LOCK IN SHARE MODE", 'SELECT steps FOR SHARE'],
    ["UPDATE steps SET note = 'it''s; DELETE FROM runs' WHERE 1", 'UPDATE steps'],
    ["INSERT INTO `events` SET `data` = X'00ff'", 'INSERT events'],
    ["INSERT INTO tokens SET token = 'a' ON DUPLICATE KEY UPDATE token = token", 'INSERT tokens'],
    ['INSERT IGNORE INTO runs VALUES (1)', 'INSERT runs'],
    ["SELECT GET_LOCK('run:1', 10)", 'SELECT GET_LOCK'],
    ['COMMIT', 'COMMIT'],
    ['SET autocommit = 0', 'SET'],
  ];
  for (const [sql, label] of cases) {
    const asked = talk.request(query(sql));
    assert.deepEqual([asked.handshake, asked.replies, asked.describe()], [false, 1, { label, access: 'unknown', keys: [] }]);
    assert.equal(talk.replies(packet(1, [0, 0, 0])), Number.POSITIVE_INFINITY);
  }
});

test('a prepared statement has the label of its text', () => {
  const talk = greeted();
  assert.equal(talk.request(packet(0, [0x16], 'DELETE FROM hooks WHERE run_id = ?')).describe().label, 'PREPARE DELETE hooks');
  talk.replies(packet(1, [0], [7, 0, 0, 0], [0, 0, 1, 0, 0, 0, 0]));
  assert.equal(talk.request(execute(7)).describe().label, 'DELETE hooks');
  talk.replies(packet(1, [0, 0, 0]));
  assert.equal(talk.request(execute(8)).describe().label, 'EXECUTE');
  const close = talk.request(packet(0, [0x19], [7, 0, 0, 0]));
  assert.deepEqual([close.replies, close.handshake], [0, true]);
});

test('of an encrypted connection nothing is read', () => {
  const talk = mysql();
  const asks = Buffer.alloc(32);
  asks.writeUInt16LE(0x0a00, 0);
  assert.equal(talk.request(packet(1, asks)).handshake, true);
  assert.equal(talk.request(query('COMMIT')).describe().label, 'write 11 bytes');
});

test('the end of a connection is not held', () => {
  const end = greeted().request(packet(0, [0x01]));
  assert.deepEqual([end.replies, end.handshake], [0, true]);
});
