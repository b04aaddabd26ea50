// @ts-check
/**
 * Gates at the file system: each call of `fs.promises`, of its file handles, and of the callback functions
 * on a path of the World's data is one operation. Synchronous functions are held too while the host serves
 * one actor, because then the process may block.
 *
 * A file that is written whole (`writeFile`, `appendFile`) is two operations: it is opened, which makes it or empties
 * it, and its content is written. In between others see it without its content. That it is closed shows to nobody.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { answered, currentCall, submit, submitNow } from '../calls.mjs';

/** @typedef {import('../calls.mjs').Description} Description */

// As they are before anything is patched.
const { closeSync, openSync, rmSync, writeFileSync } = fs;
const { setTimeout: later } = globalThis;

/** How long to wait for a lock that is taken, in ms. Then the World gets EEXIST: the lock's owner may be dead. */
const LOCK_LIMIT = 2000;

/**
 * A folder made as a lock (`….lock`), which another has made already. Libraries try again and again until it is gone;
 * here that is one operation, which waits, as a database would let it. A file beside the data says so to the engine.
 * @param {string} folder of the data @param {any} error @param {() => void} again @param {() => void} giveUp
 * @param {{since: number}} waiting
 */
function waitForLock(folder, error, again, giveUp, waiting) {
  const note = path.join(folder, `.waiting-${process.pid}`);
  if (error?.code === 'EEXIST' && waiting.since < LOCK_LIMIT) {
    if (waiting.since++ === 0) writeFileSync(note, '');
    return void later(again, 1);
  }
  if (waiting.since > 0) rmSync(note, { force: true });
  giveUp();
}

/** name: [access, number of leading path arguments, whether an entry of the parent folder comes or goes] */
/** @type {Record<string, ['read' | 'write', number, boolean]>} */
const FUNCTIONS = {
  access: ['read', 1, false],
  appendFile: ['write', 1, true],
  chmod: ['write', 1, false],
  copyFile: ['write', 2, true],
  cp: ['write', 2, true],
  link: ['write', 2, true],
  lstat: ['read', 1, false],
  mkdir: ['write', 1, true],
  mkdtemp: ['write', 1, true],
  open: ['read', 1, false],
  opendir: ['read', 1, false],
  readFile: ['read', 1, false],
  readdir: ['read', 1, false],
  readlink: ['read', 1, false],
  realpath: ['read', 1, false],
  rename: ['write', 2, true],
  rm: ['write', 1, true],
  rmdir: ['write', 1, true],
  stat: ['read', 1, false],
  symlink: ['write', 2, true],
  truncate: ['write', 1, false],
  unlink: ['write', 1, true],
  utimes: ['write', 1, false],
  writeFile: ['write', 1, true],
};
/** @type {Record<string, 'read' | 'write'>} */
const HANDLE = {
  appendFile: 'write',
  read: 'read',
  readFile: 'read',
  readv: 'read',
  stat: 'read',
  truncate: 'write',
  write: 'write',
  writeFile: 'write',
  writev: 'write',
};

/** What writes a file whole, and how it opens it. @type {Record<string, string>} */
const WHOLE = { writeFile: 'w', appendFile: 'a' };

/** @param {any} given the last argument of `writeFile` @returns {Record<string, any>} */
function optionsOf(given) {
  return typeof given === 'string' ? { encoding: given } : (given ?? {});
}

/** @param {any} name a path as `fs` takes it @returns {string | undefined} */
function pathOf(name) {
  if (typeof name === 'string') return path.resolve(name);
  if (name instanceof URL && name.protocol === 'file:') return fileURLToPath(name);
  if (Buffer.isBuffer(name)) return path.resolve(name.toString());
  return undefined;
}

/**
 * Hold what these folders are asked for.
 * @param {string[]} folders none: everything but installed packages
 */
export function patch(folders) {
  const roots = folders.map((folder) => path.resolve(folder));

  /** @param {string} file */
  const inside = (file) =>
    roots.length === 0
      ? !file.includes(`${path.sep}node_modules${path.sep}`)
      : roots.some((root) => file === root || file.startsWith(root + path.sep));

  /** A path as people read it. @param {string} file */
  const short = (file) => {
    const root = roots.find((each) => file.startsWith(each + path.sep));
    return root === undefined ? file : path.relative(root, file);
  };

  /**
   * What a function is asked to do; undefined when it is not about the World's data.
   * @param {string} name @param {any[]} args @returns {(() => Description) | undefined}
   */
  function describer(name, args) {
    const [access, count, entry] = FUNCTIONS[name];
    const files = args.slice(0, count).map(pathOf);
    if (!files.some((file) => file !== undefined && inside(file))) return undefined;
    return () => {
      const known = /** @type {string[]} */ (files.filter((file) => file !== undefined));
      const whole = name in WHOLE;
      const creates = name === 'open' && typeof args[1] === 'string' && /[wa+]/.test(args[1]);
      const parents = entry || creates ? known.map((file) => path.dirname(file)) : [];
      return {
        label: `${whole ? 'open' : name} ${known.map(short).join(' -> ')}`,
        access: creates ? 'write' : access,
        keys: [...new Set([...known, ...parents].map(short))],
      };
    };
  }

  /**
   * Perform a promised operation behind a gate.
   * @param {import('../calls.mjs').Call} call @param {() => Description} describe @param {() => Promise<any>} start
   * @param {boolean} [rest] of an operation that has begun
   */
  function gated(call, describe, start, rest) {
    return new Promise((resolve, reject) => {
      /** @type {import('../calls.mjs').Operation} */
      const operation = {
        call,
        describe,
        rest,
        perform: () => {
          start().then(
            (value) => {
              answered(operation);
              resolve(value);
            },
            (error) => {
              answered(operation);
              reject(error);
            },
          );
        },
      };
      submit(operation);
    });
  }

  /** @type {any} */
  const promises = fs.promises;
  /** @type {WeakMap<object, string>} */
  const handles = new WeakMap();
  /** `writeFile` of a file handle as it was. @type {(...args: any[]) => Promise<void>} */
  let writeHandle;

  /**
   * Write a file whole, in two operations.
   * @param {import('../calls.mjs').Call} call @param {string} name @param {any[]} args of `writeFile` or `appendFile`
   */
  async function writeWhole(call, name, [file, data, given]) {
    const options = optionsOf(given);
    const handle = await promises.open(file, options.flag ?? WHOLE[name], options.mode);
    try {
      const describe = () => contentOf(file);
      await gated(call, describe, () => writeHandle.call(handle, data, { ...options, flag: undefined }), true);
    } finally {
      await handle.close();
    }
  }

  /** The second of the two. @param {any} file @returns {Description} */
  function contentOf(file) {
    const name = short(/** @type {string} */ (pathOf(file)));
    return { label: `write ${name}`, access: 'write', keys: [name] };
  }

  for (const name of Object.keys(FUNCTIONS)) {
    const original = promises[name];
    if (typeof original !== 'function') continue;
    promises[name] = function (/** @type {any[]} */ ...args) {
      const call = currentCall();
      const describe = call && describer(name, args);
      if (call?.gated && describe && name in WHOLE) return writeWhole(call, name, args);
      const start = () => original.apply(promises, args);
      const done = call && describe ? gated(call, describe, start) : start();
      if (name !== 'open' || !describe) return done;
      return done.then((/** @type {any} */ handle) => {
        handles.set(handle, short(/** @type {string} */ (pathOf(args[0]))));
        patchHandle(Object.getPrototypeOf(handle));
        return handle;
      });
    };
  }

  /** @param {any} prototype of file handles, seen when the first is opened */
  function patchHandle(prototype) {
    if (prototype.patchedByHost) return;
    Object.defineProperty(prototype, 'patchedByHost', { value: true });
    writeHandle = prototype.writeFile;
    for (const [name, access] of Object.entries(HANDLE)) {
      const original = prototype[name];
      if (typeof original !== 'function') continue;
      prototype[name] = function (/** @type {any[]} */ ...args) {
        const call = currentCall();
        const file = handles.get(this);
        if (call === undefined || file === undefined) return original.apply(this, args);
        const describe = () => ({ label: `${name} ${file}`, access, keys: [file] });
        return gated(call, describe, () => original.apply(this, args));
      };
    }
  }

  /** @type {any} */
  const plain = fs;
  for (const name of Object.keys(FUNCTIONS)) {
    const withCallback = plain[name];
    if (typeof withCallback === 'function') {
      plain[name] = Object.assign(function (/** @type {any[]} */ ...args) {
        const call = currentCall();
        const done = args.at(-1);
        const describe = call && typeof done === 'function' ? describer(name, args) : undefined;
        if (!call || !describe) return withCallback.apply(plain, args);
        if (call.gated && name in WHOLE) {
          const finish = (/** @type {any} */ error) => process.nextTick(done, error);
          return void writeWhole(call, name, args.slice(0, -1)).then(() => finish(null), finish);
        }
        /** @type {import('../calls.mjs').Operation} */
        const operation = {
          call,
          describe,
          perform: () => {
            const lock = name === 'mkdir' && call.gated && roots.length > 0 && /\.lock$/.test(String(args[0]));
            const waiting = { since: 0 };
            const again = () =>
              withCallback.call(plain, ...args.slice(0, -1), (/** @type {any[]} */ ...given) => {
                const finish = () => {
                  answered(operation);
                  done(...given);
                };
                if (lock) waitForLock(roots[0], given[0], again, finish, waiting);
                else finish();
              });
            again();
          },
        };
        submit(operation);
      }, withCallback);
    }
    const sync = plain[`${name}Sync`];
    if (typeof sync === 'function') {
      plain[`${name}Sync`] = Object.assign(function (/** @type {any[]} */ ...args) {
        const call = currentCall();
        const describe = call && describer(name, args);
        if (call && describe) submitNow(call, describe);
        if (!call?.gated || !describe || !(name in WHOLE)) return sync.apply(plain, args);
        const options = optionsOf(args[2]);
        const file = openSync(args[0], options.flag ?? WHOLE[name], options.mode);
        try {
          submitNow(call, () => contentOf(args[0]), true);
          sync.call(plain, file, args[1], { ...options, flag: undefined });
        } finally {
          closeSync(file);
        }
      }, sync);
    }
  }
  syncBuiltinESMExports();
}
