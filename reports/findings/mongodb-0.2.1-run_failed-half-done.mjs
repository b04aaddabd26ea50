/**
 * @workflow-worlds/mongodb@0.2.1: Two handlers end one run, one fails it
 *
 * The message whose replay throws is delivered to every actor.
 *
 * WRONG the events say run1 is running; the database says failed
 * RULE  log.folds: the events of a run and the stored run and steps say the same
 * KIND  half done. A process dies or loses its connection between the writes of one transition: it is left
 *       half done.
 * FIX   Write what belongs to one transition in one atomic operation, or so that it can be written again.
 * WHERE in the package, in the order of the schedule: src/storage.ts:246 (dist/storage.js:157),
 *       src/storage.ts:252 (dist/storage.js:162), src/storage.ts:807 (dist/storage.js:640), src/storage.ts:828
 *       (dist/storage.js:656)
 *
 * Run it beside the installed package:
 *
 *     npm i @workflow-worlds/mongodb@0.2.1
 *     MONGODB_URL=mongodb://localhost:27017 node repro.mjs
 *
 * Use a mongodb for tests: what the run stores there, it leaves there.
 * Exit status 1: it is wrong, as said above. 0: what came of it is right. 2: it could not be run.
 *
 *     WORLD_PACKAGE=../checkout node repro.mjs     the same against a checkout of the package
 *     SCHEDULE=A node repro.mjs                    the same calls, one actor after the other
 *
 * How: each actor is a process with a World of its own. Each I/O operation of a racing call waits until it is
 * let go, in this order: aA6bB (A2B is: an operation of A, another one, one of B; a small letter is where an
 * actor begins).
 * Written by workflow-world-conformance 0.1.0. The suite sees it again with:
 *
 *     pytest --world=mongodb '--world-replay=run_failed/handlers/failing-message-twice+faults?faults=lose@5/aA6bB'
 */

// ---- What was recorded ----

/** The ids of this run; those that are empty are minted by the World. */
const id = { run1: '', step1: 'step_01KDVE1KKZ8A4PHVB76SC3CBSC' };

const WORLD = {
  package: '@workflow-worlds/mongodb',
  version: '0.2.1',
  options: { mongoUrl: '{service.url}', databaseName: '{namespace}' },
  env: {},
  setup: null,
  service: { variable: 'MONGODB_URL', url: 'mongodb://localhost:27017', port: 27017 },
  host: { gates: ['net'], protocol: 'mongodb', factory: 'createWorld', shared: false, warm: 4 },
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
        eventData: { deploymentId: 'conformance', workflowName: 'failing_workflow', input: asStored([1, 'x']) },
      },
    ],
    answer: 'success',
    gives: { run1: 'run.runId' },
  },
  {
    actor: '-', op: 'events.create', says: 'before: run_started', at: 13,
    args: () => [id.run1, { specVersion: 2, eventType: 'run_started' }],
    answer: 'success',
  },
  {
    actor: '-', op: 'events.create', says: 'before: step_created step1', at: 28,
    args: () => [
      id.run1,
      {
        specVersion: 2,
        eventType: 'step_created',
        correlationId: id.step1,
        eventData: { stepName: 'work', workflowName: 'failing_workflow', input: asStored([0, 'x']) },
      },
    ],
    answer: 'success',
  },
  {
    actor: '-', op: 'events.create', says: 'before: step_started step1', at: 43,
    args: () => [
      id.run1,
      {
        specVersion: 2,
        eventType: 'step_started',
        correlationId: id.step1,
        eventData: { stepName: 'work' },
      },
    ],
    answer: 'success, attempt 1',
  },
  {
    actor: '-', op: 'events.create', says: 'before: step_completed step1', at: 58,
    args: () => [
      id.run1,
      {
        specVersion: 2,
        eventType: 'step_completed',
        correlationId: id.step1,
        eventData: {
          stepName: 'work',
          workflowName: 'failing_workflow',
          result: asStored({ step: 'work', args: [0, 'x'] }),
        },
      },
    ],
    answer: 'success',
  },
];

/** What raced. Above each call: what it did when it was recorded, and where in the package. */
const RACE = {
  A: [
    // find runs {runId: run1}  src/storage.ts:246
    // update runs {runId: run1}  src/storage.ts:252
    // insert events {specVersion: 2, eventType: run_started, runId: run1}  src/storage.ts:807
    {
      actor: 'A', op: 'events.create', says: 'A: run_started', at: 73,
      args: () => [id.run1, { specVersion: 2, eventType: 'run_started' }],
      answer: 'success',
    },
    // find events {runId: run1}  src/storage.ts:828
    {
      actor: 'A', op: 'events.list', says: 'A: events.list', at: 385,
      args: () => [{ runId: id.run1, pagination: { sortOrder: 'asc' } }],
    },
    // find runs {runId: run1}  src/storage.ts:246
    // update runs {runId: run1}  src/storage.ts:252
    {
      actor: 'A', op: 'events.create', says: 'A: run_failed', at: 488,
      args: () => [
        id.run1,
        {
          specVersion: 2,
          eventType: 'run_failed',
          eventData: { error: { message: 'the workflow throws' }, errorCode: 'USER_ERROR' },
        },
      ],
      answer: 'unexpected error MongoNetworkError',
    },
  ],
  B: [
    // find runs {runId: run1}  src/storage.ts:246
    {
      actor: 'B', op: 'events.create', says: 'B: run_started', at: 697,
      args: () => [id.run1, { specVersion: 2, eventType: 'run_started' }],
      answer: 'conflict',
    },
  ],
};

/** Whose operation went ahead, in order. */
const SCHEDULE = 'aA6bB';

/** What goes wrong in the race: with which operation, counted over all actors from 0. */
const FAULTS = [
  {
    at: 5,
    kind: 'lose',
    says: 'this operation is made, and the connection is cut before the answer comes',
  },
];

/** What came after the race, alone. */
const AFTER = [
  {
    actor: '-', op: 'events.create', says: 'afterwards: run_started', at: 5697,
    args: () => [id.run1, { specVersion: 2, eventType: 'run_started' }],
    answer: 'conflict',
  },
];

/** What is looked at in the end. */
const RUNS = ['run1'];
const TOKENS = [];

/** The World's logical clock begins here, in ms since 1970. */
const START = 1767226003057;

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
  'A: run_failed': 'unexpected error MongoNetworkError',
  'B: run_started': 'conflict',
  'afterwards: run_started': 'conflict',
  run1: 'failed',
  step1: 'completed, attempt 1, result {"args":[0,"x"],"step":"work"}',
  'log of run1: run_created': '1 x',
  'log of run1: run_started': '1 x',
  'log of run1: step_created step1': '1 x',
  'log of run1: step_started step1': '1 x',
  'log of run1: step_completed step1': '1 x',
  'startedAt of run1': '1 value',
};
const BROKEN = 'the events say run1 is running; the database says failed';

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
var Lt=Object.create;var te=Object.defineProperty;var Bt=Object.getOwnPropertyDescriptor;var Mt=Object.getOwnPropertyNames;var Wt=Object.getPrototypeOf,Dt=Object.prototype.hasOwnProperty;var ne=(e,t,n)=>()=>{if(n)throw n[0];try{return e&&(t=e(e=0)),t}catch(r){throw n=[r],r}};var _t=(e,t)=>{for(var n in t)te(e,n,{get:t[n],enumerable:!0})},Ft=(e,t,n,r)=>{if(t&&typeof t=="object"||typeof t=="function")for(let o of Mt(t))!Dt.call(e,o)&&o!==n&&te(e,o,{get:()=>t[o],enumerable:!(r=Bt(t,o))||r.enumerable});return e};var g=(e,t,n)=>(n=e!=null?Lt(Wt(e)):{},Ft(t||!e||!e.__esModule?te(n,"default",{value:e,enumerable:!0}):n,e));function L(e,t=0){let n=Math.min(t+e.readInt32LE(t),e.length)-1,r={},o=t+4;for(;o<n;){let s=e[o],i=e.indexOf(0,o+1),c=e.toString("utf8",o+1,i),[d,f]=zt(e,s,i+1);if(r[c]=d,f<0)break;o=i+1+f}return r}function zt(e,t,n){switch(t){case 1:return[e.readDoubleLE(n),8];case 2:return[e.toString("utf8",n+4,n+3+e.readInt32LE(n)),4+e.readInt32LE(n)];case 3:return[L(e,n),e.readInt32LE(n)];case 4:return[Object.
values(L(e,n)),e.readInt32LE(n)];case 5:return["…",5+e.readInt32LE(n)];case 6:case 10:return[null,0];case 7:return[new S(e.toString("hex",n,n+12)),12];case 8:return[e[n]===1,1];case 9:case 17:return["…",8];case 11:{let r=e.indexOf(0,n),o=e.indexOf(0,r+1);return[`/${e.toString("utf8",n,r)}/`,o+1-n]}case 16:return[e.readInt32LE(n),4];case 18:return[Number(e.readBigInt64LE(n)),8];case 19:return["\
…",16];default:return["…",-1]}}var S,de=ne(()=>{S=class{constructor(t){this.hex=t}toString(){return this.hex}}});function he(e){if(typeof e=="string"&&e!=="…"&&e.length<=Vt)return e;if(e instanceof S)return e.hex;if(e!==null&&typeof e=="object"&&Object.keys(e).join()==="$eq")return he(e.$eq)}function $(e){let t={};if(e===null||typeof e!="object")return t;for(let[n,r]of Object.entries(e)){n==="$and"&&Array.isArray(r)&&Object.assign(t,...r.map($));let o=n.startsWith("$")?void 0:he(r);o!==void 0&&(t[n]=o)}return t}
function le(e){let t={};for(let[n,r]of Object.entries(e)){let o=typeof r=="string"||r instanceof S?he(r):void 0;o!==void 0&&(t[n]=o)}return t}function ze(e,t,n,r){let o=$(t);if(n===null||typeof n!="object"||Array.isArray(n))return[{collection:e,sets:!0}];if(Object.keys(n).some(i=>i.startsWith("$"))){let i=Object.values(n).flatMap(u=>Object.keys(u??{})),c=Object.values(n.$rename??{}).map(String),d=[
...new Set([...i,...c].map(u=>u.split(".")[0]))],f=[{collection:e,filter:o,sets:d}];return r&&f.push({collection:e,document:{...o,...le({...n.$setOnInsert,...n.$set})}}),f}let s="_id"in o?{_id:o._id}:{};return[{collection:e,filter:o,replaces:{...s,...le(n)},upsert:r}]}function Ve(e,t,n){let r=[{collection:t}];if([n,...n.updates??[],...n.deletes??[]].some(s=>"collation"in s||"let"in s))return r;switch(e){case"\
find":return[{collection:t,filter:$(n.filter)}];case"count":case"distinct":return[{collection:t,filter:$(n.query)}];case"aggregate":return[{collection:t,filter:$(n.pipeline?.[0]?.$match)}];case"insert":return(n.documents??[]).map(s=>({collection:t,document:le(s)}));case"update":return(n.updates??[]).flatMap(s=>ze(t,s.q,s.u,s.upsert===!0));case"delete":return(n.deletes??[]).map(s=>({collection:t,filter:$(
s.q),removes:!0}));case"findAndModify":case"findandmodify":return n.remove===!0?[{collection:t,filter:$(n.query),removes:!0}]:ze(t,n.query,n.update,n.upsert===!0);default:return r}}var Vt,Je=ne(()=>{de();Vt=512});var Ye={};_t(Ye,{mongodb:()=>on});function Zt(e){let t=[];for(let n=0;n+B<=e.length;n+=Math.max(B,e.readInt32LE(n))){let r=Math.min(n+e.readInt32LE(n),e.length),o=e.readInt32LE(n+4),s=e.readInt32LE(n+12),i=s===pe?e.readUInt32LE(n+B):0,c=n+B,d=(i&Jt)===0;t.push({id:o,answered:d,name:tn(e,s,c,r),command:()=>en(e,s,c,r)})}return t}function en(e,t,n,r){if(t===Xe){let c=e.indexOf(0,n+4);return L(e,c+9)}
if(t!==pe)return{};let o={},s={},i=n+4;for(;i+5<=r;){let c=e.readInt32LE(i+1);if(e[i]===0)o=L(e,i+1);else{let d=e.indexOf(0,i+5),f=[];for(let u=d+1;u<i+1+c;u+=e.readInt32LE(u))f.push(L(e,u));s[e.toString("utf8",i+5,d)]=f}i+=1+c}return{...o,...s}}function tn(e,t,n,r){let o=-1;t===Xe&&(o=e.indexOf(0,n+4)+9);for(let s=n+4;t===pe&&o<0&&s+5<=r;s+=1+e.readInt32LE(s+1))e[s]===0&&(o=s+1);return o<0?"":e.toString(
"utf8",o+5,e.indexOf(0,o+5))}function nn(e){if(e===null||typeof e!="object")return"";let t=Object.entries(e).slice(0,3).map(([n,r])=>`${n}: ${r!==null&&typeof r=="object"&&!(r instanceof S)?"{…}":String(r).slice(0,60)}`);return t.length===0?"":` {${t.join(", ")}}`}function rn({command:e}){let t=e(),n=Object.keys(t)[0]??"unreadable message",r=n==="getMore"?t.collection:t[n],o=t.filter??t.query??t.
updates?.[0]?.q??t.deletes?.[0]?.q??t.pipeline?.[0]?.$match,{_id:s,...i}=t.documents?.[0]??{},d=typeof r=="string"?`${n} ${r}${nn(n==="insert"?i:o)}`:n,f=Qt.some(h=>JSON.stringify(t.pipeline??[]).includes(`"${h}":`)),u=t.pipeline?.some(h=>"$out"in h||"$merge"in h),a=Yt.has(n)||u?"write":Xt.has(n)?"read":"unknown";return!(a!=="unknown"&&typeof r=="string"&&!f&&!("startTransaction"in t))||t.autocommit===
!1?{label:d,access:a,keys:[]}:{label:d,access:a,keys:[r],statements:Ve(n,r,t)}}var Xe,pe,Jt,B,Xt,Yt,Kt,Qt,on,Ke=ne(()=>{de();Je();Xe=2004,pe=2013,Jt=2,B=16,Xt=new Set(["find","aggregate","count","distinct","getMore","listCollections","listIndexes","explain"]),Yt=new Set("insert update delete findAndModify findandmodify createIndexes dropIndexes create drop dropDatabase bulkWrite".split(" ")),Kt=new Set(
"hello ismaster isMaster saslStart saslContinue authenticate buildInfo ping endSessions killCursors".split(" ")),Qt=["$out","$merge","$lookup","$graphLookup","$unionWith"];on=()=>{let e=null;return{request(t){let n=Zt(t),r=n.filter(o=>o.answered).map(o=>o.id);return{replies:r.length,ids:r,handshake:n.every(o=>Kt.has(o.name)),describe:()=>{let o=n.map(rn);return o.length===1?o[0]:{label:o.map(s=>s.
label).join(", "),access:"unknown",keys:[]}}}},replies(t){let n=e===null?t:Buffer.concat([e,t]);e=null;let r=[],o=0;for(;o+B<=n.length;){let s=Math.max(B,n.readInt32LE(o));if(o+s>n.length)break;r.push(n.readInt32LE(o+8)),o+=s}return o<n.length&&(e=Buffer.from(n.subarray(o))),r}}}});var Et=g(require("node:module"),1);var Ee=require("node:async_hooks"),z=new Ee.AsyncLocalStorage,b,$e=0;function je(e){b=e}var G=class{constructor(t,n){this.name=t,this.random=n,this.world=void 0,this.inFlight=null,this.held=[],this.reported=0,this.turns=0,this.dead=!1}},_=class{constructor(t,n,r,o){this.id=t,this.actor=n,this.gated=r,this.stacks=o,this.next=void 0,this.ahead=void 0,this.ordered=!1,this.live=!0,this.open=0,this.arisen=
0,this.outcome=null,this.whenIdle=[]}close(){if(this.open--,this.open===0)for(let t of this.whenIdle.splice(0))setImmediate(t)}run(t){return z.run(this,t)}settle(t){this.outcome=t,this.check()}check(){if(this.outcome===null||this.open>0||!this.live||this.actor.dead)return;let t=this.arisen;Te(this.actor,()=>{if(!(!this.live||this.open>0)){if(this.arisen!==t)return void this.check();this.live=!1,b.
finish(this)}})}};function x(){let e=z.getStore();return e?.live?e:void 0}function Ie(e){return z.exit(e)}function oe(){return z.getStore()?.actor}function Ae(){return oe()?.dead===!0}function se(e){let t=new _(0,e,!1,!1);return t.live=!1,t}function F(e){let{call:t}=e,{actor:n}=t;if(t.open++,t.arisen++,!t.gated&&!t.ordered)return A(e,!1),!0;if(!t.gated&&re(n)&&n.held.length===0)return n.inFlight=e,A(e,!1),!0;if(t.stacks&&(e.origin??=b.where()),t.gated&&b.blocking&&re(n)&&n.held.length===0)return Be(n,e,!1),!0;if(e.first&&n.reported!==0)return A(e,!1),!0;let r=e.first?n.held.findIndex(o=>!o.first):-1;return n.held.splice(r<0?n.held.length:
r,0,e),Le(n),!1}function Ne(e,t){let{call:n}=e;return n.stacks&&(e.origin=b.where()),n.open++,b.waits(n),()=>{t(),n.open--}}function Rt(e){let{call:t}=e,n=++$e,{ahead:r}=t;b.report(e,n,!1);let o=b.wait(n);return t.ahead=o.ahead,o.cut}function k(e){if(e.answered)return;e.answered=!0;let{call:t}=e,{actor:n}=t;t.close(),n.inFlight===e&&(n.inFlight=null,n.held.length>0&&Te(n,()=>{})),t.check()}function re(e){return e.inFlight===null&&e.turns===0}function Te(e,t){e.turns++,setImmediate(()=>{e.turns--,t(),Le(e)})}function Le(e){
if(!(!re(e)||e.reported!==0||e.held.length===0)){if(!e.held[0].call.gated){e.inFlight=e.held.shift(),A(e.inFlight,!0);return}if(b.blocking){Be(e,e.held.shift(),!0);return}e.reported=++$e,b.report(e.held[0],e.reported,!1)}}function Be(e,t,n){e.inFlight=t;let r=Rt(t);e.dead||A(t,n,r)}function A(e,t,n){try{e.perform(t,n)}catch(r){throw k(e),r}}function Me(e,t){let n=e.held.shift();e.reported=0,e.inFlight=
n,A(n,!0,t)}var De=g(require("node:crypto"),1),_e=require("node:module");var ie=Date,V=16777619,U=0,Fe=!1;function N(e){e!==void 0&&e>U&&(U=e)}function T(){return U}function Re(e){Fe=e}function ce(){return Fe||x()===void 0?U:++U}var P=class{constructor(t){this.seed(t)}seed(t){let[n,r,o,s]=[2166136261,16777619,3735928559,625341585];for(let i=0;i<t.length;i++){let c=t.charCodeAt(i);n=Math.imul(n^c,V),r=Math.imul(r^c+1,V),o=Math.imul(o^c+2,V),s=Math.imul(s^c+3,V)}this.a=n,
this.b=r,this.c=o,this.d=s;for(let i=0;i<12;i++)this.next()}next(){let{a:t,b:n,c:r,d:o}=this,s=t+n+o|0;return this.d=o+1|0,this.a=n^n>>>9,this.b=r+(r<<3)|0,this.c=(r<<21|r>>>11)+s|0,s>>>0}fraction(){return(this.next()*2**21+(this.next()>>>11))/2**53}fill(t){for(let n=0;n<t.length;n++)t[n]=this.next()&255;return t}},Ue=new P("background");function R(){let e=oe();return x()?.actor.random??(e?.dead?e.
random:Ue)}function Pe(e){Ue.seed(`${e}:background`)}function fe(e,t=0,n=void 0){let r=ArrayBuffer.isView(e)?new Uint8Array(e.buffer,e.byteOffset,e.byteLength):new Uint8Array(e);return R().fill(r.subarray(t,n===void 0?void 0:t+n)),e}function We(){let e=R().fill(new Uint8Array(16));e[6]=e[6]&15|64,e[8]=e[8]&63|128;let t=Buffer.from(e).toString("hex");return`${t.slice(0,8)}-${t.slice(8,12)}-${t.slice(
12,16)}-${t.slice(16,20)}-${t.slice(20)}`}function Ut(){let e=new Proxy(ie,{construct:(t,n,r)=>Reflect.construct(t,n.length===0?[ce()]:n,r===e?t:r),apply:()=>new ie(ce()).toString(),get:(t,n)=>n==="now"?ce:Reflect.get(t,n)});ie.prototype.constructor=e,globalThis.Date=e}function Pt(){Math.random=()=>R().fraction();let e=De.default;e.randomBytes=(n,r)=>{let o=Buffer.from(R().fill(new Uint8Array(n)));
return r===void 0?o:void process.nextTick(r,null,o)},e.randomFillSync=fe,e.randomFill=(n,...r)=>{let o=r.pop();process.nextTick(o,null,fe(n,...r))},e.randomInt=(...n)=>{let r=typeof n.at(-1)=="function"?n.pop():void 0,[o,s]=n.length>1?n:[0,n[0]],i=o+Math.floor(R().fraction()*(s-o));return r===void 0?i:void process.nextTick(r,null,i)},e.randomUUID=We;let t=Object.getPrototypeOf(globalThis.crypto);t.
getRandomValues=fe,t.randomUUID=We}function qe(){Ut(),Pt(),(0,_e.syncBuiltinESMExports)()}function Ct(e){if(typeof e=="number")return e;if(e instanceof Date)return(e.getTime()-T())/1e3}var Ht=4;function Ce(e,t=1){let n=e.cause??(Array.isArray(e.errors)?e.errors[0]:void 0);if(n==null)return;if(typeof n!="object")return String(n);let r=n.code===void 0||String(n.message).includes(n.code)?"":` (${n.code})`,o=t<Ht?Ce(n,t+1):void 0;return n.message===e.message&&!r?o:`${n.name??"Error"}: ${n.
message}${r}${o?`, caused by ${o}`:""}`}function J(e,t){if(e===null||typeof e!="object")return{name:"Error",message:String(e)};let{status:n,code:r}=e;return{name:String(e.name??"Error"),message:String(e.message??e),status:typeof n=="number"?n:void 0,code:r==null?void 0:String(r),retryAfter:Ct(e.retryAfter),cause:Ce(e),stack:t&&typeof e.stack=="string"?e.stack:void 0}}var me=g(require("node:path"),1),Ze=require("node:url");var He=g(require("node:net"),1);var ve=()=>({request:e=>({replies:1,handshake:!1,describe:()=>({label:`write ${e.length} bytes`,access:"unknown",keys:[]})}),replies:()=>Number.POSITIVE_INFINITY}),ue=class{constructor(t,n){this.socket=t,this.talk=n,this.expected=[],this.waiting=0,this.holder=void 0,this.behind=[],this.owner=void 0;let r=t.push;t.push=(o,s)=>o!==null&&this.receive(o)?(this.closed(),t.destroy(ae()),!1):r.call(t,o,s),
t.prependListener("error",()=>this.closed()),t.once("close",()=>this.closed())}call(){return x()??(this.owner?.live?this.owner:void 0)}expect(t,n,r=!1){t.replies>0?this.expected.push({request:t,operation:n,left:t.replies,cut:r}):n!==null&&k(n)}receive(t){if(this.expected.some(r=>r.cut))return!0;let n=this.talk.replies(t);if(typeof n!="number"){for(let r of n)this.take(this.expected.findIndex(o=>o.
request.ids?.includes(r)));return!1}for(let r=n;r>0&&this.expected.length>0;r--)this.take(0);return!1}take(t){if(t<0)return;let n=this.expected[t];--n.left>0||(this.expected.splice(t,1),n.operation!==null&&k(n.operation))}moveUp(){for(;this.waiting===0&&this.behind.length>0;)this.behind.shift()?.()}closed(){for(let{operation:t}of this.expected.splice(0))t!==null&&k(t)}},q=Symbol("channel");function ae(){return Object.assign(new Error("read ECONNRESET"),{code:"ECONNRESET",errno:-104,syscall:"read"})}function Ge(e,t){let n=He.default.Socket.prototype,{_writeGeneric:r,write:o,connect:s}=n,i=new Set(e.map(String)),c=Symbol("path");function d(f){if(f[q]!==void 0)return f[q];let u=f[c]??f.remotePort,a=u!==void 0&&(i.size===0||i.has(String(u)));return f[q]=a?new ue(f,t()):null,f[q]}n.connect=
function(...u){let a=Array.isArray(u[0])?u[0][0]:u[0],p=typeof a=="string"&&!/^\d+$/.test(a)?a:a?.path;return typeof p=="string"&&(this[c]=p),s.apply(this,u)},n.write=function(u,a,p){let h=this[q];return h&&(h.owner=x()??h.owner),o.call(this,u,a,p)},n._writeGeneric=function(u,a,p,h){if(this.connecting)return r.call(this,u,a,p,h);let l=d(this);if(l===null)return r.call(this,u,a,p,h);let Z=l.call(),
M=l.talk.request(vt(u,a,p,Z?.gated)),W=M.handshake?void 0:Z,D=this;if(W===void 0){let w=()=>{l.expect(M,null),r.call(D,u,a,p,h)};l.waiting>0||l.behind.length>0?l.behind.push(w):w();return}let I={call:W,describe:M.describe,cuts:!0,perform:(w,Oe)=>{if(w&&l.waiting--,D.destroyed){k(I),w&&l.moveUp();return}if(Oe==="before"){k(I),w||ee?D.destroy(ae()):h(ae());return}l.expect(M,I,Oe==="after"),r.call(D,
u,a,p,w||ee?Tt:h),w&&l.moveUp()}},Tt=w=>{w&&D.destroy(w)},ee=!1,Se=()=>{ee=!0,h()};if(l.behind.length>0||l.waiting>0&&l.holder!==W.actor){l.behind.push(Ne(I,()=>{l.waiting++,l.holder=W.actor,F(I)&&l.waiting--})),Se();return}l.waiting++,l.holder=W.actor,F(I)?l.waiting--:Se()}}function vt(e,t,n,r){return e?Buffer.concat(t.map(o=>{let s=o.chunk??o;return typeof s=="string"?Buffer.from(s,o.encoding):s})):typeof t!="string"?t:Buffer.from(t,n)}var Qe=async()=>(await import("./mysql.mjs")).mysql,sn={mariadb:Qe,mongodb:async()=>(await Promise.resolve().then(()=>(Ke(),Ye))).mongodb,mysql:Qe,postgres:async()=>(await import("./postgres.mjs")).postgres,redis:async()=>(await import("./redis.mjs")).redis};function cn(e){return Object.values(e).flatMap(t=>typeof t!="string"?[]:t.startsWith("file:///")?[me.default.dirname((0,Ze.fileURLToPath)(t))]:
me.default.isAbsolute(t)?[t]:[])}async function et(e,t){for(let n of e.gates??["net"])switch(n){case"net":Ge(e.ports??[],await sn[e.protocol??""]?.()??ve);break;case"fs":(await import("./fs.mjs")).patch(e.paths??cn(e.options??{}));break;case"libsql":await(await import("./libsql.mjs")).patch(t);break;case"call":break;default:throw new Error(`this host has no gates for ${n}`)}}var nt=require("node:util");var fn={log:"info",info:"info",debug:"debug",trace:"debug",dir:"info",warn:"warn",error:"error"},un=[[50,"error"],[40,"warn"],[30,"info"],[0,"debug"]];function an(e,t){let n=/^\{.*"level":\s*(?:(\d+)|"(\w+)")/.exec(e),r=n?.[1];if(r!==void 0)return un.find(([s])=>Number(r)>=s)[1];let o=n?.[2]??/\b(?:workflow:[\w-]+:)(debug|info|warn|error)\b/.exec(e)?.[1]??/^\s*\[?(debug|info|warn|warning|error|fatal)\]?[:\s]/i.
exec(e)?.[1];if(o!==void 0){let s=o.toLowerCase();return s==="fatal"||s==="error"?"error":s.startsWith("warn")?"warn":s==="debug"?"debug":"info"}return/^\(node:\d+\) /.test(e)?"warn":/^(?:Uncaught )?\w*Error\b/.test(e)?"error":t}function tt(e,t){return/^\[Workflow\]|\bworkflow:[\w-]+:/.test(e)?"runtime":t}function rt(e){for(let[t,n]of Object.entries(fn))console[t]=(...r)=>{let o=x(),s=(0,nt.format)(
...r);e(n,tt(s,o===void 0?"console":"world"),s,o?.actor.name)};for(let[t,n]of[[process.stdout,"info"],[process.stderr,"warn"]])t.write=((r,o,s)=>{let i=typeof r=="string"?r:Buffer.from(r).toString("utf8"),c=x()?.actor.name;for(let f of i.split(`
`))f.trim()!==""&&e(an(f,n),tt(f,"process"),f,c);let d=typeof o=="function"?o:s;return typeof d=="function"&&process.nextTick(d),!0})}var ot=Date;function j(e,t=0){if(e===null||typeof e=="string"||typeof e=="number"||typeof e=="boolean")return e;if(typeof e=="bigint")return Number.isSafeInteger(Number(e))?Number(e):String(e);if(typeof e!="object")return;if(t>200)throw new TypeError("a value is too deep, or holds itself, and cannot be sent");if(e instanceof ot)return Number.isNaN(e.getTime())?null:{$date:ot.prototype.toISOString.
call(e)};if(Array.isArray(e))return e.map(o=>j(o,t+1)??null);if(ArrayBuffer.isView(e))return{$bytes:Buffer.from(e.buffer,e.byteOffset,e.byteLength).toString("base64")};if(e instanceof ArrayBuffer)return{$bytes:Buffer.from(e).toString("base64")};if(typeof e.toJSON=="function")return j(e.toJSON(),t+1);if(e instanceof Map)return j(Object.fromEntries(e),t+1);if(e instanceof Set)return j([...e],t+1);let n,
r=!1;for(let o of Object.keys(e)){let s=j(e[o],t+1);s!==void 0&&o.startsWith("$")&&(r=!0),s!==e[o]&&((n??={...e})[o]=s)}return r?{$object:n??e}:n??e}function X(e){if(e===null||typeof e!="object")return e;if(Array.isArray(e))return e.map(X);if(typeof e.$bytes=="string")return new Uint8Array(Buffer.from(e.$bytes,"base64"));if(typeof e.$date=="string")return new Date(e.$date);let t=e.$object??e;for(let n of Object.
keys(t))t[n]=X(t[n]);return t}var H=require("node:async_hooks"),it=g(require("node:path"),1),ct=require("node:url"),ln=60,hn=400,pn=8,ge=new Map,C=["",""],Y,ft=0;function ye(){let e=Error.stackTraceLimit;Error.stackTraceLimit=ln;let t={};return Error.captureStackTrace(t,ye),Error.stackTraceLimit=e,t}var ut=(0,H.createHook)({init(e,t,n){ge.set(e,{error:ye(),trigger:n,execution:(0,H.executionAsyncId)()})}});function st(e){return(e??
"").split(`
`).flatMap(mn)}function mn(e){let t=C.find(d=>e.includes(d));if(t===void 0)return[];let n=e.slice(e.indexOf(t)+t.length+1),r=/^(.*?)(?:\?[^:]*)?:(\d+):(\d+)/.exec(n);if(r===null||n.includes("node_modules/"))return[];let o=t===C[0]?r[1]:decodeURI(r[1]),s=it.default.join(C[0],o),i=`${o}:${r[2]}`;return[{line:Y?.original(C[0],s,Number(r[2]),Number(r[3]))??i,compiled:i,helps:Y?.isShared(s)??!1}]}function at(){
let e=st(ye().stack),t=[(0,H.executionAsyncId)()],n=new Set(t);for(let c=t.shift();c!==void 0&&n.size<hn&&!e.some(f=>!f.helps);c=t.shift()){let d=ge.get(c);if(d!==void 0){e.push(...st(d.error.stack));for(let f of[d.trigger,d.execution])n.has(f)||t.push(f),n.add(f)}}let r=e.find(c=>!c.helps)??e[0];if(r===void 0)return;let o=e.indexOf(r),s=e.filter((c,d)=>d<=o||!c.helps),i=[...new Set(s.map(({line:c})=>c))].
slice(-pn);return{where:r.line,compiled:r.line===r.compiled?void 0:r.compiled,frames:i.length>1?i:void 0}}function dt({folder:e,entry:t},n){C=[e,(0,ct.pathToFileURL)(e).href],Y=n,Y?.beginAt(t)}function lt(){ft++===0&&ut.enable()}function ht(){--ft>0||(ut.disable(),ge.clear())}var gt=g(require("node:fs"),1),yt=g(require("node:net"),1);var pt=10,{readSync:gn,writeSync:yn,openSync:wn}=gt.default,{setTimeout:bn}=globalThis,xn=5;function kn(e){for(let t of[`/proc/self/fd/${e}`,`/dev/fd/${e}`])try{return wn(t,"r")}catch{continue}return e}var Sn=new Int32Array(new SharedArrayBuffer(4));function mt(){Atomics.wait(Sn,0,0,.2)}var K=class{constructor(t,n){this.inFd=t,this.outFd=n,this.blockingFd=kn(t),this.chunk=Buffer.allocUnsafe(65536),
this.rest=[],this.lines=[],this.returned=[],this.scheduled=!1,this.unsent="",this.due=void 0,this.handle=()=>{}}listen(t){this.handle=t;let n=(i,c)=>(this.feed(Buffer.from(c.buffer,c.byteOffset,i)),this.scheduled||this.next(),!0),r={buffer:Buffer.allocUnsafeSlow(65536),callback:n},o=new yt.default.Socket({fd:this.inFd,readable:!0,writable:!1,onread:r}),s=()=>process.exit(0);o.on("end",s),o.on("err\
or",s)}next(){this.scheduled=!1;let t=this.returned.shift()??this.queued();t!==void 0&&(this.schedule(),this.handle(t))}schedule(){this.scheduled||this.returned.length+this.lines.length===0||(this.scheduled=!0,setImmediate(()=>this.next()))}putBack(t){this.returned.push(...t),this.schedule()}queued(){let t=this.lines.shift();return t===void 0?void 0:this.parse(t)}take(){for(;;){let t=this.queued();
if(t!==void 0)return t;let n=0;try{n=gn(this.blockingFd,this.chunk,0,this.chunk.length,null)}catch(r){let o=r.code;if(o==="EAGAIN"){mt();continue}if(o!=="EOF")throw r}n===0&&process.exit(0),this.feed(this.chunk.subarray(0,n))}}feed(t){let n=0;for(let r=t.indexOf(pt);r>=0;r=t.indexOf(pt,n)){let o=t.toString("utf8",n,r);this.rest.length>0&&(o=Buffer.concat([...this.rest,t.subarray(n,r)]).toString("u\
tf8"),this.rest=[]),this.lines.push(o),n=r+1}n<t.length&&this.rest.push(Buffer.from(t.subarray(n)))}parse(t){let n=JSON.parse(t);return t.includes('"$')?X(n):n}send(t,n=!1){this.unsent+=JSON.stringify(t)+`
`,n?this.due??=bn(()=>{this.due=void 0,this.flush()},xn):this.flush()}flush(){let t=Buffer.from(this.unsent);this.unsent="";let n=0;for(;n<t.length;)try{n+=yn(this.outFd,t,n,t.length-n)}catch(r){let o=r.code;if(o==="EPIPE"&&process.exit(0),o!=="EAGAIN")throw r;mt()}}};function wt(e,t){for(let n of["uncaughtException","unhandledRejection"])process.on(n,r=>{let o=r instanceof Error?r.stack??String(r):
String(r);e.send({type:"log",level:"error",origin:"process",text:`${n}: ${o}`})});process.on("SIGINT",()=>{}),e.listen(t)}var O=g(require("node:fs"),1),m=g(require("node:path"),1),bt=require("node:url");function On(e){return JSON.parse(O.default.readFileSync(e,"utf8"))}function be(e){if(typeof e=="string")return e;if(Array.isArray(e))return e.map(be).find(t=>t!==void 0);if(!(e===null||typeof e!="object"))for(let[t,n]of Object.entries(e)){if(!["import","node","module-sync","default"].includes(t))continue;let r=be(n);if(r!==
void 0)return r}}function En(e){for(let t=e;;t=m.default.dirname(t)){if(O.default.existsSync(m.default.join(t,"package.json")))return t;if(t===m.default.dirname(t))return e}}function we(e,t="."){let{name:n,version:r,exports:o,main:s}=On(m.default.join(e,"package.json")),c=Object.keys(Object(o)).some(f=>f.startsWith("."))?o[t]:o,d=be(c)??(t==="."?s??"index.js":t);return{folder:e,entry:m.default.join(
e,d),name:n??m.default.basename(e),version:r??""}}function xt(e,t=process.cwd()){if(m.default.isAbsolute(e)){let s=O.default.realpathSync(e);if(O.default.statSync(s).isDirectory())return we(s);let i=En(m.default.dirname(s));return O.default.existsSync(m.default.join(i,"package.json"))?{...we(i),entry:s}:{folder:i,entry:s,name:m.default.basename(s),version:""}}let n=e.split("/"),r=n.slice(0,e.startsWith(
"@")?2:1).join("/"),o=[".",...n.slice(r.split("/").length)].join("/");for(let s=m.default.resolve(t);;s=m.default.dirname(s)){let i=m.default.join(s,"node_modules",r);if(O.default.existsSync(m.default.join(i,"package.json")))return we(O.default.realpathSync(i),o);if(s===m.default.dirname(s))throw new Error(`the package ${r} is not installed under ${t}`)}}function $n(e){let t=Object.keys(Object(e)).
filter(n=>/^create\w+World$/.test(n));return t.length===1?t:[]}async function kt(e,t,n,r){let o=await import(`${(0,bt.pathToFileURL)(e.entry)}${n}`),s=t.factory===void 0?["createWorld","default"]:[t.factory];r();for(let c of[o,o.default])for(let d of t.factory===void 0?[...s,...$n(c)]:s){let f=c?.[d];if(typeof f=="function")return await f(t.options??{});if(typeof f?.events?.create=="function")return f}
let i=Object.keys(o).slice(0,10).join(", ")||"nothing";throw new Error(`${e.name} exports no ${s.join(" or ")} that makes a World; it exports ${i}`)}function Q(e,t){try{return e?.[t]}catch(n){console.warn(`reading ${t} of the World failed:`,n);return}}async function St(e){try{typeof e?.close=="function"&&await e.close()}catch(t){console.warn("closing the World failed:",t)}}async function xe(e,t,n){
if(t.startsWith("stream."))return await(await import("./streams.mjs")).performStream(e,t,n);let r=t.split("."),o=r.pop(),s=r.reduce((i,c)=>i?.[c],e);if(typeof s?.[o]!="function")throw Object.assign(new Error(`the World has no ${t}`),{name:"NotImplemented",code:"NOT_IMPLEMENTED"});return await s[o](...n)}async function Ot(e,t){let n=Array.from({length:t},()=>xe(e,"runs.get",["wrun_00000000000000000\
000000000"]));return await Promise.allSettled(n)}var y=new K(Number(process.env.WORLD_HOST_IN??3),Number(process.env.WORLD_HOST_OUT??4));delete process.env.WORLD_HOST_IN;delete process.env.WORLD_HOST_OUT;Buffer.poolSize=1024;var E=new Map,$t=new Map,jt=!1,ke=new Map,v,jn;var In;var An,Nn=(e,t,n,r)=>{if(Ae())return;let o=jn?.isByDesign(e,t,n)||void 0;r??=E.size===1?[...E.keys()][0]:void 0,y.send({type:"log",level:e,origin:t,text:n,actor:r,byDesign:o})};rt(Nn);var It={blocking:!0,report(e,t,n){let{call:r}=e;this.blocking||ke.set(t,r.actor);let o=e.describe(),{cuts:s,rest:i,origin:c}=e,d={cut:s,rest:i,...c,passed:n||void 0,clock:T()};y.send({type:"gate",gate:t,call:r.id,actor:r.
actor.name,...o,...d},n)},pass(e){N(T()+e)},wait(e){let t=[];for(;;){let n=y.take();if(n.type==="close"&&At(n.id),n.type==="go"&&n.gate===e)return y.putBack(t),N(n.clock),{cut:n.cut,ahead:n.ahead};t.push(n)}},finish(e){e.stacks&&ht(),$t.delete(e.id);let t=Tn(e),n=e.next?.(t),r=n!==void 0;y.send({...t,id:e.id,more:r||void 0,clock:T()},r),n?.()},waits(e){e.gated&&y.send({type:"waits",call:e.id,actor:e.
actor.name})},where:at};je(It);function Tn({outcome:e,stacks:t}){let{value:n,error:r}=e??{};if(r!==void 0)return{type:"error",error:J(r.thrown,t)};try{return{type:"result",value:j(n)??null}}catch(o){return{type:"error",error:{...J(o,!0),code:"UNSENDABLE"}}}}function At(e){y.send({type:"done",id:e}),process.exit(0)}function Nt(e,t){N(t),Pe(String(e));for(let n of E.values())n.random.seed(`${e}:${n.
name}`)}async function Ln({id:e,world:t,actors:n,seed:r,clock:o}){try{It.blocking=n.length===1;let s=E.size>0;for(let a of n)E.set(a,new G(a,new P("")));Nt(r,o),s||qe(),process.env.PGAPPNAME??=`world-host-${process.pid}`;let i=xt(t.module,t.root);dt(i),s||await et(t,i.folder),jt=t.gates?.includes("call")??!1;let c;for(let a of E.values()){if(c===void 0||!t.shared){let p=()=>y.send({type:"opening",
id:e,doing:"world"}),h=a.name===n[0]?In?.copy()??"":`?actor=${a.name}`;c=await se(a).run(()=>kt(i,t,h,p))}a.world=c,y.send({type:"opening",id:e,doing:"read"}),await se(a).run(()=>Ot(c,t.warm??2))}y.send({type:"opening",id:e,doing:"host"}),Et.flushCompileCache?.();let d=Q(c,"specVersion"),f=Object.entries(Q(c,"capabilities")??{}).filter(([,a])=>a===!0);typeof Q(c,"events")?.createBatch=="function"&&
f.push(["createBatch",!0]);let u={type:"opened",id:e,name:i.name,version:i.version,specVersion:Number.isSafeInteger(d)?d:void 0,capabilities:f.map(([a])=>a),platform:`node ${process.versions.node}`,runtime:v&&{version:v.version,dialect:v.dialect,inline:v.inline||void 0}};y.send(u)}catch(s){y.send({type:"failed",id:e,error:J(s,!0)})}}function Bn({id:e,actor:t,op:n,args:r,gated:o,stacks:s,ahead:i,clock:c},d){N(c);let f=E.get(t);if(f===void 0)return y.send({type:"error",id:e,error:{name:"HostError",message:`no actor ${t} is open here`}});let u=new _(e,f,o===!0,s===!0);u.ahead=i,u.next=d,u.stacks&&lt(),$t.set(e,u);let a=n.startsWith("runtime.")?v:void 0;u.ordered=a!==void 0;let p=()=>u.run(()=>(a?.perform(n,r)??xe(f.world,n,r)).then(
l=>u.settle({value:l}),l=>u.settle({error:{thrown:l}})));if(!u.gated||!jt||a)return void p();let h={call:u,origin:u.stacks?An?.definition(f.world,n):void 0,describe:()=>({label:[n,r[1]?.eventType].filter(Boolean).join(" "),access:"unknown",keys:[]}),perform:()=>{k(h),p()}};F(h)}async function Mn(e){for(let{world:t,dead:n}of E.values())n||await St(t);At(e)}function Wn(e){switch(e.type){case"call":return Bn(e);case"go":{let t=ke.get(e.gate);return N(e.clock),t===void 0?void 0:(ke.delete(e.gate),Me(t,e.cut))}case"reset":return Nt(e.seed,e.clock),Re(e.still===!0),y.send({type:"done",id:e.id},!0);case"open":return void Ie(()=>Ln(e));case"close":return void Mn(e.id);default:}}wt(y,Wn);
}
