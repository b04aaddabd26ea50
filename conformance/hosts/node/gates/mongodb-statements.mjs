// @ts-check
/**
 * What a MongoDB command does to documents, in a form from which the engine, which knows the unique indexes,
 * reads which documents it touches. Only plain equality with a text or an ObjectId counts as a condition.
 */
import { ObjectId } from './bson.mjs';

/**
 * @typedef {Record<string, string>} Values by field: a text, or the hexadecimal number of an ObjectId
 * @typedef {object} Statement
 * @property {string} collection
 * @property {Values} [filter] what the documents have that it finds; without it: any
 * @property {string[] | true} [sets] fields that it changes; true: any
 * @property {true} [removes] what it finds goes
 * @property {Values} [document] a document that it makes, as far as it is known
 * @property {Values} [replaces] what comes in the place of what it finds
 * @property {boolean} [upsert] it makes that document if it finds none
 */

/** Longer values are no conditions. */
const LONGEST = 512;

/** @param {any} value @returns {string | undefined} */
function plain(value) {
  if (typeof value === 'string' && value !== '…' && value.length <= LONGEST) return value;
  if (value instanceof ObjectId) return value.hex;
  if (value !== null && typeof value === 'object' && Object.keys(value).join() === '$eq') return plain(value.$eq);
  return undefined;
}

/** The equalities that every document has to meet. @param {any} filter @returns {Values} */
function conditions(filter) {
  /** @type {Values} */
  const found = {};
  if (filter === null || typeof filter !== 'object') return found;
  for (const [name, value] of Object.entries(filter)) {
    if (name === '$and' && Array.isArray(value)) Object.assign(found, ...value.map(conditions));
    const text = name.startsWith('$') ? undefined : plain(value);
    if (text !== undefined) found[name] = text;
  }
  return found;
}

/** @param {any} document @returns {Values} */
function values(document) {
  /** @type {Values} */
  const found = {};
  for (const [name, value] of Object.entries(document)) {
    const text = typeof value === 'string' || value instanceof ObjectId ? plain(value) : undefined;
    if (text !== undefined) found[name] = text;
  }
  return found;
}

/**
 * @param {string} collection @param {any} filter @param {any} change @param {boolean} upsert
 * @returns {Statement[]}
 */
function updates(collection, filter, change, upsert) {
  const asked = conditions(filter);
  if (change === null || typeof change !== 'object' || Array.isArray(change)) {
    return [{ collection, sets: true }];
  }
  if (Object.keys(change).some((name) => name.startsWith('$'))) {
    const named = Object.values(change).flatMap((fields) => Object.keys(fields ?? {}));
    const renamed = Object.values(change.$rename ?? {}).map(String);
    const sets = [...new Set([...named, ...renamed].map((name) => name.split('.')[0]))];
    /** @type {Statement[]} */
    const found = [{ collection, filter: asked, sets }];
    if (upsert) found.push({ collection, document: { ...asked, ...values({ ...change.$setOnInsert, ...change.$set }) } });
    return found;
  }
  // It keeps its id.
  /** @type {Values} */
  const kept = '_id' in asked ? { _id: asked._id } : {};
  return [{ collection, filter: asked, replaces: { ...kept, ...values(change) }, upsert }];
}

/**
 * What a command asks for; one collection as a whole where this does not say.
 * @param {string} name @param {string} collection @param {any} asked @returns {Statement[]}
 */
export function statements(name, collection, asked) {
  const whole = [{ collection }];
  const parts = [asked, ...(asked.updates ?? []), ...(asked.deletes ?? [])];
  if (parts.some((part) => 'collation' in part || 'let' in part)) return whole;
  switch (name) {
    case 'find':
      return [{ collection, filter: conditions(asked.filter) }];
    case 'count':
    case 'distinct':
      return [{ collection, filter: conditions(asked.query) }];
    case 'aggregate':
      return [{ collection, filter: conditions(asked.pipeline?.[0]?.$match) }];
    case 'insert':
      return (asked.documents ?? []).map((/** @type {any} */ each) => ({ collection, document: values(each) }));
    case 'update':
      return (asked.updates ?? []).flatMap((/** @type {any} */ each) => updates(collection, each.q, each.u, each.upsert === true));
    case 'delete':
      return (asked.deletes ?? []).map((/** @type {any} */ each) => ({ collection, filter: conditions(each.q), removes: true }));
    case 'findAndModify':
    case 'findandmodify':
      if (asked.remove === true) return [{ collection, filter: conditions(asked.query), removes: true }];
      return updates(collection, asked.query, asked.update, asked.upsert === true);
    default:
      return whole;
  }
}
