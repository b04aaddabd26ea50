/**
 * @workflow-worlds/redis@0.2.2: Two handlers create one step, wait or hook
 *
 * Every actor creates the same wait.
 *
 * WRONG B's wait_created wait1 got success; right is a conflict
 * RULE  wait.created-once: a wait is created once
 * KIND  no guard. The second write is accepted even when the first finished long before: nothing guards it.
 * FIX   Look at the entity's state before writing, in the same atomic operation as the write.
 * WHERE in the package, in the order of the schedule: dist/storage.js:114, dist/storage.js:371
 *
 * Run it beside the installed package:
 *
 *     npm i @workflow-worlds/redis@0.2.2
 *     REDIS_URL=redis://localhost:6379 node repro.mjs
 *
 * Use a redis for tests: what the run stores there, it leaves there.
 * Exit status 1: it is wrong, as said above. 0: what came of it is right. 2: it could not be run.
 *
 *     WORLD_PACKAGE=../checkout node repro.mjs     the same against a checkout of the package
 *     SCHEDULE=A node repro.mjs                    the same calls, one actor after the other
 *
 * How: each actor is a process with a World of its own. Each I/O operation of a racing call waits until it is
 * let go, in this order: aA2bB2 (A2B is: an operation of A, another one, one of B; a small letter is where an
 * actor begins).
 * Written by workflow-world-conformance 0.1.0. The suite sees it again with:
 *
 *     pytest --world=redis@0.2.2 --world-replay=step_created/storage/wait-wait/aA2bB2
 */

// ---- What was recorded ----

/** The ids of this run; those that are empty are minted by the World. */
const id = { run1: '', wait1: 'wait_1_1' };

const WORLD = {
  package: '@workflow-worlds/redis',
  version: '0.2.2',
  options: { redisUrl: '{service.url}', keyPrefix: '{namespace}' },
  env: {},
  setup: null,
  service: { variable: 'REDIS_URL', url: 'redis://localhost:6379', port: 6379 },
  host: { gates: ['net'], protocol: 'redis', factory: 'createWorld', shared: false },
  locks: false,
  fresh: true,
};

/** What came before the race, alone. */
const GIVEN = [
  {
    actor: '-', op: 'events.create', says: 'before: run_created', at: 0,
    args: () => [
      null,
      {
        specVersion: 2,
        eventType: 'run_created',
        eventData: {
          deploymentId: 'conformance',
          workflowName: 'workflow//./workflows/flows//storage',
          input: asStored([null]),
        },
      },
    ],
    answer: 'success',
    gives: { run1: 'run.runId' },
  },
  {
    actor: '-', op: 'events.create', says: 'before: run_started', at: 4,
    args: () => [id.run1, { specVersion: 2, eventType: 'run_started' }],
    answer: 'success',
  },
];

/** What raced. Above each call: what it did when it was recorded, and where in the package. */
const RACE = {
  A: [
    // HGETALL runs:run1  dist/storage.js:114
    // ZADD events:run1, ZADD events:idx:correlation:wait1  dist/storage.js:371
    {
      actor: 'A', op: 'events.create', says: 'A: wait_created wait1', at: 7,
      args: () => [
        id.run1,
        {
          specVersion: 2,
          eventType: 'wait_created',
          correlationId: id.wait1,
          eventData: { resumeAt: new Date('2026-01-01T00:00:40.007Z') },
        },
      ],
      answer: 'success',
    },
  ],
  B: [
    // HGETALL runs:run1  dist/storage.js:114
    // ZADD events:run1, ZADD events:idx:correlation:wait1  dist/storage.js:371
    {
      actor: 'B', op: 'events.create', says: 'B: wait_created wait1', at: 209,
      args: () => [
        id.run1,
        {
          specVersion: 2,
          eventType: 'wait_created',
          correlationId: id.wait1,
          eventData: { resumeAt: new Date('2026-01-01T00:00:40.007Z') },
        },
      ],
      answer: 'success',
    },
  ],
};

/** Whose operation went ahead, in order. */
const SCHEDULE = 'aA2bB2';

/** What goes wrong in the race: with which operation, counted over all actors from 0. */
const FAULTS = [];

/** What came after the race, alone. */
const AFTER = [];

/** What is looked at in the end. */
const RUNS = ['run1'];
const TOKENS = [];

/** The World's logical clock begins here, in ms since 1970. */
const START = 1767225700000;

// ---- What would be right ----

/** Right is this, together with one of the following: the calls in any order, one by one. */
const ALWAYS = {
  run1: 'running',
  'startedAt of run1': '1 value',
  'log of run1: run_created': '1 x',
  'log of run1: run_started': '1 x',
  'log of run1: wait_created wait1': '1 x',
};
const EITHER = [{ 'A: wait_created wait1': 'success', 'B: wait_created wait1': 'conflict' }];

/** As right, unless the first call of each pair is answered before the second begins. */
const OVERLAPPED = [{ 'B: wait_created wait1': 'success', 'A: wait_created wait1': 'conflict' }];
const BEFORE = [['A: wait_created wait1', 'B: wait_created wait1']];

/** What was recorded and no right outcome has. */
const WRONG = { 'B: wait_created wait1': 'success', 'log of run1: wait_created wait1': '2 x' };
const BROKEN = "B's wait_created wait1 got success; right is a conflict";

/** How refusals are recognised: by name, or else by status. */
const REFUSALS = [
  { answer: 'conflict', name: 'EntityConflictError', status: 409 },
  { answer: 'gone', name: 'RunExpiredError', status: 410 },
  { answer: 'too early', name: 'TooEarlyError', status: 425 },
  { answer: 'not found', name: 'HookNotFoundError', status: 404 },
  { answer: 'not found', name: 'WorkflowRunNotFoundError', status: 404 },
  { answer: 'not found', name: 'StepNotFoundError' },
  { answer: 'not found', name: 'WorkflowWorldError', message: 'not found' },
  { answer: '', name: 'ThrottleError', status: 429 },
];

// ---- What plays it: the same in every script of this kind ----

// repro/js/main.mjs
import fs3 from "node:fs";
import { createRequire } from "node:module";
import path3 from "node:path";

// repro/js/host.mjs
import { spawn } from "node:child_process";
import readline from "node:readline";
import { fileURLToPath as fileURLToPath2 } from "node:url";

// hosts/node/values.mjs
var MAX_DEPTH = 200;
var NativeDate = Date;
function encode(value, depth = 0) {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return value;
  }
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value !== "object") return void 0;
  if (depth > MAX_DEPTH) throw new TypeError("a value is too deep, or holds itself, and cannot be sent");
  if (value instanceof NativeDate) {
    return Number.isNaN(value.getTime()) ? null : { $date: NativeDate.prototype.toISOString.call(value) };
  }
  if (Array.isArray(value)) return value.map((item) => encode(item, depth + 1) ?? null);
  if (ArrayBuffer.isView(value)) {
    return { $bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") };
  }
  if (value instanceof ArrayBuffer) return { $bytes: Buffer.from(value).toString("base64") };
  if (typeof value.toJSON === "function") return encode(value.toJSON(), depth + 1);
  if (value instanceof Map) return encode(Object.fromEntries(value), depth + 1);
  if (value instanceof Set) return encode([...value], depth + 1);
  const plain2 = {};
  let tagged = false;
  for (const key of Object.keys(value)) {
    const item = encode(value[key], depth + 1);
    if (item === void 0) continue;
    if (key.startsWith("$")) tagged = true;
    plain2[key] = item;
  }
  return tagged ? { $object: plain2 } : plain2;
}
function decode(value) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value.$bytes === "string") return new Uint8Array(Buffer.from(value.$bytes, "base64"));
  if (typeof value.$date === "string") return new Date(value.$date);
  const source = value.$object ?? value;
  for (const key of Object.keys(source)) source[key] = decode(source[key]);
  return source;
}

// repro/js/stored.mjs
var PREFIX = "devl";
function asStored(value) {
  const flat = [];
  flatten(value, flat);
  return Buffer.from(PREFIX + JSON.stringify(flat));
}
function flatten(value, flat) {
  const place = flat.push(value) - 1;
  if (Array.isArray(value)) flat[place] = value.map((item) => flatten(item, flat));
  else if (value !== null && typeof value === "object") {
    flat[place] = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, flatten(item, flat)]));
  }
  return place;
}
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Uint8Array) return read(value);
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
function read(bytes) {
  const text = Buffer.from(bytes).toString();
  if (!text.startsWith(PREFIX)) return bytes;
  try {
    const flat = JSON.parse(text.slice(PREFIX.length));
    return Array.isArray(flat) ? at(flat, 0) : bytes;
  } catch {
    return bytes;
  }
}
function at(flat, place) {
  if (place < 0 || place >= flat.length) throw new RangeError("a value that JSON lacks");
  const item = flat[place];
  if (Array.isArray(item)) return item.map((each) => at(flat, each));
  if (item === null || typeof item !== "object") return item;
  return Object.fromEntries(Object.entries(item).map(([key, each]) => [key, at(flat, each)]));
}

// repro/js/place.mjs
import { spawnSync } from "node:child_process";
import fs2 from "node:fs";
import os from "node:os";
import path2 from "node:path";
import { fileURLToPath } from "node:url";

// hosts/node/world.mjs
import fs from "node:fs";
import path from "node:path";
function json(file) {
  return JSON.parse(fs.readFileSync(file, "utf8"));
}
function importTarget(target) {
  if (typeof target === "string") return target;
  if (Array.isArray(target)) return target.map(importTarget).find((found) => found !== void 0);
  if (target === null || typeof target !== "object") return void 0;
  for (const [condition, value] of Object.entries(target)) {
    if (!["import", "node", "module-sync", "default"].includes(condition)) continue;
    const found = importTarget(value);
    if (found !== void 0) return found;
  }
  return void 0;
}
function packageFolder(folder) {
  for (let at2 = folder; ; at2 = path.dirname(at2)) {
    if (fs.existsSync(path.join(at2, "package.json"))) return at2;
    if (at2 === path.dirname(at2)) return folder;
  }
}
function fromFolder(folder, subpath = ".") {
  const { name, version, exports, main } = json(path.join(folder, "package.json"));
  const mapped = Object.keys(Object(exports)).some((key) => key.startsWith("."));
  const target = mapped ? exports[subpath] : exports;
  const file = importTarget(target) ?? (subpath === "." ? main ?? "index.js" : subpath);
  return { folder, entry: path.join(folder, file), name: name ?? path.basename(folder), version: version ?? "" };
}
function findPackage(module, root = process.cwd()) {
  if (path.isAbsolute(module)) {
    const file = fs.realpathSync(module);
    if (fs.statSync(file).isDirectory()) return fromFolder(file);
    const folder = packageFolder(path.dirname(file));
    if (fs.existsSync(path.join(folder, "package.json"))) return { ...fromFolder(folder), entry: file };
    return { folder, entry: file, name: path.basename(file), version: "" };
  }
  const parts = module.split("/");
  const name = parts.slice(0, module.startsWith("@") ? 2 : 1).join("/");
  const subpath = [".", ...parts.slice(name.split("/").length)].join("/");
  for (let at2 = path.resolve(root); ; at2 = path.dirname(at2)) {
    const folder = path.join(at2, "node_modules", name);
    if (fs.existsSync(path.join(folder, "package.json"))) return fromFolder(fs.realpathSync(folder), subpath);
    if (at2 === path.dirname(at2)) throw new Error(`the package ${name} is not installed under ${root}`);
  }
}

// repro/js/place.mjs
var CannotRun = class extends Error {
};
function makePlace(tag) {
  const root = packageFolder2();
  const directory = fs2.mkdtempSync(path2.join(os.tmpdir(), "repro-"));
  const url = WORLD.service === null ? "" : process.env[WORLD.service.variable] ?? WORLD.service.url;
  return { tag, namespace: `repro_${tag}`, directory, root, url };
}
function packageFolder2() {
  if (process.env.WORLD_PACKAGE) return fs2.realpathSync(process.env.WORLD_PACKAGE);
  try {
    return findPackage(WORLD.package, path2.dirname(fileURLToPath(import.meta.url))).folder;
  } catch {
    throw new CannotRun(`${WORLD.package} is not installed here: npm i ${WORLD.package}@${WORLD.version}`);
  }
}
function filled(value, place) {
  if (Array.isArray(value)) return value.map((item) => filled(item, place));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, place)]));
  }
  if (typeof value !== "string") return value;
  return value.replace(/\{\{|\}\}|\{([\w.-]+)\}/g, (braces, name) => name === void 0 ? braces[0] : known(name, place));
}
function known(name, place) {
  if (name === "namespace" || name === "directory" || name === "root") return place[name];
  if (name === "service.url") return place.url;
  if (name === "service.host") return new URL(place.url).hostname;
  if (name === "service.port") return String(portOf(place));
  const { bin } = JSON.parse(fs2.readFileSync(path2.join(place.root, "package.json"), "utf8"));
  return path2.join(place.root, typeof bin === "string" ? bin : bin[name.replace("bin.", "")]);
}
function portOf(place) {
  return WORLD.service === null ? 0 : Number(new URL(place.url).port) || WORLD.service.port;
}
function setUp(place) {
  if (WORLD.setup === null) return;
  const [command, ...words] = filled(WORLD.setup.command, place);
  const env = { ...process.env, ...filled(WORLD.setup.env, place) };
  const done2 = spawnSync(command === "node" ? process.execPath : command, words, { cwd: place.directory, env, encoding: "utf8" });
  if (done2.status !== 0) throw new CannotRun(`the World's set-up failed:
${done2.stdout}${done2.stderr}`);
}

// repro/js/host.mjs
var LIMIT = 2e4;
var SILENCE = 400;
var clock = {
  time: 0,
  /** @param {number} to */
  advance(to) {
    clock.time = Math.max(clock.time, to);
  }
};
//! A host holds each I/O operation of its actors, and reports it with the message `gate`. `go` lets it go ahead.
var Host = class {
  /** @param {string[]} actors @param {Record<string, string>} env @param {(log: Message, host: Host) => void} logged */
  constructor(actors, env, logged2) {
    this.actors = actors;
    this.logged = logged2;
    this.ids = 0;
    this.ended = "";
    this.fell = false;
    this.waiting = /* @__PURE__ */ new Map();
    this.wake = () => {
    };
    this.process = spawn(process.execPath, [...process.execArgv, fileURLToPath2(import.meta.url)], {
      env: { ...process.env, ...env, WORLD_HOST_IN: "3", WORLD_HOST_OUT: "4" },
      stdio: ["ignore", "inherit", "inherit", "pipe", "pipe"]
    });
    const [, , , toHost, fromHost] = (
      /** @type {any[]} */
      /** @type {unknown} */
      this.process.stdio
    );
    this.pipe = toHost;
    this.pipe.on("error", () => {
    });
    readline.createInterface({ input: fromHost }).on("line", (line) => this.take(plain(decode(JSON.parse(line)))));
    this.process.on("close", (code) => this.end(`the process of ${actors} ended with ${code}`));
  }
  /** @param {string} why */
  end(why) {
    this.ended ||= why;
    this.wake();
  }
  /** @param {Message} message */
  take(message) {
    clock.advance(message.clock ?? 0);
    if (message.type === "log") {
      this.logged(message, this);
      return this.wake();
    }
    if (message.type === "opening") return;
    if (message.type === "refused") return this.end(`the World wanted to ${message.how ?? "connect"} to ${message.address}`);
    const about = message.call ?? message.id;
    this.waiting.set(about, [...this.waiting.get(about) ?? [], message]);
    this.wake();
  }
  /** Send a message, and give its id. @param {Message} message */
  send(message) {
    this.ids++;
    this.pipe.write(`${JSON.stringify(encode({ id: this.ids, clock: clock.time, ...message }))}
`);
    return this.ids;
  }
  /** The next message about a call, or undefined after so many ms. @param {number} about @param {number} ms */
  async receive(about, ms) {
    for (const end = Date.now() + ms; !this.waiting.get(about)?.length && Date.now() < end; ) {
      if (this.ended) throw new CannotRun(this.ended);
      if (this.fell) return void 0;
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, end - Date.now());
        this.wake = () => {
          clearTimeout(timer);
          resolve(void 0);
        };
      });
    }
    return this.waiting.get(about)?.shift();
  }
  /** Send a message and wait for its answer. @param {Message} message @param {string} waitingFor @returns {Promise<Message>} */
  async ask(message, waitingFor) {
    const answer = await this.receive(this.send(message), LIMIT);
    if (answer === void 0) throw new CannotRun(`no sign for ${LIMIT / 1e3} s: ${waitingFor}`);
    return answer;
  }
};

// repro/js/print.mjs
var WIDTH = 46;
var LONGEST = 300;
var LANES = Object.keys(RACE);
var hidden = "";
function hide(prefix) {
  hidden = prefix;
}
function named(text) {
  const known2 = Object.entries(id).filter(([, value]) => value);
  for (const [name, value] of known2.sort(([, one], [, other]) => other.length - one.length)) text = text.replaceAll(value, name);
  return hidden ? text.replaceAll(hidden, "") : text;
}
function row(actor, text) {
  const line = named(text).replace(/[\p{Cc}\uFFFD]+/gu, " ");
  console.log(" ".repeat(WIDTH * Math.max(0, LANES.indexOf(actor))) + (line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line));
}
function heading() {
  console.log(LANES.map((lane) => lane.padEnd(WIDTH)).join("").trimEnd());
}
function table(title, facts) {
  console.log(`
${title}`);
  for (const [name, value] of Object.entries(facts)) console.log(`  ${name.padEnd(WIDTH - 4)}  ${value}`);
}

// repro/js/outcome.mjs
var UNREADABLE = "cannot be read";
function inWords({ value, error }, kind = "") {
  if (error) {
    const said = error.message.toLowerCase().replace(/\.+$/, "");
    const row2 = REFUSALS.find(({ name, message = "" }) => name === error.name && said.endsWith(message));
    const known2 = row2 ?? REFUSALS.find(({ status }) => status !== void 0 && status === error.status);
    return known2?.answer || `unexpected error ${error.name}`;
  }
  if (value?.event?.eventType === "hook_conflict") return "hook_conflict event";
  return kind === "step_started" && value?.step ? `success, attempt ${value.step.attempt}` : "success";
}
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object" || typeof value.toJSON === "function") return JSON.stringify(value) ?? "null";
  const keys = Object.keys(value).filter((key) => value[key] !== void 0).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}
var started = {};
function noteStart(run) {
  if (run?.startedAt) (started[named(run.runId)] ??= /* @__PURE__ */ new Set()).add(Number(new Date(run.startedAt)));
}
function forgetStarts() {
  for (const name of Object.keys(started)) delete started[name];
}
async function stored(read2) {
  const facts = {};
  for (const name of RUNS) {
    try {
      await storedOf(name, read2, facts);
    } catch (error) {
      facts[name] = UNREADABLE;
      console.log(`${name} ${UNREADABLE}: ${named(String(
        /** @type {any} */
        error.message
      )).replace(/\s+/g, " ")}`);
    }
  }
  for (const name of TOKENS) {
    const hook = await read2("hooks.getByToken", id[name]).catch(() => null);
    facts[name] = hook ? `held by ${named(hook.runId)}` : "free";
  }
  for (const [name, times] of Object.entries(started)) facts[`startedAt of ${name}`] = `${times.size} value${times.size > 1 ? "s" : ""}`;
  return facts;
}
async function storedOf(name, read2, facts) {
  const runId = id[name];
  const run = await read2("runs.get", runId);
  noteStart(run);
  facts[name] = run.status + (run.status === "completed" ? `, output ${canonical(run.output)}` : "");
  const few = { runId, pagination: { sortOrder: "asc", limit: 100 } };
  for (const step of (await read2("steps.list", few)).data) {
    const result = step.status === "completed" ? `, result ${canonical(step.output)}` : "";
    facts[named(step.stepId)] = `${step.status}, attempt ${step.attempt}${result}`;
  }
  for (const hook of (await read2("hooks.list", few)).data) facts[`${named(hook.hookId)} of ${name}`] = "alive";
  const counts = {};
  const results = {};
  for (let cursor, more = true; more; ) {
    const page = await read2("events.list", { runId, pagination: { sortOrder: "asc", limit: 1e3, ...cursor && { cursor } } });
    for (const event of page.data) {
      const key = `log of ${name}: ${named([event.eventType, event.correlationId].filter(Boolean).join(" "))}`;
      counts[key] = (counts[key] ?? 0) + 1;
      if (event.eventType === "step_completed") results[named(event.correlationId)] ??= event.eventData?.result;
      if (event.eventType === "run_completed") results[name] ??= event.eventData?.output;
    }
    cursor = page.cursor;
    more = Boolean(page.hasMore && cursor);
  }
  for (const [of, result] of Object.entries(results)) {
    const held = facts[of] ?? "";
    const tells = held.startsWith("completed") && !held.endsWith(" null") && (result ?? null) !== null;
    if (tells && !held.endsWith(` ${canonical(result)}`)) facts[`log of ${name}: result of ${of}`] = "not the stored one";
  }
  for (const [key, count] of Object.entries(counts)) facts[key] = /: run_(started|cancelled)$/.test(key) ? "1 x" : `${count} x`;
}
function differences(right, facts) {
  const keys = [.../* @__PURE__ */ new Set([...Object.keys(right), ...Object.keys(facts)])];
  return keys.filter((key) => {
    const [wanted, got] = [right[key] ?? "none", facts[key] ?? "none"];
    return wanted !== got && !wanted.split(" or ").includes(got);
  });
}
function judge(facts, inTime) {
  const asRecorded = Object.entries(WRONG).every(([key, value]) => (facts[key] ?? "none") === value);
  if (EITHER.length === 0) {
    console.log(`
${asRecorded ? `WRONG: ${BROKEN}` : "Not reproduced: what came of it is not what was recorded."}`);
    return asRecorded;
  }
  const rights = [...EITHER, ...inTime ? [] : OVERLAPPED].map((some) => ({ ...ALWAYS, ...some }));
  const [nearest] = rights.sort((one, other) => differences(one, facts).length - differences(other, facts).length);
  const wrong = differences(nearest, facts);
  if (wrong.length > 0) console.log("\nThe nearest right outcome differs in");
  for (const key of wrong) console.log(`  ${key}: ${facts[key] ?? "none"}; right is ${nearest[key] ?? "none"}`);
  if (wrong.length === 0) console.log("\nNot reproduced: an order of these calls explains all of it.");
  else console.log(`
WRONG${asRecorded ? "" : ", though not as recorded"}: ${asRecorded ? BROKEN : "no order of these calls explains this"}`);
  return wrong.length > 0;
}

// repro/js/race.mjs
var HOUR = 36e5;
var released = 0;
var done = [];
var earlier = {};
var keptOrder = () => BEFORE.every(([one, other]) => earlier[other]?.includes(one));
//! One racing actor: held before an operation, blocked by another, or done. Whom a fault adds comes later.
var Racing = class {
  /** @param {string} name @param {Stage} stage */
  constructor(name, stage) {
    this.name = name;
    this.stage = stage;
    this.host = stage.hostOf(name);
    this.left = [...RACE[name]];
    this.begun = false;
    this.call = void 0;
    this.id = 0;
    this.gate = void 0;
    this.state = FAULTS.some(({ adds }) => adds === name) ? "later" : "held";
  }
  /** @param {string} text */
  say(text) {
    row(this.name, text);
  }
  /** Begin the next call. */
  async begin() {
    this.begun = true;
    this.gate = void 0;
    this.call = this.left.shift();
    if (this.call === void 0) {
      this.state = "done";
      return;
    }
    const { op, args, at: at2, says } = this.call;
    this.say(`→ ${says.replace(`${this.name}: `, "")}`);
    earlier[says] = [...done];
    clock.advance(START + at2);
    this.id = this.host.send({ type: "call", actor: this.name, op, args: args(), gated: true, stacks: true });
    await this.follow(await this.next());
  }
  /** Let the held operation go, in whatever way it goes wrong. @param {Racing[]} actors */
  async release(actors) {
    if (this.gate === void 0) return await this.begin();
    const { gate, label, where } = this.gate;
    const number = released++;
    let end = "";
    for (const { kind, says, adds } of FAULTS.filter(({ at: at2 }) => at2 === number)) {
      this.say(`✗ ${kind}: ${says}`);
      if (kind === "jump") clock.advance(clock.time + HOUR);
      else if (kind === "again") await actors.find(({ name }) => name === adds)?.begin();
      else end = kind;
    }
    if (end === "kill") return this.die();
    this.say(`• ${label}${where ? `  ${where}` : ""}`);
    clock.advance(clock.time + 100);
    this.host.send({ type: "go", gate, cut: end === "cut" ? "before" : end === "lose" ? "after" : void 0 });
    const message = await this.next();
    if (end !== "die") return await this.follow(message);
    if (message === void 0 || message.type === "gate") this.die();
    else this.state = "done";
  }
  /** Its process ends in the middle of what it does. */
  die() {
    this.stage.kill(this.host);
    this.state = "done";
  }
  /** What comes next: an operation, or the answer. Undefined when it waits for another actor, or fell. */
  async next() {
    for (const end = Date.now() + LIMIT; Date.now() < end; ) {
      const message = await this.host.receive(this.id, SILENCE);
      if (message !== void 0 || this.host.fell || this.stage.mayWait()) return message;
    }
    throw new CannotRun(`no sign of ${this.name} for ${LIMIT / 1e3} s`);
  }
  /** @param {Message | undefined} message what came next */
  async follow(message) {
    if (message === void 0 && this.host.fell) return this.die();
    if (message === void 0 || message.type === "waits") this.state = "blocked";
    else if (message.type === "gate") {
      this.gate = message;
      this.state = "held";
    } else {
      const words = this.stage.answered(
        /** @type {Recorded} */
        this.call,
        message
      );
      done.push(
        /** @type {Recorded} */
        this.call.says
      );
      this.say(`← ${words}${message.error ? `: ${message.error.message}` : ""}`);
      await this.begin();
    }
  }
};
//! Race: let operations go in the order of the schedule. When it no longer fits, one actor after the other.
async function race(stage) {
  const order = process.env.SCHEDULE ?? SCHEDULE;
  const wanted = [...order.matchAll(/([A-Ha-h])(\d*)/g)].flatMap(([, actor, times]) => Array(Number(times || 1)).fill(actor));
  const actors = Object.keys(RACE).map((name) => new Racing(name, stage));
  heading();
  for (const actor of actors) {
    if (actor.state === "held" && !wanted.includes(actor.name.toLowerCase())) await actor.begin();
  }
  let last = "";
  for (let fits = true; actors.some(({ state }) => state === "held" || state === "blocked"); ) {
    const held = actors.filter(({ state }) => state === "held");
    const next = fits ? wanted.shift() : void 0;
    if (next !== void 0 && actors.some(({ name, begun }) => begun && next === name.toLowerCase())) continue;
    let actor = held.find(({ name }) => name === next?.toUpperCase());
    if (actor === void 0) {
      if (fits && next !== void 0) console.log(`(from here on ${order} does not fit: one after the other)`);
      fits = false;
      actor = held.find(({ name }) => name === last) ?? held[0];
    }
    last = actor?.name ?? last;
    await actor?.release(actors);
    const blocked = actors.filter((each) => each.state === "blocked" && each !== actor);
    for (const each of blocked) await each.follow(await each.host.receive(each.id, actor ? SILENCE : LIMIT));
    if (!actor && blocked.every(({ state }) => state === "blocked")) throw new CannotRun("all who are left wait for one another");
  }
}

// repro/js/main.mjs
globalThis.asStored = asStored;
var hosts = [];
var answers = {};
var errorLines = 0;
var racing = false;
var base = START - 72e5 - 2 * Math.max(...[...GIVEN, ...Object.values(RACE).flat()].map(({ at: at2 }) => at2));
var seeds = WORLD.fresh ? 0 : Date.now();
var hostOf = (actor) => hosts.find(({ actors }) => actors.includes(actor)) ?? hosts[0];
function logged({ actor, level, origin, text }, host2) {
  if (!racing) return;
  if (origin === "process" && FAULTS.length > 0 && !WORLD.host.shared) host2.fell = true;
  if (level === "error" && origin !== "runtime") errorLines++;
  row(actor, `✎ ${level}: ${text}`);
}
//! Open the World: each actor has a process of its own, or all share one.
async function open(place, names = Object.keys(RACE)) {
  clock.advance(base);
  const options = filled(WORLD.options, place);
  const world = {
    ...WORLD.host,
    module: place.root,
    options: Object.keys(options).length > 0 ? options : void 0,
    ports: [portOf(place)].filter((port) => port > 0)
  };
  const groups = WORLD.host.shared ? [names] : names.map((name) => [name]);
  const started2 = groups.map((actors) => new Host(actors, filled(WORLD.env, place), logged));
  hosts.push(...started2);
  const open2 = { type: "open", world, clock: clock.time };
  const opened = started2.map((host2) => host2.ask({ ...open2, actors: host2.actors, seed: seeds++ }, "the World does not open; is its service there?"));
  for (const { type, error } of await Promise.all(opened)) {
    if (type === "failed") throw new CannotRun(`the World could not be made: ${error.stack ?? error.message}`);
  }
}
function kill(host2) {
  host2.process.kill("SIGKILL");
  hosts.splice(hosts.indexOf(host2), 1);
}
function keep(call, answer) {
  for (const [name, path4] of Object.entries(call.gives ?? {})) {
    id[name] = path4.split(".").reduce((at2, key) => at2?.[key], answer.value) ?? "";
  }
  if (call.op !== "events.create") return answer.error ? inWords(answer) : "found";
  const { eventType } = call.args()[1];
  if (eventType === "run_started") noteStart(answer.value?.run);
  return inWords(answer, eventType);
}
function answered(call, answer) {
  const words = keep(call, answer);
  if (call.op === "events.create") answers[call.says] = words;
  return words;
}
async function alone({ actor, op, args, at: at2 }) {
  const host2 = hostOf(actor);
  const own = host2.actors.includes(actor) ? actor : host2.actors[0];
  clock.advance(base + at2);
  return await host2.ask({ type: "call", actor: own, op, args: args(), gated: false }, op);
}
//! Do all of it on other runs first, nothing racing: connections are made and caches filled, as in processes that
//! have worked before. So the operations that race are those that were recorded.
async function rehearse(place) {
  const own = { ...id };
  const files = new Set(filesIn(place));
  const calls = Object.values(RACE);
  for (let turn = 0; turn < calls.length; turn++) {
    for (const [name, value] of Object.entries(own)) id[name] = value && `${value}_${turn}`;
    for (const call of [...GIVEN, ...calls.slice(turn).flat(), ...calls.slice(0, turn).flat()]) keep(call, await alone(call));
    for (const file of filesIn(place)) if (!files.has(file)) fs3.rmSync(file);
  }
  Object.assign(id, own);
  forgetStarts();
  base = START;
  clock.advance(START);
  for (const host2 of hosts) await host2.ask({ type: "reset", seed: seeds++ }, "a new beginning");
}
function filesIn(place) {
  const found = (
    /** @type {string[]} */
    fs3.readdirSync(place.directory, { recursive: true })
  );
  return found.map((name) => path3.join(place.directory, name)).filter((file) => fs3.statSync(file).isFile());
}
//! Run the whole of it; the exit status.
async function play() {
  let place;
  try {
    const tag = Date.now().toString(36);
    if (!WORLD.fresh) for (const [name, value] of Object.entries(id)) id[name] = value && `${value}_${tag}`;
    place = makePlace(tag);
    hide(`${place.namespace}:`);
    setUp(place);
    await open(place);
    await rehearse(place);
    console.log(`${WORLD.package} in ${place.root}`);
    for (const call of GIVEN) {
      const answer = await alone(call);
      const words = keep(call, answer);
      console.log(`- ${call.says}: ${words}`);
      if (words !== call.answer) {
        throw new CannotRun(`that was answered ${call.answer} when it was recorded, and now: ${answer.error?.message ?? words}`);
      }
    }
    console.log();
    racing = true;
    const { directory } = place;
    const mayWait = () => WORLD.locks || fs3.readdirSync(directory).some((name) => name.startsWith(".waiting-"));
    await race({ hostOf, answered, kill, mayWait });
    if (hosts.length === 0) await open(place, ["A"]);
    for (const call of AFTER) console.log(`- ${call.says}: ${answered(call, await alone(call))}`);
    racing = false;
    const facts = await stored(async (op, ...args) => {
      const { value, error } = await alone({ actor: "-", op, args: () => args, at: 0 });
      if (error) throw Object.assign(new Error(error.message), error);
      return value;
    });
    table("The answers", answers);
    table("What is stored", facts);
    return judge({ ...answers, ...facts, ...errorLines > 0 && { "lines logged as errors": "some" } }, keptOrder()) ? 1 : 0;
  } catch (error) {
    console.error(`
Could not be run: ${error instanceof CannotRun ? error.message : (
      /** @type {Error} */
      error.stack
    )}`);
    return 2;
  } finally {
    for (const { process: process2 } of hosts) process2.kill("SIGKILL");
    if (place) fs3.rmSync(place.directory, { recursive: true, force: true });
  }
}
if (process.env.WORLD_HOST_IN) host(createRequire(import.meta.url));
else {
  process.on("uncaughtException", (error) => {
    console.error(`
Could not be run: ${error.stack}`);
    process.exit(2);
  });
  process.exitCode = await play();
}

// ---- The host of the suite, 0.1.0: conformance/hosts/node, bundled by esbuild ----

function host(require) {
var wt=Object.create;var G=Object.defineProperty;var xt=Object.getOwnPropertyDescriptor;var kt=Object.getOwnPropertyNames;var St=Object.getPrototypeOf,Ot=Object.prototype.hasOwnProperty;var pe=(e,t,n)=>()=>{if(n)throw n[0];try{return e&&(t=e(e=0)),t}catch(r){throw n=[r],r}};var Et=(e,t)=>{for(var n in t)G(e,n,{get:t[n],enumerable:!0})},Nt=(e,t,n,r)=>{if(t&&typeof t=="object"||typeof t==
"function")for(let o of kt(t))!Ot.call(e,o)&&o!==n&&G(e,o,{get:()=>t[o],enumerable:!(r=xt(t,o))||r.enumerable});
return e};var m=(e,t,n)=>(n=e!=null?wt(St(e)):{},Nt(t||!e||!e.__esModule?G(n,"default",{value:e,enumerable:!0}):n,e));function Q(e){let t=e[0];return Le.has(t)?null:t==="watch"||t==="eval_ro"||t==="evalsha_ro"||t==="fcall_ro"?"r\
ead":ve.has(t)?"write":We.get(t)??"unknown"}function Z(e){let t=e[0];return Dt.has(t)||Le.has(t)?[]:vt.has(t)?
e.slice(1):Lt.has(t)?e.slice(1,3):ve.has(t)?e.slice(3,3+Number(e[2])):t==="mset"||t==="msetnx"?e.slice(1).filter(
(n,r)=>r%2===0):t==="xgroup"||t==="xinfo"||t==="object"||t==="memory"||t==="bitop"?e.slice(2,3):t==="zunionsto\
re"||t==="zinterstore"||t==="zdiffstore"?[e[1],...e.slice(3,3+Number(e[2]))]:We.has(t)?e.slice(1,2):[]}var _t,
Wt,We,vt,Lt,ve,Dt,Le,De=pe(()=>{_t=`get mget strlen getrange substr exists type ttl pttl expiretime pexpiretim\
e dump touch randomkey
 hget hmget hgetall hkeys hvals hlen hexists hstrlen hrandfield hscan
 smembers sismember smismember scard srandmember sunion sinter sdiff sintercard sscan
 zrange zrangebyscore zrangebylex zrevrange zrevrangebyscore zrevrangebylex zrank zrevrank zscore zmscore
 zcard zcount zlexcount zscan zunion zinter zdiff zrandmember zintercard
 lrange llen lindex lpos xrange xrevrange xlen xread xinfo xpending
 bitcount bitpos getbit pfcount geopos geodist geohash object memory keys scan dbsize time
 json.get json.mget json.type`,Wt=`set setnx setex psetex mset msetnx append incr incrby incrbyfloat decr decr\
by getset getdel getex
 setrange setbit bitop bitfield del unlink rename renamenx copy move expire pexpire expireat pexpireat persist\

 hset hsetnx hmset hincrby hincrbyfloat hdel
 sadd srem spop smove sunionstore sinterstore sdiffstore
 zadd zrem zincrby zpopmin zpopmax zremrangebyscore zremrangebyrank zremrangebylex zrangestore zunionstore
 zinterstore zdiffstore
 lpush rpush lpushx rpushx lpop rpop lset lrem ltrim linsert lmove rpoplpush
 xadd xdel xtrim xgroup xack xclaim xautoclaim xreadgroup
 pfadd pfmerge geoadd publish flushdb flushall json.set json.del`,We=new Map([..._t.split(/\s+/).map(e=>[e,"re\
ad"]),...Wt.split(/\s+/).map(e=>[e,"write"])]),vt=new Set("del unlink exists touch mget sunion sinter sdiff su\
nionstore sinterstore sdiffstore watch pfcount pfmerge".split(" ")),Lt=new Set(["rename","renamenx","copy","sm\
ove","rpoplpush","lmove","zrangestore"]),ve=new Set(["eval","evalsha","eval_ro","evalsha_ro","fcall","fcall_ro"]),
Dt=new Set("keys scan dbsize time randomkey flushdb flushall script xread xreadgroup".split(" ")),Le=new Set([
"multi","exec","discard","unwatch"])});var Pe={};Et(Pe,{commands:()=>Re,describe:()=>Fe,endOfReply:()=>ee,redis:()=>Ct});function Re(e){let t=[],n=0,
r=()=>{let o=e.indexOf(Ue,n),s=0;for(let i=n+1;i<o;i++)s=s*10+e[i]-48;return n=o<0?e.length+1:o+2,s};for(;n<e.
length&&e[n]===42;){let o=[];for(let s=r();s>0&&n<e.length;s--){let i=r();o.push(e.toString("latin1",n,n+Math.
min(i,Ft))),n+=i+2}if(n>e.length)break;o[0]=o[0].toLowerCase(),t.push(o)}return t}function ee(e,t){let n=e.indexOf(
Ue,t);if(n<0||n+1>=e.length)return-1;let r=n+2,o=e[t];switch(o){case 36:case 33:case 61:{let s=Number(e.toString(
"latin1",t+1,n));return s<0?r:r+s+2<=e.length?r+s+2:-1}case 42:case 126:case 62:case 37:case 124:{let s=o===37||
o===124,i=Number(e.toString("latin1",t+1,n))*(s?2:1),f=r;for(;i>0;i--)if(f>=e.length||(f=ee(e,f),f<0))return-1;
return f}default:return r}}function Pt(e){let[t,...n]=e;if(t==="multi"||t==="exec")return t.toUpperCase();let r=Z(
e),o=r.length>0?r:n.slice(0,1);return[t.toUpperCase(),...o].join(" ")}function Fe(e){let t=e.map(Q).filter(s=>s!==
null),n=t.includes("unknown")?"unknown":t.includes("write")?"write":"read",r=new Set,o=!0;for(let s of e){if(Q(
s)===null)continue;let i=Z(s);i.length===0&&(o=!1);for(let f of i)r.add(f)}return{label:e.map(Pt).join(", "),access:t.
length===0?"unknown":n,keys:o&&n!=="unknown"?[...r]:[]}}var Ue,Ut,Rt,Ft,Ct,Ce=pe(()=>{De();Ue=13,Ut=new Set(["\
subscribe","psubscribe","ssubscribe","monitor","sync","psync"]),Rt=new Set(["hello","auth","select","client","\
info","readonly","ping","quit","reset","command"]),Ft=512;Ct=()=>{let e=!1,t=null;return{request(n){let r=Re(n);
return r.some(o=>Ut.has(o[0]))&&(e=!0),{replies:e?0:r.length,handshake:e||r.every(o=>Rt.has(o[0])),describe:()=>Fe(
r)}},replies(n){if(e)return 0;let r=t===null?n:Buffer.concat([t,n]),o=0,s=0;for(;s<r.length;){let i=ee(r,s);if(i<
0)break;r[s]!==62&&r[s]!==124&&o++,s=i}return t=s<r.length?Buffer.from(r.subarray(s)):null,o}}}});var me=require("node:async_hooks"),ge=new me.AsyncLocalStorage,b,ye=0;function be(e){b=e}var R=class{constructor(t,n){
this.name=t,this.random=n,this.world=void 0,this.inFlight=null,this.held=[],this.reported=0,this.turns=0}},F=class{constructor(t,n,r,o){
this.id=t,this.actor=n,this.gated=r,this.stacks=o,this.ordered=!1,this.live=!0,this.open=0,this.arisen=0,this.
outcome=null,this.whenIdle=[]}close(){if(this.open--,this.open===0)for(let t of this.whenIdle.splice(0))setImmediate(
t)}run(t){return ge.run(this,t)}settle(t){this.outcome=t,this.check()}check(){if(this.outcome===null||this.open>
0||!this.live)return;let t=this.arisen;xe(this.actor,()=>{if(!(!this.live||this.open>0)){if(this.arisen!==t)return void this.
check();this.live=!1,b.finish(this)}})}};function w(){let e=ge.getStore();return e!==void 0&&e.live?e:void 0}function _(e){
let{call:t}=e,{actor:n}=t;if(t.open++,t.arisen++,!t.gated&&!t.ordered)return A(e,!1),!0;if(!t.gated&&q(n)&&n.held.
length===0)return n.inFlight=e,A(e,!1),!0;if(t.stacks&&(e.where=b.where()),t.gated&&b.blocking&&q(n)&&n.held.length===
0)return Se(n,e,!1),!0;if(e.first&&n.reported!==0)return A(e,!1),!0;let r=e.first?n.held.findIndex(o=>!o.first):
-1;return n.held.splice(r<0?n.held.length:r,0,e),ke(n),!1}function we(e,t){return e.open++,b.waits(e),()=>{t(),
e.open--}}function x(e){if(e.answered)return;e.answered=!0;let{call:t}=e,{actor:n}=t;t.close(),n.inFlight===e&&(n.inFlight=
null,n.held.length>0&&xe(n,()=>{})),t.check()}function q(e){return e.inFlight===null&&e.turns===0}function xe(e,t){
e.turns++,setImmediate(()=>{e.turns--,t(),ke(e)})}function ke(e){if(!(!q(e)||e.reported!==0||e.held.length===0)){
if(!e.held[0].call.gated){e.inFlight=e.held.shift(),A(e.inFlight,!0);return}if(b.blocking){Se(e,e.held.shift(),
!0);return}e.reported=++ye,b.report(e.held[0],e.reported)}}function Se(e,t,n){let r=++ye;e.inFlight=t,b.report(
t,r),A(t,n,b.wait(r))}function A(e,t,n){try{e.perform(t,n)}catch(r){throw x(e),r}}function Oe(e,t){let n=e.held.
shift();e.reported=0,e.inFlight=n,A(n,!0,t)}var Ne=m(require("node:crypto"),1),je=require("node:module");var V=Date,v=0;function T(e){e!==void 0&&e>v&&(v=e)}function O(){return v}function J(){return w()===void 0?v:++v}
var L=class{constructor(t){this.seed(t)}seed(t){let n=[2166136261,16777619,3735928559,625341585];for(let r=0;r<
t.length;r++)for(let o=0;o<4;o++)n[o]=Math.imul(n[o]^t.charCodeAt(r)+o,16777619);[this.a,this.b,this.c,this.d]=
n;for(let r=0;r<12;r++)this.next()}next(){let{a:t,b:n,c:r,d:o}=this,s=t+n+o|0;return this.d=o+1|0,this.a=n^n>>>
9,this.b=r+(r<<3)|0,this.c=(r<<21|r>>>11)+s|0,s>>>0}fraction(){return(this.next()*2**21+(this.next()>>>11))/2**
53}fill(t){for(let n=0;n<t.length;n++)t[n]=this.next()&255;return t}},$e=new L("background");function W(){return w()?.
actor.random??$e}function Ae(e){$e.seed(`${e}:background`)}function K(e,t=0,n=void 0){let r=ArrayBuffer.isView(
e)?new Uint8Array(e.buffer,e.byteOffset,e.byteLength):new Uint8Array(e);return W().fill(r.subarray(t,n===void 0?
void 0:t+n)),e}function Ee(){let e=W().fill(new Uint8Array(16));e[6]=e[6]&15|64,e[8]=e[8]&63|128;let t=Buffer.
from(e).toString("hex");return`${t.slice(0,8)}-${t.slice(8,12)}-${t.slice(12,16)}-${t.slice(16,20)}-${t.slice(
20)}`}function jt(){let e=new Proxy(V,{construct:(t,n,r)=>Reflect.construct(t,n.length===0?[J()]:n,r===e?t:r),
apply:()=>new V(J()).toString(),get:(t,n)=>n==="now"?J:Reflect.get(t,n)});V.prototype.constructor=e,globalThis.
Date=e}function $t(){Math.random=()=>W().fraction();let e=Ne.default;e.randomBytes=(n,r)=>{let o=Buffer.from(W().
fill(new Uint8Array(n)));return r===void 0?o:void process.nextTick(r,null,o)},e.randomFillSync=K,e.randomFill=
(n,...r)=>{let o=r.pop();process.nextTick(o,null,K(n,...r))},e.randomInt=(...n)=>{let r=typeof n.at(-1)=="func\
tion"?n.pop():void 0,[o,s]=n.length>1?n:[0,n[0]],i=o+Math.floor(W().fraction()*(s-o));return r===void 0?i:void process.
nextTick(r,null,i)},e.randomUUID=Ee;let t=Object.getPrototypeOf(globalThis.crypto);t.getRandomValues=K,t.randomUUID=
Ee}function Te(){jt(),$t(),(0,je.syncBuiltinESMExports)()}function Tt(e){if(typeof e=="number")return e;if(e instanceof Date)return(e.getTime()-O())/1e3}var zt=4;function ze(e,t=1){
let n=e.cause??(Array.isArray(e.errors)?e.errors[0]:void 0);if(n==null)return;if(typeof n!="object")return String(
n);let r=n.code===void 0||String(n.message).includes(n.code)?"":` (${n.code})`,o=t<zt?ze(n,t+1):void 0;return n.
message===e.message&&!r?o:`${n.name??"Error"}: ${n.message}${r}${o?`, caused by ${o}`:""}`}function P(e,t){if(e===
null||typeof e!="object")return{name:"Error",message:String(e)};let{status:n,code:r}=e;return{name:String(e.name??
"Error"),message:String(e.message??e),status:typeof n=="number"?n:void 0,code:r==null?void 0:String(r),retryAfter:Tt(
e.retryAfter),cause:ze(e),stack:t&&typeof e.stack=="string"?e.stack:void 0}}var te=m(require("node:path"),1),Me=require("node:url");var Ie=m(require("node:net"),1);var Be=()=>({request:e=>({replies:1,handshake:!1,describe:()=>({label:`write ${e.length} bytes`,access:"unknow\
n",keys:[]})}),replies:()=>Number.POSITIVE_INFINITY}),Y=class{constructor(t,n){this.socket=t,this.talk=n,this.
expected=[],this.waiting=0,this.holder=void 0,this.behind=[],this.owner=void 0;let r=t.push;t.push=(o,s)=>o!==
null&&this.receive(o)?(this.closed(),t.destroy(X()),!1):r.call(t,o,s),t.prependListener("error",()=>this.closed()),
t.once("close",()=>this.closed())}call(){return w()??(this.owner?.live?this.owner:void 0)}expect(t,n,r=!1){t.replies>
0?this.expected.push({request:t,operation:n,left:t.replies,cut:r}):n!==null&&x(n)}receive(t){if(this.expected.
some(r=>r.cut))return!0;let n=this.talk.replies(t);if(typeof n!="number"){for(let r of n)this.take(this.expected.
findIndex(o=>o.request.ids?.includes(r)));return!1}for(let r=n;r>0&&this.expected.length>0;r--)this.take(0);return!1}take(t){
if(t<0)return;let n=this.expected[t];--n.left>0||(this.expected.splice(t,1),n.operation!==null&&x(n.operation))}moveUp(){
for(;this.waiting===0&&this.behind.length>0;)this.behind.shift()?.()}closed(){for(let{operation:t}of this.expected.
splice(0))t!==null&&x(t)}},E=Symbol("channel");function X(){return Object.assign(new Error("read ECONNRESET"),
{code:"ECONNRESET",errno:-104,syscall:"read"})}function _e(e,t){let n=Ie.default.Socket.prototype,{_writeGeneric:r,
write:o,connect:s}=n,i=new Set(e.map(String)),f=Symbol("path");function a(c){if(c[E]!==void 0)return c[E];let u=c[f]??
c.remotePort,p=u!==void 0&&(i.size===0||i.has(String(u)));return c[E]=p?new Y(c,t()):null,c[E]}n.connect=function(...u){
let p=Array.isArray(u[0])?u[0][0]:u[0],g=typeof p=="string"&&!/^\d+$/.test(p)?p:p?.path;return typeof g=="stri\
ng"&&(this[f]=g),s.apply(this,u)},n.write=function(...u){return this[E]&&(this[E].owner=w()??this[E].owner),o.
apply(this,u)},n._writeGeneric=function(u,p,g,j){if(this.connecting)return r.call(this,u,p,g,j);let l=a(this);
if(l===null)return r.call(this,u,p,g,j);let U=l.talk.request(It(u,p,g)),$=U.handshake?void 0:l.call(),I=this;if($===
void 0){let y=()=>{l.expect(U,null),r.call(I,u,p,g,j)};l.waiting>0||l.behind.length>0?l.behind.push(y):y();return}
let B={call:$,describe:U.describe,cuts:!0,perform:(y,he)=>{if(y&&l.waiting--,I.destroyed){x(B),y&&l.moveUp();return}
if(he==="before"){x(B),y||H?I.destroy(X()):j(X());return}l.expect(U,B,he==="after"),r.call(I,u,p,g,y||H?bt:j),
y&&l.moveUp()}},bt=y=>{y&&I.destroy(y)},H=!1,de=()=>{H=!0,j()};if(l.behind.length>0||l.waiting>0&&l.holder!==$.
actor){l.behind.push(we($,()=>{l.waiting++,l.holder=$.actor,_(B)&&l.waiting--})),de();return}l.waiting++,l.holder=
$.actor,_(B)?l.waiting--:de()}}function It(e,t,n){return e?Buffer.concat(t.map(r=>{let o=r.chunk??r;return typeof o==
"string"?Buffer.from(o,r.encoding):o})):typeof t=="string"?Buffer.from(t,n):t}var Mt={mongodb:async()=>(await import("./mongodb.mjs")).mongodb,postgres:async()=>(await import("./postgres.mjs")).
postgres,redis:async()=>(await Promise.resolve().then(()=>(Ce(),Pe))).redis};function Ht(e){return Object.values(
e).flatMap(t=>typeof t!="string"?[]:t.startsWith("file:///")?[te.default.dirname((0,Me.fileURLToPath)(t))]:te.default.
isAbsolute(t)?[t]:[])}async function He(e,t){for(let n of e.gates??["net"])switch(n){case"net":_e(e.ports??[],
await Mt[e.protocol??""]?.()??Be);break;case"fs":(await import("./fs.mjs")).patch(e.paths??Ht(e.options??{}));
break;case"libsql":await(await import("./libsql.mjs")).patch(t);break;case"call":break;default:throw new Error(
`this host has no gates for ${n}`)}}var qe=require("node:util");var Gt={log:"info",info:"info",debug:"debug",trace:"debug",dir:"info",warn:"warn",error:"error"},qt=[[50,"erro\
r"],[40,"warn"],[30,"info"],[0,"debug"]];function Vt(e,t){let n=/^\{.*"level":\s*(?:(\d+)|"(\w+)")/.exec(e),r=n?.[1];
if(r!==void 0)return qt.find(([s])=>Number(r)>=s)[1];let o=n?.[2]??/\b(?:workflow:[\w-]+:)(debug|info|warn|error)\b/.
exec(e)?.[1]??/^\s*\[?(debug|info|warn|warning|error|fatal)\]?[:\s]/i.exec(e)?.[1];if(o!==void 0){let s=o.toLowerCase();
return s==="fatal"||s==="error"?"error":s.startsWith("warn")?"warn":s==="debug"?"debug":"info"}return/^\(node:\d+\) /.
test(e)?"warn":/^(?:Uncaught )?\w*Error\b/.test(e)?"error":t}function Ge(e,t){return/^\[Workflow\]|\bworkflow:[\w-]+:/.
test(e)?"runtime":t}function Ve(e){for(let[t,n]of Object.entries(Gt))console[t]=(...r)=>{let o=w(),s=(0,qe.format)(
...r);e(n,Ge(s,o===void 0?"console":"world"),s,o?.actor.name)};for(let[t,n]of[[process.stdout,"info"],[process.
stderr,"warn"]])t.write=((r,o,s)=>{let i=typeof r=="string"?r:Buffer.from(r).toString("utf8"),f=w()?.actor.name;
for(let c of i.split(`
`))c.trim()!==""&&e(Vt(c,n),Ge(c,"process"),c,f);let a=typeof o=="function"?o:s;return typeof a=="function"&&process.
nextTick(a),!0})}var Je=Date;function N(e,t=0){if(e===null||typeof e=="string"||typeof e=="number"||typeof e=="boolean")return e;
if(typeof e=="bigint")return Number.isSafeInteger(Number(e))?Number(e):String(e);if(typeof e!="object")return;
if(t>200)throw new TypeError("a value is too deep, or holds itself, and cannot be sent");if(e instanceof Je)return Number.
isNaN(e.getTime())?null:{$date:Je.prototype.toISOString.call(e)};if(Array.isArray(e))return e.map(o=>N(o,t+1)??
null);if(ArrayBuffer.isView(e))return{$bytes:Buffer.from(e.buffer,e.byteOffset,e.byteLength).toString("base64")};
if(e instanceof ArrayBuffer)return{$bytes:Buffer.from(e).toString("base64")};if(typeof e.toJSON=="function")return N(
e.toJSON(),t+1);if(e instanceof Map)return N(Object.fromEntries(e),t+1);if(e instanceof Set)return N([...e],t+
1);let n={},r=!1;for(let o of Object.keys(e)){let s=N(e[o],t+1);s!==void 0&&(o.startsWith("$")&&(r=!0),n[o]=s)}
return r?{$object:n}:n}function C(e){if(e===null||typeof e!="object")return e;if(Array.isArray(e))return e.map(
C);if(typeof e.$bytes=="string")return new Uint8Array(Buffer.from(e.$bytes,"base64"));if(typeof e.$date=="stri\
ng")return new Date(e.$date);let t=e.$object??e;for(let n of Object.keys(t))t[n]=C(t[n]);return t}var D=require("node:async_hooks"),Ye=require("node:url"),Kt=60,Yt=400,re=new Map,ne=["",""],Xe=0;function oe(){
let e=Error.stackTraceLimit;Error.stackTraceLimit=Kt;let t={};return Error.captureStackTrace(t,oe),Error.stackTraceLimit=
e,t}var Qe=(0,D.createHook)({init(e,t,n){re.set(e,{error:oe(),trigger:n,execution:(0,D.executionAsyncId)()})}});
function Ke(e){for(let t of(e??"").split(`
`)){let n=ne.find(s=>t.includes(s));if(n===void 0)continue;let r=t.slice(t.indexOf(n)+n.length+1);if(r.includes(
"node_modules/"))continue;let o=/^(.*?)(?:\?[^:]*)?:(\d+):\d+/.exec(r);if(o!==null)return`${n===ne[0]?o[1]:decodeURI(
o[1])}:${o[2]}`}}function Ze(){let e=Ke(oe().stack);if(e!==void 0)return e;let t=[(0,D.executionAsyncId)()],n=new Set(
t);for(let r=t.shift();r!==void 0&&n.size<Yt;r=t.shift()){let o=re.get(r);if(o===void 0)continue;let s=Ke(o.error.
stack);if(s!==void 0)return s;for(let i of[o.trigger,o.execution])n.has(i)||t.push(i),n.add(i)}}function et(e){
ne=[e,(0,Ye.pathToFileURL)(e).href]}function tt(){Xe++===0&&Qe.enable()}function nt(){--Xe>0||(Qe.disable(),re.
clear())}var st=m(require("node:fs"),1),it=m(require("node:net"),1);var rt=10,{readSync:Xt,writeSync:Qt,openSync:Zt}=st.default;function en(e){for(let t of[`/proc/self/fd/${e}`,`\
/dev/fd/${e}`])try{return Zt(t,"r")}catch{continue}return e}var tn=new Int32Array(new SharedArrayBuffer(4));function ot(){
Atomics.wait(tn,0,0,.2)}var M=class{constructor(t,n){this.inFd=t,this.outFd=n,this.blockingFd=en(t),this.chunk=
Buffer.allocUnsafe(65536),this.rest=[],this.lines=[],this.returned=[],this.scheduled=!1,this.handle=()=>{}}listen(t){
this.handle=t;let n=new it.default.Socket({fd:this.inFd,readable:!0,writable:!1});n.on("data",o=>{this.feed(o),
this.scheduled||this.next()});let r=()=>process.exit(0);n.on("end",r),n.on("error",r)}next(){this.scheduled=!1;
let t=this.returned.shift()??this.queued();t!==void 0&&(this.schedule(),this.handle(t))}schedule(){this.scheduled||
this.returned.length+this.lines.length===0||(this.scheduled=!0,setImmediate(()=>this.next()))}putBack(t){this.
returned.push(...t),this.schedule()}queued(){let t=this.lines.shift();return t===void 0?void 0:this.parse(t)}take(){
for(;;){let t=this.queued();if(t!==void 0)return t;let n=0;try{n=Xt(this.blockingFd,this.chunk,0,this.chunk.length,
null)}catch(r){let o=r.code;if(o==="EAGAIN"){ot();continue}if(o!=="EOF")throw r}n===0&&process.exit(0),this.feed(
this.chunk.subarray(0,n))}}feed(t){let n=0;for(let r=t.indexOf(rt);r>=0;r=t.indexOf(rt,n)){let o=t.toString("u\
tf8",n,r);this.rest.length>0&&(o=Buffer.concat([...this.rest,t.subarray(n,r)]).toString("utf8"),this.rest=[]),
this.lines.push(o),n=r+1}n<t.length&&this.rest.push(Buffer.from(t.subarray(n)))}parse(t){let n=JSON.parse(t);return t.
includes('"$')?C(n):n}send(t){let n=Buffer.from(JSON.stringify(t)+`
`),r=0;for(;r<n.length;)try{r+=Qt(this.outFd,n,r,n.length-r)}catch(o){let s=o.code;if(s==="EPIPE"&&process.exit(
0),s!=="EAGAIN")throw o;ot()}}};function ct(e,t){for(let n of["uncaughtException","unhandledRejection"])process.
on(n,r=>{let o=r instanceof Error?r.stack??String(r):String(r);e.send({type:"log",level:"error",origin:"proces\
s",text:`${n}: ${o}`})});process.on("SIGINT",()=>{}),e.listen(t)}var k=m(require("node:fs"),1),h=m(require("node:path"),1),ft=require("node:url");function nn(e){return JSON.parse(
k.default.readFileSync(e,"utf8"))}function ie(e){if(typeof e=="string")return e;if(Array.isArray(e))return e.map(
ie).find(t=>t!==void 0);if(!(e===null||typeof e!="object"))for(let[t,n]of Object.entries(e)){if(!["import","no\
de","module-sync","default"].includes(t))continue;let r=ie(n);if(r!==void 0)return r}}function rn(e){for(let t=e;;t=
h.default.dirname(t)){if(k.default.existsSync(h.default.join(t,"package.json")))return t;if(t===h.default.dirname(
t))return e}}function se(e,t="."){let{name:n,version:r,exports:o,main:s}=nn(h.default.join(e,"package.json")),
f=Object.keys(Object(o)).some(c=>c.startsWith("."))?o[t]:o,a=ie(f)??(t==="."?s??"index.js":t);return{folder:e,
entry:h.default.join(e,a),name:n??h.default.basename(e),version:r??""}}function ut(e,t=process.cwd()){if(h.default.
isAbsolute(e)){let s=k.default.realpathSync(e);if(k.default.statSync(s).isDirectory())return se(s);let i=rn(h.default.
dirname(s));return k.default.existsSync(h.default.join(i,"package.json"))?{...se(i),entry:s}:{folder:i,entry:s,
name:h.default.basename(s),version:""}}let n=e.split("/"),r=n.slice(0,e.startsWith("@")?2:1).join("/"),o=[".",
...n.slice(r.split("/").length)].join("/");for(let s=h.default.resolve(t);;s=h.default.dirname(s)){let i=h.default.
join(s,"node_modules",r);if(k.default.existsSync(h.default.join(i,"package.json")))return se(k.default.realpathSync(
i),o);if(s===h.default.dirname(s))throw new Error(`the package ${r} is not installed under ${t}`)}}function on(e){
let t=Object.keys(Object(e)).filter(n=>/^create\w+World$/.test(n));return t.length===1?t:[]}async function at(e,t,n,r){
let o=await import(`${(0,ft.pathToFileURL)(e.entry)}${n===""?"":`?actor=${n}`}`),s=t.factory===void 0?["create\
World","default"]:[t.factory];r();for(let i of[o,o.default])for(let f of t.factory===void 0?[...s,...on(i)]:s){
let a=i?.[f];if(typeof a=="function")return await a(t.options??{});if(typeof a?.events?.create=="function")return a}
throw new Error(`${e.name} exports no ${s.join(" or ")} that makes a World`)}function ce(e,t){try{return e?.[t]}catch(n){
console.warn(`reading ${t} of the World failed:`,n);return}}async function lt(e){try{typeof e?.close=="functio\
n"&&await e.close()}catch(t){console.warn("closing the World failed:",t)}}async function fe(e,t,n){if(t.startsWith(
"stream."))return await(await import("./streams.mjs")).performStream(e,t,n);let r=t.split("."),o=r.pop(),s=r.reduce(
(i,f)=>i?.[f],e);if(typeof s?.[o]!="function")throw Object.assign(new Error(`the World has no ${t}`),{name:"No\
tImplemented",code:"NOT_IMPLEMENTED"});return await s[o](...n)}async function dt(e,t){let n=Array.from({length:t},
()=>fe(e,"runs.get",["wrun_00000000000000000000000000"]));return await Promise.allSettled(n)}var d=new M(Number(process.env.WORLD_HOST_IN??3),Number(process.env.WORLD_HOST_OUT??4));delete process.env.WORLD_HOST_IN;
delete process.env.WORLD_HOST_OUT;Buffer.poolSize=1024;var S=new Map,ue=!1,ae=new Map,z,ht,le,pt=(e,t,n,r)=>{let o=ht?.
isByDesign(e,t,n)||void 0;r??=S.size===1?[...S.keys()][0]:void 0,d.send({type:"log",level:e,origin:t,text:n,actor:r,
byDesign:o})};Ve(pt);var mt={blocking:!0,report(e,t){let{call:n}=e;this.blocking||ae.set(t,n.actor);let r=e.describe();
d.send({type:"gate",gate:t,call:n.id,actor:n.actor.name,...r,cut:e.cuts,where:e.where,clock:O()})},wait(e){let t=[];
for(;;){let n=d.take();if(n.type==="close"&&gt(n.id),n.type==="go"&&n.gate===e)return d.putBack(t),T(n.clock),
n.cut;t.push(n)}},finish(e){e.stacks&&nt();let{value:t,error:n}=e.outcome??{};if(n!==void 0){d.send({type:"err\
or",id:e.id,error:P(n.thrown,e.stacks),clock:O()});return}let r;try{r=N(t)}catch(o){d.send({type:"error",id:e.
id,error:{...P(o,!0),code:"UNSENDABLE"}});return}d.send({type:"result",id:e.id,value:r??null,clock:O()})},waits(e){
e.gated&&d.send({type:"waits",call:e.id,actor:e.actor.name})},where:Ze};be(mt);function gt(e){d.send({type:"do\
ne",id:e}),process.exit(0)}function yt(e,t){T(t),Ae(String(e));for(let n of S.values())n.random.seed(`${e}:${n.
name}`)}async function sn({id:e,world:t,actors:n,seed:r,clock:o}){try{mt.blocking=n.length===1;for(let c of n)
S.set(c,new R(c,new L("")));yt(r,o),Te(),process.env.PGAPPNAME??=`world-host-${process.pid}`,t.runtime&&(ht=await import("./runtime/logs.mjs"),
le=await import("./runtime/relay.mjs"),le.connect(c=>d.send({...c,clock:O()})));let s=ut(t.module,t.root);et(s.
folder),await He(t,s.folder),ue=t.gates?.includes("call")??!1;let i;for(let c of S.values()){if(i===void 0||!t.
shared){let u=()=>d.send({type:"opening",id:e,doing:"world"});i=await at(s,t,c.name===n[0]?"":c.name,u)}c.world=
i,await dt(i,t.warm??2)}if(d.send({type:"opening",id:e,doing:"host"}),t.runtime){let{openRuntime:c}=await import("./runtime/index.mjs");
z=await c(t.runtime,{actors:[...S.values()],holdCalls:ue,send:u=>d.send(u),sink:pt})}let f=ce(i,"specVersion"),
a=Object.entries(ce(i,"capabilities")??{}).filter(([,c])=>c===!0);d.send({type:"opened",id:e,name:s.name,version:s.
version,specVersion:Number.isSafeInteger(f)?f:void 0,capabilities:a.map(([c])=>c),platform:`node ${process.versions.
node}`,runtime:z&&{version:z.version,dialect:z.dialect,inline:z.inline||void 0}})}catch(s){d.send({type:"faile\
d",id:e,error:P(s,!0)})}}function cn({id:e,actor:t,op:n,args:r,gated:o,stacks:s,clock:i}){T(i);let f=S.get(t);
if(f===void 0){d.send({type:"error",id:e,error:{name:"HostError",message:`no actor ${t} is open here`}});return}
let a=new F(e,f,o===!0,s===!0);a.stacks&&tt();let c=n.startsWith("runtime.")?z:void 0;a.ordered=c!==void 0;let u=()=>a.
run(()=>(c?.perform(n,r)??fe(f.world,n,r)).then(g=>a.settle({value:g}),g=>a.settle({error:{thrown:g}})));if(!a.
gated||!ue||c)return void u();let p={call:a,describe:()=>({label:[n,r[1]?.eventType].filter(Boolean).join(" "),
access:"unknown",keys:[]}),perform:()=>{x(p),u()}};_(p)}async function fn(e){for(let{world:t}of S.values())await lt(
t);gt(e)}function un(e){switch(e.type){case"call":return cn(e);case"go":{let t=ae.get(e.gate);return T(e.clock),
t===void 0?void 0:(ae.delete(e.gate),Oe(t,e.cut))}case"reset":return yt(e.seed,e.clock),d.send({type:"done",id:e.
id});case"open":return void sn(e);case"close":return void fn(e.id);case"relay_result":return T(e.clock),le?.relayResult(
e);default:console.warn(`the host does not know the message ${e.type}`)}}ct(d,un);
}
