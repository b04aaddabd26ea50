// @ts-check
/**
 * The package's own source: which line of it a compiled line was made from, and which of its files are shared.
 *
 * A package that ships source maps is told by the lines that its authors write. Path and line stand in the map
 * itself, so the sources need not be shipped.
 */
import fs from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';

/** Taken before the gates of files are patched: what is read here is no operation of the World. */
const { existsSync, readFileSync } = fs;
/** So many modules of a package are looked at. */
const MODULES = 400;
const IMPORT = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g;
const COMMENT = /\/\/[#@] sourceMappingURL=(\S+)\s*$/;

/** @type {Map<string, {map: SourceMap, base: string} | undefined>} */
const maps = new Map();
/** Files of the package that two or more of its other files import. @type {Set<string> | undefined} */
let shared;
let entry = '';

/** @param {string} file @returns {string} */
function text(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The source map of a file: in its last line, or in the file beside it that this line names. @param {string} file */
function mapOf(file) {
  const [, address] = COMMENT.exec(text(file).trimEnd().split('\n').at(-1) ?? '') ?? [];
  if (address === undefined) return undefined;
  const inline = /^data:[^,]*?(;base64)?,(.*)$/.exec(address);
  try {
    const json = inline === null
      ? text(path.resolve(path.dirname(file), decodeURI(address)))
      : Buffer.from(inline[2], inline[1] === undefined ? 'utf8' : 'base64').toString();
    const payload = JSON.parse(json);
    const beside = inline === null ? path.resolve(path.dirname(file), decodeURI(address)) : file;
    return { map: new SourceMap(payload), base: path.resolve(path.dirname(beside), payload.sourceRoot ?? '') };
  } catch {
    return undefined; // a map that cannot be read says nothing: the compiled line is what there is
  }
}

/**
 * The line that a compiled line was made from; undefined when no map says it, or says a file outside the package.
 * @param {string} folder of the package @param {string} file @param {number} line from 1 @param {number} column from 1
 * @returns {string | undefined} `path:line`, the path from the folder
 */
export function original(folder, file, line, column) {
  if (!maps.has(file)) maps.set(file, mapOf(file));
  const found = maps.get(file);
  /** @type {any} */
  const position = found?.map.findEntry(line - 1, column - 1);
  if (found === undefined || position?.originalSource === undefined) return undefined;
  const source = position.originalSource;
  const whole = source.startsWith('file:') ? decodeURI(new URL(source).pathname) : path.resolve(found.base, source);
  const inside = path.relative(folder, whole);
  if (/^[a-z]+:\/\//.test(source.replace('file://', '')) || /^\.\.|node_modules/.test(inside)) return undefined;
  return `${inside}:${position.originalLine + 1}`;
}

/** The file that a relative import means. @param {string} from @param {string} address */
function resolved(from, address) {
  const at = path.resolve(path.dirname(from), address);
  const named = [at, at.replace(/\.([cm]?)js$/, '.$1ts'), `${at}.js`, `${at}.ts`, `${at}.mjs`, `${at}.cjs`];
  return [...named, path.join(at, 'index.js'), path.join(at, 'index.ts')].find((one) => path.extname(one) && existsSync(one));
}

/** Which files of the package two or more others import, from its entry on. */
function findShared() {
  /** @type {Map<string, number>} */
  const importers = new Map();
  const queue = [entry];
  for (let file = queue.shift(); file !== undefined && importers.size < MODULES; file = queue.shift()) {
    const named = new Set([...text(file).matchAll(IMPORT)].map(([, address]) => resolved(file, address)));
    for (const one of named) {
      if (one === undefined) continue;
      if (!importers.has(one)) queue.push(one);
      importers.set(one, (importers.get(one) ?? 0) + 1);
    }
  }
  return new Set([...importers].filter(([, count]) => count > 1).map(([file]) => file));
}

/** Whether a file is a helper, which several files of the package use. @param {string} file */
export function isShared(file) {
  shared ??= findShared();
  return shared.has(file);
}

/** The modules of the package begin here. @param {string} file */
export function beginAt(file) {
  entry = file;
  shared = undefined;
  maps.clear();
}
