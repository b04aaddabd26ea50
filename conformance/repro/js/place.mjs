// @ts-check
/** Where a run of this script works: the package, the service, a directory and a prefix of its own. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { WORLD } from './recorded.mjs';

/** @typedef {{tag: string, namespace: string, directory: string, root: string, url: string}} Place */

/** Something that whoever runs the script can put right. */
export class CannotRun extends Error {}

/** @param {string} tag @returns {Place} */
export function makePlace(tag) {
  const root = fs.realpathSync(process.env.WORLD_PACKAGE ?? installed(WORLD.package, path.dirname(fileURLToPath(import.meta.url))));
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'repro-'));
  const url = WORLD.service === null ? '' : (process.env[WORLD.service.variable] ?? WORLD.service.url);
  return { tag, namespace: `repro_${tag}`, directory, root, url };
}

/** The folder of a package, seen from `from`. @param {string} name @param {string} from @returns {string} */
export function installed(name, from) {
  for (let at = from; ; at = path.dirname(at)) {
    const folder = path.join(at, 'node_modules', name);
    if (fs.existsSync(path.join(folder, 'package.json'))) return folder;
    if (at === path.dirname(at)) throw new CannotRun(`${name} is not installed here: npm i ${name}`);
  }
}

/** Import a package (or an entry of it) that lies anywhere, as a neighbour would. @param {string} root @param {string} name @param {string} scratch @param {string} [entry] */
export async function importFrom(root, name, scratch, entry = '') {
  const folder = path.join(scratch, `import-${process.pid}`);
  const link = path.join(folder, 'node_modules', name);
  fs.mkdirSync(path.dirname(link), { recursive: true });
  if (!fs.existsSync(link)) fs.symlinkSync(root, link, 'junction');
  const loader = path.join(folder, `${name.replace(/\W/g, '_')}${entry.replace(/\W/g, '_')}.mjs`);
  fs.writeFileSync(loader, `export * as found from ${JSON.stringify(name + entry)};\n`);
  return (await import(loader)).found;
}

/** Fill in `{service.url}`, `{namespace}` and the like. @param {any} value @param {Place} place @returns {any} */
export function filled(value, place) {
  if (Array.isArray(value)) return value.map((item) => filled(item, place));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, place)]));
  }
  if (typeof value !== 'string') return value;
  return value.replace(/\{\{|\}\}|\{([\w.-]+)\}/g, (braces, name) => (name === undefined ? braces[0] : known(name, place)));
}

/** @param {string} name @param {Place} place @returns {string} */
function known(name, place) {
  if (name === 'namespace' || name === 'directory' || name === 'root') return place[name];
  if (name === 'service.url') return place.url;
  if (name === 'service.host') return new URL(place.url).hostname;
  if (name === 'service.port') return String(portOf(place));
  const { bin } = JSON.parse(fs.readFileSync(path.join(place.root, 'package.json'), 'utf8'));
  return path.join(place.root, typeof bin === 'string' ? bin : bin[name.replace('bin.', '')]);
}

/** The port of the service. @param {Place} place */
export function portOf(place) {
  return Number(new URL(place.url).port) || WORLD.service?.port || 0;
}

/** Run what prepares the World's store. @param {Place} place */
export function setUp(place) {
  if (WORLD.setup === null) return;
  const [command, ...words] = filled(WORLD.setup.command, place);
  const env = { ...process.env, ...filled(WORLD.setup.env, place) };
  const done = spawnSync(command === 'node' ? process.execPath : command, words, { cwd: place.directory, env, encoding: 'utf8' });
  if (done.status !== 0) throw new CannotRun(`the World's set-up failed:\n${done.stdout}${done.stderr}`);
}
