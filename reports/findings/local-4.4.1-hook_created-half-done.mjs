/**
 * @workflow/world-local@4.4.1: A run ends while its hooks are created
 *
 * One actor carries a run with hooks to its end, while its first message is delivered again.
 *
 * WRONG the hook_created hook1 that comes afterwards was told that token1 is taken; run1 had it and gave it
 *       up, and nobody has it
 * RULE  hook.token-free-at-end: a released token can be claimed again
 * KIND  half done. A process dies or loses its connection between the writes of one transition: it is left
 *       half done.
 * FIX   Write what belongs to one transition in one atomic operation, or so that it can be written again.
 * WHERE in the package, in the order of the schedule: src/storage/events-storage.ts:569 (dist/storage/events-
 *       storage.js:407), src/storage/events-storage.ts:906 (dist/storage/events-storage.js:651),
 *       src/storage/events-storage.ts:1633 (dist/storage/events-storage.js:1192), src/storage/events-
 *       storage.ts:1689 (dist/storage/events-storage.js:1232), src/storage/events-storage.ts:123
 *       (dist/storage/events-storage.js:65), src/storage/events-storage.ts:1229 (dist/storage/events-
 *       storage.js:889), src/storage/events-storage.ts:1239 (dist/storage/events-storage.js:895),
 *       src/storage/events-storage.ts:1742 (dist/stor … [100 more characters]
 *
 * Run it beside the installed package:
 *
 *     npm i @workflow/world-local@4.4.1
 *     node repro.mjs
 *
 * Exit status 1: it is wrong, as said above. 0: what came of it is right. 2: it could not be run.
 *
 *     WORLD_PACKAGE=../checkout node repro.mjs     the same against a checkout of the package
 *     SCHEDULE=A node repro.mjs                    the same calls, one actor after the other
 *
 * How: each actor is a process with a World of its own. Each I/O operation of a racing call waits until it is
 * let go, in this order: aA22bB14 (A2B is: an operation of A, another one, one of B; a small letter is where
 * an actor begins).
 * Written by workflow-world-conformance 0.1.0. The suite sees it again with:
 *
 *     pytest --world=local@4.4.1 '--world-replay=end_against_suspension/handlers/hooks-left-behind+faults?faults=kill@21/aA18bB12'
 */

// ---- What was recorded ----

/** The ids of this run; those that are empty are minted by the World. */
const id = {
  run1: '',
  step1: 'step_01KDVE5HTF1TPZT9HB3T3YX4P6',
  run2: '',
  hook1: 'hook_2_5',
  token1: 'token_1_5',
  hook2: 'hook_01KDVE5HTF1TPZT9HB3T3YX4P5',
};

const WORLD = {
  package: '@workflow/world-local',
  version: '4.4.1',
  options: { dataDir: '{directory}', recoverActiveRuns: false },
  env: {},
  setup: null,
  service: null,
  host: { gates: ['fs'], shared: false },
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
        specVersion: 3,
        eventType: 'run_created',
        eventData: {
          deploymentId: 'conformance',
          workflowName: 'leaves_hooks',
          input: asStored([[id.token1], 'x']),
        },
      },
    ],
    answer: 'success',
    gives: { run1: 'run.runId' },
  },
];

/** What raced. Above each call: what it did when it was recorded, and where in the package. */
const RACE = {
  A: [
    // readFile runs/run1.json  src/storage/events-storage.ts:569
    // open runs/run1.json.tmp.01KDVE5HXMM7DYPS13GKN4E9WZ  src/storage/events-storage.ts:906
    // write runs/run1.json.tmp.01KDVE5HXMM7DYPS13GKN4E9WZ  src/storage/events-storage.ts:906
    // rename runs/run1.json.tmp.01KDVE5HXMM7DYPS13GKN4E9WZ -> runs/run1.json  src/storage/events-storage.ts:906
    // open events/run1-evnt_01KDVE5HTEA5ZX0RKGPJ040KW3.json.tmp.01KDVE5J71Z4T2XC56Y00SAB18  src/storage/events-storage.ts:1633
    // write events/run1-evnt_01KDVE5HTEA5ZX0RKGPJ040KW3.json.tmp.01KDVE5J71Z4T2XC56Y00SAB18  src/storage/events-storage.ts:1633
    // link events/run1-evnt_01KDVE5HTEA5ZX0RKGPJ040KW3.json.tmp.01KDVE5J71Z4T2XC56Y00SAB18 -> events/run1-evnt_01KDVE5HTEA5ZX0 … [16 more characters]  src/storage/events-storage.ts:1633
    // unlink events/run1-evnt_01KDVE5HTEA5ZX0RKGPJ040KW3.json.tmp.01KDVE5J71Z4T2XC56Y00SAB18  src/storage/events-storage.ts:1633
    // readdir events  src/storage/events-storage.ts:1689
    {
      actor: 'A', op: 'events.create', says: 'A: run_started', at: 5,
      args: () => [id.run1, { specVersion: 3, eventType: 'run_started' }],
      answer: 'success',
    },
    // readFile runs/run1.json  src/storage/events-storage.ts:569
    // readFile hooks/tokens/614729f142ec7673fa7c3a292151e82bbc97901cd0cab64a020210e6b3b2ff4f.json  src/storage/events-storage.ts:123
    // readdir events  src/storage/events-storage.ts:1229
    // readFile events/run1-evnt_01KDVE5HT9TDMZWMZNN8MC9688.json  src/storage/events-storage.ts:1229
    // readFile events/run1-evnt_01KDVE5HTEA5ZX0RKGPJ040KW3.json  src/storage/events-storage.ts:1229
    // open hooks/tokens/614729f142ec7673fa7c3a292151e82bbc97901cd0cab64a020210e6b3b2ff4f.json.tmp.01KDVE5K6CYA1PH4S6TXP35533  src/storage/events-storage.ts:1239
    // write hooks/tokens/614729f142ec7673fa7c3a292151e82bbc97901cd0cab64a020210e6b3b2ff4f.json.tmp.01KDVE5K6CYA1PH4S6TXP35533  src/storage/events-storage.ts:1239
    // link hooks/tokens/614729f142ec7673fa7c3a292151e82bbc97901cd0cab64a020210e6b3b2ff4f.json.tmp.01KDVE5K6CYA1PH4S6TXP35533 - … [84 more characters]  src/storage/events-storage.ts:1239
    // unlink hooks/tokens/614729f142ec7673fa7c3a292151e82bbc97901cd0cab64a020210e6b3b2ff4f.json.tmp.01KDVE5K6CYA1PH4S6TXP35533  src/storage/events-storage.ts:1239
    // open events/run1-evnt_01KDVE5JPPF6F4RESDXDA6YRJX.json.tmp.01KDVE5KJXS25048NWC9SXYA1G  src/storage/events-storage.ts:1633
    // write events/run1-evnt_01KDVE5JPPF6F4RESDXDA6YRJX.json.tmp.01KDVE5KJXS25048NWC9SXYA1G  src/storage/events-storage.ts:1633
    // link events/run1-evnt_01KDVE5JPPF6F4RESDXDA6YRJX.json.tmp.01KDVE5KJXS25048NWC9SXYA1G -> events/run1-evnt_01KDVE5JPPF6F4R … [16 more characters]  src/storage/events-storage.ts:1633
    // unlink events/run1-evnt_01KDVE5JPPF6F4RESDXDA6YRJX.json.tmp.01KDVE5KJXS25048NWC9SXYA1G  src/storage/events-storage.ts:1633
    {
      actor: 'A', op: 'events.create', says: 'A: hook_created hook2', at: 909,
      args: () => [
        id.run1,
        {
          specVersion: 3,
          eventType: 'hook_created',
          correlationId: id.hook2,
          eventData: { token: id.token1, isWebhook: false },
        },
      ],
    },
  ],
  B: [
    // readFile runs/run1.json  src/storage/events-storage.ts:569
    {
      actor: 'B', op: 'events.create', says: 'B: run_started', at: 2113,
      args: () => [id.run1, { specVersion: 3, eventType: 'run_started' }],
      answer: 'success',
    },
    // readdir events  src/storage/events-storage.ts:1742
    // readFile events/run1-evnt_01KDVE5HT9TDMZWMZNN8MC9688.json  src/storage/events-storage.ts:1742
    // readFile events/run1-evnt_01KDVE5HTEA5ZX0RKGPJ040KW3.json  src/storage/events-storage.ts:1742
    // readFile events/run1-evnt_01KDVE5JPPF6F4RESDXDA6YRJX.json  src/storage/events-storage.ts:1742
    {
      actor: 'B', op: 'events.list', says: 'B: events.list', at: 2215,
      args: () => [{ runId: id.run1, pagination: { sortOrder: 'asc' } }],
    },
    // readFile runs/run1.json  src/storage/events-storage.ts:569
    // access steps/run1-step1.json  src/storage/events-storage.ts:1038
    // open steps/run1-step1.json.tmp.01KDVE5MJA4BARY8962NH4NRNQ  src/storage/events-storage.ts:1038
    // write steps/run1-step1.json.tmp.01KDVE5MJA4BARY8962NH4NRNQ  src/storage/events-storage.ts:1038
    // rename steps/run1-step1.json.tmp.01KDVE5MJA4BARY8962NH4NRNQ -> steps/run1-step1.json  src/storage/events-storage.ts:1038
    // open events/run1-evnt_01KDVE5MC0FFXRK0GQ0PMNPXZX.json.tmp.01KDVE5MVQZA8D5XRTPAQ0BGCR  src/storage/events-storage.ts:1633
    // write events/run1-evnt_01KDVE5MC0FFXRK0GQ0PMNPXZX.json.tmp.01KDVE5MVQZA8D5XRTPAQ0BGCR  src/storage/events-storage.ts:1633
    // link events/run1-evnt_01KDVE5MC0FFXRK0GQ0PMNPXZX.json.tmp.01KDVE5MVQZA8D5XRTPAQ0BGCR -> events/run1-evnt_01KDVE5MC0FFXRK … [16 more characters]  src/storage/events-storage.ts:1633
    // unlink events/run1-evnt_01KDVE5MC0FFXRK0GQ0PMNPXZX.json.tmp.01KDVE5MVQZA8D5XRTPAQ0BGCR  src/storage/events-storage.ts:1633
    {
      actor: 'B', op: 'events.create', says: 'B: step_created step1', at: 2615,
      args: () => [
        id.run1,
        {
          specVersion: 3,
          eventType: 'step_created',
          correlationId: id.step1,
          eventData: { stepName: 'work', workflowName: 'leaves_hooks', input: asStored(['x']) },
        },
      ],
      answer: 'success',
    },
  ],
};

/** Whose operation went ahead, in order. */
const SCHEDULE = 'aA22bB14';

/** What goes wrong in the race: with which operation, counted over all actors from 0. */
const FAULTS = [{ at: 21, kind: 'kill', says: "the caller's process is killed before this operation is made" }];

/** What came after the race, alone. */
const AFTER = [
  {
    actor: '-', op: 'events.create', says: 'afterwards: run_started', at: 3519,
    args: () => [id.run1, { specVersion: 3, eventType: 'run_started' }],
    answer: 'success',
  },
  {
    actor: '-', op: 'events.create', says: 'afterwards: step_started step1', at: 3521,
    args: () => [
      id.run1,
      {
        specVersion: 3,
        eventType: 'step_started',
        correlationId: id.step1,
        eventData: { stepName: 'work' },
      },
    ],
    answer: 'success, attempt 1',
  },
  {
    actor: '-', op: 'events.create', says: 'afterwards: step_completed step1', at: 3525,
    args: () => [
      id.run1,
      {
        specVersion: 3,
        eventType: 'step_completed',
        correlationId: id.step1,
        eventData: {
          stepName: 'work',
          workflowName: 'leaves_hooks',
          result: asStored({ step: 'work', args: ['x'] }),
        },
      },
    ],
    answer: 'success',
  },
  {
    actor: '-', op: 'events.create', says: 'afterwards: run_started (2)', at: 3530,
    args: () => [id.run1, { specVersion: 3, eventType: 'run_started' }],
    answer: 'success',
  },
  {
    actor: '-', op: 'events.create', says: 'afterwards: run_completed', at: 3532,
    args: () => [
      id.run1,
      {
        specVersion: 3,
        eventType: 'run_completed',
        eventData: { output: asStored({ step: 'work', args: ['x'] }) },
      },
    ],
    answer: 'success',
  },
  {
    actor: '-', op: 'events.create', says: 'afterwards: run_created', at: 3536,
    args: () => [
      null,
      {
        specVersion: 3,
        eventType: 'run_created',
        eventData: {
          deploymentId: 'conformance',
          workflowName: 'workflow//./workflows/flows//storage',
          input: asStored([null]),
        },
      },
    ],
    answer: 'success',
    gives: { run2: 'run.runId' },
  },
  {
    actor: '-', op: 'events.create', says: 'afterwards: run_started (3)', at: 3541,
    args: () => [id.run2, { specVersion: 3, eventType: 'run_started' }],
    answer: 'success',
  },
  {
    actor: '-', op: 'events.create', says: 'afterwards: hook_created hook1', at: 3545,
    args: () => [
      id.run2,
      {
        specVersion: 3,
        eventType: 'hook_created',
        correlationId: id.hook1,
        eventData: { token: id.token1 },
      },
    ],
    answer: 'hook_conflict event',
  },
];

/** What is looked at in the end. */
const RUNS = ['run1', 'run2'];
const TOKENS = ['token1'];

/** The World's logical clock begins here, in ms since 1970. */
const START = 1767226132296;

// ---- What would be right ----

/** No list: it is too long, or what is wrong hangs on a fault, the runtime or a stream. */
const ALWAYS = {};
const EITHER = [];

/** As right, unless the first call of each pair is answered before the second begins. */
const OVERLAPPED = [];
const BEFORE = [];

/** What was recorded and no right outcome has. */
const WRONG = {
  'A: run_started': 'success',
  'B: run_started': 'success',
  'B: step_created step1': 'success',
  'afterwards: run_started': 'success',
  'afterwards: step_started step1': 'success, attempt 1',
  'afterwards: step_completed step1': 'success',
  'afterwards: run_started (2)': 'success',
  'afterwards: run_completed': 'success',
  'afterwards: run_created': 'success',
  'afterwards: run_started (3)': 'success',
  'afterwards: hook_created hook1': 'hook_conflict event',
  run1: 'completed, output {"args":["x"],"step":"work"}',
  step1: 'completed, attempt 1, result {"args":["x"],"step":"work"}',
  'log of run1: run_created': '1 x',
  'log of run1: run_started': '1 x',
  'log of run1: hook_created hook2': '1 x',
  'log of run1: step_created step1': '1 x',
  'log of run1: step_started step1': '1 x',
  'log of run1: step_completed step1': '1 x',
  'log of run1: run_completed': '1 x',
  run2: 'running',
  'log of run2: run_created': '1 x',
  'log of run2: run_started': '1 x',
  'log of run2: hook_conflict hook1': '1 x',
  token1: 'free',
  'startedAt of run1': '1 value',
  'startedAt of run2': '1 value',
};
const BROKEN = 'the hook_created hook1 that comes afterwards was told that token1 is taken; run1 had it and gave it up, and nobody has it';

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

import fs3 from "node:fs";
import { createRequire } from "node:module";
import path3 from "node:path";

import { spawn } from "node:child_process";
import readline from "node:readline";
import { fileURLToPath as fileURLToPath2 } from "node:url";

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
	let copy;
	let tagged = false;
	for (const key of Object.keys(value)) {
		const item = encode(value[key], depth + 1);
		if (item !== void 0 && key.startsWith("$")) tagged = true;
		if (item !== value[key]) (copy ??= { ...value })[key] = item;
	}
	return tagged ? { $object: copy ?? value } : copy ?? value;
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

import { spawnSync } from "node:child_process";
import fs2 from "node:fs";
import os from "node:os";
import path2 from "node:path";
import { fileURLToPath } from "node:url";

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

var LIMIT = 2e4;
var SILENCE = 400;
var clock = {
	time: 0,
	/** @param {number} to */
	advance(to) {
		clock.time = Math.max(clock.time, to);
	}
};
//! A host holds each I/O operation of its actors and reports it (`gate`). `go` lets it go ahead.
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
			env: { ...process.env, TZ: "UTC", ...env, WORLD_HOST_IN: "3", WORLD_HOST_OUT: "4" },
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
	const order = [];
	const results = {};
	for (let cursor, more = true; more; ) {
		const page = await read2("events.list", { runId, pagination: { sortOrder: "asc", limit: 1e3, ...cursor && { cursor } } });
		for (const event of page.data) {
			const what = named([event.eventType, event.correlationId].filter(Boolean).join(" "));
			order.push(what);
			const key = `log of ${name}: ${what}`;
			counts[key] = (counts[key] ?? 0) + 1;
			if (event.eventType === "step_completed") results[named(event.correlationId)] ??= event.eventData?.result;
			if (event.eventType === "run_completed") results[name] ??= event.eventData?.output;
		}
		cursor = page.cursor;
		more = Boolean(page.hasMore && cursor);
	}
	const inOrder = `order of the log of ${name}`;
	if (WRONG[inOrder]) facts[inOrder] = order.join(", ");
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

var HOUR = 36e5;
var STILL = FAULTS.some(({ kind }) => kind === "still");
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
			else if (kind !== "still") end = kind;
		}
		if (end === "kill") return this.die();
		this.say(`• ${label}${where ? `  ${where}` : ""}`);
		if (!STILL) clock.advance(clock.time + 100);
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
//! Do it on other runs first, nothing racing: it makes connections and fills caches. Then what races does what was
//! recorded.
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
	for (const host2 of hosts) await host2.ask({ type: "reset", seed: seeds++, still: STILL }, "a new beginning");
}
function filesIn(place) {
	const found = (
		/** @type {string[]} */
		fs3.readdirSync(place.directory, { recursive: true })
	);
	return found.map((name) => path3.join(place.directory, name)).filter((file) => fs3.statSync(file).isFile());
}
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
var Ft=Object.create;var ie=Object.defineProperty;var It=Object.getOwnPropertyDescriptor;var Wt=Object.getOwnPropertyNames;var Lt=Object.getPrototypeOf,Ut=Object.prototype.hasOwnProperty;var $e=(e,t,n)=>()=>{if(n)throw n[0];try{return e&&(t=e(e=0)),t}catch(r){throw n=[r],r}};var Pt=(e,t)=>{for(var n in t)ie(e,n,{get:t[n],enumerable:!0})},Dt=(e,t,n,r)=>{if(t&&typeof t=="object"||typeof t=="function")for(let o of Wt(t))!Ut.call(e,o)&&o!==n&&ie(e,o,{get:()=>t[o],enumerable:!(r=It(t,o))||r.enumerable});return e};var S=(e,t,n)=>(n=e!=null?Ft(Lt(e)):{},Dt(t||!e||!e.__esModule?ie(n,"default",{value:e,enumerable:!0}):n,e));function Te(e){T=e}function E(){let e=Y.getStore();return e?.live?e:void 0}function Ne(e){return Y.exit(e)}function se(){return Y.getStore()?.actor}function Ae(){return se()?.dead===!0}function ce(e){let t=new v(0,e,!1,!1);return t.live=!1,t}function F(e){let{call:t}=e,{actor:n}=t;if(t.open++,t.arisen++,!t.gated&&!t.ordered)return U(e,!1),!0;if(!t.gated&&K(n)&&n.held.length===0)return n.inFlight=e,
U(e,!1),!0;if(t.stacks&&(e.origin??=T.where()),t.gated&&T.blocking&&K(n)&&n.held.length===0)return Le(n,e,!1),!0;if(e.first&&n.reported!==0)return U(e,!1),!0;let r=e.first?n.held.findIndex(o=>!o.first):-1;return n.held.splice(r<0?n.held.length:r,0,e),We(n),!1}function Be(e,t){let{call:n}=e;return n.stacks&&(e.origin=T.where()),n.open++,T.waits(n),()=>{t(),n.open--}}function fe(e,t,n){let{actor:r}=e;
if(e.arisen++,!e.gated||!T.blocking||!K(r)||r.held.length>0)return;let o=e.stacks?T.where():void 0;Fe({call:e,describe:t,rest:n,perform:()=>{},origin:o})}function Fe(e){let{call:t}=e,n=++je,{ahead:r}=t;T.report(e,n,!1);let o=T.wait(n);return t.ahead=o.ahead,o.cut}function j(e){if(e.answered)return;e.answered=!0;let{call:t}=e,{actor:n}=t;t.close(),n.inFlight===e&&(n.inFlight=null,n.held.length>0&&Ie(
n,()=>{})),t.check()}function K(e){return e.inFlight===null&&e.turns===0}function Ie(e,t){e.turns++,setImmediate(()=>{e.turns--,t(),We(e)})}function We(e){if(!(!K(e)||e.reported!==0||e.held.length===0)){if(!e.held[0].call.gated){e.inFlight=e.held.shift(),U(e.inFlight,!0);return}if(T.blocking){Le(e,e.held.shift(),!0);return}e.reported=++je,T.report(e.held[0],e.reported,!1)}}function Le(e,t,n){e.inFlight=
t;let r=Fe(t);e.dead||U(t,n,r)}function U(e,t,n){try{e.perform(t,n)}catch(r){throw j(e),r}}function Ue(e,t){let n=e.held.shift();e.reported=0,e.inFlight=n,U(n,!0,t)}var Ee,Y,T,je,X,v,P=$e(()=>{Ee=require("node:async_hooks"),Y=new Ee.AsyncLocalStorage,je=0;X=class{constructor(t,n){this.name=t,this.random=n,this.world=void 0,this.inFlight=null,this.held=[],this.reported=0,this.turns=0,this.dead=!1}},
v=class{constructor(t,n,r,o){this.id=t,this.actor=n,this.gated=r,this.stacks=o,this.next=void 0,this.ahead=void 0,this.ordered=!1,this.live=!0,this.open=0,this.arisen=0,this.outcome=null,this.whenIdle=[]}close(){if(this.open--,this.open===0)for(let t of this.whenIdle.splice(0))setImmediate(t)}run(t){return Y.run(this,t)}settle(t){this.outcome=t,this.check()}check(){if(this.outcome===null||this.open>
0||!this.live||this.actor.dead)return;let t=this.arisen;Ie(this.actor,()=>{if(!(!this.live||this.open>0)){if(this.arisen!==t)return void this.check();this.live=!1,T.finish(this)}})}}});var Ye={};Pt(Ye,{patch:()=>Zt});function Yt(e,t,n,r,o){let i=A.default.join(e,`.waiting-${process.pid}`);if(t?.code==="EEXIST"&&o.since<Kt)return o.since++===0&&zt(i,""),void Xt(n,1);o.since>0&&Jt(i,{force:!0}),r()}function ze(e){return typeof e=="string"?{encoding:e}:e??{}}function me(e){if(typeof e=="string")return A.default.resolve(e);if(e instanceof URL&&e.protocol==="file:")return(0,Ke.fileURLToPath)(
e);if(Buffer.isBuffer(e))return A.default.resolve(e.toString())}function Zt(e){let t=e.map(s=>A.default.resolve(s)),n=s=>t.length===0?!s.includes(`${A.default.sep}node_modules${A.default.sep}`):t.some(c=>s===c||s.startsWith(c+A.default.sep)),r=s=>{let c=t.find(b=>s.startsWith(b+A.default.sep));return c===void 0?s:A.default.relative(c,s)};function o(s,c){let[b,l,m]=pe[s],g=c.slice(0,l).map(me);if(g.
some(h=>h!==void 0&&n(h)))return()=>{let h=g.filter(x=>x!==void 0),k=s in R,N=s==="open"&&typeof c[1]=="string"&&/[wa+]/.test(c[1]),B=m||N?h.map(x=>A.default.dirname(x)):[];return{label:`${k?"open":s} ${h.map(r).join(" -> ")}`,access:N?"write":b,keys:[...new Set([...h,...B].map(r))]}}}function i(s,c,b,l){return new Promise((m,g)=>{let h={call:s,describe:c,rest:l,perform:()=>{b().then(k=>{j(h),m(k)},
k=>{j(h),g(k)})}};F(h)})}let f=ee.default.promises,a=new WeakMap,w;async function u(s,c,[b,l,m]){let g=ze(m),h=await f.open(b,g.flag??R[c],g.mode);try{await i(s,()=>p(b),()=>w.call(h,l,{...g,flag:void 0}),!0)}finally{await h.close()}}function p(s){let c=r(me(s));return{label:`write ${c}`,access:"write",keys:[c]}}for(let s of Object.keys(pe)){let c=f[s];typeof c=="function"&&(f[s]=function(...b){let l=E(),
m=l&&o(s,b);if(l?.gated&&m&&s in R)return u(l,s,b);let g=()=>c.apply(f,b),h=l&&m?i(l,m,g):g();return s!=="open"||!m?h:h.then(k=>(a.set(k,r(me(b[0]))),d(Object.getPrototypeOf(k)),k))})}function d(s){if(!s.patchedByHost){Object.defineProperty(s,"patchedByHost",{value:!0}),w=s.writeFile;for(let[c,b]of Object.entries(Qt)){let l=s[c];typeof l=="function"&&(s[c]=function(...m){let g=E(),h=a.get(this);return g===
void 0||h===void 0?l.apply(this,m):i(g,()=>({label:`${c} ${h}`,access:b,keys:[h]}),()=>l.apply(this,m))})}}}let y=ee.default;for(let s of Object.keys(pe)){let c=y[s];typeof c=="function"&&(y[s]=Object.assign(function(...l){let m=E(),g=l.at(-1),h=m&&typeof g=="function"?o(s,l):void 0;if(!m||!h)return c.apply(y,l);if(m.gated&&s in R){let N=B=>process.nextTick(g,B);return void u(m,s,l.slice(0,-1)).then(
()=>N(null),N)}let k={call:m,describe:h,perform:()=>{let N=s==="mkdir"&&m.gated&&t.length>0&&/\.lock$/.test(String(l[0])),B={since:0},x=()=>c.call(y,...l.slice(0,-1),(..._)=>{let Oe=()=>{j(k),g(..._)};N?Yt(t[0],_[0],x,Oe,B):Oe()});x()}};F(k)},c));let b=y[`${s}Sync`];typeof b=="function"&&(y[`${s}Sync`]=Object.assign(function(...l){let m=E(),g=m&&o(s,l);if(m&&g&&fe(m,g),!m?.gated||!g||!(s in R))return b.
apply(y,l);let h=ze(l[2]),k=Vt(l[0],h.flag??R[s],h.mode);try{fe(m,()=>p(l[0]),!0),b.call(y,k,l[1],{...h,flag:void 0})}finally{Gt(k)}},b))}(0,Xe.syncBuiltinESMExports)()}var ee,Xe,A,Ke,Gt,Vt,Jt,zt,Xt,Kt,pe,Qt,R,Qe=$e(()=>{ee=S(require("node:fs"),1),Xe=require("node:module"),A=S(require("node:path"),1),Ke=require("node:url");P();({closeSync:Gt,openSync:Vt,rmSync:Jt,writeFileSync:zt}=ee.default),{setTimeout:Xt}=
globalThis,Kt=2e3;pe={access:["read",1,!1],appendFile:["write",1,!0],chmod:["write",1,!1],copyFile:["write",2,!0],cp:["write",2,!0],link:["write",2,!0],lstat:["read",1,!1],mkdir:["write",1,!0],mkdtemp:["write",1,!0],open:["read",1,!1],opendir:["read",1,!1],readFile:["read",1,!1],readdir:["read",1,!1],readlink:["read",1,!1],realpath:["read",1,!1],rename:["write",2,!0],rm:["write",1,!0],rmdir:["writ\
e",1,!0],stat:["read",1,!1],symlink:["write",2,!0],truncate:["write",1,!1],unlink:["write",1,!0],utimes:["write",1,!1],writeFile:["write",1,!0]},Qt={appendFile:"write",read:"read",readFile:"read",readv:"read",stat:"read",truncate:"write",write:"write",writeFile:"write",writev:"write"},R={writeFile:"w",appendFile:"a"}});var Et=S(require("node:module"),1);P();var De=S(require("node:crypto"),1),Me=require("node:module");P();var ae=Date,Q=16777619,H=0,Re=!1;function D(e){e!==void 0&&e>H&&(H=e)}function M(){return H}function _e(e){Re=e}function ue(){return Re||E()===void 0?H:++H}var q=class{constructor(t){this.seed(t)}seed(t){let[n,r,o,i]=[2166136261,16777619,3735928559,625341585];for(let f=0;f<t.length;f++){let a=t.charCodeAt(f);n=Math.imul(n^a,Q),r=Math.
imul(r^a+1,Q),o=Math.imul(o^a+2,Q),i=Math.imul(i^a+3,Q)}this.a=n,this.b=r,this.c=o,this.d=i;for(let f=0;f<12;f++)this.next()}next(){let{a:t,b:n,c:r,d:o}=this,i=t+n+o|0;return this.d=o+1|0,this.a=n^n>>>9,this.b=r+(r<<3)|0,this.c=(r<<21|r>>>11)+i|0,i>>>0}fraction(){return(this.next()*2**21+(this.next()>>>11))/2**53}fill(t){for(let n=0;n<t.length;n++)t[n]=this.next()&255;return t}},ve=new q("backgrou\
nd");function C(){let e=se();return E()?.actor.random??(e?.dead?e.random:ve)}function Ce(e){ve.seed(`${e}:background`)}function de(e,t=0,n=void 0){let r=ArrayBuffer.isView(e)?new Uint8Array(e.buffer,e.byteOffset,e.byteLength):new Uint8Array(e);return C().fill(r.subarray(t,n===void 0?void 0:t+n)),e}function Pe(){let e=C().fill(new Uint8Array(16));e[6]=e[6]&15|64,e[8]=e[8]&63|128;let t=Buffer.from(e).
toString("hex");return`${t.slice(0,8)}-${t.slice(8,12)}-${t.slice(12,16)}-${t.slice(16,20)}-${t.slice(20)}`}function Mt(){let e=new Proxy(ae,{construct:(t,n,r)=>Reflect.construct(t,n.length===0?[ue()]:n,r===e?t:r),apply:()=>new ae(ue()).toString(),get:(t,n)=>n==="now"?ue:Reflect.get(t,n)});ae.prototype.constructor=e,globalThis.Date=e}function Rt(){Math.random=()=>C().fraction();let e=De.default;e.
randomBytes=(n,r)=>{let o=Buffer.from(C().fill(new Uint8Array(n)));return r===void 0?o:void process.nextTick(r,null,o)},e.randomFillSync=de,e.randomFill=(n,...r)=>{let o=r.pop();process.nextTick(o,null,de(n,...r))},e.randomInt=(...n)=>{let r=typeof n.at(-1)=="function"?n.pop():void 0,[o,i]=n.length>1?n:[0,n[0]],f=o+Math.floor(C().fraction()*(i-o));return r===void 0?f:void process.nextTick(r,null,f)},
e.randomUUID=Pe;let t=Object.getPrototypeOf(globalThis.crypto);t.getRandomValues=de,t.randomUUID=Pe}function He(){Mt(),Rt(),(0,Me.syncBuiltinESMExports)()}function vt(e){if(typeof e=="number")return e;if(e instanceof Date)return(e.getTime()-M())/1e3}var Ct=4;function qe(e,t=1){let n=e.cause??(Array.isArray(e.errors)?e.errors[0]:void 0);if(n==null)return;if(typeof n!="object")return String(n);let r=n.code===void 0||String(n.message).includes(n.code)?"":` (${n.code})`,o=t<Ct?qe(n,t+1):void 0;return n.message===e.message&&!r?o:`${n.name??"Error"}: ${n.
message}${r}${o?`, caused by ${o}`:""}`}function Z(e,t){if(e===null||typeof e!="object")return{name:"Error",message:String(e)};let{status:n,code:r}=e;return{name:String(e.name??"Error"),message:String(e.message??e),status:typeof n=="number"?n:void 0,code:r==null?void 0:String(r),retryAfter:vt(e.retryAfter),cause:qe(e),stack:t&&typeof e.stack=="string"?e.stack:void 0}}var ge=S(require("node:path"),1),et=require("node:url");var Ge=S(require("node:net"),1);P();var Ve=()=>({request:e=>({replies:1,handshake:!1,describe:()=>({label:`write ${e.length} bytes`,access:"unknown",keys:[]})}),replies:()=>Number.POSITIVE_INFINITY}),le=class{constructor(t,n){this.socket=t,this.talk=n,this.expected=[],this.waiting=0,this.holder=void 0,this.behind=[],this.owner=void 0;let r=t.push;t.push=(o,i)=>o!==null&&this.receive(o)?(this.closed(),
t.destroy(he()),!1):r.call(t,o,i),t.prependListener("error",()=>this.closed()),t.once("close",()=>this.closed())}call(){return E()??(this.owner?.live?this.owner:void 0)}expect(t,n,r=!1){t.replies>0?this.expected.push({request:t,operation:n,left:t.replies,cut:r}):n!==null&&j(n)}receive(t){if(this.expected.some(r=>r.cut))return!0;let n=this.talk.replies(t);if(typeof n!="number"){for(let r of n)this.
take(this.expected.findIndex(o=>o.request.ids?.includes(r)));return!1}for(let r=n;r>0&&this.expected.length>0;r--)this.take(0);return!1}take(t){if(t<0)return;let n=this.expected[t];--n.left>0||(this.expected.splice(t,1),n.operation!==null&&j(n.operation))}moveUp(){for(;this.waiting===0&&this.behind.length>0;)this.behind.shift()?.()}closed(){for(let{operation:t}of this.expected.splice(0))t!==null&&
j(t)}},G=Symbol("channel");function he(){return Object.assign(new Error("read ECONNRESET"),{code:"ECONNRESET",errno:-104,syscall:"read"})}function Je(e,t){let n=Ge.default.Socket.prototype,{_writeGeneric:r,write:o,connect:i}=n,f=new Set(e.map(String)),a=Symbol("path");function w(u){if(u[G]!==void 0)return u[G];let p=u[a]??u.remotePort,d=p!==void 0&&(f.size===0||f.has(String(p)));return u[G]=d?new le(u,t()):null,u[G]}n.connect=
function(...p){let d=Array.isArray(p[0])?p[0][0]:p[0],y=typeof d=="string"&&!/^\d+$/.test(d)?d:d?.path;return typeof y=="string"&&(this[a]=y),i.apply(this,p)},n.write=function(p,d,y){let s=this[G];return s&&(s.owner=E()??s.owner),o.call(this,p,d,y)},n._writeGeneric=function(p,d,y,s){if(this.connecting)return r.call(this,p,d,y,s);let c=w(this);if(c===null)return r.call(this,p,d,y,s);let b=c.call(),
l=c.talk.request(Ht(p,d,y,b?.gated)),m=l.handshake?void 0:b,g=this;if(m===void 0){let x=()=>{c.expect(l,null),r.call(g,p,d,y,s)};c.waiting>0||c.behind.length>0?c.behind.push(x):x();return}let h={call:m,describe:l.describe,cuts:!0,perform:(x,_)=>{if(x&&c.waiting--,g.destroyed){j(h),x&&c.moveUp();return}if(_==="before"){j(h),x||N?g.destroy(he()):s(he());return}c.expect(l,h,_==="after"),r.call(g,p,d,
y,x||N?k:s),x&&c.moveUp()}},k=x=>{x&&g.destroy(x)},N=!1,B=()=>{N=!0,s()};if(c.behind.length>0||c.waiting>0&&c.holder!==m.actor){c.behind.push(Be(h,()=>{c.waiting++,c.holder=m.actor,F(h)&&c.waiting--})),B();return}c.waiting++,c.holder=m.actor,F(h)?c.waiting--:B()}}function Ht(e,t,n,r){return e?Buffer.concat(t.map(o=>{let i=o.chunk??o;return typeof i=="string"?Buffer.from(i,o.encoding):i})):typeof t!="string"?t:Buffer.from(t,n)}var Ze=async()=>(await import("./mysql.mjs")).mysql,en={mariadb:Ze,mongodb:async()=>(await import("./mongodb.mjs")).mongodb,mysql:Ze,postgres:async()=>(await import("./postgres.mjs")).postgres,redis:async()=>(await import("./redis.mjs")).redis};function tn(e){return Object.values(e).flatMap(t=>typeof t!="string"?[]:t.startsWith("file:///")?[ge.default.dirname((0,et.fileURLToPath)(t))]:ge.default.isAbsolute(
t)?[t]:[])}async function tt(e,t){for(let n of e.gates??["net"])switch(n){case"net":Je(e.ports??[],await en[e.protocol??""]?.()??Ve);break;case"fs":(await Promise.resolve().then(()=>(Qe(),Ye))).patch(e.paths??tn(e.options??{}));break;case"libsql":await(await import("./libsql.mjs")).patch(t);break;case"call":break;default:throw new Error(`this host has no gates for ${n}`)}}var rt=require("node:util");P();var nn={log:"info",info:"info",debug:"debug",trace:"debug",dir:"info",warn:"warn",error:"error"},rn=[[50,"error"],[40,"warn"],[30,"info"],[0,"debug"]];function on(e,t){let n=/^\{.*"level":\s*(?:(\d+)|"(\w+)")/.exec(e),r=n?.[1];if(r!==void 0)return rn.find(([i])=>Number(r)>=i)[1];let o=n?.[2]??/\b(?:workflow:[\w-]+:)(debug|info|warn|error)\b/.exec(e)?.[1]??/^\s*\[?(debug|info|warn|warning|error|fatal)\]?[:\s]/i.
exec(e)?.[1];if(o!==void 0){let i=o.toLowerCase();return i==="fatal"||i==="error"?"error":i.startsWith("warn")?"warn":i==="debug"?"debug":"info"}return/^\(node:\d+\) /.test(e)?"warn":/^(?:Uncaught )?\w*Error\b/.test(e)?"error":t}function nt(e,t){return/^\[Workflow\]|\bworkflow:[\w-]+:/.test(e)?"runtime":t}function ot(e){for(let[t,n]of Object.entries(nn))console[t]=(...r)=>{let o=E(),i=(0,rt.format)(
...r);e(n,nt(i,o===void 0?"console":"world"),i,o?.actor.name)};for(let[t,n]of[[process.stdout,"info"],[process.stderr,"warn"]])t.write=((r,o,i)=>{let f=typeof r=="string"?r:Buffer.from(r).toString("utf8"),a=E()?.actor.name;for(let u of f.split(`
`))u.trim()!==""&&e(on(u,n),nt(u,"process"),u,a);let w=typeof o=="function"?o:i;return typeof w=="function"&&process.nextTick(w),!0})}var it=Date;function L(e,t=0){if(e===null||typeof e=="string"||typeof e=="number"||typeof e=="boolean")return e;if(typeof e=="bigint")return Number.isSafeInteger(Number(e))?Number(e):String(e);if(typeof e!="object")return;if(t>200)throw new TypeError("a value is too deep, or holds itself, and cannot be sent");if(e instanceof it)return Number.isNaN(e.getTime())?null:{$date:it.prototype.toISOString.
call(e)};if(Array.isArray(e))return e.map(o=>L(o,t+1)??null);if(ArrayBuffer.isView(e))return{$bytes:Buffer.from(e.buffer,e.byteOffset,e.byteLength).toString("base64")};if(e instanceof ArrayBuffer)return{$bytes:Buffer.from(e).toString("base64")};if(typeof e.toJSON=="function")return L(e.toJSON(),t+1);if(e instanceof Map)return L(Object.fromEntries(e),t+1);if(e instanceof Set)return L([...e],t+1);let n,
r=!1;for(let o of Object.keys(e)){let i=L(e[o],t+1);i!==void 0&&o.startsWith("$")&&(r=!0),i!==e[o]&&((n??={...e})[o]=i)}return r?{$object:n??e}:n??e}function te(e){if(e===null||typeof e!="object")return e;if(Array.isArray(e))return e.map(te);if(typeof e.$bytes=="string")return new Uint8Array(Buffer.from(e.$bytes,"base64"));if(typeof e.$date=="string")return new Date(e.$date);let t=e.$object??e;for(let n of Object.
keys(t))t[n]=te(t[n]);return t}var J=require("node:async_hooks"),ct=S(require("node:path"),1),ft=require("node:url"),cn=60,fn=400,an=8,we=new Map,V=["",""],ne,at=0;function ye(){let e=Error.stackTraceLimit;Error.stackTraceLimit=cn;let t={};return Error.captureStackTrace(t,ye),Error.stackTraceLimit=e,t}var ut=(0,J.createHook)({init(e,t,n){we.set(e,{error:ye(),trigger:n,execution:(0,J.executionAsyncId)()})}});function st(e){return(e??
"").split(`
`).flatMap(un)}function un(e){let t=V.find(w=>e.includes(w));if(t===void 0)return[];let n=e.slice(e.indexOf(t)+t.length+1),r=/^(.*?)(?:\?[^:]*)?:(\d+):(\d+)/.exec(n);if(r===null||n.includes("node_modules/"))return[];let o=t===V[0]?r[1]:decodeURI(r[1]),i=ct.default.join(V[0],o),f=`${o}:${r[2]}`;return[{line:ne?.original(V[0],i,Number(r[2]),Number(r[3]))??f,compiled:f,helps:ne?.isShared(i)??!1}]}function dt(){
let e=st(ye().stack),t=[(0,J.executionAsyncId)()],n=new Set(t);for(let a=t.shift();a!==void 0&&n.size<fn&&!e.some(u=>!u.helps);a=t.shift()){let w=we.get(a);if(w!==void 0){e.push(...st(w.error.stack));for(let u of[w.trigger,w.execution])n.has(u)||t.push(u),n.add(u)}}let r=e.find(a=>!a.helps)??e[0];if(r===void 0)return;let o=e.indexOf(r),i=e.filter((a,w)=>w<=o||!a.helps),f=[...new Set(i.map(({line:a})=>a))].
slice(-an);return{where:r.line,compiled:r.line===r.compiled?void 0:r.compiled,frames:f.length>1?f:void 0}}function lt({folder:e,entry:t},n){V=[e,(0,ft.pathToFileURL)(e).href],ne=n,ne?.beginAt(t)}function ht(){at++===0&&ut.enable()}function pt(){--at>0||(ut.disable(),we.clear())}var wt=S(require("node:fs"),1),yt=S(require("node:net"),1);var mt=10,{readSync:dn,writeSync:ln,openSync:hn}=wt.default,{setTimeout:pn}=globalThis,mn=5;function gn(e){for(let t of[`/proc/self/fd/${e}`,`/dev/fd/${e}`])try{return hn(t,"r")}catch{continue}return e}var wn=new Int32Array(new SharedArrayBuffer(4));function gt(){Atomics.wait(wn,0,0,.2)}var re=class{constructor(t,n){this.inFd=t,this.outFd=n,this.blockingFd=gn(t),this.chunk=Buffer.allocUnsafe(65536),
this.rest=[],this.lines=[],this.returned=[],this.scheduled=!1,this.unsent="",this.due=void 0,this.handle=()=>{}}listen(t){this.handle=t;let n=(f,a)=>(this.feed(Buffer.from(a.buffer,a.byteOffset,f)),this.scheduled||this.next(),!0),r={buffer:Buffer.allocUnsafeSlow(65536),callback:n},o=new yt.default.Socket({fd:this.inFd,readable:!0,writable:!1,onread:r}),i=()=>process.exit(0);o.on("end",i),o.on("err\
or",i)}next(){this.scheduled=!1;let t=this.returned.shift()??this.queued();t!==void 0&&(this.schedule(),this.handle(t))}schedule(){this.scheduled||this.returned.length+this.lines.length===0||(this.scheduled=!0,setImmediate(()=>this.next()))}putBack(t){this.returned.push(...t),this.schedule()}queued(){let t=this.lines.shift();return t===void 0?void 0:this.parse(t)}take(){for(;;){let t=this.queued();
if(t!==void 0)return t;let n=0;try{n=dn(this.blockingFd,this.chunk,0,this.chunk.length,null)}catch(r){let o=r.code;if(o==="EAGAIN"){gt();continue}if(o!=="EOF")throw r}n===0&&process.exit(0),this.feed(this.chunk.subarray(0,n))}}feed(t){let n=0;for(let r=t.indexOf(mt);r>=0;r=t.indexOf(mt,n)){let o=t.toString("utf8",n,r);this.rest.length>0&&(o=Buffer.concat([...this.rest,t.subarray(n,r)]).toString("u\
tf8"),this.rest=[]),this.lines.push(o),n=r+1}n<t.length&&this.rest.push(Buffer.from(t.subarray(n)))}parse(t){let n=JSON.parse(t);return t.includes('"$')?te(n):n}send(t,n=!1){this.unsent+=JSON.stringify(t)+`
`,n?this.due??=pn(()=>{this.due=void 0,this.flush()},mn):this.flush()}flush(){let t=Buffer.from(this.unsent);this.unsent="";let n=0;for(;n<t.length;)try{n+=ln(this.outFd,t,n,t.length-n)}catch(r){let o=r.code;if(o==="EPIPE"&&process.exit(0),o!=="EAGAIN")throw r;gt()}}};function bt(e,t){for(let n of["uncaughtException","unhandledRejection"])process.on(n,r=>{let o=r instanceof Error?r.stack??String(r):
String(r);e.send({type:"log",level:"error",origin:"process",text:`${n}: ${o}`})});process.on("SIGINT",()=>{}),e.listen(t)}var I=S(require("node:fs"),1),O=S(require("node:path"),1),kt=require("node:url");function yn(e){return JSON.parse(I.default.readFileSync(e,"utf8"))}function ke(e){if(typeof e=="string")return e;if(Array.isArray(e))return e.map(ke).find(t=>t!==void 0);if(!(e===null||typeof e!="object"))for(let[t,n]of Object.entries(e)){if(!["import","node","module-sync","default"].includes(t))continue;let r=ke(n);if(r!==
void 0)return r}}function bn(e){for(let t=e;;t=O.default.dirname(t)){if(I.default.existsSync(O.default.join(t,"package.json")))return t;if(t===O.default.dirname(t))return e}}function be(e,t="."){let{name:n,version:r,exports:o,main:i}=yn(O.default.join(e,"package.json")),a=Object.keys(Object(o)).some(u=>u.startsWith("."))?o[t]:o,w=ke(a)??(t==="."?i??"index.js":t);return{folder:e,entry:O.default.join(
e,w),name:n??O.default.basename(e),version:r??""}}function xt(e,t=process.cwd()){if(O.default.isAbsolute(e)){let i=I.default.realpathSync(e);if(I.default.statSync(i).isDirectory())return be(i);let f=bn(O.default.dirname(i));return I.default.existsSync(O.default.join(f,"package.json"))?{...be(f),entry:i}:{folder:f,entry:i,name:O.default.basename(i),version:""}}let n=e.split("/"),r=n.slice(0,e.startsWith(
"@")?2:1).join("/"),o=[".",...n.slice(r.split("/").length)].join("/");for(let i=O.default.resolve(t);;i=O.default.dirname(i)){let f=O.default.join(i,"node_modules",r);if(I.default.existsSync(O.default.join(f,"package.json")))return be(I.default.realpathSync(f),o);if(i===O.default.dirname(i))throw new Error(`the package ${r} is not installed under ${t}`)}}function kn(e){let t=Object.keys(Object(e)).
filter(n=>/^create\w+World$/.test(n));return t.length===1?t:[]}async function St(e,t,n,r){let o=await import(`${(0,kt.pathToFileURL)(e.entry)}${n}`),i=t.factory===void 0?["createWorld","default"]:[t.factory];r();for(let a of[o,o.default])for(let w of t.factory===void 0?[...i,...kn(a)]:i){let u=a?.[w];if(typeof u=="function")return await u(t.options??{});if(typeof u?.events?.create=="function")return u}
let f=Object.keys(o).slice(0,10).join(", ")||"nothing";throw new Error(`${e.name} exports no ${i.join(" or ")} that makes a World; it exports ${f}`)}function oe(e,t){try{return e?.[t]}catch(n){console.warn(`reading ${t} of the World failed:`,n);return}}async function Ot(e){try{typeof e?.close=="function"&&await e.close()}catch(t){console.warn("closing the World failed:",t)}}async function xe(e,t,n){
if(t.startsWith("stream."))return await(await import("./streams.mjs")).performStream(e,t,n);let r=t.split("."),o=r.pop(),i=r.reduce((f,a)=>f?.[a],e);if(typeof i?.[o]!="function")throw Object.assign(new Error(`the World has no ${t}`),{name:"NotImplemented",code:"NOT_IMPLEMENTED"});return await i[o](...n)}async function $t(e,t){let n=Array.from({length:t},()=>xe(e,"runs.get",["wrun_00000000000000000\
000000000"]));return await Promise.allSettled(n)}var $=new re(Number(process.env.WORLD_HOST_IN??3),Number(process.env.WORLD_HOST_OUT??4));delete process.env.WORLD_HOST_IN;delete process.env.WORLD_HOST_OUT;Buffer.poolSize=1024;var W=new Map,jt=new Map,Tt=!1,Se=new Map,z,xn;var Sn;var On,$n=(e,t,n,r)=>{if(Ae())return;let o=xn?.isByDesign(e,t,n)||void 0;r??=W.size===1?[...W.keys()][0]:void 0,$.send({type:"log",level:e,origin:t,text:n,actor:r,byDesign:o})};ot($n);var Nt={blocking:!0,report(e,t,n){let{call:r}=e;this.blocking||Se.set(t,r.actor);let o=e.describe(),{cuts:i,rest:f,origin:a}=e,w={cut:i,rest:f,...a,passed:n||void 0,clock:M()};$.send({type:"gate",gate:t,call:r.id,actor:r.
actor.name,...o,...w},n)},pass(e){D(M()+e)},wait(e){let t=[];for(;;){let n=$.take();if(n.type==="close"&&At(n.id),n.type==="go"&&n.gate===e)return $.putBack(t),D(n.clock),{cut:n.cut,ahead:n.ahead};t.push(n)}},finish(e){e.stacks&&pt(),jt.delete(e.id);let t=En(e),n=e.next?.(t),r=n!==void 0;$.send({...t,id:e.id,more:r||void 0,clock:M()},r),n?.()},waits(e){e.gated&&$.send({type:"waits",call:e.id,actor:e.
actor.name})},where:dt};Te(Nt);function En({outcome:e,stacks:t}){let{value:n,error:r}=e??{};if(r!==void 0)return{type:"error",error:Z(r.thrown,t)};try{return{type:"result",value:L(n)??null}}catch(o){return{type:"error",error:{...Z(o,!0),code:"UNSENDABLE"}}}}function At(e){$.send({type:"done",id:e}),process.exit(0)}function Bt(e,t){D(t),Ce(String(e));for(let n of W.values())n.random.seed(`${e}:${n.
name}`)}async function jn({id:e,world:t,actors:n,seed:r,clock:o}){try{Nt.blocking=n.length===1;let i=W.size>0;for(let d of n)W.set(d,new X(d,new q("")));Bt(r,o),i||He(),process.env.PGAPPNAME??=`world-host-${process.pid}`;let f=xt(t.module,t.root);lt(f),i||await tt(t,f.folder),Tt=t.gates?.includes("call")??!1;let a;for(let d of W.values()){if(a===void 0||!t.shared){let y=()=>$.send({type:"opening",
id:e,doing:"world"}),s=d.name===n[0]?Sn?.copy()??"":`?actor=${d.name}`;a=await ce(d).run(()=>St(f,t,s,y))}d.world=a,$.send({type:"opening",id:e,doing:"read"}),await ce(d).run(()=>$t(a,t.warm??2))}$.send({type:"opening",id:e,doing:"host"}),Et.flushCompileCache?.();let w=oe(a,"specVersion"),u=Object.entries(oe(a,"capabilities")??{}).filter(([,d])=>d===!0);typeof oe(a,"events")?.createBatch=="functio\
n"&&u.push(["createBatch",!0]);let p={type:"opened",id:e,name:f.name,version:f.version,specVersion:Number.isSafeInteger(w)?w:void 0,capabilities:u.map(([d])=>d),platform:`node ${process.versions.node}`,runtime:z&&{version:z.version,dialect:z.dialect,inline:z.inline||void 0}};$.send(p)}catch(i){$.send({type:"failed",id:e,error:Z(i,!0)})}}function Tn({id:e,actor:t,op:n,args:r,gated:o,stacks:i,ahead:f,clock:a},w){D(a);let u=W.get(t);if(u===void 0)return $.send({type:"error",id:e,error:{name:"HostError",message:`no actor ${t} is open here`}});let p=new v(e,u,o===!0,i===!0);p.ahead=f,p.next=w,p.stacks&&ht(),jt.set(e,p);let d=n.startsWith("runtime.")?z:void 0;p.ordered=d!==void 0;let y=()=>p.run(()=>(d?.perform(n,r)??xe(u.world,n,r)).then(
c=>p.settle({value:c}),c=>p.settle({error:{thrown:c}})));if(!p.gated||!Tt||d)return void y();let s={call:p,origin:p.stacks?On?.definition(u.world,n):void 0,describe:()=>({label:[n,r[1]?.eventType].filter(Boolean).join(" "),access:"unknown",keys:[]}),perform:()=>{j(s),y()}};F(s)}async function Nn(e){for(let{world:t,dead:n}of W.values())n||await Ot(t);At(e)}function An(e){switch(e.type){case"call":return Tn(e);case"go":{let t=Se.get(e.gate);return D(e.clock),t===void 0?void 0:(Se.delete(e.gate),Ue(t,e.cut))}case"reset":return Bt(e.seed,e.clock),_e(e.still===!0),$.send({type:"done",id:e.id},!0);case"open":return void Ne(()=>jn(e));case"close":return void Nn(e.id);default:}}bt($,An);
}
