/**
 * The bound: the calls of one schedule, ungated, in one warm Node process. Each actor has a module graph of the
 * World's package, so a connection of its own. First line: what to play. Then a number a line: play so many.
 */
import { registerHooks } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { hosts, world, actors, calls } = JSON.parse((await lines.next()).value);
const { findPackage, makeWorld, warm } = await import(pathToFileURL(path.join(hosts, 'world.mjs')).href);
const { decode } = await import(pathToFileURL(path.join(hosts, 'values.mjs')).href);

const found = findPackage(world.module, world.root);
const inside = pathToFileURL(found.folder).href;
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const actor = /\?actor=\w+$/.exec(context.parentURL ?? '')?.[0];
    if (actor && resolved.url.startsWith(inside) && !resolved.url.includes('?')) resolved.url += actor;
    return resolved;
  },
});

const worlds = {};
for (const actor of actors) {
  worlds[actor] = await makeWorld(found, world, `?actor=${actor}`, () => {});
  await warm(worlds[actor], world.warm ?? 2);
}

/** Put the ids of this schedule into arguments. */
function filled(value, names) {
  if (typeof value === 'string') return value.includes('$') ? value.replace('$run', names.run).replace('$unique', names.unique) : value;
  if (Array.isArray(value)) return value.map((each) => filled(each, names));
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, names)]));
}

const plan = calls.map((call) => ({ ...call, args: decode(call.args), path: call.op.split('.') }));
const race = plan.filter((call) => call.phase === 'race');
const given = plan.filter((call) => call.phase === 'given');
const read = plan.filter((call) => call.phase === 'read');

async function perform({ actor, path: [group, method], args }, names) {
  try {
    return await worlds[actor][group][method](...filled(args, names));
  } catch (error) {
    return { error }; // a refusal, such as that of the loser
  }
}

async function play(number) {
  const names = { run: '', unique: `${process.pid.toString(16)}${number.toString(16)}` };
  for (const call of given) {
    const answer = await perform(call, names);
    if (answer.error) throw answer.error;
    names.run ||= answer.run.runId;
  }
  await Promise.all(race.map((call) => perform(call, names)));
  for (const call of read) {
    const answer = await perform(call, names);
    if (answer.error) throw answer.error;
  }
}

process.stdout.write('ready\n');
let number = 0;
for await (const line of lines) {
  const began = performance.now();
  for (let left = Number(line); left > 0; left--) await play(++number);
  process.stdout.write(`${(performance.now() - began) / 1000}\n`);
}
process.exit(0);
