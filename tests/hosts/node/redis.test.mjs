import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands, describe, endOfReply, redis } from '../../../conformance/hosts/node/gates/redis.mjs';

const resp = (...words) => `*${words.length}\r\n${words.map((w) => `$${Buffer.byteLength(w)}\r\n${w}\r\n`).join('')}`;
const about = (...lines) => describe(commands(Buffer.from(lines.map((words) => resp(...words)).join(''))));

test('the commands of a pipeline, with line ends and other letters inside arguments', () => {
  const data = Buffer.from(resp('SET', 'a', 'x\r\n*1\r\n') + resp('GET', 'ü'));
  assert.deepEqual(commands(data).map((words) => words[0]), ['set', 'get']);
});

test('an unfinished command is left out', () => {
  const whole = resp('SET', 'a', 'b');
  assert.equal(commands(Buffer.from(whole + whole.slice(0, -3))).length, 1);
});

test('keys and access', () => {
  assert.deepEqual(about(['HSET', 'run:1', 'status', 'x']), { label: 'HSET run:1', access: 'write', keys: ['run:1'] });
  assert.deepEqual(about(['MGET', 'a', 'b']), { label: 'MGET a b', access: 'read', keys: ['a', 'b'] });
  assert.deepEqual(about(['EVALSHA', 'f00', '2', 'a', 'b', 'arg']).keys, ['a', 'b']);
  assert.deepEqual(about(['EVAL', 'return 1', '0']), { label: 'EVAL return 1', access: 'write', keys: [] });
  assert.deepEqual(about(['MSET', 'a', '1', 'b', '2']).keys, ['a', 'b']);
  assert.deepEqual(about(['XGROUP', 'CREATE', 's', 'g', '$']).keys, ['s']);
  assert.deepEqual(about(['SCAN', '0', 'MATCH', 'x*']), { label: 'SCAN 0', access: 'read', keys: [] });
  assert.deepEqual(about(['GET', 'é']), { label: 'GET é', access: 'read', keys: ['é'] });
  assert.deepEqual(about(['FROBNICATE', 'a']), { label: 'FROBNICATE a', access: 'unknown', keys: [] });
});

test('a transaction is as strong as its strongest command', () => {
  const given = about(['MULTI'], ['GET', 'a'], ['SET', 'b', '1'], ['EXEC']);
  assert.deepEqual(given, { label: 'MULTI, GET a, SET b, EXEC', access: 'write', keys: ['a', 'b'] });
  assert.deepEqual(about(['GET', 'a'], ['KEYS', '*']).keys, [], 'one whose keys are unknown makes all unknown');
  assert.equal(about(['EXEC']).access, 'unknown', 'it does what was queued before it');
  for (const name of ['UNWATCH', 'DISCARD']) {
    assert.deepEqual(about([name]), { label: name, access: 'read', keys: ['(connection)'] });
  }
});

test('whole answers are counted, however they are cut', () => {
  const answers = ['+OK\r\n', ':5\r\n', '$-1\r\n', '$5\r\na\r\nbc\r\n', '*-1\r\n', '*2\r\n*1\r\n:1\r\n$1\r\nx\r\n', '*0\r\n'];
  const data = Buffer.from(answers.join(''));
  for (let size = 1; size <= data.length; size++) {
    const talk = redis();
    let count = 0;
    for (let at = 0; at < data.length; at += size) count += talk.replies(data.subarray(at, at + size));
    assert.equal(count, answers.length, `in pieces of ${size}`);
  }
});

test('the third version of the protocol', () => {
  for (const whole of ['%1\r\n+a\r\n:1\r\n', '~2\r\n:1\r\n:2\r\n', '#t\r\n', '_\r\n', ',1.5\r\n', '(12\r\n', '=7\r\ntxt:abc\r\n']) {
    assert.equal(endOfReply(Buffer.from(whole), 0), whole.length);
    assert.equal(endOfReply(Buffer.from(whole.slice(0, -1)), 0), -1);
  }
  assert.equal(redis().replies(Buffer.from('>2\r\n+message\r\n+x\r\n+OK\r\n')), 1, 'a push is no answer');
});

test('a subscribed connection is not waited for', () => {
  const talk = redis();
  const request = talk.request(Buffer.from(resp('SUBSCRIBE', 'c')));
  assert.deepEqual([request.replies, request.handshake], [0, true]);
  assert.equal(talk.replies(Buffer.from('*3\r\n+message\r\n+c\r\n+x\r\n')), 0);
});

test('handshakes', () => {
  assert.equal(redis().request(Buffer.from(resp('AUTH', 'x') + resp('SELECT', '1'))).handshake, true);
  assert.equal(redis().request(Buffer.from(resp('SELECT', '1') + resp('GET', 'a'))).handshake, false);
});

test('what is looked at for its name alone is told from commands of the same length', () => {
  const talk = redis();
  for (const name of ['HMSET', 'SCARD', 'SET', 'HSET', 'INCR']) {
    assert.equal(talk.request(Buffer.from(resp(name, 'a'))).handshake, false, name);
  }
  assert.deepEqual([talk.request(Buffer.from(resp('HELLO', '3'))).handshake, talk.request(Buffer.from(resp('Ping'))).replies], [true, 1]);
  assert.equal(talk.request(Buffer.from(resp('psubscribe', 'c*'))).replies, 0);
});
