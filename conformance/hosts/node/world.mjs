// @ts-check
/** Find a World's package, import it, and make one instance per actor. */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** @typedef {{folder: string, entry: string, name: string, version: string}} Package */

/** @param {string} file @returns {any} */
function json(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/**
 * The file that an `exports` value names for `import`.
 * @param {any} target @returns {string | undefined}
 */
function importTarget(target) {
  if (typeof target === 'string') return target;
  if (Array.isArray(target)) return target.map(importTarget).find((found) => found !== undefined);
  if (target === null || typeof target !== 'object') return undefined;
  for (const [condition, value] of Object.entries(target)) {
    if (!['import', 'node', 'module-sync', 'default'].includes(condition)) continue;
    const found = importTarget(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The nearest folder, from here upward, that has a `package.json`. @param {string} folder */
function packageFolder(folder) {
  for (let at = folder; ; at = path.dirname(at)) {
    if (fs.existsSync(path.join(at, 'package.json'))) return at;
    if (at === path.dirname(at)) return folder;
  }
}

/** @param {string} folder @param {string} [subpath] @returns {Package} */
function fromFolder(folder, subpath = '.') {
  const { name, version, exports, main } = json(path.join(folder, 'package.json'));
  const mapped = Object.keys(Object(exports)).some((key) => key.startsWith('.'));
  const target = mapped ? exports[subpath] : exports;
  const file = importTarget(target) ?? (subpath === '.' ? (main ?? 'index.js') : subpath);
  return { folder, entry: path.join(folder, file), name: name ?? path.basename(folder), version: version ?? '' };
}

/**
 * @param {string} module a package's folder, its entry file, or a bare specifier
 * @param {string} [root] the folder from whose `node_modules` a bare specifier is resolved
 * @returns {Package}
 */
export function findPackage(module, root = process.cwd()) {
  if (path.isAbsolute(module)) {
    const file = fs.realpathSync(module);
    if (fs.statSync(file).isDirectory()) return fromFolder(file);
    const folder = packageFolder(path.dirname(file));
    if (fs.existsSync(path.join(folder, 'package.json'))) return { ...fromFolder(folder), entry: file };
    return { folder, entry: file, name: path.basename(file), version: '' };
  }
  const parts = module.split('/');
  const name = parts.slice(0, module.startsWith('@') ? 2 : 1).join('/');
  const subpath = ['.', ...parts.slice(name.split('/').length)].join('/');
  for (let at = path.resolve(root); ; at = path.dirname(at)) {
    const folder = path.join(at, 'node_modules', name);
    if (fs.existsSync(path.join(folder, 'package.json'))) return fromFolder(fs.realpathSync(folder), subpath);
    if (at === path.dirname(at)) throw new Error(`the package ${name} is not installed under ${root}`);
  }
}

/**
 * The one export that is called like a factory (`createLocalWorld`), for a package that has no `createWorld`.
 * @param {any} holder
 */
function factories(holder) {
  const found = Object.keys(Object(holder)).filter((name) => /^create\w+World$/.test(name));
  return found.length === 1 ? found : [];
}

/**
 * Make a World. Each instance gets a copy of the entry module of its own, so that a cache at its top level
 * is not shared between actors as it would not be between processes.
 * @param {Package} found @param {{factory?: string, options?: any}} world @param {string} copy what the address of
 *   that copy ends with, such as `?actor=B`; empty for the first
 * @param {() => void} loaded called when its module is there, before the factory runs
 */
export async function makeWorld(found, world, copy, loaded) {
  const module = await import(`${pathToFileURL(found.entry)}${copy}`);
  const names = world.factory === undefined ? ['createWorld', 'default'] : [world.factory];
  loaded();
  for (const holder of [module, module.default]) {
    for (const name of world.factory === undefined ? [...names, ...factories(holder)] : names) {
      const made = holder?.[name];
      if (typeof made === 'function') return await made(world.options ?? {});
      if (typeof made?.events?.create === 'function') return made;
    }
  }
  const has = Object.keys(module).slice(0, 10).join(', ') || 'nothing';
  throw new Error(`${found.name} exports no ${names.join(' or ')} that makes a World; it exports ${has}`);
}

/**
 * What the World says of itself; `undefined` when reading it throws, for no operation needs it.
 * @param {any} world @param {string} name
 */
export function said(world, name) {
  try {
    return world?.[name];
  } catch (error) {
    console.warn(`reading ${name} of the World failed:`, error);
    return undefined;
  }
}

/**
 * Close the World if it can be closed, whatever its `close` is and gives. Never throws.
 * @param {any} world
 */
export async function closeWorld(world) {
  try {
    if (typeof world?.close === 'function') await world.close();
  } catch (error) {
    console.warn('closing the World failed:', error);
  }
}

/**
 * Perform an operation: a method of the World by its path.
 * @param {any} world @param {string} op @param {any[]} args
 */
export async function perform(world, op, args) {
  if (op.startsWith('stream.')) return await (await import('./streams.mjs')).performStream(world, op, args);
  const names = op.split('.');
  const method = /** @type {string} */ (names.pop());
  const holder = names.reduce((at, name) => at?.[name], world);
  if (typeof holder?.[method] !== 'function') {
    throw Object.assign(new Error(`the World has no ${op}`), { name: 'NotImplemented', code: 'NOT_IMPLEMENTED' });
  }
  return await holder[method](...args);
}

/**
 * Harmless reads, at once, so that pools are full and no handshake becomes a gate.
 * @param {any} world @param {number} count
 */
export async function warm(world, count) {
  const reads = Array.from({ length: count }, () => perform(world, 'runs.get', ['wrun_00000000000000000000000000']));
  return await Promise.allSettled(reads);
}
