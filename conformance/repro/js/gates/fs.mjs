// @ts-check
/** I/O is what a call asks of the file system, below the World's directory. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { currentCall, heldUntilGo } from '../actor.mjs';

const NAMES =
  'access appendFile chmod copyFile cp link lstat mkdir mkdtemp open opendir readFile readdir readlink realpath rename rm rmdir stat symlink truncate unlink utimes writeFile';
const OF_HANDLES = ['appendFile', 'read', 'readFile', 'readv', 'stat', 'truncate', 'write', 'writeFile', 'writev'];

/** @param {import('../place.mjs').Place} place */
export function holdFiles(place) {
  /** @type {any} */
  const promises = fs.promises;
  /** @type {WeakMap<object, string>} */
  const handles = new WeakMap();

  /** @param {any} file @returns {string | undefined} its path within the directory */
  function inside(file) {
    const whole = typeof file === 'string' ? path.resolve(file) : '';
    return whole.startsWith(place.directory) && !whole.includes('node_modules') ? path.relative(place.directory, whole) : undefined;
  }

  for (const name of NAMES.split(' ')) {
    const original = promises[name];
    promises[name] = async (/** @type {any[]} */ ...args) => {
      const file = inside(args[0]);
      if (file === undefined || currentCall() === undefined) return original.apply(promises, args);
      const found = await heldUntilGo(`${name} ${file}`, () => original.apply(promises, args));
      if (name === 'open') ofHandle(found, file);
      return found;
    };
  }

  /** @param {any} handle @param {string} file */
  function ofHandle(handle, file) {
    const prototype = Object.getPrototypeOf(handle);
    handles.set(handle, file);
    if (prototype.isHeld) return;
    prototype.isHeld = true;
    for (const name of OF_HANDLES) {
      const original = prototype[name];
      prototype[name] = function (/** @type {any[]} */ ...args) {
        const known = handles.get(this);
        return known === undefined ? original.apply(this, args) : heldUntilGo(`${name} ${known}`, () => original.apply(this, args));
      };
    }
  }
  syncBuiltinESMExports();
}
