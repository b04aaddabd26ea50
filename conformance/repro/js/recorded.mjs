// @ts-check
/**
 * A stand-in for what the exporter writes at the head of a script. It gives the files beside it their types,
 * and is never part of a script.
 */

/**
 * @typedef {object} Recorded one operation of the World, as it was asked for
 * @property {string} lane who asks; `-` is the one who prepares and looks afterwards
 * @property {string} op the method of the World, by its path
 * @property {() => any[]} args
 * @property {string} says for people, and the name of its answer among the facts
 * @property {number} at logical time, in ms since the beginning
 * @property {string} [answer] how it was answered then
 * @property {Record<string, string>} [gives] which ids the World mints in its answer: their name, and where
 * @property {[string, string?][]} [io] what it did then: each I/O operation, and the line of the package
 */

/** @typedef {Record<string, string>} Facts what came of it; what is not there is `none` */

/**
 * @typedef {object} WorldToOpen
 * @property {string} package
 * @property {string} version
 * @property {string[]} factory exports that make a World
 * @property {Record<string, any>} options templates
 * @property {Record<string, string>} env templates
 * @property {{command: string[], env: Record<string, string>} | null} setup
 * @property {{variable: string, url: string, port: number, protocol: string} | null} service
 * @property {boolean} holdsCalls a call is one operation as a whole
 * @property {boolean} shared all actors are in one process
 * @property {boolean} locks a call may wait in the service for another
 * @property {number} warm
 * @property {boolean} fresh each run has a store of its own, so ids may repeat
 */

/** @type {Record<string, string>} */
export const id = {};
/** @type {WorldToOpen} */
export const WORLD = {
  package: '', version: '', factory: [], options: {}, env: {}, setup: null, service: null,
  holdsCalls: false, shared: false, locks: false, warm: 2, fresh: true,
};
export const START = 0;
export const SCHEDULE = '';
export const BROKEN = '';
/** @type {Recorded[]} */
export const GIVEN = [];
/** @type {Record<string, Recorded[]>} */
export const RACE = {};
/** @type {Recorded[]} */
export const AFTER = [];
/** @type {string[]} */
export const RUNS = [];
/** @type {string[]} */
export const TOKENS = [];
/** @type {Facts} */
export const ALWAYS = {};
/** @type {Facts[]} */
export const EITHER = [];
/** @type {Facts} */
export const WRONG = {};
/** The label of an operation that the script cannot read: it is shown as it was recorded. */
export const UNKNOWN = 'operation';
