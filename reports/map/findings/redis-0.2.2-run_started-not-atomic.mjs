/**
 * @workflow-worlds/redis@0.2.2: Every pair of operations, from every state
 *
 * run_started against run_cancelled; pending
 *
 * WRONG run1 is stored as running; its events make it cancelled
 * RULE  run.terminal-stays: a finished run never leaves its terminal status
 * WRONG the events say run1 is cancelled; the database says running
 * RULE  log.folds: the events of a run and the stored run and steps say the same
 * KIND  not atomic. It holds in sequence and breaks in a race: another call changes what was checked before
 *       the write.
 * FIX   Check and write in one operation: a transaction with a lock, a conditional update, a unique index.
 * WHERE in the package, in the order of the schedule: src/storage.ts:236 (dist/storage.js:114),
 *       src/storage.ts:247 (dist/storage.js:122), src/storage.ts:291 (dist/storage.js:156), src/storage.ts:303
 *       (dist/storage.js:167), src/storage.ts:572 (dist/storage.js:371)
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
 * let go, in this order: aA2bB5A2 (A2B is: an operation of A, another one, one of B; a small letter is where
 * an actor begins).
 * Written by workflow-world-conformance 0.1.0. The suite sees it again with:
 *
 *     pytest --world=redis '--world-replay=map/storage/run_started~run_cancelled@pending/aA2bB5A2'
 */

// ---- What was recorded ----

/** The ids of this run; those that are empty are minted by the World. */
const id = { run1: '' };

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
          input: asStored(['x']),
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
    // HGETALL runs:run1  src/storage.ts:236
    // HGETALL runs:run1  src/storage.ts:247
    // HSET runs:run1, ZREM runs:idx:status:pending, ZADD runs:idx:status:running  src/storage.ts:303
    // ZADD events:run1  src/storage.ts:572
    {
      actor: 'A', op: 'events.create', says: 'A: run_started', at: 4,
      args: () => [id.run1, { specVersion: 2, eventType: 'run_started' }],
      answer: 'success',
    },
  ],
  B: [
    // HGETALL runs:run1  src/storage.ts:236
    // HGETALL runs:run1  src/storage.ts:247
    // SMEMBERS hooks:idx:run:run1  src/storage.ts:291
    // HSET runs:run1, ZREM runs:idx:status:pending, ZADD runs:idx:status:cancelled, DEL hooks:idx:run:run1  src/storage.ts:303
    // ZADD events:run1  src/storage.ts:572
    {
      actor: 'B', op: 'events.create', says: 'B: run_cancelled', at: 205,
      args: () => [id.run1, { specVersion: 2, eventType: 'run_cancelled' }],
      answer: 'success',
    },
  ],
};

/** Whose operation went ahead, in order. */
const SCHEDULE = 'aA2bB5A2';

/** What goes wrong in the race: with which operation, counted over all actors from 0. */
const FAULTS = [];

/** What came after the race, alone. */
const AFTER = [];

/** What is looked at in the end. */
const RUNS = ['run1'];
const TOKENS = [];

/** The World's logical clock begins here, in ms since 1970. */
const START = 1767225901517;

// ---- What would be right ----

/** Right is this, together with one of the following: the calls in any order, one by one. */
const ALWAYS = {
  'B: run_cancelled': 'success',
  run1: 'cancelled',
  'log of run1: run_created': '1 x',
  'log of run1: run_cancelled': '1 x',
};
const EITHER = [
  { 'A: run_started': 'success', 'startedAt of run1': '1 value', 'log of run1: run_started': '1 x' },
  { 'A: run_started': 'gone or conflict' },
];

/** As right, unless the first call of each pair is answered before the second begins. */
const OVERLAPPED = [];
const BEFORE = [];

/** What was recorded and no right outcome has. */
const WRONG = { run1: 'running' };
const BROKEN = 'run1 is stored as running; its events make it cancelled';

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
var Ht=Object.create;var ne=Object.defineProperty;var Gt=Object.getOwnPropertyDescriptor;var qt=Object.getOwnPropertyNames;var Vt=Object.getPrototypeOf,Yt=Object.prototype.hasOwnProperty;var F=(e,t,n)=>()=>{if(n)throw n[0];try{return e&&(t=e(e=0)),t}catch(r){throw n=[r],r}};var Ie=(e,t)=>{for(var n in t)ne(e,n,{get:t[n],enumerable:!0})},Kt=(e,t,n,r)=>{if(t&&typeof t=="object"||typeof t=="function")for(let s of qt(t))!Yt.call(e,s)&&s!==n&&ne(e,s,{get:()=>t[s],enumerable:!(r=Gt(t,s))||r.enumerable});return e};var b=(e,t,n)=>(n=e!=null?Ht(Vt(e)):{},Kt(t||!e||!e.__esModule?ne(n,"default",{value:e,enumerable:!0}):n,e));function un(e){let t=new Set;for(let[,n,r]of e.matchAll(cn)){let s=n.replace(/["`\s]/g,"");fn.has(s.toLowerCase())||r!==void 0&&!/\binto\s+\S+\s*\($/i.test(e.slice(0,e.indexOf(n)+n.length)+r)||t.add(s)}return[...t]}function Xe(e,{isolation:t}){return t===""?e:{label:e.label,access:t==="snapshot"?e.access:"unknown",keys:[]}}function Ze(e,t){let n=on.exec(e)?.[1];n!==void 0&&(t.isolation=/^serializable$/i.
test(n)?"serializable":"snapshot",sn.test(e)&&(t.usual=t.isolation))}function dn(e,t){let n=e.sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g," ").replace(/'(?:[^']|'')*'/g,"''").trim(),r=(/^[a-z]+/i.exec(n)?.[0]??"").toUpperCase();switch(r){case"":return{label:"empty",access:"unknown",keys:[]};case"BEGIN":case"START":return t.begin(),Ze(n,t),{label:"BEGIN",access:"read",keys:[D]};case"COMMIT":case"END":case"\
ROLLBACK":case"ABORT":{if(/\bto\b/i.test(n))return{label:r,access:"write",keys:[D]};let{statements:f,anything:h,tables:p}=t,d=h?{label:r,access:"unknown",keys:[]}:Xe({label:r,access:"write",keys:[...p,D],statements:f},t);return t.end(),d}case"SET":return Ze(e.sql,t),{label:r,access:"read",keys:[D]};case"SAVEPOINT":case"RELEASE":case"SHOW":case"PRAGMA":case"DEALLOCATE":return{label:r,access:"read",
keys:[D]}}let s=/;\s*\S/.test(n),o=Qe.test(n),i=un(n.replace(new RegExp(Qe.source,"gi")," ")),c=[r,...i].join(" ")+(o?" FOR UPDATE":""),a=!s&&["SELECT","INSERT","REPLACE","UPDATE","DELETE","MERGE","WITH","VALUES","TABLE"].includes(r),l=o||r==="REPLACE"||ln.test(n);if(!a||i.length===0||!l&&an.test(n))return t.add(null),{label:c,access:"unknown",keys:[]};let u={...e,tables:i};return l&&t.add(u),Xe({
label:c,access:l?"write":"read",keys:i,statements:[u]},t)}function et(e,t){let n=e.map(a=>dn(a,t));if(n.length===0)return{label:"protocol message",access:"unknown",keys:[]};let r=n.map(a=>a.label).join(", "),s=n.some(a=>a.access==="unknown"),o=s?"unknown":n.some(a=>a.access==="write")?"write":"read";if(s||n.some(a=>a.keys.length===0))return{label:r,access:o,keys:[]};let i=n.flatMap(a=>a.statements??
[]),c=[...new Set(n.flatMap(a=>a.keys))];return i.length===0?{label:r,access:o,keys:c}:{label:r,access:o,keys:c,statements:i}}var Y,sn,on,D,K,cn,an,Qe,ln,fn,tt=F(()=>{Y=class{open=!1;statements=[];anything=!1;isolation="";usual="";end(){this.open=!1,this.statements=[],this.anything=!1,this.isolation=this.usual}begin(){this.end(),this.open=!0}add(t){this.open&&(t===null?this.anything=!0:this.statements.
push(t))}get tables(){return[...new Set(this.statements.flatMap(({tables:t})=>t??[]))]}},sn=/\bsession\s+characteristics\b|\bdefault_transaction_isolation\b/i,on=/isolation\b[^;]*?\b(repeatable\s+read|serializable|snapshot)\b/i,D="@session",K='(?:"[^"]+"|`[^`]+`|[a-zA-Z_][\\w$]*)',cn=new RegExp(`\\b(?:from|join|into|update|table|using)\\s+(?:only\\s+)?(${K}(?:\\s*\\.\\s*${K})*)(\\s*\\()?`,"gi"),an=
new RegExp(`${K}\\s*\\.\\s*${K}\\s*\\(`),Qe=/\bfor\s+(?:no\s+key\s+|key\s+)?(?:update|share)\b/i,ln=/\b(?:insert|update|delete|merge|truncate)\b/i,fn=new Set(["set","select","lateral","values","skip","of","nowait"])});var he={};Ie(he,{mysql:()=>Sn});function ue(e){return e.toString("utf8",y+1,y+1+kn)}function de(e){if(e==="")return"";let t=e.replace(En," "),{label:n}=et([{sql:t.replace(xn," "),values:[]}],new Y);return n==="SELECT"?`SELECT ${/^\s*select\s+(\w+)\s*\(/i.exec(e)?.[1]??""}`.trim():t===e?n:`${n} FOR SHARE`}var hn,pn,nt,mn,gn,bn,y,yn,wn,kn,xn,En,Sn,pe=F(()=>{tt();hn=1,pn=3,nt=22,mn=23,gn=25,bn={2:"US\
E",14:"PING",17:"CHANGE USER",26:"RESET STATEMENT",28:"FETCH",31:"RESET CONNECTION"},y=4,yn=2048,wn=32,kn=2e3,xn=/\bon\s+duplicate\s+key\s+update\b[\s\S]*/i,En=/\block\s+in\s+share\s+mode\b|\bfor\s+share\b/i,Sn=()=>{let e=!0,t=!1,n=new Map,r="";function s(o){let i=`write ${o.length} bytes`;if(t||o.length<=y||o[3]!==0)return i;switch(o[y]){case pn:return de(ue(o))||i;case nt:return`PREPARE ${de(ue(
o))}`.trim();case mn:return de(o.length>=y+5?n.get(o.readUInt32LE(y+1))??"":"")||"EXECUTE";default:return bn[o[y]]??i}}return{request(o){if(e&&!t&&o.length>y&&o[3]!==0)return t=o.readUIntLE(0,3)===wn&&(o.readUInt16LE(y)&yn)!==0,{replies:1,handshake:!0,describe:()=>({label:"handshake",access:"unknown",keys:[]})};e=!1;let i=t?0:o[y];i===nt&&(r=ue(o));let c=i===hn||i===gn,a=s(o);return{replies:c?0:1,
handshake:c,describe:()=>({label:a,access:"unknown",keys:[]})}},replies(o){return r!==""&&(o.length>=y+5&&o[y]===0&&n.set(o.readUInt32LE(y+1),r),r=""),Number.POSITIVE_INFINITY}}}});function me(e){let t=e[0];return ot.has(t)?null:t==="watch"||t==="eval_ro"||t==="evalsha_ro"||t==="fcall_ro"?"read":st.has(t)?"write":rt.get(t)??"unknown"}function ge(e){let t=e[0];return In.has(t)||ot.has(t)?[]:An.has(t)?e.slice(1):Nn.has(t)?e.slice(1,3):st.has(t)?e.slice(3,3+Number(e[2])):t==="mset"||t==="msetnx"?e.slice(1).filter((n,r)=>r%2===0):t==="xgroup"||t==="xinfo"||t==="object"||t==="mem\
ory"||t==="bitop"?e.slice(2,3):t==="zunionstore"||t==="zinterstore"||t==="zdiffstore"?[e[1],...e.slice(3,3+Number(e[2]))]:rt.has(t)?e.slice(1,2):[]}var Tn,On,rt,An,Nn,st,In,ot,it=F(()=>{Tn=`get mget strlen getrange substr exists type ttl pttl expiretime pexpiretime dump touch randomkey
 hget hmget hgetall hkeys hvals hlen hexists hstrlen hrandfield hscan
 smembers sismember smismember scard srandmember sunion sinter sdiff sintercard sscan
 zrange zrangebyscore zrangebylex zrevrange zrevrangebyscore zrevrangebylex zrank zrevrank zscore zmscore
 zcard zcount zlexcount zscan zunion zinter zdiff zrandmember zintercard
 lrange llen lindex lpos xrange xrevrange xlen xread xinfo xpending
 bitcount bitpos getbit pfcount geopos geodist geohash object memory keys scan dbsize time
 json.get json.mget json.type`,On=`set setnx setex psetex mset msetnx append incr incrby incrbyfloat decr decrby getset getdel getex
 setrange setbit bitop bitfield del unlink rename renamenx copy move expire pexpire expireat pexpireat persist
 hset hsetnx hmset hincrby hincrbyfloat hdel
 sadd srem spop smove sunionstore sinterstore sdiffstore
 zadd zrem zincrby zpopmin zpopmax zremrangebyscore zremrangebyrank zremrangebylex zrangestore zunionstore
 zinterstore zdiffstore
 lpush rpush lpushx rpushx lpop rpop lset lrem ltrim linsert lmove rpoplpush
 xadd xdel xtrim xgroup xack xclaim xautoclaim xreadgroup
 pfadd pfmerge geoadd publish flushdb flushall json.set json.del`,rt=new Map([...Tn.split(/\s+/).map(e=>[e,"read"]),...On.split(/\s+/).map(e=>[e,"write"])]),An=new Set("del unlink exists touch mget sunion sinter sdiff sunionstore sinterstore sdiffstore watch pfcount pfmerge".split(" ")),Nn=new Set(["rename","renamenx","copy","smove","rpoplpush","lmove","zrangestore"]),st=new Set(["eval","evalsha",
"eval_ro","evalsha_ro","fcall","fcall_ro"]),In=new Set("keys scan dbsize time randomkey flushdb flushall script xread xreadgroup".split(" ")),ot=new Set(["multi","exec","discard","unwatch"])});var ft={};Ie(ft,{commands:()=>be,describe:()=>lt,endOfReply:()=>ye,redis:()=>Bn});function at(e,t,n){return e.toString("utf8",t,n)}function be(e,t=Number.POSITIVE_INFINITY,n=at){let r=[],s=0,o=()=>{let i=0;for(;++s<e.length&&e[s]!==ct;)i=i*10+e[s]-48;return s+=2,i};for(;s<e.length&&e[s]===42;){let i=[];for(let c=o();c>0&&s<e.length;c--){let a=o();i.length<t&&i.push(n(e,s,s+Math.min(a,Ln))),s+=a+2}
if(s>e.length)break;i[0]=i[0].toLowerCase(),r.push(i)}return r}function ye(e,t){let n=e[t],r=0,s=t+1;for(;s<e.length&&e[s]!==ct;s++)r=r*10+e[s]-48|0;if(s+=2,s>e.length)return-1;switch(n){case 36:case 33:case 61:return r<0?s:(s+=r+2,s>e.length?-1:s);case 42:case 126:case 62:case 37:case 124:for((n===37||n===124)&&(r*=2);r>0&&s>=0;r--)s=s<e.length?ye(e,s):-1;return s;default:return s}}function Rn(e){
let[t,...n]=e;if(t==="multi"||t==="exec")return t.toUpperCase();let r=ge(e),s=r.length>0?r:n.slice(0,1);return[t.toUpperCase(),...s].join(" ")}function lt(e){let t=e.map(me).filter(i=>i!==null),n=t.includes("unknown")?"unknown":t.includes("write")?"write":"read",r=new Set,s=!0;for(let i of e){if(me(i)===null)continue;let c=ge(i);c.length===0&&(s=!1);for(let a of c)r.add(a)}let o=t.length===0&&!e.some(
([i])=>i==="exec");return{label:e.map(Rn).join(", "),access:t.length===0&&!o?"unknown":n,keys:o?["(connection)"]:s&&n!=="unknown"?[...r]:[]}}var ct,jn,$n,Ln,Bn,ut=F(()=>{it();ct=13,jn=new Set(["subscribe","psubscribe","ssubscribe","monitor","sync","psync"]),$n=new Set(["hello","auth","select","client","info","readonly","ping","quit","reset","command"]),Ln=512;Bn=()=>{let e=!1,t=null;return{request(n){
let s=be(n,1,at);return s.some(o=>jn.has(o[0]))&&(e=!0),{replies:e?0:s.length,handshake:e||s.every(o=>$n.has(o[0])),describe:()=>lt(be(n))}},replies(n){if(e)return 0;let r=t===null?n:Buffer.concat([t,n]),s=0,o=0;for(;o<r.length;){let i=ye(r,o);if(i<0)break;r[o]!==62&&r[o]!==124&&s++,o=i}return t=o<r.length?Buffer.from(r.subarray(o)):null,s}}}});var _t=b(require("node:module"),1);var je=require("node:async_hooks"),G=new je.AsyncLocalStorage,w,$e=0;function Le(e){w=e}var H=class{constructor(t,n){this.name=t,this.random=n,this.world=void 0,this.inFlight=null,this.held=[],this.reported=0,this.turns=0,this.dead=!1}},B=class{constructor(t,n,r,s){this.id=t,this.actor=n,this.gated=r,this.stacks=s,this.next=void 0,this.ahead=void 0,this.ordered=!1,this.live=!0,this.open=0,this.arisen=
0,this.outcome=null,this.whenIdle=[]}close(){if(this.open--,this.open===0)for(let t of this.whenIdle.splice(0))setImmediate(t)}run(t){return G.run(this,t)}settle(t){this.outcome=t,this.check()}check(){if(this.outcome===null||this.open>0||!this.live||this.actor.dead)return;let t=this.arisen;Ue(this.actor,()=>{if(!(!this.live||this.open>0)){if(this.arisen!==t)return void this.check();this.live=!1,w.
finish(this)}})}};function x(){let e=G.getStore();return e?.live?e:void 0}function Re(e){return G.exit(e)}function se(){return G.getStore()?.actor}function Be(){return se()?.dead===!0}function oe(e){let t=new B(0,e,!1,!1);return t.live=!1,t}function z(e){let{call:t}=e,{actor:n}=t;if(t.open++,t.arisen++,!t.gated&&!t.ordered)return N(e,!1),!0;if(!t.gated&&re(n)&&n.held.length===0)return n.inFlight=e,N(e,!1),!0;if(t.stacks&&(e.origin??=w.where()),t.gated&&w.blocking&&re(n)&&n.held.length===0)return _e(n,e,!1),!0;if(e.first&&n.reported!==0)return N(e,!1),!0;let r=e.first?n.held.findIndex(s=>!s.first):-1;return n.held.splice(r<0?n.held.length:
r,0,e),Ce(n),!1}function ze(e,t){let{call:n}=e;return n.stacks&&(e.origin=w.where()),n.open++,w.waits(n),()=>{t(),n.open--}}function Jt(e){let{call:t}=e,n=++$e,{ahead:r}=t;if(r!==void 0&&r.gates>0&&!e.first){r.gates--,w.report(e,n,!0),w.pass(r.ms);return}w.report(e,n,!1);let s=w.wait(n);return t.ahead=s.ahead,s.cut}function E(e){if(e.answered)return;e.answered=!0;let{call:t}=e,{actor:n}=t;t.close(),n.inFlight===e&&(n.inFlight=null,n.held.length>0&&Ue(n,()=>{})),t.check()}function re(e){return e.inFlight===null&&e.turns===
0}function Ue(e,t){e.turns++,setImmediate(()=>{e.turns--,t(),Ce(e)})}function Ce(e){if(!(!re(e)||e.reported!==0||e.held.length===0)){if(!e.held[0].call.gated){e.inFlight=e.held.shift(),N(e.inFlight,!0);return}if(w.blocking){_e(e,e.held.shift(),!0);return}e.reported=++$e,w.report(e.held[0],e.reported,!1)}}function _e(e,t,n){e.inFlight=t;let r=Jt(t);e.dead||N(t,n,r)}function N(e,t,n){try{e.perform(t,
n)}catch(r){throw E(e),r}}function ve(e,t){let n=e.held.shift();e.reported=0,e.inFlight=n,N(n,!0,t)}var Pe=b(require("node:crypto"),1),Me=require("node:module");var ie=Date,q=16777619,C=0,We=!1;function I(e){e!==void 0&&e>C&&(C=e)}function j(){return C}function Fe(e){We=e}function ce(){return We||x()===void 0?C:++C}var _=class{constructor(t){this.seed(t)}seed(t){let[n,r,s,o]=[2166136261,16777619,3735928559,625341585];for(let i=0;i<t.length;i++){let c=t.charCodeAt(i);n=Math.imul(n^c,q),r=Math.imul(r^c+1,q),s=Math.imul(s^c+2,q),o=Math.imul(o^c+3,q)}this.a=n,
this.b=r,this.c=s,this.d=o;for(let i=0;i<12;i++)this.next()}next(){let{a:t,b:n,c:r,d:s}=this,o=t+n+s|0;return this.d=s+1|0,this.a=n^n>>>9,this.b=r+(r<<3)|0,this.c=(r<<21|r>>>11)+o|0,o>>>0}fraction(){return(this.next()*2**21+(this.next()>>>11))/2**53}fill(t){for(let n=0;n<t.length;n++)t[n]=this.next()&255;return t}},He=new _("background");function U(){let e=se();return x()?.actor.random??(e?.dead?e.
random:He)}function Ge(e){He.seed(`${e}:background`)}function ae(e,t=0,n=void 0){let r=ArrayBuffer.isView(e)?new Uint8Array(e.buffer,e.byteOffset,e.byteLength):new Uint8Array(e);return U().fill(r.subarray(t,n===void 0?void 0:t+n)),e}function De(){let e=U().fill(new Uint8Array(16));e[6]=e[6]&15|64,e[8]=e[8]&63|128;let t=Buffer.from(e).toString("hex");return`${t.slice(0,8)}-${t.slice(8,12)}-${t.slice(
12,16)}-${t.slice(16,20)}-${t.slice(20)}`}function Qt(){let e=new Proxy(ie,{construct:(t,n,r)=>Reflect.construct(t,n.length===0?[ce()]:n,r===e?t:r),apply:()=>new ie(ce()).toString(),get:(t,n)=>n==="now"?ce:Reflect.get(t,n)});ie.prototype.constructor=e,globalThis.Date=e}function Xt(){Math.random=()=>U().fraction();let e=Pe.default;e.randomBytes=(n,r)=>{let s=Buffer.from(U().fill(new Uint8Array(n)));
return r===void 0?s:void process.nextTick(r,null,s)},e.randomFillSync=ae,e.randomFill=(n,...r)=>{let s=r.pop();process.nextTick(s,null,ae(n,...r))},e.randomInt=(...n)=>{let r=typeof n.at(-1)=="function"?n.pop():void 0,[s,o]=n.length>1?n:[0,n[0]],i=s+Math.floor(U().fraction()*(o-s));return r===void 0?i:void process.nextTick(r,null,i)},e.randomUUID=De;let t=Object.getPrototypeOf(globalThis.crypto);t.
getRandomValues=ae,t.randomUUID=De}function qe(){Qt(),Xt(),(0,Me.syncBuiltinESMExports)()}function en(e){if(typeof e=="number")return e;if(e instanceof Date)return(e.getTime()-j())/1e3}var tn=4;function Ve(e,t=1){let n=e.cause??(Array.isArray(e.errors)?e.errors[0]:void 0);if(n==null)return;if(typeof n!="object")return String(n);let r=n.code===void 0||String(n.message).includes(n.code)?"":` (${n.code})`,s=t<tn?Ve(n,t+1):void 0;return n.message===e.message&&!r?s:`${n.name??"Error"}: ${n.
message}${r}${s?`, caused by ${s}`:""}`}function V(e,t){if(e===null||typeof e!="object")return{name:"Error",message:String(e)};let{status:n,code:r}=e;return{name:String(e.name??"Error"),message:String(e.message??e),status:typeof n=="number"?n:void 0,code:r==null?void 0:String(r),retryAfter:en(e.retryAfter),cause:Ve(e),stack:t&&typeof e.stack=="string"?e.stack:void 0}}var we=b(require("node:path"),1),dt=require("node:url");var Ye=b(require("node:net"),1);var Ke=()=>({request:e=>({replies:1,handshake:!1,describe:()=>({label:`write ${e.length} bytes`,access:"unknown",keys:[]})}),replies:()=>Number.POSITIVE_INFINITY}),le=class{constructor(t,n){this.socket=t,this.talk=n,this.expected=[],this.waiting=0,this.holder=void 0,this.behind=[],this.owner=void 0;let r=t.push;t.push=(s,o)=>s!==null&&this.receive(s)?(this.closed(),t.destroy(fe()),!1):r.call(t,s,o),
t.prependListener("error",()=>this.closed()),t.once("close",()=>this.closed())}call(){return x()??(this.owner?.live?this.owner:void 0)}expect(t,n,r=!1){t.replies>0?this.expected.push({request:t,operation:n,left:t.replies,cut:r}):n!==null&&E(n)}receive(t){if(this.expected.some(r=>r.cut))return!0;let n=this.talk.replies(t);if(typeof n!="number"){for(let r of n)this.take(this.expected.findIndex(s=>s.
request.ids?.includes(r)));return!1}for(let r=n;r>0&&this.expected.length>0;r--)this.take(0);return!1}take(t){if(t<0)return;let n=this.expected[t];--n.left>0||(this.expected.splice(t,1),n.operation!==null&&E(n.operation))}moveUp(){for(;this.waiting===0&&this.behind.length>0;)this.behind.shift()?.()}closed(){for(let{operation:t}of this.expected.splice(0))t!==null&&E(t)}},v=Symbol("channel");function fe(){return Object.assign(new Error("read ECONNRESET"),{code:"ECONNRESET",errno:-104,syscall:"read"})}function Je(e,t){let n=Ye.default.Socket.prototype,{_writeGeneric:r,write:s,connect:o}=n,i=new Set(e.map(String)),c=Symbol("path");function a(l){if(l[v]!==void 0)return l[v];let u=l[c]??l.remotePort,f=u!==void 0&&(i.size===0||i.has(String(u)));return l[v]=f?new le(l,t()):null,l[v]}n.connect=
function(...u){let f=Array.isArray(u[0])?u[0][0]:u[0],h=typeof f=="string"&&!/^\d+$/.test(f)?f:f?.path;return typeof h=="string"&&(this[c]=h),o.apply(this,u)},n.write=function(u,f,h){let p=this[v];return p&&(p.owner=x()??p.owner),s.call(this,u,f,h)},n._writeGeneric=function(u,f,h,p){if(this.connecting)return r.call(this,u,f,h,p);let d=a(this);if(d===null)return r.call(this,u,f,h,p);let ee=d.call(),
$=d.talk.request(nn(u,f,h,ee?.gated)),L=$.handshake?void 0:ee,R=this;if(L===void 0){let k=()=>{d.expect($,null),r.call(R,u,f,h,p)};d.waiting>0||d.behind.length>0?d.behind.push(k):k();return}let A={call:L,describe:$.describe,cuts:!0,perform:(k,Ne)=>{if(k&&d.waiting--,R.destroyed){E(A),k&&d.moveUp();return}if(Ne==="before"){E(A),k||te?R.destroy(fe()):p(fe());return}d.expect($,A,Ne==="after"),r.call(
R,u,f,h,k||te?Ft:p),k&&d.moveUp()}},Ft=k=>{k&&R.destroy(k)},te=!1,Ae=()=>{te=!0,p()};if(d.behind.length>0||d.waiting>0&&d.holder!==L.actor){d.behind.push(ze(A,()=>{d.waiting++,d.holder=L.actor,z(A)&&d.waiting--})),Ae();return}d.waiting++,d.holder=L.actor,z(A)?d.waiting--:Ae()}}function nn(e,t,n,r){return e?Buffer.concat(t.map(s=>{let o=s.chunk??s;return typeof o=="string"?Buffer.from(o,s.encoding):o})):typeof t!="string"?t:Buffer.from(t,n)}var zn={mariadb:async()=>(await Promise.resolve().then(()=>(pe(),he))).mysql,mongodb:async()=>(await import("./mongodb.mjs")).mongodb,mysql:async()=>(await Promise.resolve().then(()=>(pe(),he))).mysql,postgres:async()=>(await import("./postgres.mjs")).postgres,redis:async()=>(await Promise.resolve().then(()=>(ut(),ft))).redis};function Un(e){return Object.values(e).flatMap(t=>typeof t!="string"?[]:
t.startsWith("file:///")?[we.default.dirname((0,dt.fileURLToPath)(t))]:we.default.isAbsolute(t)?[t]:[])}async function ht(e,t){for(let n of e.gates??["net"])switch(n){case"net":Je(e.ports??[],await zn[e.protocol??""]?.()??Ke);break;case"fs":(await import("./fs.mjs")).patch(e.paths??Un(e.options??{}));break;case"libsql":await(await import("./libsql.mjs")).patch(t);break;case"call":break;default:throw new Error(
`this host has no gates for ${n}`)}}var mt=require("node:util");var Cn={log:"info",info:"info",debug:"debug",trace:"debug",dir:"info",warn:"warn",error:"error"},_n=[[50,"error"],[40,"warn"],[30,"info"],[0,"debug"]];function vn(e,t){let n=/^\{.*"level":\s*(?:(\d+)|"(\w+)")/.exec(e),r=n?.[1];if(r!==void 0)return _n.find(([o])=>Number(r)>=o)[1];let s=n?.[2]??/\b(?:workflow:[\w-]+:)(debug|info|warn|error)\b/.exec(e)?.[1]??/^\s*\[?(debug|info|warn|warning|error|fatal)\]?[:\s]/i.
exec(e)?.[1];if(s!==void 0){let o=s.toLowerCase();return o==="fatal"||o==="error"?"error":o.startsWith("warn")?"warn":o==="debug"?"debug":"info"}return/^\(node:\d+\) /.test(e)?"warn":/^(?:Uncaught )?\w*Error\b/.test(e)?"error":t}function pt(e,t){return/^\[Workflow\]|\bworkflow:[\w-]+:/.test(e)?"runtime":t}function gt(e){for(let[t,n]of Object.entries(Cn))console[t]=(...r)=>{let s=x(),o=(0,mt.format)(
...r);e(n,pt(o,s===void 0?"console":"world"),o,s?.actor.name)};for(let[t,n]of[[process.stdout,"info"],[process.stderr,"warn"]])t.write=((r,s,o)=>{let i=typeof r=="string"?r:Buffer.from(r).toString("utf8"),c=x()?.actor.name;for(let l of i.split(`
`))l.trim()!==""&&e(vn(l,n),pt(l,"process"),l,c);let a=typeof s=="function"?s:o;return typeof a=="function"&&process.nextTick(a),!0})}var bt=Date;function O(e,t=0){if(e===null||typeof e=="string"||typeof e=="number"||typeof e=="boolean")return e;if(typeof e=="bigint")return Number.isSafeInteger(Number(e))?Number(e):String(e);if(typeof e!="object")return;if(t>200)throw new TypeError("a value is too deep, or holds itself, and cannot be sent");if(e instanceof bt)return Number.isNaN(e.getTime())?null:{$date:bt.prototype.toISOString.
call(e)};if(Array.isArray(e))return e.map(s=>O(s,t+1)??null);if(ArrayBuffer.isView(e))return{$bytes:Buffer.from(e.buffer,e.byteOffset,e.byteLength).toString("base64")};if(e instanceof ArrayBuffer)return{$bytes:Buffer.from(e).toString("base64")};if(typeof e.toJSON=="function")return O(e.toJSON(),t+1);if(e instanceof Map)return O(Object.fromEntries(e),t+1);if(e instanceof Set)return O([...e],t+1);let n,
r=!1;for(let s of Object.keys(e)){let o=O(e[s],t+1);o!==void 0&&s.startsWith("$")&&(r=!0),o!==e[s]&&((n??={...e})[s]=o)}return r?{$object:n??e}:n??e}function J(e){if(e===null||typeof e!="object")return e;if(Array.isArray(e))return e.map(J);if(typeof e.$bytes=="string")return new Uint8Array(Buffer.from(e.$bytes,"base64"));if(typeof e.$date=="string")return new Date(e.$date);let t=e.$object??e;for(let n of Object.
keys(t))t[n]=J(t[n]);return t}var M=require("node:async_hooks"),wt=b(require("node:path"),1),kt=require("node:url"),Pn=60,Mn=400,Wn=8,ke=new Map,P=["",""],Q,xt=0;function xe(){let e=Error.stackTraceLimit;Error.stackTraceLimit=Pn;let t={};return Error.captureStackTrace(t,xe),Error.stackTraceLimit=e,t}var Et=(0,M.createHook)({init(e,t,n){ke.set(e,{error:xe(),trigger:n,execution:(0,M.executionAsyncId)()})}});function yt(e){return(e??
"").split(`
`).flatMap(Fn)}function Fn(e){let t=P.find(a=>e.includes(a));if(t===void 0)return[];let n=e.slice(e.indexOf(t)+t.length+1),r=/^(.*?)(?:\?[^:]*)?:(\d+):(\d+)/.exec(n);if(r===null||n.includes("node_modules/"))return[];let s=t===P[0]?r[1]:decodeURI(r[1]),o=wt.default.join(P[0],s),i=`${s}:${r[2]}`;return[{line:Q?.original(P[0],o,Number(r[2]),Number(r[3]))??i,compiled:i,helps:Q?.isShared(o)??!1}]}function St(){
let e=yt(xe().stack),t=[(0,M.executionAsyncId)()],n=new Set(t);for(let c=t.shift();c!==void 0&&n.size<Mn&&!e.some(l=>!l.helps);c=t.shift()){let a=ke.get(c);if(a!==void 0){e.push(...yt(a.error.stack));for(let l of[a.trigger,a.execution])n.has(l)||t.push(l),n.add(l)}}let r=e.find(c=>!c.helps)??e[0];if(r===void 0)return;let s=e.indexOf(r),o=e.filter((c,a)=>a<=s||!c.helps),i=[...new Set(o.map(({line:c})=>c))].
slice(-Wn);return{where:r.line,compiled:r.line===r.compiled?void 0:r.compiled,frames:i.length>1?i:void 0}}function Tt({folder:e,entry:t},n){P=[e,(0,kt.pathToFileURL)(e).href],Q=n,Q?.beginAt(t)}function Ot(){xt++===0&&Et.enable()}function At(){--xt>0||(Et.disable(),ke.clear())}var jt=b(require("node:fs"),1),$t=b(require("node:net"),1);var Nt=10,{readSync:Hn,writeSync:Gn,openSync:qn}=jt.default,{setTimeout:Vn}=globalThis,Yn=5;function Kn(e){for(let t of[`/proc/self/fd/${e}`,`/dev/fd/${e}`])try{return qn(t,"r")}catch{continue}return e}var Jn=new Int32Array(new SharedArrayBuffer(4));function It(){Atomics.wait(Jn,0,0,.2)}var X=class{constructor(t,n){this.inFd=t,this.outFd=n,this.blockingFd=Kn(t),this.chunk=Buffer.allocUnsafe(65536),
this.rest=[],this.lines=[],this.returned=[],this.scheduled=!1,this.unsent="",this.due=void 0,this.handle=()=>{}}listen(t){this.handle=t;let n=(i,c)=>(this.feed(Buffer.from(c.buffer,c.byteOffset,i)),this.scheduled||this.next(),!0),r={buffer:Buffer.allocUnsafeSlow(65536),callback:n},s=new $t.default.Socket({fd:this.inFd,readable:!0,writable:!1,onread:r}),o=()=>process.exit(0);s.on("end",o),s.on("err\
or",o)}next(){this.scheduled=!1;let t=this.returned.shift()??this.queued();t!==void 0&&(this.schedule(),this.handle(t))}schedule(){this.scheduled||this.returned.length+this.lines.length===0||(this.scheduled=!0,setImmediate(()=>this.next()))}putBack(t){this.returned.push(...t),this.schedule()}queued(){let t=this.lines.shift();return t===void 0?void 0:this.parse(t)}take(){for(;;){let t=this.queued();
if(t!==void 0)return t;let n=0;try{n=Hn(this.blockingFd,this.chunk,0,this.chunk.length,null)}catch(r){let s=r.code;if(s==="EAGAIN"){It();continue}if(s!=="EOF")throw r}n===0&&process.exit(0),this.feed(this.chunk.subarray(0,n))}}feed(t){let n=0;for(let r=t.indexOf(Nt);r>=0;r=t.indexOf(Nt,n)){let s=t.toString("utf8",n,r);this.rest.length>0&&(s=Buffer.concat([...this.rest,t.subarray(n,r)]).toString("u\
tf8"),this.rest=[]),this.lines.push(s),n=r+1}n<t.length&&this.rest.push(Buffer.from(t.subarray(n)))}parse(t){let n=JSON.parse(t);return t.includes('"$')?J(n):n}send(t,n=!1){this.unsent+=JSON.stringify(t)+`
`,n?this.due??=Vn(()=>{this.due=void 0,this.flush()},Yn):this.flush()}flush(){let t=Buffer.from(this.unsent);this.unsent="";let n=0;for(;n<t.length;)try{n+=Gn(this.outFd,t,n,t.length-n)}catch(r){let s=r.code;if(s==="EPIPE"&&process.exit(0),s!=="EAGAIN")throw r;It()}}};function Lt(e,t){for(let n of["uncaughtException","unhandledRejection"])process.on(n,r=>{let s=r instanceof Error?r.stack??String(r):
String(r);e.send({type:"log",level:"error",origin:"process",text:`${n}: ${s}`})});process.on("SIGINT",()=>{}),e.listen(t)}var S=b(require("node:fs"),1),m=b(require("node:path"),1),Rt=require("node:url");function Qn(e){return JSON.parse(S.default.readFileSync(e,"utf8"))}function Se(e){if(typeof e=="string")return e;if(Array.isArray(e))return e.map(Se).find(t=>t!==void 0);if(!(e===null||typeof e!="object"))for(let[t,n]of Object.entries(e)){if(!["import","node","module-sync","default"].includes(t))continue;let r=Se(n);if(r!==
void 0)return r}}function Xn(e){for(let t=e;;t=m.default.dirname(t)){if(S.default.existsSync(m.default.join(t,"package.json")))return t;if(t===m.default.dirname(t))return e}}function Ee(e,t="."){let{name:n,version:r,exports:s,main:o}=Qn(m.default.join(e,"package.json")),c=Object.keys(Object(s)).some(l=>l.startsWith("."))?s[t]:s,a=Se(c)??(t==="."?o??"index.js":t);return{folder:e,entry:m.default.join(
e,a),name:n??m.default.basename(e),version:r??""}}function Bt(e,t=process.cwd()){if(m.default.isAbsolute(e)){let o=S.default.realpathSync(e);if(S.default.statSync(o).isDirectory())return Ee(o);let i=Xn(m.default.dirname(o));return S.default.existsSync(m.default.join(i,"package.json"))?{...Ee(i),entry:o}:{folder:i,entry:o,name:m.default.basename(o),version:""}}let n=e.split("/"),r=n.slice(0,e.startsWith(
"@")?2:1).join("/"),s=[".",...n.slice(r.split("/").length)].join("/");for(let o=m.default.resolve(t);;o=m.default.dirname(o)){let i=m.default.join(o,"node_modules",r);if(S.default.existsSync(m.default.join(i,"package.json")))return Ee(S.default.realpathSync(i),s);if(o===m.default.dirname(o))throw new Error(`the package ${r} is not installed under ${t}`)}}function Zn(e){let t=Object.keys(Object(e)).
filter(n=>/^create\w+World$/.test(n));return t.length===1?t:[]}async function zt(e,t,n,r){let s=await import(`${(0,Rt.pathToFileURL)(e.entry)}${n}`),o=t.factory===void 0?["createWorld","default"]:[t.factory];r();for(let c of[s,s.default])for(let a of t.factory===void 0?[...o,...Zn(c)]:o){let l=c?.[a];if(typeof l=="function")return await l(t.options??{});if(typeof l?.events?.create=="function")return l}
let i=Object.keys(s).slice(0,10).join(", ")||"nothing";throw new Error(`${e.name} exports no ${o.join(" or ")} that makes a World; it exports ${i}`)}function Z(e,t){try{return e?.[t]}catch(n){console.warn(`reading ${t} of the World failed:`,n);return}}async function Ut(e){try{typeof e?.close=="function"&&await e.close()}catch(t){console.warn("closing the World failed:",t)}}async function Te(e,t,n){
if(t.startsWith("stream."))return await(await import("./streams.mjs")).performStream(e,t,n);let r=t.split("."),s=r.pop(),o=r.reduce((i,c)=>i?.[c],e);if(typeof o?.[s]!="function")throw Object.assign(new Error(`the World has no ${t}`),{name:"NotImplemented",code:"NOT_IMPLEMENTED"});return await o[s](...n)}async function Ct(e,t){let n=Array.from({length:t},()=>Te(e,"runs.get",["wrun_00000000000000000\
000000000"]));return await Promise.allSettled(n)}var g=new X(Number(process.env.WORLD_HOST_IN??3),Number(process.env.WORLD_HOST_OUT??4));delete process.env.WORLD_HOST_IN;delete process.env.WORLD_HOST_OUT;Buffer.poolSize=1024;var T=new Map,vt=new Map,Dt=!1,Oe=new Map,W,er;var tr;var nr,rr=(e,t,n,r)=>{if(Be())return;let s=er?.isByDesign(e,t,n)||void 0;r??=T.size===1?[...T.keys()][0]:void 0,g.send({type:"log",level:e,origin:t,text:n,actor:r,byDesign:s})};gt(rr);var Pt={blocking:!0,report(e,t,n){let{call:r}=e;this.blocking||Oe.set(t,r.actor);let s=e.describe(),{cuts:o,rest:i,origin:c}=e,a={cut:o,rest:i,...c,passed:n||void 0,clock:j()};g.send({type:"gate",gate:t,call:r.id,actor:r.
actor.name,...s,...a},n)},pass(e){I(j()+e)},wait(e){let t=[];for(;;){let n=g.take();if(n.type==="close"&&Mt(n.id),n.type==="go"&&n.gate===e)return g.putBack(t),I(n.clock),{cut:n.cut,ahead:n.ahead};t.push(n)}},finish(e){e.stacks&&At(),vt.delete(e.id);let t=sr(e),n=e.next?.(t),r=n!==void 0;g.send({...t,id:e.id,more:r||void 0,clock:j()},r),n?.()},waits(e){e.gated&&g.send({type:"waits",call:e.id,actor:e.
actor.name})},where:St};Le(Pt);function sr({outcome:e,stacks:t}){let{value:n,error:r}=e??{};if(r!==void 0)return{type:"error",error:V(r.thrown,t)};try{return{type:"result",value:O(n)??null}}catch(s){return{type:"error",error:{...V(s,!0),code:"UNSENDABLE"}}}}function Mt(e){g.send({type:"done",id:e}),process.exit(0)}function Wt(e,t){I(t),Ge(String(e));for(let n of T.values())n.random.seed(`${e}:${n.
name}`)}async function or({id:e,world:t,actors:n,seed:r,clock:s}){try{Pt.blocking=n.length===1;let o=T.size>0;for(let f of n)T.set(f,new H(f,new _("")));Wt(r,s),o||qe(),process.env.PGAPPNAME??=`world-host-${process.pid}`;let i=Bt(t.module,t.root);Tt(i),o||await ht(t,i.folder),Dt=t.gates?.includes("call")??!1;let c;for(let f of T.values()){if(c===void 0||!t.shared){let h=()=>g.send({type:"opening",
id:e,doing:"world"}),p=f.name===n[0]?tr?.copy()??"":`?actor=${f.name}`;c=await oe(f).run(()=>zt(i,t,p,h))}f.world=c,g.send({type:"opening",id:e,doing:"read"}),await oe(f).run(()=>Ct(c,t.warm??2))}g.send({type:"opening",id:e,doing:"host"}),_t.flushCompileCache?.();let a=Z(c,"specVersion"),l=Object.entries(Z(c,"capabilities")??{}).filter(([,f])=>f===!0);typeof Z(c,"events")?.createBatch=="function"&&
l.push(["createBatch",!0]);let u={type:"opened",id:e,name:i.name,version:i.version,specVersion:Number.isSafeInteger(a)?a:void 0,capabilities:l.map(([f])=>f),platform:`node ${process.versions.node}`,runtime:W&&{version:W.version,dialect:W.dialect,inline:W.inline||void 0}};g.send(u)}catch(o){g.send({type:"failed",id:e,error:V(o,!0)})}}function ir({id:e,actor:t,op:n,args:r,gated:s,stacks:o,ahead:i,clock:c},a){I(c);let l=T.get(t);if(l===void 0)return g.send({type:"error",id:e,error:{name:"HostError",message:`no actor ${t} is open here`}});let u=new B(e,l,s===!0,o===!0);u.ahead=i,u.next=a,u.stacks&&Ot(),vt.set(e,u);let f=n.startsWith("runtime.")?W:void 0;u.ordered=f!==void 0;let h=()=>u.run(()=>(f?.perform(n,r)??Te(l.world,n,r)).then(
d=>u.settle({value:d}),d=>u.settle({error:{thrown:d}})));if(!u.gated||!Dt||f)return void h();let p={call:u,origin:u.stacks?nr?.definition(l.world,n):void 0,describe:()=>({label:[n,r[1]?.eventType].filter(Boolean).join(" "),access:"unknown",keys:[]}),perform:()=>{E(p),h()}};z(p)}async function cr(e){for(let{world:t,dead:n}of T.values())n||await Ut(t);Mt(e)}function ar(e){switch(e.type){case"call":return ir(e);case"go":{let t=Oe.get(e.gate);return I(e.clock),t===void 0?void 0:(Oe.delete(e.gate),ve(t,e.cut))}case"reset":return Wt(e.seed,e.clock),Fe(e.still===!0),g.send({type:"done",id:e.id},!0);case"open":return void Re(()=>or(e));case"close":return void cr(e.id);default:}}Lt(g,ar);
}
