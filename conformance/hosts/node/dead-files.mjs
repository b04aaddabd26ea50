// @ts-check
/**
 * Files in a soft death (`death.mjs`): whoever is dead asks the file system for nothing. Before a World is dead its
 * operations that are under way come to their end, and its file handles are closed, as the system closes those of a
 * killed process. What it made stays as it is: folders that are locks, files that were emptied and not written.
 */
import fs from 'node:fs';
import { isDead, owner } from './calls.mjs';

/** These begin nothing that has an end: streams are made of the functions below, and watchers only look. */
const NO_OPERATION = /^(?:create|watch|unwatch|_|open(?:AsBlob|dir)|glob)/;

/** Operations of the World that have no answer. */
let underWay = 0;
/** File handles that the World has open, and how each is closed. @type {Map<any, () => Promise<void>>} */
const handles = new Map();

/** Put the fence up, before any other patch. */
export async function patch() {
  const probe = await fs.promises.open('/dev/null');
  const prototype = Object.getPrototypeOf(probe);
  await probe.close();
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const { value } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(prototype, name));
    if (typeof value === 'function' && name !== 'constructor') fencePromised(prototype, name);
  }
  for (const [name, value] of Object.entries(fs.promises)) if (typeof value === 'function') fencePromised(fs.promises, name);
  for (const [name, value] of Object.entries(fs)) {
    if (typeof value === 'function' && /^[a-z]/.test(name) && !NO_OPERATION.test(name)) fence(fs, name);
  }
  const { open } = fs.promises;
  fs.promises.open = /** @type {any} */ (
    (/** @type {[any]} */ ...args) => {
      const opened = open(...args);
      if (owner() !== undefined) void opened.then(keep, () => {});
      return opened;
    }
  );
}

/** Know how to close a file handle, until it is closed. @param {any} handle */
function keep(handle) {
  const { close } = handle;
  handles.set(handle, () => close.call(handle));
  handle.close = () => {
    handles.delete(handle);
    return close.call(handle);
  };
}

/** A function that gives a promise. @param {any} holder @param {string} name */
function fencePromised(holder, name) {
  if (NO_OPERATION.test(name)) return;
  const original = holder[name];
  holder[name] = function (/** @type {any[]} */ ...args) {
    if (isDead()) return new Promise(() => {});
    const made = original.apply(this, args);
    if (owner() !== undefined && typeof made?.then === 'function') {
      underWay++;
      const over = () => void underWay--;
      made.then(over, over);
    }
    return made;
  };
}

/** A function that calls back, or that gives its result at once. @param {any} holder @param {string} name */
function fence(holder, name) {
  const original = holder[name];
  const fenced = function (/** @type {any} */ ...args) {
    const done = args.at(-1);
    const calls = typeof done === 'function';
    if (isDead()) {
      if (calls) return undefined;
      throw new Error(`${name}: this World is dead`);
    }
    if (!calls || owner() === undefined) return original.apply(holder, args);
    underWay++;
    const over = (/** @type {any[]} */ ...given) => {
      underWay--;
      if (!isDead()) done(...given);
    };
    return original.apply(holder, [...args.slice(0, -1), over]);
  };
  for (const key of Object.getOwnPropertySymbols(original)) /** @type {any} */ (fenced)[key] = original[key];
  if (original.native !== undefined) Object.assign(fenced, { native: original.native });
  holder[name] = fenced;
}

/** Whether an operation of the World has no answer yet. */
export function busy() {
  return underWay > 0;
}

/** Close what the dead World had open. Called outside it. */
export async function closeAll() {
  const closing = [...handles.values()].map((close) => close());
  handles.clear();
  await Promise.allSettled(closing);
}
