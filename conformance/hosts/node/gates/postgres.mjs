// @ts-check
/** The PostgreSQL wire protocol, version 3: which statements a write carries, and when they are answered. */
import { describe, Transaction } from './sql.mjs';

const SSL_REQUEST = 80877103;
const CANCEL_REQUEST = 80877102;
const READY_FOR_QUERY = 90; // Z
/** Longer parameters are no keys. */
const LONGEST = 512;

/** @type {import('./net.mjs').Protocol} */
export const postgres = () => {
  /** No statement has been possible yet: start-up, encryption, password. */
  let handshake = true;
  let encryptionAsked = false;
  /** named prepared statements of this connection @type {Map<string, string>} */
  const prepared = new Map();
  const transaction = new Transaction();
  /** @type {Buffer | null} a message header that is not all here */
  let rest = null;
  /** bytes of the current message that are still to come */
  let skip = 0;

  /** @param {Buffer} data @returns {import('./net.mjs').Request} */
  function greeting(data) {
    const code = data.length >= 8 && data[0] === 0 ? data.readInt32BE(4) : 0;
    encryptionAsked = code === SSL_REQUEST;
    const replies = code === 0 || code === CANCEL_REQUEST || encryptionAsked ? 0 : 1;
    return { replies, handshake: true, describe: () => ({ label: 'handshake', access: 'unknown', keys: [] }) };
  }

  return {
    request(data) {
      if (handshake) return greeting(data);
      /** @type {import('./sql.mjs').Statement[]} */
      const statements = [];
      let replies = 0;
      let unnamed = '';
      let ends = false;
      for (let at = 0; at + 5 <= data.length; at += 1 + data.readInt32BE(at + 1)) {
        const body = at + 5;
        switch (String.fromCharCode(data[at])) {
          case 'Q': // simple query
            statements.push({ sql: text(data, body), values: [] });
            replies++;
            break;
          case 'P': { // parse
            const name = text(data, body);
            const statement = text(data, body + Buffer.byteLength(name) + 1);
            if (name === '') unnamed = statement;
            else prepared.set(name, statement);
            break;
          }
          case 'B': { // bind
            const portal = text(data, body);
            const name = text(data, body + Buffer.byteLength(portal) + 1);
            const sql = name === '' ? unnamed : (prepared.get(name) ?? '');
            statements.push({ sql, values: parameters(data, body + Buffer.byteLength(portal) + Buffer.byteLength(name) + 2) });
            break;
          }
          case 'S': // sync
            replies++;
            break;
          case 'X': // terminate
            ends = true;
            break;
        }
      }
      return {
        replies: ends ? 0 : replies,
        handshake: ends,
        describe: () => describe(statements, transaction),
      };
    },

    replies(chunk) {
      if (encryptionAsked) {
        encryptionAsked = false; // one byte, S or N, that is not a message
        chunk = chunk.subarray(1);
      }
      const data = rest === null ? chunk : Buffer.concat([rest, chunk]);
      rest = null;
      let at = skip;
      let count = 0;
      while (at < data.length) {
        if (at + 5 > data.length) {
          rest = Buffer.from(data.subarray(at));
          skip = 0;
          return count;
        }
        if (data[at] === READY_FOR_QUERY) {
          count++;
          handshake = false;
        }
        at += 1 + data.readInt32BE(at + 1);
      }
      skip = at - data.length;
      return count;
    },
  };
};

/**
 * The parameters of a bind message, as text: true for one in binary, or a long one.
 * @param {Buffer} data @param {number} at where the format codes begin @returns {(string | null | true)[]}
 */
function parameters(data, at) {
  const formats = data.readInt16BE(at);
  const count = data.readInt16BE(at + 2 + 2 * formats);
  const binary = (/** @type {number} */ nth) =>
    formats > 0 && data.readInt16BE(at + 2 + 2 * (formats === 1 ? 0 : nth)) === 1;
  let next = at + 4 + 2 * formats;
  /** @type {(string | null | true)[]} */
  const found = [];
  for (let nth = 0; nth < count; nth++) {
    const length = data.readInt32BE(next);
    next += 4;
    if (length < 0) found.push(null);
    else found.push(binary(nth) || length > LONGEST ? true : data.toString('utf8', next, next + length));
    next += Math.max(0, length);
  }
  return found;
}

/** The zero-terminated text at `at`. @param {Buffer} data @param {number} at */
function text(data, at) {
  const end = data.indexOf(0, at);
  return data.toString('utf8', at, end < 0 ? data.length : end);
}
