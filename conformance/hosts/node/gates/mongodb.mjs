// @ts-check
/** The MongoDB wire protocol: which command a message carries, and which message answers which. */
import { document, ObjectId } from './bson.mjs';
import { statements } from './mongodb-statements.mjs';

const OP_QUERY = 2004;
const OP_MSG = 2013;
const MORE_TO_COME = 2;
const HEADER = 16;

const READS = new Set(['find', 'aggregate', 'count', 'distinct', 'getMore', 'listCollections', 'listIndexes', 'explain']);
const WRITES = new Set(
  'insert update delete findAndModify findandmodify createIndexes dropIndexes create drop dropDatabase bulkWrite'.split(' '),
);
const HANDSHAKE = new Set(
  'hello ismaster isMaster saslStart saslContinue authenticate buildInfo ping endSessions killCursors'.split(' '),
);

/** Stages that read or write another collection. */
const ELSEWHERE = ['$out', '$merge', '$lookup', '$graphLookup', '$unionWith'];

/** @typedef {{id: number, answered: boolean, name: string, command: () => Record<string, any>}} Asked */

/** @param {Buffer} data @returns {Asked[]} */
function messages(data) {
  const found = [];
  for (let at = 0; at + HEADER <= data.length; at += Math.max(HEADER, data.readInt32LE(at))) {
    const end = Math.min(at + data.readInt32LE(at), data.length);
    const id = data.readInt32LE(at + 4);
    const kind = data.readInt32LE(at + 12);
    const flags = kind === OP_MSG ? data.readUInt32LE(at + HEADER) : 0;
    const from = at + HEADER;
    const answered = (flags & MORE_TO_COME) === 0;
    found.push({ id, answered, name: name(data, kind, from, end), command: () => command(data, kind, from, end) });
  }
  return found;
}

/**
 * The command document of a message, with its document sequences put in their places.
 * @param {Buffer} data @param {number} kind @param {number} at @param {number} end
 * @returns {Record<string, any>}
 */
function command(data, kind, at, end) {
  if (kind === OP_QUERY) {
    const name = data.indexOf(0, at + 4);
    return document(data, name + 9);
  }
  if (kind !== OP_MSG) return {};
  /** @type {Record<string, any>} */
  let body = {};
  /** @type {Record<string, any>} */
  const sequences = {};
  let section = at + 4;
  while (section + 5 <= end) {
    const size = data.readInt32LE(section + 1);
    if (data[section] === 0) {
      body = document(data, section + 1);
    } else {
      const zero = data.indexOf(0, section + 5);
      const documents = [];
      for (let next = zero + 1; next < section + 1 + size; next += data.readInt32LE(next)) {
        documents.push(document(data, next));
      }
      sequences[data.toString('utf8', section + 5, zero)] = documents;
    }
    section += 1 + size;
  }
  return { ...body, ...sequences };
}

/**
 * What a message asks for: the first field of its command document. The others are read only for a description.
 * @param {Buffer} data @param {number} kind @param {number} at @param {number} end
 */
function name(data, kind, at, end) {
  let body = -1;
  if (kind === OP_QUERY) body = data.indexOf(0, at + 4) + 9;
  for (let section = at + 4; kind === OP_MSG && body < 0 && section + 5 <= end; section += 1 + data.readInt32LE(section + 1)) {
    if (data[section] === 0) body = section + 1;
  }
  return body < 0 ? '' : data.toString('utf8', body + 5, data.indexOf(0, body + 5));
}

/** `{runId: "wrun_1", status: …}`: the first few plain conditions. @param {any} filter */
function conditions(filter) {
  if (filter === null || typeof filter !== 'object') return '';
  const shown = Object.entries(filter)
    .slice(0, 3)
    .map(([name, value]) => `${name}: ${value !== null && typeof value === 'object' && !(value instanceof ObjectId) ? '{…}' : String(value).slice(0, 60)}`);
  return shown.length === 0 ? '' : ` {${shown.join(', ')}}`;
}

/** @param {Asked} asked @returns {import('../calls.mjs').Description} */
function describe({ command }) {
  const asked = command();
  const name = Object.keys(asked)[0] ?? 'unreadable message';
  const collection = name === 'getMore' ? asked.collection : asked[name];
  const filter =
    asked.filter ?? asked.query ?? asked.updates?.[0]?.q ?? asked.deletes?.[0]?.q ?? asked.pipeline?.[0]?.$match;
  const { _id: _, ...inserted } = asked.documents?.[0] ?? {};
  const shown = name === 'insert' ? inserted : filter;
  const label = typeof collection === 'string' ? `${name} ${collection}${conditions(shown)}` : name;
  const elsewhere = ELSEWHERE.some((stage) => JSON.stringify(asked.pipeline ?? []).includes(`"${stage}":`));
  const stores = asked.pipeline?.some((/** @type {any} */ stage) => '$out' in stage || '$merge' in stage);
  const access = WRITES.has(name) || stores ? 'write' : READS.has(name) ? 'read' : 'unknown';
  const known = access !== 'unknown' && typeof collection === 'string' && !elsewhere && !('startTransaction' in asked);
  if (!known || asked.autocommit === false) return { label, access, keys: [] };
  return { label, access, keys: [collection], statements: statements(name, collection, asked) };
}

/** @type {import('./net.mjs').Protocol} */
export const mongodb = () => {
  /** @type {Buffer | null} */
  let rest = null;
  return {
    request(data) {
      const asked = messages(data);
      const ids = asked.filter((each) => each.answered).map((each) => each.id);
      return {
        replies: ids.length,
        ids,
        handshake: asked.every((each) => HANDSHAKE.has(each.name)),
        describe: () => {
          const all = asked.map(describe);
          if (all.length === 1) return all[0];
          return { label: all.map((each) => each.label).join(', '), access: 'unknown', keys: [] };
        },
      };
    },
    /** The numbers of the requests whose answers are all here. */
    replies(chunk) {
      const data = rest === null ? chunk : Buffer.concat([rest, chunk]);
      rest = null;
      const ids = [];
      let at = 0;
      while (at + HEADER <= data.length) {
        const size = Math.max(HEADER, data.readInt32LE(at));
        if (at + size > data.length) break;
        ids.push(data.readInt32LE(at + 8));
        at += size;
      }
      if (at < data.length) rest = Buffer.from(data.subarray(at));
      return ids;
    },
  };
};
