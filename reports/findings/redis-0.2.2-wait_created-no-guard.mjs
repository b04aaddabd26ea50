/**
 * @workflow-worlds/redis@0.2.2: Two handlers create one step, wait or hook
 *
 * Every actor creates the same wait.
 *
 * WRONG B's wait_created wait1 got success; right is a conflict
 * RULE  wait.created-once: a wait is created once
 * KIND  no guard. The second write is accepted even when the first finished long before: nothing guards it.
 * FIX   Look at the entity's state before writing, in the same atomic operation as the write.
 * WHERE in the package, in the order of the schedule: src/storage.ts:236 (dist/storage.js:114),
 *       src/storage.ts:572 (dist/storage.js:371)
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
 *     pytest --world=redis --world-replay=step_created/storage/wait-wait/aA2bB2
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
    // HGETALL runs:run1  src/storage.ts:236
    // ZADD events:run1, ZADD events:idx:correlation:wait1  src/storage.ts:572
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
    // HGETALL runs:run1  src/storage.ts:236
    // ZADD events:run1, ZADD events:idx:correlation:wait1  src/storage.ts:572
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
var It=Object.create;var X=Object.defineProperty;var zt=Object.getOwnPropertyDescriptor;var Bt=Object.getOwnPropertyNames;var vt=Object.getPrototypeOf,_t=Object.prototype.hasOwnProperty;var we=(e,t,n)=>()=>{if(n)throw n[0];try{return e&&(t=e(e=0)),t}catch(r){throw n=[r],r}};var Wt=(e,t)=>{for(var n in t)X(e,n,{get:t[n],enumerable:!0})},Dt=(e,t,n,r)=>{if(t&&typeof t=="object"||typeof t=="function")for(let s of Bt(t))!_t.call(e,s)&&s!==n&&X(e,s,{get:()=>t[s],enumerable:!(r=zt(t,s))||r.enumerable});return e};var g=(e,t,n)=>(n=e!=null?It(vt(e)):{},Dt(t||!e||!e.__esModule?X(n,"default",{value:e,enumerable:!0}):n,e));function ie(e){let t=e[0];return He.has(t)?null:t==="watch"||t==="eval_ro"||t==="evalsha_ro"||t==="fcall_ro"?"read":Pe.has(t)?"write":Me.get(t)??"unknown"}function ce(e){let t=e[0];return Yt.has(t)||He.has(t)?[]:Vt.has(t)?e.slice(1):Jt.has(t)?e.slice(1,3):Pe.has(t)?e.slice(3,3+Number(e[2])):t==="mset"||t==="msetnx"?e.slice(1).filter((n,r)=>r%2===0):t==="xgroup"||t==="xinfo"||t==="object"||t==="mem\
ory"||t==="bitop"?e.slice(2,3):t==="zunionstore"||t==="zinterstore"||t==="zdiffstore"?[e[1],...e.slice(3,3+Number(e[2]))]:Me.has(t)?e.slice(1,2):[]}var qt,Gt,Me,Vt,Jt,Pe,Yt,He,qe=we(()=>{qt=`get mget strlen getrange substr exists type ttl pttl expiretime pexpiretime dump touch randomkey
 hget hmget hgetall hkeys hvals hlen hexists hstrlen hrandfield hscan
 smembers sismember smismember scard srandmember sunion sinter sdiff sintercard sscan
 zrange zrangebyscore zrangebylex zrevrange zrevrangebyscore zrevrangebylex zrank zrevrank zscore zmscore
 zcard zcount zlexcount zscan zunion zinter zdiff zrandmember zintercard
 lrange llen lindex lpos xrange xrevrange xlen xread xinfo xpending
 bitcount bitpos getbit pfcount geopos geodist geohash object memory keys scan dbsize time
 json.get json.mget json.type`,Gt=`set setnx setex psetex mset msetnx append incr incrby incrbyfloat decr decrby getset getdel getex
 setrange setbit bitop bitfield del unlink rename renamenx copy move expire pexpire expireat pexpireat persist
 hset hsetnx hmset hincrby hincrbyfloat hdel
 sadd srem spop smove sunionstore sinterstore sdiffstore
 zadd zrem zincrby zpopmin zpopmax zremrangebyscore zremrangebyrank zremrangebylex zrangestore zunionstore
 zinterstore zdiffstore
 lpush rpush lpushx rpushx lpop rpop lset lrem ltrim linsert lmove rpoplpush
 xadd xdel xtrim xgroup xack xclaim xautoclaim xreadgroup
 pfadd pfmerge geoadd publish flushdb flushall json.set json.del`,Me=new Map([...qt.split(/\s+/).map(e=>[e,"read"]),...Gt.split(/\s+/).map(e=>[e,"write"])]),Vt=new Set("del unlink exists touch mget sunion sinter sdiff sunionstore sinterstore sdiffstore watch pfcount pfmerge".split(" ")),Jt=new Set(["rename","renamenx","copy","smove","rpoplpush","lmove","zrangestore"]),Pe=new Set(["eval","evalsha",
"eval_ro","evalsha_ro","fcall","fcall_ro"]),Yt=new Set("keys scan dbsize time randomkey flushdb flushall script xread xreadgroup".split(" ")),He=new Set(["multi","exec","discard","unwatch"])});var Ye={};Wt(Ye,{commands:()=>ae,describe:()=>Je,endOfReply:()=>fe,redis:()=>en});function Ve(e,t,n){return e.toString("utf8",t,n)}function ae(e,t=Number.POSITIVE_INFINITY,n=Ve){let r=[],s=0,o=()=>{let i=0;for(;++s<e.length&&e[s]!==Ge;)i=i*10+e[s]-48;return s+=2,i};for(;s<e.length&&e[s]===42;){let i=[];for(let c=o();c>0&&s<e.length;c--){let l=o();i.length<t&&i.push(n(e,s,s+Math.min(l,Qt))),s+=l+2}
if(s>e.length)break;i[0]=i[0].toLowerCase(),r.push(i)}return r}function fe(e,t){let n=e[t],r=0,s=t+1;for(;s<e.length&&e[s]!==Ge;s++)r=r*10+e[s]-48|0;if(s+=2,s>e.length)return-1;switch(n){case 36:case 33:case 61:return r<0?s:(s+=r+2,s>e.length?-1:s);case 42:case 126:case 62:case 37:case 124:for((n===37||n===124)&&(r*=2);r>0&&s>=0;r--)s=s<e.length?fe(e,s):-1;return s;default:return s}}function Zt(e){
let[t,...n]=e;if(t==="multi"||t==="exec")return t.toUpperCase();let r=ce(e),s=r.length>0?r:n.slice(0,1);return[t.toUpperCase(),...s].join(" ")}function Je(e){let t=e.map(ie).filter(i=>i!==null),n=t.includes("unknown")?"unknown":t.includes("write")?"write":"read",r=new Set,s=!0;for(let i of e){if(ie(i)===null)continue;let c=ce(i);c.length===0&&(s=!1);for(let l of c)r.add(l)}let o=t.length===0&&!e.some(
([i])=>i==="exec");return{label:e.map(Zt).join(", "),access:t.length===0&&!o?"unknown":n,keys:o?["(connection)"]:s&&n!=="unknown"?[...r]:[]}}var Ge,Kt,Xt,Qt,en,Ke=we(()=>{qe();Ge=13,Kt=new Set(["subscribe","psubscribe","ssubscribe","monitor","sync","psync"]),Xt=new Set(["hello","auth","select","client","info","readonly","ping","quit","reset","command"]),Qt=512;en=()=>{let e=!1,t=null;return{request(n){
let s=ae(n,1,Ve);return s.some(o=>Kt.has(o[0]))&&(e=!0),{replies:e?0:s.length,handshake:e||s.every(o=>Xt.has(o[0])),describe:()=>Je(ae(n))}},replies(n){if(e)return 0;let r=t===null?n:Buffer.concat([t,n]),s=0,o=0;for(;o<r.length;){let i=fe(r,o);if(i<0)break;r[o]!==62&&r[o]!==124&&s++,o=i}return t=o<r.length?Buffer.from(r.subarray(o)):null,s}}}});var Ot=g(require("node:module"),1);var xe=require("node:async_hooks"),M=new xe.AsyncLocalStorage,w,ke=0;function Se(e){w=e}var C=class{constructor(t,n){this.name=t,this.random=n,this.world=void 0,this.inFlight=null,this.held=[],this.reported=0,this.turns=0,this.dead=!1}},B=class{constructor(t,n,r,s){this.id=t,this.actor=n,this.gated=r,this.stacks=s,this.next=void 0,this.ahead=void 0,this.ordered=!1,this.live=!0,this.open=0,this.arisen=
0,this.outcome=null,this.whenIdle=[]}close(){if(this.open--,this.open===0)for(let t of this.whenIdle.splice(0))setImmediate(t)}run(t){return M.run(this,t)}settle(t){this.outcome=t,this.check()}check(){if(this.outcome===null||this.open>0||!this.live||this.actor.dead)return;let t=this.arisen;Ne(this.actor,()=>{if(!(!this.live||this.open>0)){if(this.arisen!==t)return void this.check();this.live=!1,w.
finish(this)}})}};function x(){let e=M.getStore();return e?.live?e:void 0}function Oe(e){return M.exit(e)}function Z(){return M.getStore()?.actor}function Ee(){return Z()?.dead===!0}function ee(e){let t=new B(0,e,!1,!1);return t.live=!1,t}function v(e){let{call:t}=e,{actor:n}=t;if(t.open++,t.arisen++,!t.gated&&!t.ordered)return N(e,!1),!0;if(!t.gated&&Q(n)&&n.held.length===0)return n.inFlight=e,N(e,!1),!0;if(t.stacks&&(e.origin??=w.where()),t.gated&&w.blocking&&Q(n)&&n.held.length===0)return Te(n,e,!1),!0;if(e.first&&n.reported!==0)return N(e,!1),!0;let r=e.first?n.held.findIndex(s=>!s.first):-1;return n.held.splice(r<0?n.held.length:
r,0,e),Ae(n),!1}function je(e,t){let{call:n}=e;return n.stacks&&(e.origin=w.where()),n.open++,w.waits(n),()=>{t(),n.open--}}function Lt(e){let{call:t}=e,n=++ke,{ahead:r}=t;w.report(e,n,!1);let s=w.wait(n);return t.ahead=s.ahead,s.cut}function k(e){if(e.answered)return;e.answered=!0;let{call:t}=e,{actor:n}=t;t.close(),n.inFlight===e&&(n.inFlight=null,n.held.length>0&&Ne(n,()=>{})),t.check()}function Q(e){return e.inFlight===null&&e.turns===0}function Ne(e,t){e.turns++,setImmediate(()=>{e.turns--,t(),Ae(e)})}function Ae(e){
if(!(!Q(e)||e.reported!==0||e.held.length===0)){if(!e.held[0].call.gated){e.inFlight=e.held.shift(),N(e.inFlight,!0);return}if(w.blocking){Te(e,e.held.shift(),!0);return}e.reported=++ke,w.report(e.held[0],e.reported,!1)}}function Te(e,t,n){e.inFlight=t;let r=Lt(t);e.dead||N(t,n,r)}function N(e,t,n){try{e.perform(t,n)}catch(r){throw k(e),r}}function $e(e,t){let n=e.held.shift();e.reported=0,e.inFlight=
n,N(n,!0,t)}var ze=g(require("node:crypto"),1),Be=require("node:module");var te=Date,P=16777619,W=0,ve=!1;function A(e){e!==void 0&&e>W&&(W=e)}function T(){return W}function _e(e){ve=e}function ne(){return ve||x()===void 0?W:++W}var D=class{constructor(t){this.seed(t)}seed(t){let[n,r,s,o]=[2166136261,16777619,3735928559,625341585];for(let i=0;i<t.length;i++){let c=t.charCodeAt(i);n=Math.imul(n^c,P),r=Math.imul(r^c+1,P),s=Math.imul(s^c+2,P),o=Math.imul(o^c+3,P)}this.a=n,
this.b=r,this.c=s,this.d=o;for(let i=0;i<12;i++)this.next()}next(){let{a:t,b:n,c:r,d:s}=this,o=t+n+s|0;return this.d=s+1|0,this.a=n^n>>>9,this.b=r+(r<<3)|0,this.c=(r<<21|r>>>11)+o|0,o>>>0}fraction(){return(this.next()*2**21+(this.next()>>>11))/2**53}fill(t){for(let n=0;n<t.length;n++)t[n]=this.next()&255;return t}},We=new D("background");function _(){let e=Z();return x()?.actor.random??(e?.dead?e.
random:We)}function De(e){We.seed(`${e}:background`)}function re(e,t=0,n=void 0){let r=ArrayBuffer.isView(e)?new Uint8Array(e.buffer,e.byteOffset,e.byteLength):new Uint8Array(e);return _().fill(r.subarray(t,n===void 0?void 0:t+n)),e}function Ie(){let e=_().fill(new Uint8Array(16));e[6]=e[6]&15|64,e[8]=e[8]&63|128;let t=Buffer.from(e).toString("hex");return`${t.slice(0,8)}-${t.slice(8,12)}-${t.slice(
12,16)}-${t.slice(16,20)}-${t.slice(20)}`}function Ft(){let e=new Proxy(te,{construct:(t,n,r)=>Reflect.construct(t,n.length===0?[ne()]:n,r===e?t:r),apply:()=>new te(ne()).toString(),get:(t,n)=>n==="now"?ne:Reflect.get(t,n)});te.prototype.constructor=e,globalThis.Date=e}function Ut(){Math.random=()=>_().fraction();let e=ze.default;e.randomBytes=(n,r)=>{let s=Buffer.from(_().fill(new Uint8Array(n)));
return r===void 0?s:void process.nextTick(r,null,s)},e.randomFillSync=re,e.randomFill=(n,...r)=>{let s=r.pop();process.nextTick(s,null,re(n,...r))},e.randomInt=(...n)=>{let r=typeof n.at(-1)=="function"?n.pop():void 0,[s,o]=n.length>1?n:[0,n[0]],i=s+Math.floor(_().fraction()*(o-s));return r===void 0?i:void process.nextTick(r,null,i)},e.randomUUID=Ie;let t=Object.getPrototypeOf(globalThis.crypto);t.
getRandomValues=re,t.randomUUID=Ie}function Le(){Ft(),Ut(),(0,Be.syncBuiltinESMExports)()}function Ct(e){if(typeof e=="number")return e;if(e instanceof Date)return(e.getTime()-T())/1e3}var Mt=4;function Fe(e,t=1){let n=e.cause??(Array.isArray(e.errors)?e.errors[0]:void 0);if(n==null)return;if(typeof n!="object")return String(n);let r=n.code===void 0||String(n.message).includes(n.code)?"":` (${n.code})`,s=t<Mt?Fe(n,t+1):void 0;return n.message===e.message&&!r?s:`${n.name??"Error"}: ${n.
message}${r}${s?`, caused by ${s}`:""}`}function H(e,t){if(e===null||typeof e!="object")return{name:"Error",message:String(e)};let{status:n,code:r}=e;return{name:String(e.name??"Error"),message:String(e.message??e),status:typeof n=="number"?n:void 0,code:r==null?void 0:String(r),retryAfter:Ct(e.retryAfter),cause:Fe(e),stack:t&&typeof e.stack=="string"?e.stack:void 0}}var le=g(require("node:path"),1),Qe=require("node:url");var Ue=g(require("node:net"),1);var Re=()=>({request:e=>({replies:1,handshake:!1,describe:()=>({label:`write ${e.length} bytes`,access:"unknown",keys:[]})}),replies:()=>Number.POSITIVE_INFINITY}),se=class{constructor(t,n){this.socket=t,this.talk=n,this.expected=[],this.waiting=0,this.holder=void 0,this.behind=[],this.owner=void 0;let r=t.push;t.push=(s,o)=>s!==null&&this.receive(s)?(this.closed(),t.destroy(oe()),!1):r.call(t,s,o),
t.prependListener("error",()=>this.closed()),t.once("close",()=>this.closed())}call(){return x()??(this.owner?.live?this.owner:void 0)}expect(t,n,r=!1){t.replies>0?this.expected.push({request:t,operation:n,left:t.replies,cut:r}):n!==null&&k(n)}receive(t){if(this.expected.some(r=>r.cut))return!0;let n=this.talk.replies(t);if(typeof n!="number"){for(let r of n)this.take(this.expected.findIndex(s=>s.
request.ids?.includes(r)));return!1}for(let r=n;r>0&&this.expected.length>0;r--)this.take(0);return!1}take(t){if(t<0)return;let n=this.expected[t];--n.left>0||(this.expected.splice(t,1),n.operation!==null&&k(n.operation))}moveUp(){for(;this.waiting===0&&this.behind.length>0;)this.behind.shift()?.()}closed(){for(let{operation:t}of this.expected.splice(0))t!==null&&k(t)}},L=Symbol("channel");function oe(){return Object.assign(new Error("read ECONNRESET"),{code:"ECONNRESET",errno:-104,syscall:"read"})}function Ce(e,t){let n=Ue.default.Socket.prototype,{_writeGeneric:r,write:s,connect:o}=n,i=new Set(e.map(String)),c=Symbol("path");function l(a){if(a[L]!==void 0)return a[L];let u=a[c]??a.remotePort,f=u!==void 0&&(i.size===0||i.has(String(u)));return a[L]=f?new se(a,t()):null,a[L]}n.connect=
function(...u){let f=Array.isArray(u[0])?u[0][0]:u[0],h=typeof f=="string"&&!/^\d+$/.test(f)?f:f?.path;return typeof h=="string"&&(this[c]=h),o.apply(this,u)},n.write=function(u,f,h){let p=this[L];return p&&(p.owner=x()??p.owner),s.call(this,u,f,h)},n._writeGeneric=function(u,f,h,p){if(this.connecting)return r.call(this,u,f,h,p);let d=l(this);if(d===null)return r.call(this,u,f,h,p);let Y=d.call(),
$=d.talk.request(Pt(u,f,h,Y?.gated)),I=$.handshake?void 0:Y,z=this;if(I===void 0){let b=()=>{d.expect($,null),r.call(z,u,f,h,p)};d.waiting>0||d.behind.length>0?d.behind.push(b):b();return}let j={call:I,describe:$.describe,cuts:!0,perform:(b,be)=>{if(b&&d.waiting--,z.destroyed){k(j),b&&d.moveUp();return}if(be==="before"){k(j),b||K?z.destroy(oe()):p(oe());return}d.expect($,j,be==="after"),r.call(z,u,
f,h,b||K?$t:p),b&&d.moveUp()}},$t=b=>{b&&z.destroy(b)},K=!1,ye=()=>{K=!0,p()};if(d.behind.length>0||d.waiting>0&&d.holder!==I.actor){d.behind.push(je(j,()=>{d.waiting++,d.holder=I.actor,v(j)&&d.waiting--})),ye();return}d.waiting++,d.holder=I.actor,v(j)?d.waiting--:ye()}}function Pt(e,t,n,r){return e?Buffer.concat(t.map(s=>{let o=s.chunk??s;return typeof o=="string"?Buffer.from(o,s.encoding):o})):typeof t!="string"?t:Buffer.from(t,n)}var Xe=async()=>(await import("./mysql.mjs")).mysql,tn={mariadb:Xe,mongodb:async()=>(await import("./mongodb.mjs")).mongodb,mysql:Xe,postgres:async()=>(await import("./postgres.mjs")).postgres,redis:async()=>(await Promise.resolve().then(()=>(Ke(),Ye))).redis};function nn(e){return Object.values(e).flatMap(t=>typeof t!="string"?[]:t.startsWith("file:///")?[le.default.dirname((0,Qe.fileURLToPath)(t))]:
le.default.isAbsolute(t)?[t]:[])}async function Ze(e,t){for(let n of e.gates??["net"])switch(n){case"net":Ce(e.ports??[],await tn[e.protocol??""]?.()??Re);break;case"fs":(await import("./fs.mjs")).patch(e.paths??nn(e.options??{}));break;case"libsql":await(await import("./libsql.mjs")).patch(t);break;case"call":break;default:throw new Error(`this host has no gates for ${n}`)}}var tt=require("node:util");var rn={log:"info",info:"info",debug:"debug",trace:"debug",dir:"info",warn:"warn",error:"error"},sn=[[50,"error"],[40,"warn"],[30,"info"],[0,"debug"]];function on(e,t){let n=/^\{.*"level":\s*(?:(\d+)|"(\w+)")/.exec(e),r=n?.[1];if(r!==void 0)return sn.find(([o])=>Number(r)>=o)[1];let s=n?.[2]??/\b(?:workflow:[\w-]+:)(debug|info|warn|error)\b/.exec(e)?.[1]??/^\s*\[?(debug|info|warn|warning|error|fatal)\]?[:\s]/i.
exec(e)?.[1];if(s!==void 0){let o=s.toLowerCase();return o==="fatal"||o==="error"?"error":o.startsWith("warn")?"warn":o==="debug"?"debug":"info"}return/^\(node:\d+\) /.test(e)?"warn":/^(?:Uncaught )?\w*Error\b/.test(e)?"error":t}function et(e,t){return/^\[Workflow\]|\bworkflow:[\w-]+:/.test(e)?"runtime":t}function nt(e){for(let[t,n]of Object.entries(rn))console[t]=(...r)=>{let s=x(),o=(0,tt.format)(
...r);e(n,et(o,s===void 0?"console":"world"),o,s?.actor.name)};for(let[t,n]of[[process.stdout,"info"],[process.stderr,"warn"]])t.write=((r,s,o)=>{let i=typeof r=="string"?r:Buffer.from(r).toString("utf8"),c=x()?.actor.name;for(let a of i.split(`
`))a.trim()!==""&&e(on(a,n),et(a,"process"),a,c);let l=typeof s=="function"?s:o;return typeof l=="function"&&process.nextTick(l),!0})}var rt=Date;function E(e,t=0){if(e===null||typeof e=="string"||typeof e=="number"||typeof e=="boolean")return e;if(typeof e=="bigint")return Number.isSafeInteger(Number(e))?Number(e):String(e);if(typeof e!="object")return;if(t>200)throw new TypeError("a value is too deep, or holds itself, and cannot be sent");if(e instanceof rt)return Number.isNaN(e.getTime())?null:{$date:rt.prototype.toISOString.
call(e)};if(Array.isArray(e))return e.map(s=>E(s,t+1)??null);if(ArrayBuffer.isView(e))return{$bytes:Buffer.from(e.buffer,e.byteOffset,e.byteLength).toString("base64")};if(e instanceof ArrayBuffer)return{$bytes:Buffer.from(e).toString("base64")};if(typeof e.toJSON=="function")return E(e.toJSON(),t+1);if(e instanceof Map)return E(Object.fromEntries(e),t+1);if(e instanceof Set)return E([...e],t+1);let n,
r=!1;for(let s of Object.keys(e)){let o=E(e[s],t+1);o!==void 0&&s.startsWith("$")&&(r=!0),o!==e[s]&&((n??={...e})[s]=o)}return r?{$object:n??e}:n??e}function q(e){if(e===null||typeof e!="object")return e;if(Array.isArray(e))return e.map(q);if(typeof e.$bytes=="string")return new Uint8Array(Buffer.from(e.$bytes,"base64"));if(typeof e.$date=="string")return new Date(e.$date);let t=e.$object??e;for(let n of Object.
keys(t))t[n]=q(t[n]);return t}var U=require("node:async_hooks"),ot=g(require("node:path"),1),it=require("node:url"),an=60,fn=400,ln=8,ue=new Map,F=["",""],G,ct=0;function de(){let e=Error.stackTraceLimit;Error.stackTraceLimit=an;let t={};return Error.captureStackTrace(t,de),Error.stackTraceLimit=e,t}var at=(0,U.createHook)({init(e,t,n){ue.set(e,{error:de(),trigger:n,execution:(0,U.executionAsyncId)()})}});function st(e){return(e??
"").split(`
`).flatMap(un)}function un(e){let t=F.find(l=>e.includes(l));if(t===void 0)return[];let n=e.slice(e.indexOf(t)+t.length+1),r=/^(.*?)(?:\?[^:]*)?:(\d+):(\d+)/.exec(n);if(r===null||n.includes("node_modules/"))return[];let s=t===F[0]?r[1]:decodeURI(r[1]),o=ot.default.join(F[0],s),i=`${s}:${r[2]}`;return[{line:G?.original(F[0],o,Number(r[2]),Number(r[3]))??i,compiled:i,helps:G?.isShared(o)??!1}]}function ft(){
let e=st(de().stack),t=[(0,U.executionAsyncId)()],n=new Set(t);for(let c=t.shift();c!==void 0&&n.size<fn&&!e.some(a=>!a.helps);c=t.shift()){let l=ue.get(c);if(l!==void 0){e.push(...st(l.error.stack));for(let a of[l.trigger,l.execution])n.has(a)||t.push(a),n.add(a)}}let r=e.find(c=>!c.helps)??e[0];if(r===void 0)return;let s=e.indexOf(r),o=e.filter((c,l)=>l<=s||!c.helps),i=[...new Set(o.map(({line:c})=>c))].
slice(-ln);return{where:r.line,compiled:r.line===r.compiled?void 0:r.compiled,frames:i.length>1?i:void 0}}function lt({folder:e,entry:t},n){F=[e,(0,it.pathToFileURL)(e).href],G=n,G?.beginAt(t)}function ut(){ct++===0&&at.enable()}function dt(){--ct>0||(at.disable(),ue.clear())}var mt=g(require("node:fs"),1),gt=g(require("node:net"),1);var ht=10,{readSync:dn,writeSync:hn,openSync:pn}=mt.default,{setTimeout:mn}=globalThis,gn=5;function yn(e){for(let t of[`/proc/self/fd/${e}`,`/dev/fd/${e}`])try{return pn(t,"r")}catch{continue}return e}var bn=new Int32Array(new SharedArrayBuffer(4));function pt(){Atomics.wait(bn,0,0,.2)}var V=class{constructor(t,n){this.inFd=t,this.outFd=n,this.blockingFd=yn(t),this.chunk=Buffer.allocUnsafe(65536),
this.rest=[],this.lines=[],this.returned=[],this.scheduled=!1,this.unsent="",this.due=void 0,this.handle=()=>{}}listen(t){this.handle=t;let n=(i,c)=>(this.feed(Buffer.from(c.buffer,c.byteOffset,i)),this.scheduled||this.next(),!0),r={buffer:Buffer.allocUnsafeSlow(65536),callback:n},s=new gt.default.Socket({fd:this.inFd,readable:!0,writable:!1,onread:r}),o=()=>process.exit(0);s.on("end",o),s.on("err\
or",o)}next(){this.scheduled=!1;let t=this.returned.shift()??this.queued();t!==void 0&&(this.schedule(),this.handle(t))}schedule(){this.scheduled||this.returned.length+this.lines.length===0||(this.scheduled=!0,setImmediate(()=>this.next()))}putBack(t){this.returned.push(...t),this.schedule()}queued(){let t=this.lines.shift();return t===void 0?void 0:this.parse(t)}take(){for(;;){let t=this.queued();
if(t!==void 0)return t;let n=0;try{n=dn(this.blockingFd,this.chunk,0,this.chunk.length,null)}catch(r){let s=r.code;if(s==="EAGAIN"){pt();continue}if(s!=="EOF")throw r}n===0&&process.exit(0),this.feed(this.chunk.subarray(0,n))}}feed(t){let n=0;for(let r=t.indexOf(ht);r>=0;r=t.indexOf(ht,n)){let s=t.toString("utf8",n,r);this.rest.length>0&&(s=Buffer.concat([...this.rest,t.subarray(n,r)]).toString("u\
tf8"),this.rest=[]),this.lines.push(s),n=r+1}n<t.length&&this.rest.push(Buffer.from(t.subarray(n)))}parse(t){let n=JSON.parse(t);return t.includes('"$')?q(n):n}send(t,n=!1){this.unsent+=JSON.stringify(t)+`
`,n?this.due??=mn(()=>{this.due=void 0,this.flush()},gn):this.flush()}flush(){let t=Buffer.from(this.unsent);this.unsent="";let n=0;for(;n<t.length;)try{n+=hn(this.outFd,t,n,t.length-n)}catch(r){let s=r.code;if(s==="EPIPE"&&process.exit(0),s!=="EAGAIN")throw r;pt()}}};function yt(e,t){for(let n of["uncaughtException","unhandledRejection"])process.on(n,r=>{let s=r instanceof Error?r.stack??String(r):
String(r);e.send({type:"log",level:"error",origin:"process",text:`${n}: ${s}`})});process.on("SIGINT",()=>{}),e.listen(t)}var S=g(require("node:fs"),1),m=g(require("node:path"),1),bt=require("node:url");function wn(e){return JSON.parse(S.default.readFileSync(e,"utf8"))}function pe(e){if(typeof e=="string")return e;if(Array.isArray(e))return e.map(pe).find(t=>t!==void 0);if(!(e===null||typeof e!="object"))for(let[t,n]of Object.entries(e)){if(!["import","node","module-sync","default"].includes(t))continue;let r=pe(n);if(r!==
void 0)return r}}function xn(e){for(let t=e;;t=m.default.dirname(t)){if(S.default.existsSync(m.default.join(t,"package.json")))return t;if(t===m.default.dirname(t))return e}}function he(e,t="."){let{name:n,version:r,exports:s,main:o}=wn(m.default.join(e,"package.json")),c=Object.keys(Object(s)).some(a=>a.startsWith("."))?s[t]:s,l=pe(c)??(t==="."?o??"index.js":t);return{folder:e,entry:m.default.join(
e,l),name:n??m.default.basename(e),version:r??""}}function wt(e,t=process.cwd()){if(m.default.isAbsolute(e)){let o=S.default.realpathSync(e);if(S.default.statSync(o).isDirectory())return he(o);let i=xn(m.default.dirname(o));return S.default.existsSync(m.default.join(i,"package.json"))?{...he(i),entry:o}:{folder:i,entry:o,name:m.default.basename(o),version:""}}let n=e.split("/"),r=n.slice(0,e.startsWith(
"@")?2:1).join("/"),s=[".",...n.slice(r.split("/").length)].join("/");for(let o=m.default.resolve(t);;o=m.default.dirname(o)){let i=m.default.join(o,"node_modules",r);if(S.default.existsSync(m.default.join(i,"package.json")))return he(S.default.realpathSync(i),s);if(o===m.default.dirname(o))throw new Error(`the package ${r} is not installed under ${t}`)}}function kn(e){let t=Object.keys(Object(e)).
filter(n=>/^create\w+World$/.test(n));return t.length===1?t:[]}async function xt(e,t,n,r){let s=await import(`${(0,bt.pathToFileURL)(e.entry)}${n}`),o=t.factory===void 0?["createWorld","default"]:[t.factory];r();for(let c of[s,s.default])for(let l of t.factory===void 0?[...o,...kn(c)]:o){let a=c?.[l];if(typeof a=="function")return await a(t.options??{});if(typeof a?.events?.create=="function")return a}
let i=Object.keys(s).slice(0,10).join(", ")||"nothing";throw new Error(`${e.name} exports no ${o.join(" or ")} that makes a World; it exports ${i}`)}function J(e,t){try{return e?.[t]}catch(n){console.warn(`reading ${t} of the World failed:`,n);return}}async function kt(e){try{typeof e?.close=="function"&&await e.close()}catch(t){console.warn("closing the World failed:",t)}}async function me(e,t,n){
if(t.startsWith("stream."))return await(await import("./streams.mjs")).performStream(e,t,n);let r=t.split("."),s=r.pop(),o=r.reduce((i,c)=>i?.[c],e);if(typeof o?.[s]!="function")throw Object.assign(new Error(`the World has no ${t}`),{name:"NotImplemented",code:"NOT_IMPLEMENTED"});return await o[s](...n)}async function St(e,t){let n=Array.from({length:t},()=>me(e,"runs.get",["wrun_00000000000000000\
000000000"]));return await Promise.allSettled(n)}var y=new V(Number(process.env.WORLD_HOST_IN??3),Number(process.env.WORLD_HOST_OUT??4));delete process.env.WORLD_HOST_IN;delete process.env.WORLD_HOST_OUT;Buffer.poolSize=1024;var O=new Map,Et=new Map,jt=!1,ge=new Map,R,Sn;var On;var En,jn=(e,t,n,r)=>{if(Ee())return;let s=Sn?.isByDesign(e,t,n)||void 0;r??=O.size===1?[...O.keys()][0]:void 0,y.send({type:"log",level:e,origin:t,text:n,actor:r,byDesign:s})};nt(jn);var Nt={blocking:!0,report(e,t,n){let{call:r}=e;this.blocking||ge.set(t,r.actor);let s=e.describe(),{cuts:o,rest:i,origin:c}=e,l={cut:o,rest:i,...c,passed:n||void 0,clock:T()};y.send({type:"gate",gate:t,call:r.id,actor:r.
actor.name,...s,...l},n)},pass(e){A(T()+e)},wait(e){let t=[];for(;;){let n=y.take();if(n.type==="close"&&At(n.id),n.type==="go"&&n.gate===e)return y.putBack(t),A(n.clock),{cut:n.cut,ahead:n.ahead};t.push(n)}},finish(e){e.stacks&&dt(),Et.delete(e.id);let t=Nn(e),n=e.next?.(t),r=n!==void 0;y.send({...t,id:e.id,more:r||void 0,clock:T()},r),n?.()},waits(e){e.gated&&y.send({type:"waits",call:e.id,actor:e.
actor.name})},where:ft};Se(Nt);function Nn({outcome:e,stacks:t}){let{value:n,error:r}=e??{};if(r!==void 0)return{type:"error",error:H(r.thrown,t)};try{return{type:"result",value:E(n)??null}}catch(s){return{type:"error",error:{...H(s,!0),code:"UNSENDABLE"}}}}function At(e){y.send({type:"done",id:e}),process.exit(0)}function Tt(e,t){A(t),De(String(e));for(let n of O.values())n.random.seed(`${e}:${n.
name}`)}async function An({id:e,world:t,actors:n,seed:r,clock:s}){try{Nt.blocking=n.length===1;let o=O.size>0;for(let f of n)O.set(f,new C(f,new D("")));Tt(r,s),o||Le(),process.env.PGAPPNAME??=`world-host-${process.pid}`;let i=wt(t.module,t.root);lt(i),o||await Ze(t,i.folder),jt=t.gates?.includes("call")??!1;let c;for(let f of O.values()){if(c===void 0||!t.shared){let h=()=>y.send({type:"opening",
id:e,doing:"world"}),p=f.name===n[0]?On?.copy()??"":`?actor=${f.name}`;c=await ee(f).run(()=>xt(i,t,p,h))}f.world=c,y.send({type:"opening",id:e,doing:"read"}),await ee(f).run(()=>St(c,t.warm??2))}y.send({type:"opening",id:e,doing:"host"}),Ot.flushCompileCache?.();let l=J(c,"specVersion"),a=Object.entries(J(c,"capabilities")??{}).filter(([,f])=>f===!0);typeof J(c,"events")?.createBatch=="function"&&
a.push(["createBatch",!0]);let u={type:"opened",id:e,name:i.name,version:i.version,specVersion:Number.isSafeInteger(l)?l:void 0,capabilities:a.map(([f])=>f),platform:`node ${process.versions.node}`,runtime:R&&{version:R.version,dialect:R.dialect,inline:R.inline||void 0}};y.send(u)}catch(o){y.send({type:"failed",id:e,error:H(o,!0)})}}function Tn({id:e,actor:t,op:n,args:r,gated:s,stacks:o,ahead:i,clock:c},l){A(c);let a=O.get(t);if(a===void 0)return y.send({type:"error",id:e,error:{name:"HostError",message:`no actor ${t} is open here`}});let u=new B(e,a,s===!0,o===!0);u.ahead=i,u.next=l,u.stacks&&ut(),Et.set(e,u);let f=n.startsWith("runtime.")?R:void 0;u.ordered=f!==void 0;let h=()=>u.run(()=>(f?.perform(n,r)??me(a.world,n,r)).then(
d=>u.settle({value:d}),d=>u.settle({error:{thrown:d}})));if(!u.gated||!jt||f)return void h();let p={call:u,origin:u.stacks?En?.definition(a.world,n):void 0,describe:()=>({label:[n,r[1]?.eventType].filter(Boolean).join(" "),access:"unknown",keys:[]}),perform:()=>{k(p),h()}};v(p)}async function $n(e){for(let{world:t,dead:n}of O.values())n||await kt(t);At(e)}function In(e){switch(e.type){case"call":return Tn(e);case"go":{let t=ge.get(e.gate);return A(e.clock),t===void 0?void 0:(ge.delete(e.gate),$e(t,e.cut))}case"reset":return Tt(e.seed,e.clock),_e(e.still===!0),y.send({type:"done",id:e.id},!0);case"open":return void Oe(()=>An(e));case"close":return void $n(e.id);default:}}yt(y,In);
}
