// @ts-check
/** Gates at the client of libSQL (`@libsql/client`), whose embedded database no socket and no `fs` call shows. */
import { pathToFileURL } from 'node:url';
import { answered, currentCall, submit } from '../calls.mjs';
import { findPackage } from '../world.mjs';
import { describe, Transaction } from './sql.mjs';

/** @typedef {import('../calls.mjs').Description} Description */

const CLIENTS = ['sqlite3', 'http', 'ws'];
const STATEMENTS = ['execute', 'batch', 'migrate', 'executeMultiple'];
/** What takes or gives back the lock of the whole database. */
const LOCKS = ['transaction', 'commit', 'rollback', 'close'];

/** Longer parameters are no keys. */
const LONGEST = 512;

/**
 * Parameters as the engine compares them. The text of a number depends on the column that it is stored in, so numbers
 * are not shown; nor are those that have names.
 * @param {any} args @returns {(string | null | true)[]}
 */
function shown(args) {
  if (!Array.isArray(args)) return [];
  return args.map((each) => (each === null || (typeof each === 'string' && each.length <= LONGEST) ? each : true));
}

/**
 * The statements in what a client takes: a text, `{sql, args}`, `[sql, args]`, or a list of those.
 * @param {any} given @param {any} [args] @returns {import('./sql.mjs').Statement[]}
 */
function statements(given, args) {
  if (typeof given === 'string') return [{ sql: given, values: shown(args) }];
  if (typeof given?.sql === 'string') return [{ sql: given.sql, values: shown(given.args) }];
  if (!Array.isArray(given)) return [];
  if (typeof given[0] === 'string' && given.length === 2 && typeof given[1] !== 'string') return statements(given[0], given[1]);
  return given.flatMap((each) => statements(each));
}

/**
 * In a transaction the first read fixes what it sees, and the first write takes the lock of the whole database: no
 * statement there commutes with a write elsewhere, whatever its rows are.
 * @param {string} name @param {any[]} args @param {boolean} inside in a transaction @returns {Description}
 */
function about(name, [first, second], inside) {
  if (!LOCKS.includes(name)) {
    const found = describe(statements(first, second), new Transaction());
    return inside ? { label: found.label, access: 'unknown', keys: [] } : found;
  }
  const label = name === 'transaction' ? `BEGIN ${first ?? ''}`.trim() : name.toUpperCase();
  return { label, access: 'unknown', keys: [] };
}

const patched = new WeakSet();

/** @param {any} holder the prototype of clients or of transactions @param {string[]} names */
function wrap(holder, names) {
  if (patched.has(holder)) return;
  patched.add(holder);
  for (const name of names) {
    const original = holder[name];
    if (typeof original !== 'function') continue;
    holder[name] = function (/** @type {any[]} */ ...args) {
      const call = currentCall();
      // An open transaction is rolled back by `close`; a closed one, or a client, does no I/O there.
      const idle = name === 'close' && (!('closed' in this) || this.closed || !('commit' in this));
      const start = () => original.apply(this, args);
      const done = call === undefined || idle ? start() : gated(call, () => about(name, args, 'commit' in this), start);
      if (name !== 'transaction') return done;
      return done.then((/** @type {any} */ transaction) => {
        wrap(Object.getPrototypeOf(transaction), [...STATEMENTS, ...LOCKS]);
        return transaction;
      });
    };
  }
}

/**
 * @param {import('../calls.mjs').Call} call @param {() => Description} describe @param {() => any} start
 */
function gated(call, describe, start) {
  return new Promise((resolve, reject) => {
    /** @type {import('../calls.mjs').Operation} */
    const operation = {
      call,
      describe,
      perform: () => {
        Promise.resolve()
          .then(start)
          .finally(() => answered(operation))
          .then(resolve, reject);
      },
    };
    submit(operation);
  });
}

/** Hold the clients that the package in this folder makes. @param {string} folder */
export async function patch(folder) {
  for (const name of CLIENTS) {
    const { entry } = findPackage(`@libsql/client/${name}`, folder);
    const module = await import(pathToFileURL(entry).href);
    for (const made of Object.values(module)) {
      if (typeof made === 'function' && typeof made.prototype?.execute === 'function') {
        wrap(made.prototype, [...STATEMENTS, 'transaction']);
      }
    }
  }
}
