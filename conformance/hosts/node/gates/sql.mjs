// @ts-check
/**
 * What a SQL statement does, read from its text: enough for a label and for the tables it touches.
 *
 * Where the text does not say (a function that may write, several statements in one) the answer is
 * `unknown` and no tables: it may touch anything. Which rows of the tables a statement touches is for the
 * engine to say, which has a parser and knows the keys of the tables; it gets texts and parameters.
 */

/**
 * @typedef {import('../calls.mjs').Description} Description
 * @typedef {{sql: string, values: (string | null | true)[], tables?: string[]}} Statement `values`: the parameters, as text;
 *   true for one that is not shown
 * @typedef {'' | 'snapshot' | 'serializable'} Isolation
 */

/** What the open transaction of a connection has written or locked so far. */
export class Transaction {
  open = false;
  /** @type {Statement[]} */
  statements = [];
  /** a statement ran that may touch anything */
  anything = false;
  /** its reads see the moment of its first statement, or what it read may end it @type {Isolation} */
  isolation = '';
  /** what transactions of this connection begin with @type {Isolation} */
  usual = '';

  end() {
    this.open = false;
    this.statements = [];
    this.anything = false;
    this.isolation = this.usual;
  }

  begin() {
    this.end();
    this.open = true;
  }

  /** @param {Statement | null} statement null: it may touch anything */
  add(statement) {
    if (!this.open) return;
    if (statement === null) this.anything = true;
    else this.statements.push(statement);
  }

  /** @returns {string[]} */
  get tables() {
    return [...new Set(this.statements.flatMap(({ tables }) => tables ?? []))];
  }
}

const USUAL = /\bsession\s+characteristics\b|\bdefault_transaction_isolation\b/i;
const ISOLATION = /isolation\b[^;]*?\b(repeatable\s+read|serializable|snapshot)\b/i;

/** What only concerns the connection itself. */
const SESSION = '@session';
const NAME = '(?:"[^"]+"|`[^`]+`|[a-zA-Z_][\\w$]*)';
const TABLE = new RegExp(`\\b(?:from|join|into|update|table|using)\\s+(?:only\\s+)?(${NAME}(?:\\s*\\.\\s*${NAME})*)(\\s*\\()?`, 'gi');
const QUALIFIED_CALL = new RegExp(`${NAME}\\s*\\.\\s*${NAME}\\s*\\(`);
const LOCKING = /\bfor\s+(?:no\s+key\s+|key\s+)?(?:update|share)\b/i;
const WRITES = /\b(?:insert|update|delete|merge|truncate)\b/i;
const NOT_TABLES = new Set(['set', 'select', 'lateral', 'values', 'skip', 'of', 'nowait']);

/** @param {string} text the statement without its locking clause */
function tablesOf(text) {
  const found = new Set();
  for (const [, name, call] of text.matchAll(TABLE)) {
    const plain = name.replace(/["`\s]/g, '');
    if (NOT_TABLES.has(plain.toLowerCase())) continue;
    if (call !== undefined && !/\binto\s+\S+\s*\($/i.test(text.slice(0, text.indexOf(name) + name.length) + call)) continue;
    found.add(plain);
  }
  return [...found];
}

/**
 * Nothing of a transaction is less than everything, if what it sees was fixed before.
 * @param {Description} found @param {Transaction} transaction @returns {Description}
 */
function isolated(found, { isolation }) {
  if (isolation === '') return found;
  return { label: found.label, access: isolation === 'snapshot' ? found.access : 'unknown', keys: [] };
}

/** @param {string} text @param {Transaction} transaction */
function setIsolation(text, transaction) {
  const found = ISOLATION.exec(text)?.[1];
  if (found === undefined) return;
  transaction.isolation = /^serializable$/i.test(found) ? 'serializable' : 'snapshot';
  if (USUAL.test(text)) transaction.usual = transaction.isolation;
}

/** @param {Statement} statement @param {Transaction} transaction @returns {Description} */
function one(statement, transaction) {
  const text = statement.sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ').replace(/'(?:[^']|'')*'/g, "''").trim();
  const verb = (/^[a-z]+/i.exec(text)?.[0] ?? '').toUpperCase();
  switch (verb) {
    case '':
      return { label: 'empty', access: 'unknown', keys: [] };
    case 'BEGIN':
    case 'START':
      transaction.begin();
      setIsolation(text, transaction);
      return { label: 'BEGIN', access: 'read', keys: [SESSION] };
    case 'COMMIT':
    case 'END':
    case 'ROLLBACK':
    case 'ABORT': {
      if (/\bto\b/i.test(text)) return { label: verb, access: 'write', keys: [SESSION] };
      const { statements, anything, tables } = transaction;
      const ended = anything
        ? { label: verb, access: /** @type {const} */ ('unknown'), keys: [] }
        : isolated({ label: verb, access: 'write', keys: [...tables, SESSION], statements }, transaction);
      transaction.end();
      return ended;
    }
    case 'SET':
      setIsolation(statement.sql, transaction);
      return { label: verb, access: 'read', keys: [SESSION] };
    case 'SAVEPOINT':
    case 'RELEASE':
    case 'SHOW':
    case 'PRAGMA':
    case 'DEALLOCATE':
      return { label: verb, access: 'read', keys: [SESSION] };
  }
  const many = /;\s*\S/.test(text);
  const locking = LOCKING.test(text);
  const tables = tablesOf(text.replace(new RegExp(LOCKING.source, 'gi'), ' '));
  const label = [verb, ...tables].join(' ') + (locking ? ' FOR UPDATE' : '');
  const known = !many && ['SELECT', 'INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'MERGE', 'WITH', 'VALUES', 'TABLE'].includes(verb);
  const writes = locking || verb === 'REPLACE' || WRITES.test(text);
  if (!known || tables.length === 0 || (!writes && QUALIFIED_CALL.test(text))) {
    transaction.add(null);
    return { label, access: 'unknown', keys: [] };
  }
  const full = { ...statement, tables };
  if (writes) transaction.add(full); // what was only read nobody waits for
  return isolated({ label, access: writes ? 'write' : 'read', keys: tables, statements: [full] }, transaction);
}

/**
 * @param {Statement[]} statements
 * @param {Transaction} transaction the open transaction, kept up to date here
 * @returns {Description}
 */
export function describe(statements, transaction) {
  const all = statements.map((statement) => one(statement, transaction));
  if (all.length === 0) return { label: 'protocol message', access: 'unknown', keys: [] };
  const label = all.map((each) => each.label).join(', ');
  const unknown = all.some((each) => each.access === 'unknown');
  const access = unknown ? 'unknown' : all.some((each) => each.access === 'write') ? 'write' : 'read';
  if (unknown || all.some((each) => each.keys.length === 0)) return { label, access, keys: [] };
  const asked = all.flatMap((each) => each.statements ?? []);
  const keys = [...new Set(all.flatMap((each) => each.keys))];
  return asked.length === 0 ? { label, access, keys } : { label, access, keys, statements: asked };
}
