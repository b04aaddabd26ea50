/**
 * @workflow/world-local@4.4.1: Every pair of operations, from every state
 *
 * hook_disposed against hooks.getByToken; running, hook active
 *
 * WRONG hook1 is alive, but was disposed of or refused
 * RULE  hook.status-agrees: the stored hooks are what their events make of them
 * WRONG token1 is still held by run1, which gave it up
 * RULE  hook.token-free-at-end: a released token can be claimed again
 * KIND  not atomic. It holds in sequence and breaks in a race: another call changes what was checked before
 *       the write.
 * FIX   Check and write in one operation: a transaction with a lock, a conditional update, a unique index.
 * WHERE in the package, in the order of the schedule: src/storage/events-storage.ts:569 (dist/storage/events-
 *       storage.js:407), src/storage/events-storage.ts:795 (dist/storage/events-storage.js:559),
 *       src/storage/events-storage.ts:1485 (dist/storage/events-storage.js:1100), src/storage/events-
 *       storage.ts:1498 (dist/storage/events-storage.js:1106), src/storage/events-storage.ts:1518
 *       (dist/storage/events-storage.js:1115), src/storage/events-storage.ts:1519 (dist/storage/events-
 *       storage.js:1116), src/storage/events-storage.ts:1528 (dist/storage/events-storage.js:1118),
 *       src/telemetry.ts:53 (dist/telemetry.js:2 … [76 more characters]
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
 * let go, in this order: aA10bB14A4B2 (A2B is: an operation of A, another one, one of B; a small letter is
 * where an actor begins).
 * Written by workflow-world-conformance 0.1.0. The suite sees it again with:
 *
 *     pytest --world=local '--world-replay=map/storage/hook_disposed~hooks.getByToken@running+hook-active/aA9bB12A3B2'
 */

// ---- What was recorded ----

/** The ids of this run; those that are empty are minted by the World. */
const id = { run1: '', hook1: 'hook_1_3', token1: 'token_2_3' };

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
          workflowName: 'workflow//./workflows/flows//storage',
          input: asStored(['x']),
        },
      },
    ],
    answer: 'success',
    gives: { run1: 'run.runId' },
  },
  {
    actor: '-', op: 'events.create', says: 'before: run_started', at: 5,
    args: () => [id.run1, { specVersion: 3, eventType: 'run_started' }],
    answer: 'success',
  },
  {
    actor: '-', op: 'events.create', says: 'before: hook_created hook1', at: 9,
    args: () => [
      id.run1,
      {
        specVersion: 3,
        eventType: 'hook_created',
        correlationId: id.hook1,
        eventData: { token: id.token1 },
      },
    ],
    answer: 'success',
  },
];

/** What raced. Above each call: what it did when it was recorded, and where in the package. */
const RACE = {
  A: [
    // readFile runs/run1.json  src/storage/events-storage.ts:569
    // readFile hooks/hook1.json  src/storage/events-storage.ts:795
    // open .locks/hooks/hook1.disposed.tmp.01KDVDYJTH5AA59DP1YJ3YRBXG  src/storage/events-storage.ts:1485
    // write .locks/hooks/hook1.disposed.tmp.01KDVDYJTH5AA59DP1YJ3YRBXG  src/storage/events-storage.ts:1485
    // link .locks/hooks/hook1.disposed.tmp.01KDVDYJTH5AA59DP1YJ3YRBXG -> .locks/hooks/hook1.disposed  src/storage/events-storage.ts:1485
    // unlink .locks/hooks/hook1.disposed.tmp.01KDVDYJTH5AA59DP1YJ3YRBXG  src/storage/events-storage.ts:1485
    // readFile hooks/hook1.json  src/storage/events-storage.ts:1498
    // unlink hooks/tokens/61de83ef14e89b3fe23218e512beccf5aa9bbb9ea4a897792ce75bb2ce713a9b.json  src/storage/events-storage.ts:1518
    // unlink hooks/tokens/a20d82e2962489df6982d183c82a6a3da14ead760e6ca1d0d9a0fb0da52a71ca.recovery.json  src/storage/events-storage.ts:1519
    // unlink hooks/hook1.json  src/storage/events-storage.ts:1528
    // open events/run1-evnt_01KDVDYJM7QWQ78RT6NKR00WMB.json.tmp.01KDVDYKKJV5YF8D9J029200BZ  src/storage/events-storage.ts:1633
    // write events/run1-evnt_01KDVDYJM7QWQ78RT6NKR00WMB.json.tmp.01KDVDYKKJV5YF8D9J029200BZ  src/storage/events-storage.ts:1633
    // link events/run1-evnt_01KDVDYJM7QWQ78RT6NKR00WMB.json.tmp.01KDVDYKKJV5YF8D9J029200BZ -> events/run1-evnt_01KDVDYJM7QWQ78 … [16 more characters]  src/storage/events-storage.ts:1633
    // unlink events/run1-evnt_01KDVDYJM7QWQ78RT6NKR00WMB.json.tmp.01KDVDYKKJV5YF8D9J029200BZ  src/storage/events-storage.ts:1633
    {
      actor: 'A', op: 'events.create', says: 'A: hook_disposed hook1', at: 14,
      args: () => [id.run1, { specVersion: 3, eventType: 'hook_disposed', correlationId: id.hook1 }],
      answer: 'success',
    },
  ],
  B: [
    // readdir hooks  src/telemetry.ts:53
    // readdir events  src/telemetry.ts:53
    // readFile events/run1-evnt_01KDVDYJKSYA28D2VYERBXBT2N.json  src/telemetry.ts:53
    // readFile events/run1-evnt_01KDVDYJKYMV9WTE19N8Q9RBQG.json  src/telemetry.ts:53
    // readFile events/run1-evnt_01KDVDYJM2X2EMMWFGE15MWSWW.json  src/telemetry.ts:53
    // readFile runs/run1.json  src/telemetry.ts:53
    // mkdir hooks/tokens  src/telemetry.ts:53
    // open hooks/tokens/61de83ef14e89b3fe23218e512beccf5aa9bbb9ea4a897792ce75bb2ce713a9b.json.tmp.01KDVDYM6BQ60XB1AP8ZNV6JCK  src/telemetry.ts:53
    // write hooks/tokens/61de83ef14e89b3fe23218e512beccf5aa9bbb9ea4a897792ce75bb2ce713a9b.json.tmp.01KDVDYM6BQ60XB1AP8ZNV6JCK  src/telemetry.ts:53
    // link hooks/tokens/61de83ef14e89b3fe23218e512beccf5aa9bbb9ea4a897792ce75bb2ce713a9b.json.tmp.01KDVDYM6BQ60XB1AP8ZNV6JCK - … [84 more characters]  src/telemetry.ts:53
    // unlink hooks/tokens/61de83ef14e89b3fe23218e512beccf5aa9bbb9ea4a897792ce75bb2ce713a9b.json.tmp.01KDVDYM6BQ60XB1AP8ZNV6JCK  src/telemetry.ts:53
    // mkdir hooks  src/telemetry.ts:53
    // open hooks/hook1.json.tmp.01KDVDYMP0TV89SKDAKDN5EGVT  src/telemetry.ts:53
    // write hooks/hook1.json.tmp.01KDVDYMP0TV89SKDAKDN5EGVT  src/telemetry.ts:53
    // link hooks/hook1.json.tmp.01KDVDYMP0TV89SKDAKDN5EGVT -> hooks/hook1.json  src/telemetry.ts:53
    // unlink hooks/hook1.json.tmp.01KDVDYMP0TV89SKDAKDN5EGVT  src/telemetry.ts:53
    {
      actor: 'B', op: 'hooks.getByToken', says: 'B: hooks.getByToken', at: 1018,
      args: () => [id.token1],
    },
  ],
};

/** Whose operation went ahead, in order. */
const SCHEDULE = 'aA10bB14A4B2';

/** What goes wrong in the race: with which operation, counted over all actors from 0. */
const FAULTS = [];

/** What came after the race, alone. */
const AFTER = [];

/** What is looked at in the end. */
const RUNS = ['run1'];
const TOKENS = ['token1'];

/** The World's logical clock begins here, in ms since 1970. */
const START = 1767225903736;

// ---- What would be right ----

/** Right is this, together with one of the following: the calls in any order, one by one. */
const ALWAYS = {
  'A: hook_disposed hook1': 'success',
  run1: 'running',
  'startedAt of run1': '1 value',
  'log of run1: run_created': '1 x',
  'log of run1: run_started': '1 x',
  'log of run1: hook_created hook1': '1 x',
  'log of run1: hook_disposed hook1': '1 x',
  token1: 'free',
};
const EITHER = [{}];

/** As right, unless the first call of each pair is answered before the second begins. */
const OVERLAPPED = [];
const BEFORE = [];

/** What was recorded and no right outcome has. */
const WRONG = { 'hook1 of run1': 'alive', token1: 'held by run1' };
const BROKEN = 'hook1 is alive, but was disposed of or refused';

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
var Nt=Object.create;var re=Object.defineProperty;var Bt=Object.getOwnPropertyDescriptor;var Ft=Object.getOwnPropertyNames;var It=Object.getPrototypeOf,Wt=Object.prototype.hasOwnProperty;var Oe=(e,t,n)=>()=>{if(n)throw n[0];try{return e&&(t=e(e=0)),t}catch(r){throw n=[r],r}};var Lt=(e,t)=>{for(var n in t)re(e,n,{get:t[n],enumerable:!0})},Pt=(e,t,n,r)=>{if(t&&typeof t=="object"||typeof t=="function")for(let i of Ft(t))!Wt.call(e,i)&&i!==n&&re(e,i,{get:()=>t[i],enumerable:!(r=Bt(t,i))||r.enumerable});return e};var S=(e,t,n)=>(n=e!=null?Nt(It(e)):{},Pt(t||!e||!e.__esModule?re(n,"default",{value:e,enumerable:!0}):n,e));function Ee(e){j=e}function E(){let e=K.getStore();return e?.live?e:void 0}function Te(e){return K.exit(e)}function ie(){return K.getStore()?.actor}function Ae(){return ie()?.dead===!0}function oe(e){let t=new _(0,e,!1,!1);return t.live=!1,t}function F(e){let{call:t}=e,{actor:n}=t;if(t.open++,t.arisen++,!t.gated&&!t.ordered)return v(e,!1),!0;if(!t.gated&&X(n)&&n.held.length===0)return n.inFlight=e,
v(e,!1),!0;if(t.stacks&&(e.origin??=j.where()),t.gated&&j.blocking&&X(n)&&n.held.length===0)return We(n,e,!1),!0;if(e.first&&n.reported!==0)return v(e,!1),!0;let r=e.first?n.held.findIndex(i=>!i.first):-1;return n.held.splice(r<0?n.held.length:r,0,e),Ie(n),!1}function Ne(e,t){let{call:n}=e;return n.stacks&&(e.origin=j.where()),n.open++,j.waits(n),()=>{t(),n.open--}}function se(e,t,n){let{actor:r}=e;
if(e.arisen++,!e.gated||!j.blocking||!X(r)||r.held.length>0)return;let i=e.stacks?j.where():void 0;Be({call:e,describe:t,rest:n,perform:()=>{},origin:i})}function Be(e){let{call:t}=e,n=++je,{ahead:r}=t;if(r!==void 0&&r.gates>0&&!e.first){r.gates--,j.report(e,n,!0),j.pass(r.ms);return}j.report(e,n,!1);let i=j.wait(n);return t.ahead=i.ahead,i.cut}function T(e){if(e.answered)return;e.answered=!0;let{
call:t}=e,{actor:n}=t;t.close(),n.inFlight===e&&(n.inFlight=null,n.held.length>0&&Fe(n,()=>{})),t.check()}function X(e){return e.inFlight===null&&e.turns===0}function Fe(e,t){e.turns++,setImmediate(()=>{e.turns--,t(),Ie(e)})}function Ie(e){if(!(!X(e)||e.reported!==0||e.held.length===0)){if(!e.held[0].call.gated){e.inFlight=e.held.shift(),v(e.inFlight,!0);return}if(j.blocking){We(e,e.held.shift(),!0);
return}e.reported=++je,j.report(e.held[0],e.reported,!1)}}function We(e,t,n){e.inFlight=t;let r=Be(t);e.dead||v(t,n,r)}function v(e,t,n){try{e.perform(t,n)}catch(r){throw T(e),r}}function Le(e,t){let n=e.held.shift();e.reported=0,e.inFlight=n,v(n,!0,t)}var $e,K,j,je,z,_,D=Oe(()=>{$e=require("node:async_hooks"),K=new $e.AsyncLocalStorage,je=0;z=class{constructor(t,n){this.name=t,this.random=n,this.
world=void 0,this.inFlight=null,this.held=[],this.reported=0,this.turns=0,this.dead=!1}},_=class{constructor(t,n,r,i){this.id=t,this.actor=n,this.gated=r,this.stacks=i,this.next=void 0,this.ahead=void 0,this.ordered=!1,this.live=!0,this.open=0,this.arisen=0,this.outcome=null,this.whenIdle=[]}close(){if(this.open--,this.open===0)for(let t of this.whenIdle.splice(0))setImmediate(t)}run(t){return K.run(
this,t)}settle(t){this.outcome=t,this.check()}check(){if(this.outcome===null||this.open>0||!this.live||this.actor.dead)return;let t=this.arisen;Fe(this.actor,()=>{if(!(!this.live||this.open>0)){if(this.arisen!==t)return void this.check();this.live=!1,j.finish(this)}})}}});var Ke={};Lt(Ke,{patch:()=>Yt});function Xt(e,t,n,r,i){let o=A.default.join(e,`.waiting-${process.pid}`);if(t?.code==="EEXIST"&&i.since<zt)return i.since++===0&&Vt(o,""),void Jt(n,1);i.since>0&&qt(o,{force:!0}),r()}function Je(e){return typeof e=="string"?{encoding:e}:e??{}}function he(e){if(typeof e=="string")return A.default.resolve(e);if(e instanceof URL&&e.protocol==="file:")return(0,Xe.fileURLToPath)(
e);if(Buffer.isBuffer(e))return A.default.resolve(e.toString())}function Yt(e){let t=e.map(s=>A.default.resolve(s)),n=s=>t.length===0?!s.includes(`${A.default.sep}node_modules${A.default.sep}`):t.some(c=>s===c||s.startsWith(c+A.default.sep)),r=s=>{let c=t.find(y=>s.startsWith(y+A.default.sep));return c===void 0?s:A.default.relative(c,s)};function i(s,c){let[y,d,p]=le[s],m=c.slice(0,d).map(he);if(m.
some(g=>g!==void 0&&n(g)))return()=>{let g=m.filter(B=>B!==void 0),k=s in M,N=s==="open"&&typeof c[1]=="string"&&/[wa+]/.test(c[1]),x=p||N?g.map(B=>A.default.dirname(B)):[];return{label:`${k?"open":s} ${g.map(r).join(" -> ")}`,access:N?"write":y,keys:[...new Set([...g,...x].map(r))]}}}function o(s,c,y,d){return new Promise((p,m)=>{let g={call:s,describe:c,rest:d,perform:()=>{y().then(k=>{T(g),p(k)},
k=>{T(g),m(k)})}};F(g)})}let f=Q.default.promises,u=new WeakMap,w;async function a(s,c,[y,d,p]){let m=Je(p),g=await f.open(y,m.flag??M[c],m.mode);try{await o(s,()=>h(y),()=>w.call(g,d,{...m,flag:void 0}),!0)}finally{await g.close()}}function h(s){let c=r(he(s));return{label:`write ${c}`,access:"write",keys:[c]}}for(let s of Object.keys(le)){let c=f[s];typeof c=="function"&&(f[s]=function(...y){let d=E(),
p=d&&i(s,y);if(d?.gated&&p&&s in M)return a(d,s,y);let m=()=>c.apply(f,y),g=d&&p?o(d,p,m):m();return s!=="open"||!p?g:g.then(k=>(u.set(k,r(he(y[0]))),l(Object.getPrototypeOf(k)),k))})}function l(s){if(!s.patchedByHost){Object.defineProperty(s,"patchedByHost",{value:!0}),w=s.writeFile;for(let[c,y]of Object.entries(Kt)){let d=s[c];typeof d=="function"&&(s[c]=function(...p){let m=E(),g=u.get(this);return m===
void 0||g===void 0?d.apply(this,p):o(m,()=>({label:`${c} ${g}`,access:y,keys:[g]}),()=>d.apply(this,p))})}}}let b=Q.default;for(let s of Object.keys(le)){let c=b[s];typeof c=="function"&&(b[s]=Object.assign(function(...d){let p=E(),m=d.at(-1),g=p&&typeof m=="function"?i(s,d):void 0;if(!p||!g)return c.apply(b,d);if(p.gated&&s in M){let N=x=>process.nextTick(m,x);return void a(p,s,d.slice(0,-1)).then(
()=>N(null),N)}let k={call:p,describe:g,perform:()=>{let N=s==="mkdir"&&p.gated&&t.length>0&&/\.lock$/.test(String(d[0])),x={since:0},B=()=>c.call(b,...d.slice(0,-1),(...xe)=>{let Se=()=>{T(k),m(...xe)};N?Xt(t[0],xe[0],B,Se,x):Se()});B()}};F(k)},c));let y=b[`${s}Sync`];typeof y=="function"&&(b[`${s}Sync`]=Object.assign(function(...d){let p=E(),m=p&&i(s,d);if(p&&m&&se(p,m),!p?.gated||!m||!(s in M))
return y.apply(b,d);let g=Je(d[2]),k=Gt(d[0],g.flag??M[s],g.mode);try{se(p,()=>h(d[0]),!0),y.call(b,k,d[1],{...g,flag:void 0})}finally{Ht(k)}},y))}(0,ze.syncBuiltinESMExports)()}var Q,ze,A,Xe,Ht,Gt,qt,Vt,Jt,zt,le,Kt,M,Ye=Oe(()=>{Q=S(require("node:fs"),1),ze=require("node:module"),A=S(require("node:path"),1),Xe=require("node:url");D();({closeSync:Ht,openSync:Gt,rmSync:qt,writeFileSync:Vt}=Q.default),
{setTimeout:Jt}=globalThis,zt=2e3;le={access:["read",1,!1],appendFile:["write",1,!0],chmod:["write",1,!1],copyFile:["write",2,!0],cp:["write",2,!0],link:["write",2,!0],lstat:["read",1,!1],mkdir:["write",1,!0],mkdtemp:["write",1,!0],open:["read",1,!1],opendir:["read",1,!1],readFile:["read",1,!1],readdir:["read",1,!1],readlink:["read",1,!1],realpath:["read",1,!1],rename:["write",2,!0],rm:["write",1,
!0],rmdir:["write",1,!0],stat:["read",1,!1],symlink:["write",2,!0],truncate:["write",1,!1],unlink:["write",1,!0],utimes:["write",1,!1],writeFile:["write",1,!0]},Kt={appendFile:"write",read:"read",readFile:"read",readv:"read",stat:"read",truncate:"write",write:"write",writeFile:"write",writev:"write"},M={writeFile:"w",appendFile:"a"}});var Ot=S(require("node:module"),1);D();var ve=S(require("node:crypto"),1),De=require("node:module");D();var ce=Date,H=0,Ue=!1;function U(e){e!==void 0&&e>H&&(H=e)}function R(){return H}function Re(e){Ue=e}function fe(){return Ue||E()===void 0?H:++H}var G=class{constructor(t){this.seed(t)}seed(t){let n=[2166136261,16777619,3735928559,625341585];for(let r=0;r<t.length;r++)for(let i=0;i<4;i++)n[i]=Math.imul(n[i]^t.charCodeAt(r)+i,16777619);
[this.a,this.b,this.c,this.d]=n;for(let r=0;r<12;r++)this.next()}next(){let{a:t,b:n,c:r,d:i}=this,o=t+n+i|0;return this.d=i+1|0,this.a=n^n>>>9,this.b=r+(r<<3)|0,this.c=(r<<21|r>>>11)+o|0,o>>>0}fraction(){return(this.next()*2**21+(this.next()>>>11))/2**53}fill(t){for(let n=0;n<t.length;n++)t[n]=this.next()&255;return t}},Me=new G("background");function C(){let e=ie();return E()?.actor.random??(e?.dead?
e.random:Me)}function _e(e){Me.seed(`${e}:background`)}function ae(e,t=0,n=void 0){let r=ArrayBuffer.isView(e)?new Uint8Array(e.buffer,e.byteOffset,e.byteLength):new Uint8Array(e);return C().fill(r.subarray(t,n===void 0?void 0:t+n)),e}function Pe(){let e=C().fill(new Uint8Array(16));e[6]=e[6]&15|64,e[8]=e[8]&63|128;let t=Buffer.from(e).toString("hex");return`${t.slice(0,8)}-${t.slice(8,12)}-${t.slice(
12,16)}-${t.slice(16,20)}-${t.slice(20)}`}function vt(){let e=new Proxy(ce,{construct:(t,n,r)=>Reflect.construct(t,n.length===0?[fe()]:n,r===e?t:r),apply:()=>new ce(fe()).toString(),get:(t,n)=>n==="now"?fe:Reflect.get(t,n)});ce.prototype.constructor=e,globalThis.Date=e}function Dt(){Math.random=()=>C().fraction();let e=ve.default;e.randomBytes=(n,r)=>{let i=Buffer.from(C().fill(new Uint8Array(n)));
return r===void 0?i:void process.nextTick(r,null,i)},e.randomFillSync=ae,e.randomFill=(n,...r)=>{let i=r.pop();process.nextTick(i,null,ae(n,...r))},e.randomInt=(...n)=>{let r=typeof n.at(-1)=="function"?n.pop():void 0,[i,o]=n.length>1?n:[0,n[0]],f=i+Math.floor(C().fraction()*(o-i));return r===void 0?f:void process.nextTick(r,null,f)},e.randomUUID=Pe;let t=Object.getPrototypeOf(globalThis.crypto);t.
getRandomValues=ae,t.randomUUID=Pe}function Ce(){vt(),Dt(),(0,De.syncBuiltinESMExports)()}function Rt(e){if(typeof e=="number")return e;if(e instanceof Date)return(e.getTime()-R())/1e3}var Mt=4;function He(e,t=1){let n=e.cause??(Array.isArray(e.errors)?e.errors[0]:void 0);if(n==null)return;if(typeof n!="object")return String(n);let r=n.code===void 0||String(n.message).includes(n.code)?"":` (${n.code})`,i=t<Mt?He(n,t+1):void 0;return n.message===e.message&&!r?i:`${n.name??"Error"}: ${n.
message}${r}${i?`, caused by ${i}`:""}`}function Y(e,t){if(e===null||typeof e!="object")return{name:"Error",message:String(e)};let{status:n,code:r}=e;return{name:String(e.name??"Error"),message:String(e.message??e),status:typeof n=="number"?n:void 0,code:r==null?void 0:String(r),retryAfter:Rt(e.retryAfter),cause:He(e),stack:t&&typeof e.stack=="string"?e.stack:void 0}}var pe=S(require("node:path"),1),Qe=require("node:url");var Ge=S(require("node:net"),1);D();var qe=()=>({request:e=>({replies:1,handshake:!1,describe:()=>({label:`write ${e.length} bytes`,access:"unknown",keys:[]})}),replies:()=>Number.POSITIVE_INFINITY}),ue=class{constructor(t,n){this.socket=t,this.talk=n,this.expected=[],this.waiting=0,this.holder=void 0,this.behind=[],this.owner=void 0;let r=t.push;t.push=(i,o)=>i!==null&&this.receive(i)?(this.closed(),
t.destroy(de()),!1):r.call(t,i,o),t.prependListener("error",()=>this.closed()),t.once("close",()=>this.closed())}call(){return E()??(this.owner?.live?this.owner:void 0)}expect(t,n,r=!1){t.replies>0?this.expected.push({request:t,operation:n,left:t.replies,cut:r}):n!==null&&T(n)}receive(t){if(this.expected.some(r=>r.cut))return!0;let n=this.talk.replies(t);if(typeof n!="number"){for(let r of n)this.
take(this.expected.findIndex(i=>i.request.ids?.includes(r)));return!1}for(let r=n;r>0&&this.expected.length>0;r--)this.take(0);return!1}take(t){if(t<0)return;let n=this.expected[t];--n.left>0||(this.expected.splice(t,1),n.operation!==null&&T(n.operation))}moveUp(){for(;this.waiting===0&&this.behind.length>0;)this.behind.shift()?.()}closed(){for(let{operation:t}of this.expected.splice(0))t!==null&&
T(t)}},L=Symbol("channel");function de(){return Object.assign(new Error("read ECONNRESET"),{code:"ECONNRESET",errno:-104,syscall:"read"})}function Ve(e,t){let n=Ge.default.Socket.prototype,{_writeGeneric:r,write:i,connect:o}=n,f=new Set(e.map(String)),u=Symbol("path");function w(a){if(a[L]!==void 0)return a[L];let h=a[u]??a.remotePort,l=h!==void 0&&(f.size===0||f.has(String(h)));return a[L]=l?new ue(a,t()):null,a[L]}n.connect=
function(...h){let l=Array.isArray(h[0])?h[0][0]:h[0],b=typeof l=="string"&&!/^\d+$/.test(l)?l:l?.path;return typeof b=="string"&&(this[u]=b),o.apply(this,h)},n.write=function(...h){return this[L]&&(this[L].owner=E()??this[L].owner),i.apply(this,h)},n._writeGeneric=function(h,l,b,s){if(this.connecting)return r.call(this,h,l,b,s);let c=w(this);if(c===null)return r.call(this,h,l,b,s);let y=c.talk.request(
_t(h,l,b)),d=y.handshake?void 0:c.call(),p=this;if(d===void 0){let x=()=>{c.expect(y,null),r.call(p,h,l,b,s)};c.waiting>0||c.behind.length>0?c.behind.push(x):x();return}let m={call:d,describe:y.describe,cuts:!0,perform:(x,B)=>{if(x&&c.waiting--,p.destroyed){T(m),x&&c.moveUp();return}if(B==="before"){T(m),x||k?p.destroy(de()):s(de());return}c.expect(y,m,B==="after"),r.call(p,h,l,b,x||k?g:s),x&&c.moveUp()}},
g=x=>{x&&p.destroy(x)},k=!1,N=()=>{k=!0,s()};if(c.behind.length>0||c.waiting>0&&c.holder!==d.actor){c.behind.push(Ne(m,()=>{c.waiting++,c.holder=d.actor,F(m)&&c.waiting--})),N();return}c.waiting++,c.holder=d.actor,F(m)?c.waiting--:N()}}function _t(e,t,n){return e?Buffer.concat(t.map(r=>{let i=r.chunk??r;return typeof i=="string"?Buffer.from(i,r.encoding):i})):typeof t=="string"?Buffer.from(t,n):t}var Qt={mongodb:async()=>(await import("./mongodb.mjs")).mongodb,postgres:async()=>(await import("./postgres.mjs")).postgres,redis:async()=>(await import("./redis.mjs")).redis};function Zt(e){return Object.values(e).flatMap(t=>typeof t!="string"?[]:t.startsWith("file:///")?[pe.default.dirname((0,Qe.fileURLToPath)(t))]:pe.default.isAbsolute(t)?[t]:[])}async function Ze(e,t){for(let n of e.gates??["\
net"])switch(n){case"net":Ve(e.ports??[],await Qt[e.protocol??""]?.()??qe);break;case"fs":(await Promise.resolve().then(()=>(Ye(),Ke))).patch(e.paths??Zt(e.options??{}));break;case"libsql":await(await import("./libsql.mjs")).patch(t);break;case"call":break;default:throw new Error(`this host has no gates for ${n}`)}}var tt=require("node:util");D();var en={log:"info",info:"info",debug:"debug",trace:"debug",dir:"info",warn:"warn",error:"error"},tn=[[50,"error"],[40,"warn"],[30,"info"],[0,"debug"]];function nn(e,t){let n=/^\{.*"level":\s*(?:(\d+)|"(\w+)")/.exec(e),r=n?.[1];if(r!==void 0)return tn.find(([o])=>Number(r)>=o)[1];let i=n?.[2]??/\b(?:workflow:[\w-]+:)(debug|info|warn|error)\b/.exec(e)?.[1]??/^\s*\[?(debug|info|warn|warning|error|fatal)\]?[:\s]/i.
exec(e)?.[1];if(i!==void 0){let o=i.toLowerCase();return o==="fatal"||o==="error"?"error":o.startsWith("warn")?"warn":o==="debug"?"debug":"info"}return/^\(node:\d+\) /.test(e)?"warn":/^(?:Uncaught )?\w*Error\b/.test(e)?"error":t}function et(e,t){return/^\[Workflow\]|\bworkflow:[\w-]+:/.test(e)?"runtime":t}function nt(e){for(let[t,n]of Object.entries(en))console[t]=(...r)=>{let i=E(),o=(0,tt.format)(
...r);e(n,et(o,i===void 0?"console":"world"),o,i?.actor.name)};for(let[t,n]of[[process.stdout,"info"],[process.stderr,"warn"]])t.write=((r,i,o)=>{let f=typeof r=="string"?r:Buffer.from(r).toString("utf8"),u=E()?.actor.name;for(let a of f.split(`
`))a.trim()!==""&&e(nn(a,n),et(a,"process"),a,u);let w=typeof i=="function"?i:o;return typeof w=="function"&&process.nextTick(w),!0})}var rt=Date;function P(e,t=0){if(e===null||typeof e=="string"||typeof e=="number"||typeof e=="boolean")return e;if(typeof e=="bigint")return Number.isSafeInteger(Number(e))?Number(e):String(e);if(typeof e!="object")return;if(t>200)throw new TypeError("a value is too deep, or holds itself, and cannot be sent");if(e instanceof rt)return Number.isNaN(e.getTime())?null:{$date:rt.prototype.toISOString.
call(e)};if(Array.isArray(e))return e.map(i=>P(i,t+1)??null);if(ArrayBuffer.isView(e))return{$bytes:Buffer.from(e.buffer,e.byteOffset,e.byteLength).toString("base64")};if(e instanceof ArrayBuffer)return{$bytes:Buffer.from(e).toString("base64")};if(typeof e.toJSON=="function")return P(e.toJSON(),t+1);if(e instanceof Map)return P(Object.fromEntries(e),t+1);if(e instanceof Set)return P([...e],t+1);let n={},
r=!1;for(let i of Object.keys(e)){let o=P(e[i],t+1);o!==void 0&&(i.startsWith("$")&&(r=!0),n[i]=o)}return r?{$object:n}:n}function Z(e){if(e===null||typeof e!="object")return e;if(Array.isArray(e))return e.map(Z);if(typeof e.$bytes=="string")return new Uint8Array(Buffer.from(e.$bytes,"base64"));if(typeof e.$date=="string")return new Date(e.$date);let t=e.$object??e;for(let n of Object.keys(t))t[n]=
Z(t[n]);return t}var V=require("node:async_hooks"),ot=S(require("node:path"),1),st=require("node:url"),on=60,sn=400,cn=8,me=new Map,q=["",""],ee,ct=0;function ge(){let e=Error.stackTraceLimit;Error.stackTraceLimit=on;let t={};return Error.captureStackTrace(t,ge),Error.stackTraceLimit=e,t}var ft=(0,V.createHook)({init(e,t,n){me.set(e,{error:ge(),trigger:n,execution:(0,V.executionAsyncId)()})}});function it(e){return(e??
"").split(`
`).flatMap(fn)}function fn(e){let t=q.find(w=>e.includes(w));if(t===void 0)return[];let n=e.slice(e.indexOf(t)+t.length+1),r=/^(.*?)(?:\?[^:]*)?:(\d+):(\d+)/.exec(n);if(r===null||n.includes("node_modules/"))return[];let i=t===q[0]?r[1]:decodeURI(r[1]),o=ot.default.join(q[0],i),f=`${i}:${r[2]}`;return[{line:ee?.original(q[0],o,Number(r[2]),Number(r[3]))??f,compiled:f,helps:ee?.isShared(o)??!1}]}function at(){
let e=it(ge().stack),t=[(0,V.executionAsyncId)()],n=new Set(t);for(let u=t.shift();u!==void 0&&n.size<sn&&!e.some(a=>!a.helps);u=t.shift()){let w=me.get(u);if(w!==void 0){e.push(...it(w.error.stack));for(let a of[w.trigger,w.execution])n.has(a)||t.push(a),n.add(a)}}let r=e.find(u=>!u.helps)??e[0];if(r===void 0)return;let i=e.indexOf(r),o=e.filter((u,w)=>w<=i||!u.helps),f=[...new Set(o.map(({line:u})=>u))].
slice(-cn);return{where:r.line,compiled:r.line===r.compiled?void 0:r.compiled,frames:f.length>1?f:void 0}}function ut({folder:e,entry:t},n){q=[e,(0,st.pathToFileURL)(e).href],ee=n,ee?.beginAt(t)}function dt(){ct++===0&&ft.enable()}function lt(){--ct>0||(ft.disable(),me.clear())}var mt=S(require("node:fs"),1),gt=S(require("node:net"),1);var ht=10,{readSync:an,writeSync:un,openSync:dn}=mt.default,{setTimeout:ln,clearTimeout:hn}=globalThis,pn=5;function mn(e){for(let t of[`/proc/self/fd/${e}`,`/dev/fd/${e}`])try{return dn(t,"r")}catch{continue}return e}var gn=new Int32Array(new SharedArrayBuffer(4));function pt(){Atomics.wait(gn,0,0,.2)}var te=class{constructor(t,n){this.inFd=t,this.outFd=n,this.blockingFd=mn(t),this.chunk=Buffer.allocUnsafe(
65536),this.rest=[],this.lines=[],this.returned=[],this.scheduled=!1,this.unsent="",this.due=void 0,this.handle=()=>{}}listen(t){this.handle=t;let n=new gt.default.Socket({fd:this.inFd,readable:!0,writable:!1});n.on("data",i=>{this.feed(i),this.scheduled||this.next()});let r=()=>process.exit(0);n.on("end",r),n.on("error",r)}next(){this.scheduled=!1;let t=this.returned.shift()??this.queued();t!==void 0&&
(this.schedule(),this.handle(t))}schedule(){this.scheduled||this.returned.length+this.lines.length===0||(this.scheduled=!0,setImmediate(()=>this.next()))}putBack(t){this.returned.push(...t),this.schedule()}queued(){let t=this.lines.shift();return t===void 0?void 0:this.parse(t)}take(){for(;;){let t=this.queued();if(t!==void 0)return t;let n=0;try{n=an(this.blockingFd,this.chunk,0,this.chunk.length,
null)}catch(r){let i=r.code;if(i==="EAGAIN"){pt();continue}if(i!=="EOF")throw r}n===0&&process.exit(0),this.feed(this.chunk.subarray(0,n))}}feed(t){let n=0;for(let r=t.indexOf(ht);r>=0;r=t.indexOf(ht,n)){let i=t.toString("utf8",n,r);this.rest.length>0&&(i=Buffer.concat([...this.rest,t.subarray(n,r)]).toString("utf8"),this.rest=[]),this.lines.push(i),n=r+1}n<t.length&&this.rest.push(Buffer.from(t.subarray(
n)))}parse(t){let n=JSON.parse(t);return t.includes('"$')?Z(n):n}send(t,n=!1){this.unsent+=JSON.stringify(t)+`
`,n?this.due??=ln(()=>this.flush(),pn):this.flush()}flush(){this.due!==void 0&&hn(this.due),this.due=void 0;let t=Buffer.from(this.unsent);this.unsent="";let n=0;for(;n<t.length;)try{n+=un(this.outFd,t,n,t.length-n)}catch(r){let i=r.code;if(i==="EPIPE"&&process.exit(0),i!=="EAGAIN")throw r;pt()}}};function wt(e,t){for(let n of["uncaughtException","unhandledRejection"])process.on(n,r=>{let i=r instanceof
Error?r.stack??String(r):String(r);e.send({type:"log",level:"error",origin:"process",text:`${n}: ${i}`})});process.on("SIGINT",()=>{}),e.listen(t)}var I=S(require("node:fs"),1),O=S(require("node:path"),1),yt=require("node:url");function wn(e){return JSON.parse(I.default.readFileSync(e,"utf8"))}function ye(e){if(typeof e=="string")return e;if(Array.isArray(e))return e.map(ye).find(t=>t!==void 0);if(!(e===null||typeof e!="object"))for(let[t,n]of Object.entries(e)){if(!["import","node","module-sync","default"].includes(t))continue;let r=ye(n);if(r!==
void 0)return r}}function yn(e){for(let t=e;;t=O.default.dirname(t)){if(I.default.existsSync(O.default.join(t,"package.json")))return t;if(t===O.default.dirname(t))return e}}function we(e,t="."){let{name:n,version:r,exports:i,main:o}=wn(O.default.join(e,"package.json")),u=Object.keys(Object(i)).some(a=>a.startsWith("."))?i[t]:i,w=ye(u)??(t==="."?o??"index.js":t);return{folder:e,entry:O.default.join(
e,w),name:n??O.default.basename(e),version:r??""}}function bt(e,t=process.cwd()){if(O.default.isAbsolute(e)){let o=I.default.realpathSync(e);if(I.default.statSync(o).isDirectory())return we(o);let f=yn(O.default.dirname(o));return I.default.existsSync(O.default.join(f,"package.json"))?{...we(f),entry:o}:{folder:f,entry:o,name:O.default.basename(o),version:""}}let n=e.split("/"),r=n.slice(0,e.startsWith(
"@")?2:1).join("/"),i=[".",...n.slice(r.split("/").length)].join("/");for(let o=O.default.resolve(t);;o=O.default.dirname(o)){let f=O.default.join(o,"node_modules",r);if(I.default.existsSync(O.default.join(f,"package.json")))return we(I.default.realpathSync(f),i);if(o===O.default.dirname(o))throw new Error(`the package ${r} is not installed under ${t}`)}}function bn(e){let t=Object.keys(Object(e)).
filter(n=>/^create\w+World$/.test(n));return t.length===1?t:[]}async function kt(e,t,n,r){let i=await import(`${(0,yt.pathToFileURL)(e.entry)}${n}`),o=t.factory===void 0?["createWorld","default"]:[t.factory];r();for(let u of[i,i.default])for(let w of t.factory===void 0?[...o,...bn(u)]:o){let a=u?.[w];if(typeof a=="function")return await a(t.options??{});if(typeof a?.events?.create=="function")return a}
let f=Object.keys(i).slice(0,10).join(", ")||"nothing";throw new Error(`${e.name} exports no ${o.join(" or ")} that makes a World; it exports ${f}`)}function ne(e,t){try{return e?.[t]}catch(n){console.warn(`reading ${t} of the World failed:`,n);return}}async function xt(e){try{typeof e?.close=="function"&&await e.close()}catch(t){console.warn("closing the World failed:",t)}}async function be(e,t,n){
if(t.startsWith("stream."))return await(await import("./streams.mjs")).performStream(e,t,n);let r=t.split("."),i=r.pop(),o=r.reduce((f,u)=>f?.[u],e);if(typeof o?.[i]!="function")throw Object.assign(new Error(`the World has no ${t}`),{name:"NotImplemented",code:"NOT_IMPLEMENTED"});return await o[i](...n)}async function St(e,t){let n=Array.from({length:t},()=>be(e,"runs.get",["wrun_00000000000000000\
000000000"]));return await Promise.allSettled(n)}var $=new te(Number(process.env.WORLD_HOST_IN??3),Number(process.env.WORLD_HOST_OUT??4));delete process.env.WORLD_HOST_IN;delete process.env.WORLD_HOST_OUT;Buffer.poolSize=1024;var W=new Map,$t=new Map,jt=!1,ke=new Map,J,kn;var xn;var Sn,On=(e,t,n,r)=>{if(Ae())return;let i=kn?.isByDesign(e,t,n)||void 0;r??=W.size===1?[...W.keys()][0]:void 0,$.send({type:"log",level:e,origin:t,text:n,actor:r,byDesign:i})};nt(On);var Et={blocking:!0,report(e,t,n){let{call:r}=e;this.blocking||ke.set(t,r.actor);let i=e.describe(),{cuts:o,rest:f,origin:u}=e,w={cut:o,rest:f,...u,passed:n||void 0,clock:R()};$.send({type:"gate",gate:t,call:r.id,actor:r.
actor.name,...i,...w},n)},pass(e){U(R()+e)},wait(e){let t=[];for(;;){let n=$.take();if(n.type==="close"&&Tt(n.id),n.type==="go"&&n.gate===e)return $.putBack(t),U(n.clock),{cut:n.cut,ahead:n.ahead};t.push(n)}},finish(e){e.stacks&&lt(),$t.delete(e.id);let t=$n(e),n=e.next?.(t),r=n!==void 0;$.send({...t,id:e.id,more:r||void 0,clock:R()},r),n?.()},waits(e){e.gated&&$.send({type:"waits",call:e.id,actor:e.
actor.name})},where:at};Ee(Et);function $n({outcome:e,stacks:t}){let{value:n,error:r}=e??{};if(r!==void 0)return{type:"error",error:Y(r.thrown,t)};try{return{type:"result",value:P(n)??null}}catch(i){return{type:"error",error:{...Y(i,!0),code:"UNSENDABLE"}}}}function Tt(e){$.send({type:"done",id:e}),process.exit(0)}function At(e,t){U(t),_e(String(e));for(let n of W.values())n.random.seed(`${e}:${n.
name}`)}async function jn({id:e,world:t,actors:n,seed:r,clock:i}){try{Et.blocking=n.length===1;let o=W.size>0;for(let l of n)W.set(l,new z(l,new G("")));At(r,i),o||Ce(),process.env.PGAPPNAME??=`world-host-${process.pid}`;let f=bt(t.module,t.root);ut(f),o||await Ze(t,f.folder),jt=t.gates?.includes("call")??!1;let u;for(let l of W.values()){if(u===void 0||!t.shared){let b=()=>$.send({type:"opening",
id:e,doing:"world"}),s=l.name===n[0]?xn?.copy()??"":`?actor=${l.name}`;u=await oe(l).run(()=>kt(f,t,s,b))}l.world=u,$.send({type:"opening",id:e,doing:"read"}),await oe(l).run(()=>St(u,t.warm??2))}$.send({type:"opening",id:e,doing:"host"}),Ot.flushCompileCache?.();let w=ne(u,"specVersion"),a=Object.entries(ne(u,"capabilities")??{}).filter(([,l])=>l===!0);typeof ne(u,"events")?.createBatch=="functio\
n"&&a.push(["createBatch",!0]);let h={type:"opened",id:e,name:f.name,version:f.version,specVersion:Number.isSafeInteger(w)?w:void 0,capabilities:a.map(([l])=>l),platform:`node ${process.versions.node}`,runtime:J&&{version:J.version,dialect:J.dialect,inline:J.inline||void 0}};$.send(h)}catch(o){$.send({type:"failed",id:e,error:Y(o,!0)})}}function En({id:e,actor:t,op:n,args:r,gated:i,stacks:o,ahead:f,clock:u},w){U(u);let a=W.get(t);if(a===void 0)return $.send({type:"error",id:e,error:{name:"HostError",message:`no actor ${t} is open here`}});let h=new _(e,a,i===!0,o===!0);h.ahead=f,h.next=w,h.stacks&&dt(),$t.set(e,h);let l=n.startsWith("runtime.")?J:void 0;h.ordered=l!==void 0;let b=()=>h.run(()=>(l?.perform(n,r)??be(a.world,n,r)).then(
c=>h.settle({value:c}),c=>h.settle({error:{thrown:c}})));if(!h.gated||!jt||l)return void b();let s={call:h,origin:h.stacks?Sn?.definition(a.world,n):void 0,describe:()=>({label:[n,r[1]?.eventType].filter(Boolean).join(" "),access:"unknown",keys:[]}),perform:()=>{T(s),b()}};F(s)}async function Tn(e){for(let{world:t,dead:n}of W.values())n||await xt(t);Tt(e)}function An(e){switch(e.type){case"call":return En(e);case"calls":return;case"go":{let t=ke.get(e.gate);return U(e.clock),t===void 0?void 0:(ke.delete(e.gate),Le(t,e.cut))}case"halt":return;case"reset":return At(e.seed,e.clock),Re(e.still===!0),$.send({type:"done",id:e.id},!0);case"die":return;case"open":return void Te(()=>jn(e));case"close":return void Tn(e.id);case"relay_result":return;default:console.
warn(`the host does not know the message ${e.type}`)}}wt($,An);
}
