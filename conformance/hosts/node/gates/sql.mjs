// @ts-check
/**
 * What a SQL statement does, read from its text: enough for a label and for the tables it touches.
 *
 * Where the text does not say (a function that may write, several statements in one) the answer is
 * `unknown` and no tables: it may touch anything.
 */

/** @typedef {import('../calls.mjs').Description} Description */

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

/** @param {string} statement @param {Set<string>} touched @returns {Description} */
function one(statement, touched) {
  const text = statement.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ').replace(/'(?:[^']|'')*'/g, "''").trim();
  const verb = (/^[a-z]+/i.exec(text)?.[0] ?? '').toUpperCase();
  switch (verb) {
    case '':
      return { label: 'empty', access: 'unknown', keys: [] };
    case 'BEGIN':
    case 'START':
      touched.clear();
      return { label: 'BEGIN', access: 'read', keys: [SESSION] };
    case 'COMMIT':
    case 'END':
    case 'ROLLBACK':
    case 'ABORT': {
      const partial = /\bto\b/i.test(text);
      const keys = partial ? [SESSION] : [...touched, SESSION];
      if (!partial) touched.clear();
      return { label: verb, access: 'write', keys };
    }
    case 'SAVEPOINT':
    case 'RELEASE':
    case 'SET':
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
  if (!known || tables.length === 0) return { label, access: 'unknown', keys: [] };
  for (const table of tables) touched.add(table);
  if (locking || verb === 'REPLACE' || WRITES.test(text)) return { label, access: 'write', keys: tables };
  if (QUALIFIED_CALL.test(text)) return { label, access: 'unknown', keys: [] };
  return { label, access: 'read', keys: tables };
}

/**
 * @param {string[]} statements
 * @param {Set<string>} touched tables of the open transaction, kept up to date here
 * @returns {Description}
 */
export function describe(statements, touched) {
  const all = statements.map((statement) => one(statement, touched));
  if (all.length === 0) return { label: 'protocol message', access: 'unknown', keys: [] };
  const label = all.map((each) => each.label).join(', ');
  const unknown = all.some((each) => each.access === 'unknown');
  return {
    label,
    access: unknown ? 'unknown' : all.some((each) => each.access === 'write') ? 'write' : 'read',
    keys: unknown ? [] : [...new Set(all.flatMap((each) => each.keys))],
  };
}
