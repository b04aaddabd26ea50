// @ts-check
/** I/O is what a call asks of the client of libSQL, whose embedded database no socket and no file shows. */
import { currentCall, heldUntilGo } from '../actor.mjs';
import { importFrom, installed } from '../place.mjs';

const STATEMENTS = ['execute', 'batch', 'migrate', 'executeMultiple'];
const patched = new WeakSet();

/** @param {any} prototype of clients or of transactions @param {string[]} names */
function holdMethods(prototype, names) {
  if (patched.has(prototype)) return;
  patched.add(prototype);
  for (const name of names) {
    const original = prototype[name];
    if (typeof original !== 'function') continue;
    prototype[name] = async function (/** @type {any[]} */ ...args) {
      const start = async () => original.apply(this, args);
      const idle = currentCall() === undefined || (name === 'close' && (!('commit' in this) || this.closed));
      const label = name === 'transaction' ? 'BEGIN' : String(args[0]?.sql ?? args[0] ?? name.toUpperCase());
      const found = await (idle ? start() : heldUntilGo(label.slice(0, 80), start));
      if (name === 'transaction') holdMethods(Object.getPrototypeOf(found), [...STATEMENTS, 'commit', 'rollback', 'close']);
      return found;
    };
  }
}

/** @param {import('../place.mjs').Place} place */
export async function holdLibsql(place) {
  const root = installed('@libsql/client', place.root);
  for (const entry of ['/sqlite3', '/http', '/ws']) {
    for (const made of Object.values(await importFrom(root, '@libsql/client', place.directory, entry))) {
      if (typeof made?.prototype?.execute === 'function') holdMethods(made.prototype, [...STATEMENTS, 'transaction']);
    }
  }
}
