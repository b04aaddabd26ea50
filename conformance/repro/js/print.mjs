// @ts-check
/** What people see: a column for each actor, ids by their short names. */

const WIDTH = 46;
const LONGEST = 300;
const LANES = Object.keys(RACE);
let hidden = '';

/** What the keys of the store begin with is of no interest. @param {string} prefix */
export function hide(prefix) {
  hidden = prefix;
}

/** Text with the ids in it by their names. @param {string} text @returns {string} */
export function named(text) {
  const known = Object.entries(id).filter(([, value]) => value);
  for (const [name, value] of known.sort(([, one], [, other]) => other.length - one.length)) text = text.replaceAll(value, name);
  return hidden ? text.replaceAll(hidden, '') : text;
}

/** A line in the column of an actor. Errors of drivers may have many lines, and bytes in them. @param {string} actor @param {string} text */
export function row(actor, text) {
  const line = named(text).replace(/[\p{Cc}\uFFFD]+/gu, ' ');
  console.log(' '.repeat(WIDTH * Math.max(0, LANES.indexOf(actor))) + (line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line));
}

export function heading() {
  console.log(LANES.map((lane) => lane.padEnd(WIDTH)).join('').trimEnd());
}

/** @param {string} title @param {Facts} facts */
export function table(title, facts) {
  console.log(`\n${title}`);
  for (const [name, value] of Object.entries(facts)) console.log(`  ${name.padEnd(WIDTH - 4)}  ${value}`);
}
