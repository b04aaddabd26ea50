// @ts-check
/** Where a run of this script works: the package, the service, a directory and a prefix of its own. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPackage } from '../../hosts/node/world.mjs';

/** @typedef {{tag: string, namespace: string, directory: string, root: string, url: string}} Place */

/** Something that whoever runs the script can put right. */
export class CannotRun extends Error {}

/** @param {string} tag @returns {Place} */
export function makePlace(tag) {
  const root = packageFolder();
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'repro-'));
  const url = WORLD.service === null ? '' : (process.env[WORLD.service.variable] ?? WORLD.service.url);
  return { tag, namespace: `repro_${tag}`, directory, root, url };
}

function packageFolder() {
  if (process.env.WORLD_PACKAGE) return fs.realpathSync(process.env.WORLD_PACKAGE);
  try {
    return findPackage(WORLD.package, path.dirname(fileURLToPath(import.meta.url))).folder;
  } catch {
    throw new CannotRun(`${WORLD.package} is not installed here: npm i ${WORLD.package}@${WORLD.version}`);
  }
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

/** The port of the service; 0: it has none. @param {Place} place */
export function portOf(place) {
  return WORLD.service === null ? 0 : Number(new URL(place.url).port) || WORLD.service.port;
}

/** Run what prepares the World's store. @param {Place} place */
export function setUp(place) {
  if (WORLD.setup === null) return;
  const [command, ...words] = filled(WORLD.setup.command, place);
  const env = { ...process.env, ...filled(WORLD.setup.env, place) };
  const done = spawnSync(command === 'node' ? process.execPath : command, words, { cwd: place.directory, env, encoding: 'utf8' });
  if (done.status !== 0) throw new CannotRun(`the World's set-up failed:\n${done.stdout}${done.stderr}`);
}
