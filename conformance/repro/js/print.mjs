// @ts-check
/** What people see: a column for each actor, ids by their short names. */
import { id } from './recorded.mjs';

const WIDTH = 46;

/** @param {string} text text with ids in it @returns {string} */
export function named(text) {
  const known = Object.entries(id).filter(([, value]) => value);
  for (const [name, value] of known.sort(([, one], [, other]) => other.length - one.length)) text = text.replaceAll(value, name);
  return text;
}

/** @param {string[]} lanes @param {string} lane @param {string} text */
export function row(lanes, lane, text) {
  console.log(' '.repeat(WIDTH * Math.max(0, lanes.indexOf(lane))) + named(text));
}

/** @param {string[]} lanes */
export function heading(lanes) {
  console.log(lanes.map((lane) => lane.padEnd(WIDTH)).join('').trimEnd());
}

/** @param {string} title @param {Record<string, string>} facts */
export function table(title, facts) {
  console.log(`\n${title}`);
  for (const [name, value] of Object.entries(facts)) console.log(`  ${name.padEnd(WIDTH - 4)}  ${value}`);
}
