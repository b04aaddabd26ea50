// @ts-check
/**
 * The wire protocol of MySQL and MariaDB: which statement a write carries.
 *
 * It gives labels and handshakes. What a statement touches is not said: a transaction of REPEATABLE READ, which
 * is the default, sees the moment of its first read, so anything may depend on anything. An answer is what comes
 * first, as with a protocol that we do not know; drivers send one command of a connection at a time.
 */
import { describe, Transaction } from './sql.mjs';

/** Commands, by the first byte of what a client sends. */
const QUIT = 0x01;
const QUERY = 0x03;
const PREPARE = 0x16;
const EXECUTE = 0x17;
const CLOSE_STATEMENT = 0x19;
/** @type {Record<number, string>} */
const OTHERS = { 0x02: 'USE', 0x0e: 'PING', 0x11: 'CHANGE USER', 0x1a: 'RESET STATEMENT', 0x1c: 'FETCH', 0x1f: 'RESET CONNECTION' };
/** Length and number of a packet, before its bytes. */
const HEADER = 4;
/** A flag of the client's greeting, which is this short when encryption comes next. */
const CLIENT_SSL = 0x0800;
const SSL_REQUEST = 32;
/** Of a longer statement the beginning says what it is. */
const LONGEST = 2000;

/** What an insert does where there is such a row names columns, and no table. */
const OTHERWISE = /\bon\s+duplicate\s+key\s+update\b[\s\S]*/i;
const SHARED = /\block\s+in\s+share\s+mode\b|\bfor\s+share\b/i;

/** @type {import('./net.mjs').Protocol} */
export const mysql = () => {
  /** nothing but the greeting and the password was possible yet */
  let handshake = true;
  let encrypted = false;
  /** prepared statements of this connection, by the number that the service gave @type {Map<number, string>} */
  const prepared = new Map();
  let preparing = '';

  /** @param {Buffer} data @returns {string} */
  function label(data) {
    const plain = `write ${data.length} bytes`;
    if (encrypted || data.length <= HEADER || data[3] !== 0) return plain;
    switch (data[HEADER]) {
      case QUERY:
        return about(text(data)) || plain;
      case PREPARE:
        return `PREPARE ${about(text(data))}`.trim();
      case EXECUTE:
        return about(data.length >= HEADER + 5 ? (prepared.get(data.readUInt32LE(HEADER + 1)) ?? '') : '') || 'EXECUTE';
      default:
        return OTHERS[data[HEADER]] ?? plain;
    }
  }

  return {
    request(data) {
      // The client greets and identifies itself in answer to the service; a command begins anew with number 0.
      if (handshake && !encrypted && data.length > HEADER && data[3] !== 0) {
        encrypted = data.readUIntLE(0, 3) === SSL_REQUEST && (data.readUInt16LE(HEADER) & CLIENT_SSL) !== 0;
        return { replies: 1, handshake: true, describe: () => ({ label: 'handshake', access: 'unknown', keys: [] }) };
      }
      handshake = false;
      const command = encrypted ? 0 : data[HEADER];
      if (command === PREPARE) preparing = text(data);
      const unanswered = command === QUIT || command === CLOSE_STATEMENT;
      const said = label(data);
      return {
        replies: unanswered ? 0 : 1,
        handshake: unanswered,
        describe: () => ({ label: said, access: 'unknown', keys: [] }),
      };
    },

    replies(chunk) {
      if (preparing !== '') {
        if (chunk.length >= HEADER + 5 && chunk[HEADER] === 0) prepared.set(chunk.readUInt32LE(HEADER + 1), preparing);
        preparing = '';
      }
      return Number.POSITIVE_INFINITY;
    },
  };
};

/** @param {Buffer} data */
function text(data) {
  return data.toString('utf8', HEADER + 1, HEADER + 1 + LONGEST);
}

/** What a statement is called: its verb and its tables, or the function that it asks for. @param {string} sql */
function about(sql) {
  if (sql === '') return '';
  const plain = sql.replace(SHARED, ' ');
  const { label } = describe([{ sql: plain.replace(OTHERWISE, ' '), values: [] }], new Transaction());
  if (label === 'SELECT') return `SELECT ${/^\s*select\s+(\w+)\s*\(/i.exec(sql)?.[1] ?? ''}`.trim();
  return plain === sql ? label : `${label} FOR SHARE`;
}
