/**
 * @workflow-worlds/mongodb@0.2.1: Two handlers finish one step
 *
 * A dies in the middle of step_completed; B makes a step_completed, then the call of A again.
 *
 * WRONG the database says step1 is completed; no event says so
 * RULE  log.folds: the events of a run and the stored run and steps say the same
 * WRONG B's step_completed step1 was refused as already there, and no event in the log says so
 * RULE  log.repeat-needs-event: what is refused as already there has its event in the log
 * KIND  half done. A process dies or loses its connection between the writes of one transition: it is left
 *       half done.
 * FIX   Write what belongs to one transition in one atomic operation, or so that it can be written again.
 * WHERE in the package, in the order of the schedule: src/storage.ts:246 (dist/storage.js:157),
 *       src/storage.ts:260 (dist/storage.js:165), src/storage.ts:266 (dist/storage.js:170), src/storage.ts:807
 *       (dist/storage.js:640)
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
 * let go, in this order: aA4bB6 (A2B is: an operation of A, another one, one of B; a small letter is where an
 * actor begins).
 * Written by workflow-world-conformance 0.1.0. The suite sees it again with:
 *
 *     pytest --world=mongodb@0.2.1 '--world-replay=step_completed/storage/step_completed-then-step_completed?faults=kill@3/aA4bB6'
 */

// ---- What was recorded ----

/** The ids of this run; those that are empty are minted by the World. */
const id = { run1: '', step1: 'step_1_4', step2: 'step_2_4' };

const WORLD = {
  package: '@workflow-worlds/mongodb',
  version: '0.2.1',
  options: { mongoUrl: '{service.url}', databaseName: '{namespace}', useChangeStreams: false },
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
    actor: '-', op: 'events.create', says: 'before: run_started', at: 13,
    args: () => [id.run1, { specVersion: 2, eventType: 'run_started' }],
    answer: 'success',
  },
  {
    actor: '-', op: 'events.create', says: 'before: step_created step1', at: 25,
    args: () => [
      id.run1,
      {
        specVersion: 2,
        eventType: 'step_created',
        correlationId: id.step1,
        eventData: { stepName: 'work', input: asStored([null]) },
      },
    ],
    answer: 'success',
  },
  {
    actor: '-', op: 'events.create', says: 'before: step_started step1', at: 40,
    args: () => [id.run1, { specVersion: 2, eventType: 'step_started', correlationId: id.step1 }],
    answer: 'success, attempt 1',
  },
  {
    actor: '-', op: 'events.create', says: 'before: step_created step2', at: 55,
    args: () => [
      id.run1,
      {
        specVersion: 2,
        eventType: 'step_created',
        correlationId: id.step2,
        eventData: { stepName: 'work', input: asStored([null]) },
      },
    ],
    answer: 'success',
  },
  {
    actor: '-', op: 'events.create', says: 'before: step_started step2', at: 70,
    args: () => [id.run1, { specVersion: 2, eventType: 'step_started', correlationId: id.step2 }],
    answer: 'success, attempt 1',
  },
];

/** What raced. Above each call: what it did when it was recorded, and where in the package. */
const RACE = {
  A: [
    // find runs {runId: run1}  src/storage.ts:246
    // find steps {runId: run1, stepId: step1}  src/storage.ts:260
    // update steps {runId: run1, stepId: step1}  src/storage.ts:266
    // insert events {specVersion: 2, eventType: step_completed, correlationId: step1}  src/storage.ts:807
    {
      actor: 'A', op: 'events.create', says: 'A: step_completed step1', at: 85,
      args: () => [
        id.run1,
        {
          specVersion: 2,
          eventType: 'step_completed',
          correlationId: id.step1,
          eventData: { result: asStored('done') },
        },
      ],
    },
  ],
  B: [
    // find runs {runId: run1}  src/storage.ts:246
    // find steps {runId: run1, stepId: step2}  src/storage.ts:260
    // update steps {runId: run1, stepId: step2}  src/storage.ts:266
    // insert events {specVersion: 2, eventType: step_completed, correlationId: step2}  src/storage.ts:807
    {
      actor: 'B', op: 'events.create', says: 'B: step_completed step2', at: 399,
      args: () => [
        id.run1,
        {
          specVersion: 2,
          eventType: 'step_completed',
          correlationId: id.step2,
          eventData: { result: asStored('done') },
        },
      ],
      answer: 'success',
    },
    // find runs {runId: run1}  src/storage.ts:246
    // find steps {runId: run1, stepId: step1}  src/storage.ts:260
    {
      actor: 'B', op: 'events.create', says: 'B: step_completed step1', at: 814,
      args: () => [
        id.run1,
        {
          specVersion: 2,
          eventType: 'step_completed',
          correlationId: id.step1,
          eventData: { result: asStored('done') },
        },
      ],
      answer: 'conflict',
    },
  ],
};

/** Whose operation went ahead, in order. */
const SCHEDULE = 'aA4bB6';

/** What goes wrong in the race: with which operation, counted over all actors from 0. */
const FAULTS = [{ at: 3, kind: 'kill', says: "the caller's process is killed before this operation is made" }];

/** What came after the race, alone. */
const AFTER = [];

/** What is looked at in the end. */
const RUNS = ['run1'];
const TOKENS = [];

/** The World's logical clock begins here, in ms since 1970. */
const START = 1767226003402;

// ---- What would be right ----

/** No list: it is too long, a fault leaves it open, or the runtime goes wrong over these. */
const ALWAYS = {};
const EITHER = [];

/** As right, unless the first call of each pair is answered before the second begins. */
const OVERLAPPED = [];
const BEFORE = [];

/** What was recorded and no right outcome has. */
const WRONG = {
  'B: step_completed step2': 'success',
  'B: step_completed step1': 'conflict',
  run1: 'running',
  step1: 'completed, attempt 1, result "done"',
  step2: 'completed, attempt 1, result "done"',
  'log of run1: run_created': '1 x',
  'log of run1: run_started': '1 x',
  'log of run1: step_created step1': '1 x',
  'log of run1: step_started step1': '1 x',
  'log of run1: step_created step2': '1 x',
  'log of run1: step_started step2': '1 x',
  'log of run1: step_completed step2': '1 x',
  'startedAt of run1': '1 value',
};
const BROKEN = 'the database says step1 is completed; no event says so';

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
var jt=Object.create;var Z=Object.defineProperty;var It=Object.getOwnPropertyDescriptor;var At=Object.getOwnPropertyNames;var Nt=Object.getPrototypeOf,Tt=Object.prototype.hasOwnProperty;var ee=(e,t,n)=>()=>{if(n)throw n[0];try{return e&&(t=e(e=0)),t}catch(r){throw n=[r],r}};var Lt=(e,t)=>{for(var n in t)Z(e,n,{get:t[n],enumerable:!0})},Bt=(e,t,n,r)=>{if(t&&typeof t=="object"||typeof t=="function")for(let s of At(t))!Tt.call(e,s)&&s!==n&&Z(e,s,{get:()=>t[s],enumerable:!(r=It(t,s))||r.enumerable});return e};var y=(e,t,n)=>(n=e!=null?jt(Nt(e)):{},Bt(t||!e||!e.__esModule?Z(n,"default",{value:e,enumerable:!0}):n,e));function W(e,t=0){let n=Math.min(t+e.readInt32LE(t),e.length)-1,r={},s=t+4;for(;s<n;){let o=e[s],i=e.indexOf(0,s+1),c=e.toString("utf8",s+1,i),[a,f]=qt(e,o,i+1);if(r[c]=a,f<0)break;s=i+1+f}return r}function qt(e,t,n){switch(t){case 1:return[e.readDoubleLE(n),8];case 2:return[e.toString("utf8",n+4,n+3+e.readInt32LE(n)),4+e.readInt32LE(n)];case 3:return[W(e,n),e.readInt32LE(n)];case 4:return[Object.
values(W(e,n)),e.readInt32LE(n)];case 5:return["…",5+e.readInt32LE(n)];case 6:case 10:return[null,0];case 7:return[new S(e.toString("hex",n,n+12)),12];case 8:return[e[n]===1,1];case 9:case 17:return["…",8];case 11:{let r=e.indexOf(0,n),s=e.indexOf(0,r+1);return[`/${e.toString("utf8",n,r)}/`,s+1-n]}case 16:return[e.readInt32LE(n),4];case 18:return[Number(e.readBigInt64LE(n)),8];case 19:return["\
…",16];default:return["…",-1]}}var S,ue=ee(()=>{S=class{constructor(t){this.hex=t}toString(){return this.hex}}});function de(e){if(typeof e=="string"&&e!=="…"&&e.length<=Ct)return e;if(e instanceof S)return e.hex;if(e!==null&&typeof e=="object"&&Object.keys(e).join()==="$eq")return de(e.$eq)}function I(e){let t={};if(e===null||typeof e!="object")return t;for(let[n,r]of Object.entries(e)){n==="$and"&&Array.isArray(r)&&Object.assign(t,...r.map(I));let s=n.startsWith("$")?void 0:de(r);s!==void 0&&(t[n]=s)}return t}
function ae(e){let t={};for(let[n,r]of Object.entries(e)){let s=typeof r=="string"||r instanceof S?de(r):void 0;s!==void 0&&(t[n]=s)}return t}function He(e,t,n,r){let s=I(t);if(n===null||typeof n!="object"||Array.isArray(n))return[{collection:e,sets:!0}];if(Object.keys(n).some(i=>i.startsWith("$"))){let i=Object.values(n).flatMap(u=>Object.keys(u??{})),c=Object.values(n.$rename??{}).map(String),a=[
...new Set([...i,...c].map(u=>u.split(".")[0]))],f=[{collection:e,filter:s,sets:a}];return r&&f.push({collection:e,document:{...s,...ae({...n.$setOnInsert,...n.$set})}}),f}let o="_id"in s?{_id:s._id}:{};return[{collection:e,filter:s,replaces:{...o,...ae(n)},upsert:r}]}function ve(e,t,n){let r=[{collection:t}];if([n,...n.updates??[],...n.deletes??[]].some(o=>"collation"in o||"let"in o))return r;switch(e){case"\
find":return[{collection:t,filter:I(n.filter)}];case"count":case"distinct":return[{collection:t,filter:I(n.query)}];case"aggregate":return[{collection:t,filter:I(n.pipeline?.[0]?.$match)}];case"insert":return(n.documents??[]).map(o=>({collection:t,document:ae(o)}));case"update":return(n.updates??[]).flatMap(o=>He(t,o.q,o.u,o.upsert===!0));case"delete":return(n.deletes??[]).map(o=>({collection:t,filter:I(
o.q),removes:!0}));case"findAndModify":case"findandmodify":return n.remove===!0?[{collection:t,filter:I(n.query),removes:!0}]:He(t,n.query,n.update,n.upsert===!0);default:return r}}var Ct,Ge=ee(()=>{ue();Ct=512});var Ve={};Lt(Ve,{mongodb:()=>Zt});function Jt(e){let t=[];for(let n=0;n+M<=e.length;n+=Math.max(M,e.readInt32LE(n))){let r=Math.min(n+e.readInt32LE(n),e.length),s=e.readInt32LE(n+4),o=e.readInt32LE(n+12),i=o===le?e.readUInt32LE(n+M):0,c=n+M,a=(i&Ht)===0;t.push({id:s,answered:a,name:Yt(e,o,c,r),command:()=>Xt(e,o,c,r)})}return t}function Xt(e,t,n,r){if(t===ze){let c=e.indexOf(0,n+4);return W(e,c+9)}
if(t!==le)return{};let s={},o={},i=n+4;for(;i+5<=r;){let c=e.readInt32LE(i+1);if(e[i]===0)s=W(e,i+1);else{let a=e.indexOf(0,i+5),f=[];for(let u=a+1;u<i+1+c;u+=e.readInt32LE(u))f.push(W(e,u));o[e.toString("utf8",i+5,a)]=f}i+=1+c}return{...s,...o}}function Yt(e,t,n,r){let s=-1;t===ze&&(s=e.indexOf(0,n+4)+9);for(let o=n+4;t===le&&s<0&&o+5<=r;o+=1+e.readInt32LE(o+1))e[o]===0&&(s=o+1);return s<0?"":e.toString(
"utf8",s+5,e.indexOf(0,s+5))}function Kt(e){if(e===null||typeof e!="object")return"";let t=Object.entries(e).slice(0,3).map(([n,r])=>`${n}: ${r!==null&&typeof r=="object"&&!(r instanceof S)?"{…}":String(r).slice(0,60)}`);return t.length===0?"":` {${t.join(", ")}}`}function Qt({command:e}){let t=e(),n=Object.keys(t)[0]??"unreadable message",r=n==="getMore"?t.collection:t[n],s=t.filter??t.query??t.
updates?.[0]?.q??t.deletes?.[0]?.q??t.pipeline?.[0]?.$match,{_id:o,...i}=t.documents?.[0]??{},a=typeof r=="string"?`${n} ${r}${Kt(n==="insert"?i:s)}`:n,f=Vt.some(h=>JSON.stringify(t.pipeline??[]).includes(`"${h}":`)),u=t.pipeline?.some(h=>"$out"in h||"$merge"in h),d=Gt.has(n)||u?"write":vt.has(n)?"read":"unknown";return!(d!=="unknown"&&typeof r=="string"&&!f&&!("startTransaction"in t))||t.autocommit===
!1?{label:a,access:d,keys:[]}:{label:a,access:d,keys:[r],statements:ve(n,r,t)}}var ze,le,Ht,M,vt,Gt,zt,Vt,Zt,Je=ee(()=>{ue();Ge();ze=2004,le=2013,Ht=2,M=16,vt=new Set(["find","aggregate","count","distinct","getMore","listCollections","listIndexes","explain"]),Gt=new Set("insert update delete findAndModify findandmodify createIndexes dropIndexes create drop dropDatabase bulkWrite".split(" ")),zt=new Set(
"hello ismaster isMaster saslStart saslContinue authenticate buildInfo ping endSessions killCursors".split(" ")),Vt=["$out","$merge","$lookup","$graphLookup","$unionWith"];Zt=()=>{let e=null;return{request(t){let n=Jt(t),r=n.filter(s=>s.answered).map(s=>s.id);return{replies:r.length,ids:r,handshake:n.every(s=>zt.has(s.name)),describe:()=>{let s=n.map(Qt);return s.length===1?s[0]:{label:s.map(o=>o.
label).join(", "),access:"unknown",keys:[]}}}},replies(t){let n=e===null?t:Buffer.concat([e,t]);e=null;let r=[],s=0;for(;s+M<=n.length;){let o=Math.max(M,n.readInt32LE(s));if(s+o>n.length)break;r.push(n.readInt32LE(s+8)),s+=o}return s<n.length&&(e=Buffer.from(n.subarray(s))),r}}}});var xt=y(require("node:module"),1);var Oe=require("node:async_hooks"),z=new Oe.AsyncLocalStorage,w,Ee=0;function $e(e){w=e}var G=class{constructor(t,n){this.name=t,this.random=n,this.world=void 0,this.inFlight=null,this.held=[],this.reported=0,this.turns=0,this.dead=!1}},R=class{constructor(t,n,r,s){this.id=t,this.actor=n,this.gated=r,this.stacks=s,this.next=void 0,this.ahead=void 0,this.ordered=!1,this.live=!0,this.open=0,this.arisen=
0,this.outcome=null,this.whenIdle=[]}close(){if(this.open--,this.open===0)for(let t of this.whenIdle.splice(0))setImmediate(t)}run(t){return z.run(this,t)}settle(t){this.outcome=t,this.check()}check(){if(this.outcome===null||this.open>0||!this.live||this.actor.dead)return;let t=this.arisen;Ne(this.actor,()=>{if(!(!this.live||this.open>0)){if(this.arisen!==t)return void this.check();this.live=!1,w.
finish(this)}})}};function x(){let e=z.getStore();return e!==void 0&&e.live?e:void 0}function je(e){return z.exit(e)}function ne(){return z.getStore()?.actor}function Ie(){return ne()?.dead===!0}function re(e){let t=new R(0,e,!1,!1);return t.live=!1,t}function F(e){let{call:t}=e,{actor:n}=t;if(t.open++,t.arisen++,!t.gated&&!t.ordered)return L(e,!1),!0;if(!t.gated&&te(n)&&n.held.length===0)return n.inFlight=e,L(e,!1),!0;if(t.stacks&&(e.origin??=w.where()),t.gated&&w.blocking&&te(n)&&n.held.length===0)return Le(n,e,!1),!0;if(e.first&&n.reported!==0)return L(e,!1),!0;let r=e.first?n.held.findIndex(s=>!s.first):-1;return n.held.splice(r<0?n.held.length:
r,0,e),Te(n),!1}function Ae(e,t){let{call:n}=e;return n.stacks&&(e.origin=w.where()),n.open++,w.waits(n),()=>{t(),n.open--}}function Wt(e){let{call:t}=e,n=++Ee,{ahead:r}=t;if(r!==void 0&&r.gates>0&&!e.first){r.gates--,w.report(e,n,!0),w.pass(r.ms);return}w.report(e,n,!1);let s=w.wait(n);return t.ahead=s.ahead,s.cut}function k(e){if(e.answered)return;e.answered=!0;let{call:t}=e,{actor:n}=t;t.close(),n.inFlight===e&&(n.inFlight=null,n.held.length>0&&Ne(n,()=>{})),t.check()}function te(e){return e.inFlight===null&&e.turns===
0}function Ne(e,t){e.turns++,setImmediate(()=>{e.turns--,t(),Te(e)})}function Te(e){if(!(!te(e)||e.reported!==0||e.held.length===0)){if(!e.held[0].call.gated){e.inFlight=e.held.shift(),L(e.inFlight,!0);return}if(w.blocking){Le(e,e.held.shift(),!0);return}e.reported=++Ee,w.report(e.held[0],e.reported,!1)}}function Le(e,t,n){e.inFlight=t;let r=Wt(t);e.dead||L(t,n,r)}function L(e,t,n){try{e.perform(t,
n)}catch(r){throw k(e),r}}function Be(e,t){let n=e.held.shift();e.reported=0,e.inFlight=n,L(n,!0,t)}var Me=y(require("node:crypto"),1),De=require("node:module");var se=Date,U=0;function $(e){e!==void 0&&e>U&&(U=e)}function B(){return U}function oe(){return x()===void 0?U:++U}var q=class{constructor(t){this.seed(t)}seed(t){let n=[2166136261,16777619,3735928559,625341585];for(let r=0;r<t.length;r++)for(let s=0;s<4;s++)n[s]=Math.imul(n[s]^t.charCodeAt(r)+s,16777619);[this.a,this.b,this.c,this.d]=n;for(let r=0;r<12;r++)this.next()}next(){let{a:t,b:n,c:r,d:s}=this,
o=t+n+s|0;return this.d=s+1|0,this.a=n^n>>>9,this.b=r+(r<<3)|0,this.c=(r<<21|r>>>11)+o|0,o>>>0}fraction(){return(this.next()*2**21+(this.next()>>>11))/2**53}fill(t){for(let n=0;n<t.length;n++)t[n]=this.next()&255;return t}},_e=new q("background");function P(){let e=ne();return x()?.actor.random??(e?.dead?e.random:_e)}function Re(e){_e.seed(`${e}:background`)}function ie(e,t=0,n=void 0){let r=ArrayBuffer.
isView(e)?new Uint8Array(e.buffer,e.byteOffset,e.byteLength):new Uint8Array(e);return P().fill(r.subarray(t,n===void 0?void 0:t+n)),e}function We(){let e=P().fill(new Uint8Array(16));e[6]=e[6]&15|64,e[8]=e[8]&63|128;let t=Buffer.from(e).toString("hex");return`${t.slice(0,8)}-${t.slice(8,12)}-${t.slice(12,16)}-${t.slice(16,20)}-${t.slice(20)}`}function Mt(){let e=new Proxy(se,{construct:(t,n,r)=>Reflect.
construct(t,n.length===0?[oe()]:n,r===e?t:r),apply:()=>new se(oe()).toString(),get:(t,n)=>n==="now"?oe:Reflect.get(t,n)});se.prototype.constructor=e,globalThis.Date=e}function Dt(){Math.random=()=>P().fraction();let e=Me.default;e.randomBytes=(n,r)=>{let s=Buffer.from(P().fill(new Uint8Array(n)));return r===void 0?s:void process.nextTick(r,null,s)},e.randomFillSync=ie,e.randomFill=(n,...r)=>{let s=r.
pop();process.nextTick(s,null,ie(n,...r))},e.randomInt=(...n)=>{let r=typeof n.at(-1)=="function"?n.pop():void 0,[s,o]=n.length>1?n:[0,n[0]],i=s+Math.floor(P().fraction()*(o-s));return r===void 0?i:void process.nextTick(r,null,i)},e.randomUUID=We;let t=Object.getPrototypeOf(globalThis.crypto);t.getRandomValues=ie,t.randomUUID=We}function Fe(){Mt(),Dt(),(0,De.syncBuiltinESMExports)()}function Rt(e){if(typeof e=="number")return e;if(e instanceof Date)return(e.getTime()-B())/1e3}var Ft=4;function Pe(e,t=1){let n=e.cause??(Array.isArray(e.errors)?e.errors[0]:void 0);if(n==null)return;if(typeof n!="object")return String(n);let r=n.code===void 0||String(n.message).includes(n.code)?"":` (${n.code})`,s=t<Ft?Pe(n,t+1):void 0;return n.message===e.message&&!r?s:`${n.name??"Error"}: ${n.
message}${r}${s?`, caused by ${s}`:""}`}function V(e,t){if(e===null||typeof e!="object")return{name:"Error",message:String(e)};let{status:n,code:r}=e;return{name:String(e.name??"Error"),message:String(e.message??e),status:typeof n=="number"?n:void 0,code:r==null?void 0:String(r),retryAfter:Rt(e.retryAfter),cause:Pe(e),stack:t&&typeof e.stack=="string"?e.stack:void 0}}var he=y(require("node:path"),1),Xe=require("node:url");var Ue=y(require("node:net"),1);var qe=()=>({request:e=>({replies:1,handshake:!1,describe:()=>({label:`write ${e.length} bytes`,access:"unknown",keys:[]})}),replies:()=>Number.POSITIVE_INFINITY}),ce=class{constructor(t,n){this.socket=t,this.talk=n,this.expected=[],this.waiting=0,this.holder=void 0,this.behind=[],this.owner=void 0;let r=t.push;t.push=(s,o)=>s!==null&&this.receive(s)?(this.closed(),t.destroy(fe()),!1):r.call(t,s,o),
t.prependListener("error",()=>this.closed()),t.once("close",()=>this.closed())}call(){return x()??(this.owner?.live?this.owner:void 0)}expect(t,n,r=!1){t.replies>0?this.expected.push({request:t,operation:n,left:t.replies,cut:r}):n!==null&&k(n)}receive(t){if(this.expected.some(r=>r.cut))return!0;let n=this.talk.replies(t);if(typeof n!="number"){for(let r of n)this.take(this.expected.findIndex(s=>s.
request.ids?.includes(r)));return!1}for(let r=n;r>0&&this.expected.length>0;r--)this.take(0);return!1}take(t){if(t<0)return;let n=this.expected[t];--n.left>0||(this.expected.splice(t,1),n.operation!==null&&k(n.operation))}moveUp(){for(;this.waiting===0&&this.behind.length>0;)this.behind.shift()?.()}closed(){for(let{operation:t}of this.expected.splice(0))t!==null&&k(t)}},j=Symbol("channel");function fe(){return Object.assign(new Error("read ECONNRESET"),{code:"ECONNRESET",errno:-104,syscall:"read"})}function Ce(e,t){let n=Ue.default.Socket.prototype,{_writeGeneric:r,write:s,connect:o}=n,i=new Set(e.map(String)),c=Symbol("path");function a(f){if(f[j]!==void 0)return f[j];let u=f[c]??f.remotePort,d=u!==void 0&&(i.size===0||i.has(String(u)));return f[j]=d?new ce(f,t()):null,f[j]}n.connect=
function(...u){let d=Array.isArray(u[0])?u[0][0]:u[0],p=typeof d=="string"&&!/^\d+$/.test(d)?d:d?.path;return typeof p=="string"&&(this[c]=p),o.apply(this,u)},n.write=function(...u){return this[j]&&(this[j].owner=x()??this[j].owner),s.apply(this,u)},n._writeGeneric=function(u,d,p,h){if(this.connecting)return r.call(this,u,d,p,h);let l=a(this);if(l===null)return r.call(this,u,d,p,h);let D=l.talk.request(
Pt(u,d,p)),N=D.handshake?void 0:l.call(),_=this;if(N===void 0){let b=()=>{l.expect(D,null),r.call(_,u,d,p,h)};l.waiting>0||l.behind.length>0?l.behind.push(b):b();return}let T={call:N,describe:D.describe,cuts:!0,perform:(b,Se)=>{if(b&&l.waiting--,_.destroyed){k(T),b&&l.moveUp();return}if(Se==="before"){k(T),b||Q?_.destroy(fe()):h(fe());return}l.expect(D,T,Se==="after"),r.call(_,u,d,p,b||Q?$t:h),b&&
l.moveUp()}},$t=b=>{b&&_.destroy(b)},Q=!1,ke=()=>{Q=!0,h()};if(l.behind.length>0||l.waiting>0&&l.holder!==N.actor){l.behind.push(Ae(T,()=>{l.waiting++,l.holder=N.actor,F(T)&&l.waiting--})),ke();return}l.waiting++,l.holder=N.actor,F(T)?l.waiting--:ke()}}function Pt(e,t,n){return e?Buffer.concat(t.map(r=>{let s=r.chunk??r;return typeof s=="string"?Buffer.from(s,r.encoding):s})):typeof t=="string"?Buffer.
from(t,n):t}var en={mongodb:async()=>(await Promise.resolve().then(()=>(Je(),Ve))).mongodb,postgres:async()=>(await import("./postgres.mjs")).postgres,redis:async()=>(await import("./redis.mjs")).redis};function tn(e){return Object.values(e).flatMap(t=>typeof t!="string"?[]:t.startsWith("file:///")?[he.default.dirname((0,Xe.fileURLToPath)(t))]:he.default.isAbsolute(t)?[t]:[])}async function Ye(e,t){for(let n of e.
gates??["net"])switch(n){case"net":Ce(e.ports??[],await en[e.protocol??""]?.()??qe);break;case"fs":(await import("./fs.mjs")).patch(e.paths??tn(e.options??{}));break;case"libsql":await(await import("./libsql.mjs")).patch(t);break;case"call":break;default:throw new Error(`this host has no gates for ${n}`)}}var Qe=require("node:util");var nn={log:"info",info:"info",debug:"debug",trace:"debug",dir:"info",warn:"warn",error:"error"},rn=[[50,"error"],[40,"warn"],[30,"info"],[0,"debug"]];function sn(e,t){let n=/^\{.*"level":\s*(?:(\d+)|"(\w+)")/.exec(e),r=n?.[1];if(r!==void 0)return rn.find(([o])=>Number(r)>=o)[1];let s=n?.[2]??/\b(?:workflow:[\w-]+:)(debug|info|warn|error)\b/.exec(e)?.[1]??/^\s*\[?(debug|info|warn|warning|error|fatal)\]?[:\s]/i.
exec(e)?.[1];if(s!==void 0){let o=s.toLowerCase();return o==="fatal"||o==="error"?"error":o.startsWith("warn")?"warn":o==="debug"?"debug":"info"}return/^\(node:\d+\) /.test(e)?"warn":/^(?:Uncaught )?\w*Error\b/.test(e)?"error":t}function Ke(e,t){return/^\[Workflow\]|\bworkflow:[\w-]+:/.test(e)?"runtime":t}function Ze(e){for(let[t,n]of Object.entries(nn))console[t]=(...r)=>{let s=x(),o=(0,Qe.format)(
...r);e(n,Ke(o,s===void 0?"console":"world"),o,s?.actor.name)};for(let[t,n]of[[process.stdout,"info"],[process.stderr,"warn"]])t.write=((r,s,o)=>{let i=typeof r=="string"?r:Buffer.from(r).toString("utf8"),c=x()?.actor.name;for(let f of i.split(`
`))f.trim()!==""&&e(sn(f,n),Ke(f,"process"),f,c);let a=typeof s=="function"?s:o;return typeof a=="function"&&process.nextTick(a),!0})}var et=Date;function A(e,t=0){if(e===null||typeof e=="string"||typeof e=="number"||typeof e=="boolean")return e;if(typeof e=="bigint")return Number.isSafeInteger(Number(e))?Number(e):String(e);if(typeof e!="object")return;if(t>200)throw new TypeError("a value is too deep, or holds itself, and cannot be sent");if(e instanceof et)return Number.isNaN(e.getTime())?null:{$date:et.prototype.toISOString.
call(e)};if(Array.isArray(e))return e.map(s=>A(s,t+1)??null);if(ArrayBuffer.isView(e))return{$bytes:Buffer.from(e.buffer,e.byteOffset,e.byteLength).toString("base64")};if(e instanceof ArrayBuffer)return{$bytes:Buffer.from(e).toString("base64")};if(typeof e.toJSON=="function")return A(e.toJSON(),t+1);if(e instanceof Map)return A(Object.fromEntries(e),t+1);if(e instanceof Set)return A([...e],t+1);let n={},
r=!1;for(let s of Object.keys(e)){let o=A(e[s],t+1);o!==void 0&&(s.startsWith("$")&&(r=!0),n[s]=o)}return r?{$object:n}:n}function J(e){if(e===null||typeof e!="object")return e;if(Array.isArray(e))return e.map(J);if(typeof e.$bytes=="string")return new Uint8Array(Buffer.from(e.$bytes,"base64"));if(typeof e.$date=="string")return new Date(e.$date);let t=e.$object??e;for(let n of Object.keys(t))t[n]=
J(t[n]);return t}var H=require("node:async_hooks"),nt=y(require("node:path"),1),rt=require("node:url"),cn=60,fn=400,un=8,pe=new Map,C=["",""],X,st=0;function me(){let e=Error.stackTraceLimit;Error.stackTraceLimit=cn;let t={};return Error.captureStackTrace(t,me),Error.stackTraceLimit=e,t}var ot=(0,H.createHook)({init(e,t,n){pe.set(e,{error:me(),trigger:n,execution:(0,H.executionAsyncId)()})}});function tt(e){return(e??
"").split(`
`).flatMap(an)}function an(e){let t=C.find(a=>e.includes(a));if(t===void 0)return[];let n=e.slice(e.indexOf(t)+t.length+1),r=/^(.*?)(?:\?[^:]*)?:(\d+):(\d+)/.exec(n);if(r===null||n.includes("node_modules/"))return[];let s=t===C[0]?r[1]:decodeURI(r[1]),o=nt.default.join(C[0],s),i=`${s}:${r[2]}`;return[{line:X?.original(C[0],o,Number(r[2]),Number(r[3]))??i,compiled:i,helps:X?.isShared(o)??!1}]}function it(){
let e=tt(me().stack),t=[(0,H.executionAsyncId)()],n=new Set(t);for(let c=t.shift();c!==void 0&&n.size<fn&&!e.some(f=>!f.helps);c=t.shift()){let a=pe.get(c);if(a!==void 0){e.push(...tt(a.error.stack));for(let f of[a.trigger,a.execution])n.has(f)||t.push(f),n.add(f)}}let r=e.find(c=>!c.helps)??e[0];if(r===void 0)return;let s=e.indexOf(r),o=e.filter((c,a)=>a<=s||!c.helps),i=[...new Set(o.map(({line:c})=>c))].
slice(-un);return{where:r.line,compiled:r.line===r.compiled?void 0:r.compiled,frames:i.length>1?i:void 0}}function ct({folder:e,entry:t},n){C=[e,(0,rt.pathToFileURL)(e).href],X=n,X?.beginAt(t)}function ft(){st++===0&&ot.enable()}function ut(){--st>0||(ot.disable(),pe.clear())}var lt=y(require("node:fs"),1),ht=y(require("node:net"),1);var at=10,{readSync:dn,writeSync:ln,openSync:hn}=lt.default,{setTimeout:pn,clearTimeout:mn}=globalThis,gn=5;function yn(e){for(let t of[`/proc/self/fd/${e}`,`/dev/fd/${e}`])try{return hn(t,"r")}catch{continue}return e}var wn=new Int32Array(new SharedArrayBuffer(4));function dt(){Atomics.wait(wn,0,0,.2)}var Y=class{constructor(t,n){this.inFd=t,this.outFd=n,this.blockingFd=yn(t),this.chunk=Buffer.allocUnsafe(
65536),this.rest=[],this.lines=[],this.returned=[],this.scheduled=!1,this.unsent="",this.due=void 0,this.handle=()=>{}}listen(t){this.handle=t;let n=new ht.default.Socket({fd:this.inFd,readable:!0,writable:!1});n.on("data",s=>{this.feed(s),this.scheduled||this.next()});let r=()=>process.exit(0);n.on("end",r),n.on("error",r)}next(){this.scheduled=!1;let t=this.returned.shift()??this.queued();t!==void 0&&
(this.schedule(),this.handle(t))}schedule(){this.scheduled||this.returned.length+this.lines.length===0||(this.scheduled=!0,setImmediate(()=>this.next()))}putBack(t){this.returned.push(...t),this.schedule()}queued(){let t=this.lines.shift();return t===void 0?void 0:this.parse(t)}take(){for(;;){let t=this.queued();if(t!==void 0)return t;let n=0;try{n=dn(this.blockingFd,this.chunk,0,this.chunk.length,
null)}catch(r){let s=r.code;if(s==="EAGAIN"){dt();continue}if(s!=="EOF")throw r}n===0&&process.exit(0),this.feed(this.chunk.subarray(0,n))}}feed(t){let n=0;for(let r=t.indexOf(at);r>=0;r=t.indexOf(at,n)){let s=t.toString("utf8",n,r);this.rest.length>0&&(s=Buffer.concat([...this.rest,t.subarray(n,r)]).toString("utf8"),this.rest=[]),this.lines.push(s),n=r+1}n<t.length&&this.rest.push(Buffer.from(t.subarray(
n)))}parse(t){let n=JSON.parse(t);return t.includes('"$')?J(n):n}send(t,n=!1){this.unsent+=JSON.stringify(t)+`
`,n?this.due??=pn(()=>this.flush(),gn):this.flush()}flush(){this.due!==void 0&&mn(this.due),this.due=void 0;let t=Buffer.from(this.unsent);this.unsent="";let n=0;for(;n<t.length;)try{n+=ln(this.outFd,t,n,t.length-n)}catch(r){let s=r.code;if(s==="EPIPE"&&process.exit(0),s!=="EAGAIN")throw r;dt()}}};function pt(e,t){for(let n of["uncaughtException","unhandledRejection"])process.on(n,r=>{let s=r instanceof
Error?r.stack??String(r):String(r);e.send({type:"log",level:"error",origin:"process",text:`${n}: ${s}`})});process.on("SIGINT",()=>{}),e.listen(t)}var O=y(require("node:fs"),1),m=y(require("node:path"),1),mt=require("node:url");function bn(e){return JSON.parse(O.default.readFileSync(e,"utf8"))}function ye(e){if(typeof e=="string")return e;if(Array.isArray(e))return e.map(ye).find(t=>t!==void 0);if(!(e===null||typeof e!="object"))for(let[t,n]of Object.entries(e)){if(!["import","node","module-sync","default"].includes(t))continue;let r=ye(n);if(r!==
void 0)return r}}function xn(e){for(let t=e;;t=m.default.dirname(t)){if(O.default.existsSync(m.default.join(t,"package.json")))return t;if(t===m.default.dirname(t))return e}}function ge(e,t="."){let{name:n,version:r,exports:s,main:o}=bn(m.default.join(e,"package.json")),c=Object.keys(Object(s)).some(f=>f.startsWith("."))?s[t]:s,a=ye(c)??(t==="."?o??"index.js":t);return{folder:e,entry:m.default.join(
e,a),name:n??m.default.basename(e),version:r??""}}function gt(e,t=process.cwd()){if(m.default.isAbsolute(e)){let o=O.default.realpathSync(e);if(O.default.statSync(o).isDirectory())return ge(o);let i=xn(m.default.dirname(o));return O.default.existsSync(m.default.join(i,"package.json"))?{...ge(i),entry:o}:{folder:i,entry:o,name:m.default.basename(o),version:""}}let n=e.split("/"),r=n.slice(0,e.startsWith(
"@")?2:1).join("/"),s=[".",...n.slice(r.split("/").length)].join("/");for(let o=m.default.resolve(t);;o=m.default.dirname(o)){let i=m.default.join(o,"node_modules",r);if(O.default.existsSync(m.default.join(i,"package.json")))return ge(O.default.realpathSync(i),s);if(o===m.default.dirname(o))throw new Error(`the package ${r} is not installed under ${t}`)}}function kn(e){let t=Object.keys(Object(e)).
filter(n=>/^create\w+World$/.test(n));return t.length===1?t:[]}async function yt(e,t,n,r){let s=await import(`${(0,mt.pathToFileURL)(e.entry)}${n}`),o=t.factory===void 0?["createWorld","default"]:[t.factory];r();for(let i of[s,s.default])for(let c of t.factory===void 0?[...o,...kn(i)]:o){let a=i?.[c];if(typeof a=="function")return await a(t.options??{});if(typeof a?.events?.create=="function")return a}
throw new Error(`${e.name} exports no ${o.join(" or ")} that makes a World`)}function K(e,t){try{return e?.[t]}catch(n){console.warn(`reading ${t} of the World failed:`,n);return}}async function wt(e){try{typeof e?.close=="function"&&await e.close()}catch(t){console.warn("closing the World failed:",t)}}async function we(e,t,n){if(t.startsWith("stream."))return await(await import("./streams.mjs")).
performStream(e,t,n);let r=t.split("."),s=r.pop(),o=r.reduce((i,c)=>i?.[c],e);if(typeof o?.[s]!="function")throw Object.assign(new Error(`the World has no ${t}`),{name:"NotImplemented",code:"NOT_IMPLEMENTED"});return await o[s](...n)}async function bt(e,t){let n=Array.from({length:t},()=>we(e,"runs.get",["wrun_00000000000000000000000000"]));return await Promise.allSettled(n)}var g=new Y(Number(process.env.WORLD_HOST_IN??3),Number(process.env.WORLD_HOST_OUT??4));delete process.env.WORLD_HOST_IN;delete process.env.WORLD_HOST_OUT;Buffer.poolSize=1024;var E=new Map,xe=new Map,kt=!1,be=new Map,v,Sn,On,En;var $n,jn=(e,t,n,r)=>{if(Ie())return;let s=Sn?.isByDesign(e,t,n)||void 0;r??=E.size===1?[...E.keys()][0]:void 0,g.send({type:"log",level:e,origin:t,text:n,actor:r,byDesign:s})};Ze(jn);var St={blocking:!0,report(e,t,n){let{call:r}=e;this.blocking||be.set(t,r.actor);let s=e.describe(),{cuts:o,rest:i,origin:c}=e,a={cut:o,rest:i,...c,passed:n||void 0,clock:B()};g.send({type:"gate",gate:t,call:r.id,actor:r.
actor.name,...s,...a},n)},pass(e){$(B()+e)},wait(e){let t=[];for(;;){let n=g.take();if(n.type==="close"&&Ot(n.id),n.type==="go"&&n.gate===e)return g.putBack(t),$(n.clock),{cut:n.cut,ahead:n.ahead};t.push(n)}},finish(e){e.stacks&&ut(),xe.delete(e.id);let t=In(e),n=e.next?.(t),r=n!==void 0;g.send({...t,id:e.id,more:r||void 0,clock:B()},r),n?.()},waits(e){e.gated&&g.send({type:"waits",call:e.id,actor:e.
actor.name})},where:it};$e(St);function In({outcome:e,stacks:t}){let{value:n,error:r}=e??{};if(r!==void 0)return{type:"error",error:V(r.thrown,t)};try{return{type:"result",value:A(n)??null}}catch(s){return{type:"error",error:{...V(s,!0),code:"UNSENDABLE"}}}}function Ot(e){g.send({type:"done",id:e}),process.exit(0)}function Et(e,t){$(t),Re(String(e));for(let n of E.values())n.random.seed(`${e}:${n.
name}`)}async function An({id:e,world:t,actors:n,seed:r,clock:s}){try{St.blocking=n.length===1;let o=E.size>0;for(let d of n)E.set(d,new G(d,new q("")));Et(r,s),o||Fe(),process.env.PGAPPNAME??=`world-host-${process.pid}`;let i=gt(t.module,t.root);ct(i),o||await Ye(t,i.folder),kt=t.gates?.includes("call")??!1;let c;for(let d of E.values()){if(c===void 0||!t.shared){let p=()=>g.send({type:"opening",
id:e,doing:"world"}),h=d.name===n[0]?En?.copy()??"":`?actor=${d.name}`;c=await re(d).run(()=>yt(i,t,h,p))}d.world=c,await re(d).run(()=>bt(c,t.warm??2))}g.send({type:"opening",id:e,doing:"host"}),xt.flushCompileCache?.();let a=K(c,"specVersion"),f=Object.entries(K(c,"capabilities")??{}).filter(([,d])=>d===!0);typeof K(c,"events")?.createBatch=="function"&&f.push(["createBatch",!0]);let u={type:"op\
ened",id:e,name:i.name,version:i.version,specVersion:Number.isSafeInteger(a)?a:void 0,capabilities:f.map(([d])=>d),platform:`node ${process.versions.node}`,runtime:v&&{version:v.version,dialect:v.dialect,inline:v.inline||void 0}};g.send(u)}catch(o){g.send({type:"failed",id:e,error:V(o,!0)})}}function Nn({id:e,actor:t,op:n,args:r,gated:s,stacks:o,ahead:i,clock:c},a){$(c);let f=E.get(t);if(f===void 0)return g.send({type:"error",id:e,error:{name:"HostError",message:`no actor ${t} is open here`}});let u=new R(e,f,s===!0,o===!0);u.ahead=i,u.next=a,u.stacks&&ft(),xe.set(e,u);let d=n.startsWith("runtime.")?v:void 0;u.ordered=d!==void 0;let p=()=>u.run(()=>(d?.perform(n,r)??we(f.world,n,r)).then(
l=>u.settle({value:l}),l=>u.settle({error:{thrown:l}})));if(!u.gated||!kt||d)return void p();let h={call:u,origin:u.stacks?$n?.definition(f.world,n):void 0,describe:()=>({label:[n,r[1]?.eventType].filter(Boolean).join(" "),access:"unknown",keys:[]}),perform:()=>{k(h),p()}};F(h)}async function Tn(e){for(let{world:t,dead:n}of E.values())n||await wt(t);Ot(e)}function Ln(e){switch(e.type){case"call":return Nn(e);case"calls":return;case"go":{let t=be.get(e.gate);return $(e.clock),t===void 0?void 0:(be.delete(e.gate),Be(t,e.cut))}case"halt":{let t=xe.get(e.call);return t!==void 0&&(t.ahead=void 0),g.send({type:"done",id:e.id})}case"reset":return Et(e.seed,e.clock),g.send({type:"done",id:e.id},!0);case"die":return;case"open":return void je(()=>An(e));case"\
close":return void Tn(e.id);case"relay_result":return $(e.clock),On?.relayResult(e);default:console.warn(`the host does not know the message ${e.type}`)}}pt(g,Ln);
}
