/**
 * @workflow/world-postgres@4.3.7: Two handlers create one step, wait or hook
 *
 * Every actor creates a hook for a run of its own, and all want one token.
 *
 * WRONG A's hook_created hook1 got success; right is a hook_conflict event
 * RULE  hook.token-unique: a token has one owner; another run that wants it gets a hook_conflict event
 * WRONG hook1 is alive, but its creation was to be refused
 * RULE  hook.status-agrees: the stored hooks are what their events make of them
 * KIND  not atomic. It holds in sequence and breaks in a race: another call changes what was checked before
 *       the write.
 * FIX   Check and write in one operation: a transaction with a lock, a conditional update, a unique index.
 * WHERE in the package, in the order of the schedule: src/storage.ts:395 (dist/storage.js:292),
 *       src/storage.ts:1163 (dist/storage.js:877), src/storage.ts:1277 (dist/storage.js:984),
 *       src/storage.ts:1574 (dist/storage.js:1234)
 *
 * Run it beside the installed package:
 *
 *     npm i @workflow/world-postgres@4.3.7
 *     POSTGRES_URL=postgres://***@localhost:5432/world node repro.mjs
 *
 * Use a postgres for tests: what the run stores there, it leaves there. The World's own set-up is run first.
 * Exit status 1: it is wrong, as said above. 0: what came of it is right. 2: it could not be run.
 *
 *     WORLD_PACKAGE=../checkout node repro.mjs     the same against a checkout of the package
 *     SCHEDULE=A node repro.mjs                    the same calls, one actor after the other
 *
 * How: each actor is a process with a World of its own. Each I/O operation of a racing call waits until it is
 * let go, in this order: aA2bB4A2 (A2B is: an operation of A, another one, one of B; a small letter is where
 * an actor begins).
 * Written by workflow-world-conformance 0.1.0. The suite sees it again with:
 *
 *     pytest --world=postgres --world-replay=step_created/storage/one-token-two-runs/aA2bB4A2
 */

// ---- What was recorded ----

/** The ids of this run; those that are empty are minted by the World. */
const id = { run1: '', run2: '', hook1: 'hook_1_3', token1: 'token_3_3', hook2: 'hook_2_3' };

const WORLD = {
  package: '@workflow/world-postgres',
  version: '4.3.7',
  options: { connectionString: '{service.url}', queueConcurrency: 10 },
  env: { WORKFLOW_POSTGRES_URL: '{service.url}' },
  setup: { command: ['node', '{root}/bin/setup.js'], env: { WORKFLOW_POSTGRES_URL: '{service.url}' } },
  service: { variable: 'POSTGRES_URL', url: 'postgres://***@localhost:5432/world', port: 5432 },
  host: { gates: ['net'], protocol: 'postgres', factory: 'createWorld', shared: false, warm: 4 },
  locks: true,
  fresh: false,
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
          input: asStored([null]),
        },
      },
    ],
    answer: 'success',
    gives: { run1: 'run.runId' },
  },
  {
    actor: '-', op: 'events.create', says: 'before: run_started', at: 3,
    args: () => [id.run1, { specVersion: 3, eventType: 'run_started' }],
    answer: 'success',
  },
  {
    actor: '-', op: 'events.create', says: 'before: run_created (2)', at: 6,
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
    actor: '-', op: 'events.create', says: 'before: run_started (2)', at: 9,
    args: () => [id.run2, { specVersion: 3, eventType: 'run_started' }],
    answer: 'success',
  },
];

/** What raced. Above each call: what it did when it was recorded, and where in the package. */
const RACE = {
  A: [
    // SELECT workflow.workflow_runs  src/storage.ts:395
    // SELECT workflow.workflow_hooks  src/storage.ts:1163
    // INSERT workflow.workflow_hooks  src/storage.ts:1277
    // INSERT workflow.workflow_events  src/storage.ts:1574
    {
      actor: 'A', op: 'events.create', says: 'A: hook_created hook1', at: 12,
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
  ],
  B: [
    // SELECT workflow.workflow_runs  src/storage.ts:395
    // SELECT workflow.workflow_hooks  src/storage.ts:1163
    // INSERT workflow.workflow_hooks  src/storage.ts:1277
    // INSERT workflow.workflow_events  src/storage.ts:1574
    {
      actor: 'B', op: 'events.create', says: 'B: hook_created hook2', at: 213,
      args: () => [
        id.run2,
        {
          specVersion: 3,
          eventType: 'hook_created',
          correlationId: id.hook2,
          eventData: { token: id.token1 },
        },
      ],
      answer: 'success',
    },
  ],
};

/** Whose operation went ahead, in order. */
const SCHEDULE = 'aA2bB4A2';

/** What goes wrong in the race: with which operation, counted over all actors from 0. */
const FAULTS = [];

/** What came after the race, alone. */
const AFTER = [];

/** What is looked at in the end. */
const RUNS = ['run1', 'run2'];
const TOKENS = ['token1'];

/** The World's logical clock begins here, in ms since 1970. */
const START = 1767225901432;

// ---- What would be right ----

/** Right is this, together with one of the following: the calls in any order, one by one. */
const ALWAYS = {
  run1: 'running',
  'startedAt of run1': '1 value',
  'log of run1: run_created': '1 x',
  'log of run1: run_started': '1 x',
  run2: 'running',
  'startedAt of run2': '1 value',
  'log of run2: run_created': '1 x',
  'log of run2: run_started': '1 x',
};
const EITHER = [
  {
    'A: hook_created hook1': 'success',
    'B: hook_created hook2': 'hook_conflict event',
    'log of run1: hook_created hook1': '1 x',
    'log of run2: hook_conflict hook2': '1 x',
    'hook1 of run1': 'alive',
    token1: 'held by run1',
  },
  {
    'B: hook_created hook2': 'success',
    'A: hook_created hook1': 'hook_conflict event',
    'log of run1: hook_conflict hook1': '1 x',
    'log of run2: hook_created hook2': '1 x',
    'hook2 of run2': 'alive',
    token1: 'held by run2',
  },
];

/** As right, unless the first call of each pair is answered before the second begins. */
const OVERLAPPED = [];
const BEFORE = [];

/** What was recorded and no right outcome has. */
const WRONG = {
  'A: hook_created hook1': 'success',
  'hook1 of run1': 'alive',
  'log of run1: hook_created hook1': '1 x',
  'log of run1: hook_conflict hook1': 'none',
  'B: hook_created hook2': 'success',
};
const BROKEN = "A's hook_created hook1 got success; right is a hook_conflict event";

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
var Nt=Object.create;var te=Object.defineProperty;var $t=Object.getOwnPropertyDescriptor;var It=Object.getOwnPropertyNames;var jt=Object.getPrototypeOf,Lt=Object.prototype.hasOwnProperty;var we=(e,t,n)=>()=>{if(n)throw n[0];try{return e&&(t=e(e=0)),t}catch(r){throw n=[r],r}};var Rt=(e,t)=>{for(var n in t)te(e,n,{get:t[n],enumerable:!0})},Ut=(e,t,n,r)=>{if(t&&typeof t=="object"||typeof t=="function")for(let s of It(t))!Lt.call(e,s)&&s!==n&&te(e,s,{get:()=>t[s],enumerable:!(r=$t(t,s))||r.enumerable});return e};var g=(e,t,n)=>(n=e!=null?Nt(jt(e)):{},Ut(t||!e||!e.__esModule?te(n,"default",{value:e,enumerable:!0}):n,e));function Qt(e){let t=new Set;for(let[,n,r]of e.matchAll(qt)){let s=n.replace(/["`\s]/g,"");Jt.has(s.toLowerCase())||r!==void 0&&!/\binto\s+\S+\s*\($/i.test(e.slice(0,e.indexOf(n)+n.length)+r)||t.add(s)}return[...t]}function Ge(e,{isolation:t}){return t===""?e:{label:e.label,access:t==="snapshot"?e.access:"unknown",keys:[]}}function He(e,t){let n=Ht.exec(e)?.[1];n!==void 0&&(t.isolation=/^serializable$/i.
test(n)?"serializable":"snapshot",Gt.test(e)&&(t.usual=t.isolation))}function Xt(e,t){let n=e.sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g," ").replace(/'(?:[^']|'')*'/g,"''").trim(),r=(/^[a-z]+/i.exec(n)?.[0]??"").toUpperCase();switch(r){case"":return{label:"empty",access:"unknown",keys:[]};case"BEGIN":case"START":return t.begin(),He(n,t),{label:"BEGIN",access:"read",keys:[F]};case"COMMIT":case"END":case"\
ROLLBACK":case"ABORT":{if(/\bto\b/i.test(n))return{label:r,access:"write",keys:[F]};let{statements:l,anything:h,tables:p}=t,d=h?{label:r,access:"unknown",keys:[]}:Ge({label:r,access:"write",keys:[...p,F],statements:l},t);return t.end(),d}case"SET":return He(e.sql,t),{label:r,access:"read",keys:[F]};case"SAVEPOINT":case"RELEASE":case"SHOW":case"PRAGMA":case"DEALLOCATE":return{label:r,access:"read",
keys:[F]}}let s=/;\s*\S/.test(n),o=ve.test(n),a=Qt(n.replace(new RegExp(ve.source,"gi")," ")),i=[r,...a].join(" ")+(o?" FOR UPDATE":""),c=!s&&["SELECT","INSERT","REPLACE","UPDATE","DELETE","MERGE","WITH","VALUES","TABLE"].includes(r),f=o||r==="REPLACE"||zt.test(n);if(!c||a.length===0||!f&&Vt.test(n))return t.add(null),{label:i,access:"unknown",keys:[]};let u={...e,tables:a};return f&&t.add(u),Ge({
label:i,access:f?"write":"read",keys:a,statements:[u]},t)}function qe(e,t){let n=e.map(c=>Xt(c,t));if(n.length===0)return{label:"protocol message",access:"unknown",keys:[]};let r=n.map(c=>c.label).join(", "),s=n.some(c=>c.access==="unknown"),o=s?"unknown":n.some(c=>c.access==="write")?"write":"read";if(s||n.some(c=>c.keys.length===0))return{label:r,access:o,keys:[]};let a=n.flatMap(c=>c.statements??
[]),i=[...new Set(n.flatMap(c=>c.keys))];return a.length===0?{label:r,access:o,keys:i}:{label:r,access:o,keys:i,statements:a}}var J,Gt,Ht,F,Q,qt,Vt,ve,zt,Jt,Ve=we(()=>{J=class{open=!1;statements=[];anything=!1;isolation="";usual="";end(){this.open=!1,this.statements=[],this.anything=!1,this.isolation=this.usual}begin(){this.end(),this.open=!0}add(t){this.open&&(t===null?this.anything=!0:this.statements.
push(t))}get tables(){return[...new Set(this.statements.flatMap(({tables:t})=>t??[]))]}},Gt=/\bsession\s+characteristics\b|\bdefault_transaction_isolation\b/i,Ht=/isolation\b[^;]*?\b(repeatable\s+read|serializable|snapshot)\b/i,F="@session",Q='(?:"[^"]+"|`[^`]+`|[a-zA-Z_][\\w$]*)',qt=new RegExp(`\\b(?:from|join|into|update|table|using)\\s+(?:only\\s+)?(${Q}(?:\\s*\\.\\s*${Q})*)(\\s*\\()?`,"gi"),Vt=
new RegExp(`${Q}\\s*\\.\\s*${Q}\\s*\\(`),ve=/\bfor\s+(?:no\s+key\s+|key\s+)?(?:update|share)\b/i,zt=/\b(?:insert|update|delete|merge|truncate)\b/i,Jt=new Set(["set","select","lateral","values","skip","of","nowait"])});var ze={};Rt(ze,{postgres:()=>tn});function nn(e,t){let n=e.readInt16BE(t),r=e.readInt16BE(t+2+2*n),s=i=>n>0&&e.readInt16BE(t+2+2*(n===1?0:i))===1,o=t+4+2*n,a=[];for(let i=0;i<r;i++){let c=e.readInt32BE(o);o+=4,c<0?a.push(null):a.push(s(i)||c>en?!0:e.toString("utf8",o,o+c)),o+=Math.max(0,c)}return a}function P(e,t){let n=e.indexOf(0,t);return e.toString("utf8",t,n<0?e.length:n)}var Yt,Kt,Zt,en,tn,
Je=we(()=>{Ve();Yt=80877103,Kt=80877102,Zt=90,en=512,tn=()=>{let e=!0,t=!1,n=new Map,r=new J,s=null,o=0;function a(i){let c=i.length>=8&&i[0]===0?i.readInt32BE(4):0;return t=c===Yt,{replies:c===0||c===Kt||t?0:1,handshake:!0,describe:()=>({label:"handshake",access:"unknown",keys:[]})}}return{request(i){if(e)return a(i);let c=[],f=0,u="",l=!1;for(let h=0;h+5<=i.length;h+=1+i.readInt32BE(h+1)){let p=h+
5;switch(String.fromCharCode(i[h])){case"Q":c.push({sql:P(i,p),values:[]}),f++;break;case"P":{let d=P(i,p),w=P(i,p+Buffer.byteLength(d)+1);d===""?u=w:n.set(d,w);break}case"B":{let d=P(i,p),w=P(i,p+Buffer.byteLength(d)+1),A=w===""?u:n.get(w)??"";c.push({sql:A,values:nn(i,p+Buffer.byteLength(d)+Buffer.byteLength(w)+2)});break}case"S":f++;break;case"X":l=!0;break}}return{replies:l?0:f,handshake:l,describe:()=>qe(
c,r)}},replies(i){t&&(t=!1,i=i.subarray(1));let c=s===null?i:Buffer.concat([s,i]);s=null;let f=o,u=0;for(;f<c.length;){if(f+5>c.length)return s=Buffer.from(c.subarray(f)),o=0,u;c[f]===Zt&&(u++,e=!1),f+=1+c.readInt32BE(f+1)}return o=f-c.length,u}}}});var xt=g(require("node:module"),1);var ke=require("node:async_hooks"),q=new ke.AsyncLocalStorage,k,xe=0;function Se(e){k=e}var H=class{constructor(t,n){this.name=t,this.random=n,this.world=void 0,this.inFlight=null,this.held=[],this.reported=0,this.turns=0,this.dead=!1}},R=class{constructor(t,n,r,s){this.id=t,this.actor=n,this.gated=r,this.stacks=s,this.next=void 0,this.ahead=void 0,this.ordered=!1,this.live=!0,this.open=0,this.arisen=
0,this.outcome=null,this.whenIdle=[]}close(){if(this.open--,this.open===0)for(let t of this.whenIdle.splice(0))setImmediate(t)}run(t){return q.run(this,t)}settle(t){this.outcome=t,this.check()}check(){if(this.outcome===null||this.open>0||!this.live||this.actor.dead)return;let t=this.arisen;Te(this.actor,()=>{if(!(!this.live||this.open>0)){if(this.arisen!==t)return void this.check();this.live=!1,k.
finish(this)}})}};function x(){let e=q.getStore();return e?.live?e:void 0}function Ee(e){return q.exit(e)}function re(){return q.getStore()?.actor}function Oe(){return re()?.dead===!0}function se(e){let t=new R(0,e,!1,!1);return t.live=!1,t}function U(e){let{call:t}=e,{actor:n}=t;if(t.open++,t.arisen++,!t.gated&&!t.ordered)return N(e,!1),!0;if(!t.gated&&ne(n)&&n.held.length===0)return n.inFlight=e,N(e,!1),!0;if(t.stacks&&(e.origin??=k.where()),t.gated&&k.blocking&&ne(n)&&n.held.length===0)return Ne(n,e,!1),!0;if(e.first&&n.reported!==0)return N(e,!1),!0;let r=e.first?n.held.findIndex(s=>!s.first):-1;return n.held.splice(r<0?n.held.length:
r,0,e),Be(n),!1}function Ae(e,t){let{call:n}=e;return n.stacks&&(e.origin=k.where()),n.open++,k.waits(n),()=>{t(),n.open--}}function Dt(e){let{call:t}=e,n=++xe,{ahead:r}=t;k.report(e,n,!1);let s=k.wait(n);return t.ahead=s.ahead,s.cut}function S(e){if(e.answered)return;e.answered=!0;let{call:t}=e,{actor:n}=t;t.close(),n.inFlight===e&&(n.inFlight=null,n.held.length>0&&Te(n,()=>{})),t.check()}function ne(e){return e.inFlight===null&&e.turns===0}function Te(e,t){e.turns++,setImmediate(()=>{e.turns--,t(),Be(e)})}function Be(e){
if(!(!ne(e)||e.reported!==0||e.held.length===0)){if(!e.held[0].call.gated){e.inFlight=e.held.shift(),N(e.inFlight,!0);return}if(k.blocking){Ne(e,e.held.shift(),!0);return}e.reported=++xe,k.report(e.held[0],e.reported,!1)}}function Ne(e,t,n){e.inFlight=t;let r=Dt(t);e.dead||N(t,n,r)}function N(e,t,n){try{e.perform(t,n)}catch(r){throw S(e),r}}function $e(e,t){let n=e.held.shift();e.reported=0,e.inFlight=
n,N(n,!0,t)}var je=g(require("node:crypto"),1),Le=require("node:module");var oe=Date,V=16777619,M=0,Re=!1;function $(e){e!==void 0&&e>M&&(M=e)}function I(){return M}function Ue(e){Re=e}function ie(){return Re||x()===void 0?M:++M}var W=class{constructor(t){this.seed(t)}seed(t){let[n,r,s,o]=[2166136261,16777619,3735928559,625341585];for(let a=0;a<t.length;a++){let i=t.charCodeAt(a);n=Math.imul(n^i,V),r=Math.imul(r^i+1,V),s=Math.imul(s^i+2,V),o=Math.imul(o^i+3,V)}this.a=n,
this.b=r,this.c=s,this.d=o;for(let a=0;a<12;a++)this.next()}next(){let{a:t,b:n,c:r,d:s}=this,o=t+n+s|0;return this.d=s+1|0,this.a=n^n>>>9,this.b=r+(r<<3)|0,this.c=(r<<21|r>>>11)+o|0,o>>>0}fraction(){return(this.next()*2**21+(this.next()>>>11))/2**53}fill(t){for(let n=0;n<t.length;n++)t[n]=this.next()&255;return t}},De=new W("background");function D(){let e=re();return x()?.actor.random??(e?.dead?e.
random:De)}function Me(e){De.seed(`${e}:background`)}function ce(e,t=0,n=void 0){let r=ArrayBuffer.isView(e)?new Uint8Array(e.buffer,e.byteOffset,e.byteLength):new Uint8Array(e);return D().fill(r.subarray(t,n===void 0?void 0:t+n)),e}function Ie(){let e=D().fill(new Uint8Array(16));e[6]=e[6]&15|64,e[8]=e[8]&63|128;let t=Buffer.from(e).toString("hex");return`${t.slice(0,8)}-${t.slice(8,12)}-${t.slice(
12,16)}-${t.slice(16,20)}-${t.slice(20)}`}function Mt(){let e=new Proxy(oe,{construct:(t,n,r)=>Reflect.construct(t,n.length===0?[ie()]:n,r===e?t:r),apply:()=>new oe(ie()).toString(),get:(t,n)=>n==="now"?ie:Reflect.get(t,n)});oe.prototype.constructor=e,globalThis.Date=e}function Wt(){Math.random=()=>D().fraction();let e=je.default;e.randomBytes=(n,r)=>{let s=Buffer.from(D().fill(new Uint8Array(n)));
return r===void 0?s:void process.nextTick(r,null,s)},e.randomFillSync=ce,e.randomFill=(n,...r)=>{let s=r.pop();process.nextTick(s,null,ce(n,...r))},e.randomInt=(...n)=>{let r=typeof n.at(-1)=="function"?n.pop():void 0,[s,o]=n.length>1?n:[0,n[0]],a=s+Math.floor(D().fraction()*(o-s));return r===void 0?a:void process.nextTick(r,null,a)},e.randomUUID=Ie;let t=Object.getPrototypeOf(globalThis.crypto);t.
getRandomValues=ce,t.randomUUID=Ie}function We(){Mt(),Wt(),(0,Le.syncBuiltinESMExports)()}function Ft(e){if(typeof e=="number")return e;if(e instanceof Date)return(e.getTime()-I())/1e3}var Pt=4;function Ce(e,t=1){let n=e.cause??(Array.isArray(e.errors)?e.errors[0]:void 0);if(n==null)return;if(typeof n!="object")return String(n);let r=n.code===void 0||String(n.message).includes(n.code)?"":` (${n.code})`,s=t<Pt?Ce(n,t+1):void 0;return n.message===e.message&&!r?s:`${n.name??"Error"}: ${n.
message}${r}${s?`, caused by ${s}`:""}`}function z(e,t){if(e===null||typeof e!="object")return{name:"Error",message:String(e)};let{status:n,code:r}=e;return{name:String(e.name??"Error"),message:String(e.message??e),status:typeof n=="number"?n:void 0,code:r==null?void 0:String(r),retryAfter:Ft(e.retryAfter),cause:Ce(e),stack:t&&typeof e.stack=="string"?e.stack:void 0}}var le=g(require("node:path"),1),Xe=require("node:url");var Fe=g(require("node:net"),1);var Pe=()=>({request:e=>({replies:1,handshake:!1,describe:()=>({label:`write ${e.length} bytes`,access:"unknown",keys:[]})}),replies:()=>Number.POSITIVE_INFINITY}),ae=class{constructor(t,n){this.socket=t,this.talk=n,this.expected=[],this.waiting=0,this.holder=void 0,this.behind=[],this.owner=void 0;let r=t.push;t.push=(s,o)=>s!==null&&this.receive(s)?(this.closed(),t.destroy(fe()),!1):r.call(t,s,o),
t.prependListener("error",()=>this.closed()),t.once("close",()=>this.closed())}call(){return x()??(this.owner?.live?this.owner:void 0)}expect(t,n,r=!1){t.replies>0?this.expected.push({request:t,operation:n,left:t.replies,cut:r}):n!==null&&S(n)}receive(t){if(this.expected.some(r=>r.cut))return!0;let n=this.talk.replies(t);if(typeof n!="number"){for(let r of n)this.take(this.expected.findIndex(s=>s.
request.ids?.includes(r)));return!1}for(let r=n;r>0&&this.expected.length>0;r--)this.take(0);return!1}take(t){if(t<0)return;let n=this.expected[t];--n.left>0||(this.expected.splice(t,1),n.operation!==null&&S(n.operation))}moveUp(){for(;this.waiting===0&&this.behind.length>0;)this.behind.shift()?.()}closed(){for(let{operation:t}of this.expected.splice(0))t!==null&&S(t)}},C=Symbol("channel");function fe(){return Object.assign(new Error("read ECONNRESET"),{code:"ECONNRESET",errno:-104,syscall:"read"})}function _e(e,t){let n=Fe.default.Socket.prototype,{_writeGeneric:r,write:s,connect:o}=n,a=new Set(e.map(String)),i=Symbol("path");function c(f){if(f[C]!==void 0)return f[C];let u=f[i]??f.remotePort,l=u!==void 0&&(a.size===0||a.has(String(u)));return f[C]=l?new ae(f,t()):null,f[C]}n.connect=
function(...u){let l=Array.isArray(u[0])?u[0][0]:u[0],h=typeof l=="string"&&!/^\d+$/.test(l)?l:l?.path;return typeof h=="string"&&(this[i]=h),o.apply(this,u)},n.write=function(u,l,h){let p=this[C];return p&&(p.owner=x()??p.owner),s.call(this,u,l,h)},n._writeGeneric=function(u,l,h,p){if(this.connecting)return r.call(this,u,l,h,p);let d=c(this);if(d===null)return r.call(this,u,l,h,p);let w=d.call(),
A=d.talk.request(_t(u,l,h,w?.gated)),j=A.handshake?void 0:w,L=this;if(j===void 0){let b=()=>{d.expect(A,null),r.call(L,u,l,h,p)};d.waiting>0||d.behind.length>0?d.behind.push(b):b();return}let B={call:j,describe:A.describe,cuts:!0,perform:(b,be)=>{if(b&&d.waiting--,L.destroyed){S(B),b&&d.moveUp();return}if(be==="before"){S(B),b||ee?L.destroy(fe()):p(fe());return}d.expect(A,B,be==="after"),r.call(L,
u,l,h,b||ee?Bt:p),b&&d.moveUp()}},Bt=b=>{b&&L.destroy(b)},ee=!1,ye=()=>{ee=!0,p()};if(d.behind.length>0||d.waiting>0&&d.holder!==j.actor){d.behind.push(Ae(B,()=>{d.waiting++,d.holder=j.actor,U(B)&&d.waiting--})),ye();return}d.waiting++,d.holder=j.actor,U(B)?d.waiting--:ye()}}function _t(e,t,n,r){return e?Buffer.concat(t.map(s=>{let o=s.chunk??s;return typeof o=="string"?Buffer.from(o,s.encoding):o})):typeof t!="string"?t:Buffer.from(t,n)}var Qe=async()=>(await import("./mysql.mjs")).mysql,rn={mariadb:Qe,mongodb:async()=>(await import("./mongodb.mjs")).mongodb,mysql:Qe,postgres:async()=>(await Promise.resolve().then(()=>(Je(),ze))).postgres,redis:async()=>(await import("./redis.mjs")).redis};function sn(e){return Object.values(e).flatMap(t=>typeof t!="string"?[]:t.startsWith("file:///")?[le.default.dirname((0,Xe.fileURLToPath)(t))]:
le.default.isAbsolute(t)?[t]:[])}async function Ye(e,t){for(let n of e.gates??["net"])switch(n){case"net":_e(e.ports??[],await rn[e.protocol??""]?.()??Pe);break;case"fs":(await import("./fs.mjs")).patch(e.paths??sn(e.options??{}));break;case"libsql":await(await import("./libsql.mjs")).patch(t);break;case"call":break;default:throw new Error(`this host has no gates for ${n}`)}}var Ze=require("node:util");var on={log:"info",info:"info",debug:"debug",trace:"debug",dir:"info",warn:"warn",error:"error"},cn=[[50,"error"],[40,"warn"],[30,"info"],[0,"debug"]];function an(e,t){let n=/^\{.*"level":\s*(?:(\d+)|"(\w+)")/.exec(e),r=n?.[1];if(r!==void 0)return cn.find(([o])=>Number(r)>=o)[1];let s=n?.[2]??/\b(?:workflow:[\w-]+:)(debug|info|warn|error)\b/.exec(e)?.[1]??/^\s*\[?(debug|info|warn|warning|error|fatal)\]?[:\s]/i.
exec(e)?.[1];if(s!==void 0){let o=s.toLowerCase();return o==="fatal"||o==="error"?"error":o.startsWith("warn")?"warn":o==="debug"?"debug":"info"}return/^\(node:\d+\) /.test(e)?"warn":/^(?:Uncaught )?\w*Error\b/.test(e)?"error":t}function Ke(e,t){return/^\[Workflow\]|\bworkflow:[\w-]+:/.test(e)?"runtime":t}function et(e){for(let[t,n]of Object.entries(on))console[t]=(...r)=>{let s=x(),o=(0,Ze.format)(
...r);e(n,Ke(o,s===void 0?"console":"world"),o,s?.actor.name)};for(let[t,n]of[[process.stdout,"info"],[process.stderr,"warn"]])t.write=((r,s,o)=>{let a=typeof r=="string"?r:Buffer.from(r).toString("utf8"),i=x()?.actor.name;for(let f of a.split(`
`))f.trim()!==""&&e(an(f,n),Ke(f,"process"),f,i);let c=typeof s=="function"?s:o;return typeof c=="function"&&process.nextTick(c),!0})}var tt=Date;function T(e,t=0){if(e===null||typeof e=="string"||typeof e=="number"||typeof e=="boolean")return e;if(typeof e=="bigint")return Number.isSafeInteger(Number(e))?Number(e):String(e);if(typeof e!="object")return;if(t>200)throw new TypeError("a value is too deep, or holds itself, and cannot be sent");if(e instanceof tt)return Number.isNaN(e.getTime())?null:{$date:tt.prototype.toISOString.
call(e)};if(Array.isArray(e))return e.map(s=>T(s,t+1)??null);if(ArrayBuffer.isView(e))return{$bytes:Buffer.from(e.buffer,e.byteOffset,e.byteLength).toString("base64")};if(e instanceof ArrayBuffer)return{$bytes:Buffer.from(e).toString("base64")};if(typeof e.toJSON=="function")return T(e.toJSON(),t+1);if(e instanceof Map)return T(Object.fromEntries(e),t+1);if(e instanceof Set)return T([...e],t+1);let n,
r=!1;for(let s of Object.keys(e)){let o=T(e[s],t+1);o!==void 0&&s.startsWith("$")&&(r=!0),o!==e[s]&&((n??={...e})[s]=o)}return r?{$object:n??e}:n??e}function X(e){if(e===null||typeof e!="object")return e;if(Array.isArray(e))return e.map(X);if(typeof e.$bytes=="string")return new Uint8Array(Buffer.from(e.$bytes,"base64"));if(typeof e.$date=="string")return new Date(e.$date);let t=e.$object??e;for(let n of Object.
keys(t))t[n]=X(t[n]);return t}var v=require("node:async_hooks"),rt=g(require("node:path"),1),st=require("node:url"),ln=60,un=400,dn=8,ue=new Map,_=["",""],Y,ot=0;function de(){let e=Error.stackTraceLimit;Error.stackTraceLimit=ln;let t={};return Error.captureStackTrace(t,de),Error.stackTraceLimit=e,t}var it=(0,v.createHook)({init(e,t,n){ue.set(e,{error:de(),trigger:n,execution:(0,v.executionAsyncId)()})}});function nt(e){return(e??
"").split(`
`).flatMap(hn)}function hn(e){let t=_.find(c=>e.includes(c));if(t===void 0)return[];let n=e.slice(e.indexOf(t)+t.length+1),r=/^(.*?)(?:\?[^:]*)?:(\d+):(\d+)/.exec(n);if(r===null||n.includes("node_modules/"))return[];let s=t===_[0]?r[1]:decodeURI(r[1]),o=rt.default.join(_[0],s),a=`${s}:${r[2]}`;return[{line:Y?.original(_[0],o,Number(r[2]),Number(r[3]))??a,compiled:a,helps:Y?.isShared(o)??!1}]}function ct(){
let e=nt(de().stack),t=[(0,v.executionAsyncId)()],n=new Set(t);for(let i=t.shift();i!==void 0&&n.size<un&&!e.some(f=>!f.helps);i=t.shift()){let c=ue.get(i);if(c!==void 0){e.push(...nt(c.error.stack));for(let f of[c.trigger,c.execution])n.has(f)||t.push(f),n.add(f)}}let r=e.find(i=>!i.helps)??e[0];if(r===void 0)return;let s=e.indexOf(r),o=e.filter((i,c)=>c<=s||!i.helps),a=[...new Set(o.map(({line:i})=>i))].
slice(-dn);return{where:r.line,compiled:r.line===r.compiled?void 0:r.compiled,frames:a.length>1?a:void 0}}function at({folder:e,entry:t},n){_=[e,(0,st.pathToFileURL)(e).href],Y=n,Y?.beginAt(t)}function ft(){ot++===0&&it.enable()}function lt(){--ot>0||(it.disable(),ue.clear())}var ht=g(require("node:fs"),1),pt=g(require("node:net"),1);var ut=10,{readSync:pn,writeSync:mn,openSync:gn}=ht.default,{setTimeout:yn}=globalThis,bn=5;function wn(e){for(let t of[`/proc/self/fd/${e}`,`/dev/fd/${e}`])try{return gn(t,"r")}catch{continue}return e}var kn=new Int32Array(new SharedArrayBuffer(4));function dt(){Atomics.wait(kn,0,0,.2)}var K=class{constructor(t,n){this.inFd=t,this.outFd=n,this.blockingFd=wn(t),this.chunk=Buffer.allocUnsafe(65536),
this.rest=[],this.lines=[],this.returned=[],this.scheduled=!1,this.unsent="",this.due=void 0,this.handle=()=>{}}listen(t){this.handle=t;let n=(a,i)=>(this.feed(Buffer.from(i.buffer,i.byteOffset,a)),this.scheduled||this.next(),!0),r={buffer:Buffer.allocUnsafeSlow(65536),callback:n},s=new pt.default.Socket({fd:this.inFd,readable:!0,writable:!1,onread:r}),o=()=>process.exit(0);s.on("end",o),s.on("err\
or",o)}next(){this.scheduled=!1;let t=this.returned.shift()??this.queued();t!==void 0&&(this.schedule(),this.handle(t))}schedule(){this.scheduled||this.returned.length+this.lines.length===0||(this.scheduled=!0,setImmediate(()=>this.next()))}putBack(t){this.returned.push(...t),this.schedule()}queued(){let t=this.lines.shift();return t===void 0?void 0:this.parse(t)}take(){for(;;){let t=this.queued();
if(t!==void 0)return t;let n=0;try{n=pn(this.blockingFd,this.chunk,0,this.chunk.length,null)}catch(r){let s=r.code;if(s==="EAGAIN"){dt();continue}if(s!=="EOF")throw r}n===0&&process.exit(0),this.feed(this.chunk.subarray(0,n))}}feed(t){let n=0;for(let r=t.indexOf(ut);r>=0;r=t.indexOf(ut,n)){let s=t.toString("utf8",n,r);this.rest.length>0&&(s=Buffer.concat([...this.rest,t.subarray(n,r)]).toString("u\
tf8"),this.rest=[]),this.lines.push(s),n=r+1}n<t.length&&this.rest.push(Buffer.from(t.subarray(n)))}parse(t){let n=JSON.parse(t);return t.includes('"$')?X(n):n}send(t,n=!1){this.unsent+=JSON.stringify(t)+`
`,n?this.due??=yn(()=>{this.due=void 0,this.flush()},bn):this.flush()}flush(){let t=Buffer.from(this.unsent);this.unsent="";let n=0;for(;n<t.length;)try{n+=mn(this.outFd,t,n,t.length-n)}catch(r){let s=r.code;if(s==="EPIPE"&&process.exit(0),s!=="EAGAIN")throw r;dt()}}};function mt(e,t){for(let n of["uncaughtException","unhandledRejection"])process.on(n,r=>{let s=r instanceof Error?r.stack??String(r):
String(r);e.send({type:"log",level:"error",origin:"process",text:`${n}: ${s}`})});process.on("SIGINT",()=>{}),e.listen(t)}var E=g(require("node:fs"),1),m=g(require("node:path"),1),gt=require("node:url");function xn(e){return JSON.parse(E.default.readFileSync(e,"utf8"))}function pe(e){if(typeof e=="string")return e;if(Array.isArray(e))return e.map(pe).find(t=>t!==void 0);if(!(e===null||typeof e!="object"))for(let[t,n]of Object.entries(e)){if(!["import","node","module-sync","default"].includes(t))continue;let r=pe(n);if(r!==
void 0)return r}}function Sn(e){for(let t=e;;t=m.default.dirname(t)){if(E.default.existsSync(m.default.join(t,"package.json")))return t;if(t===m.default.dirname(t))return e}}function he(e,t="."){let{name:n,version:r,exports:s,main:o}=xn(m.default.join(e,"package.json")),i=Object.keys(Object(s)).some(f=>f.startsWith("."))?s[t]:s,c=pe(i)??(t==="."?o??"index.js":t);return{folder:e,entry:m.default.join(
e,c),name:n??m.default.basename(e),version:r??""}}function yt(e,t=process.cwd()){if(m.default.isAbsolute(e)){let o=E.default.realpathSync(e);if(E.default.statSync(o).isDirectory())return he(o);let a=Sn(m.default.dirname(o));return E.default.existsSync(m.default.join(a,"package.json"))?{...he(a),entry:o}:{folder:a,entry:o,name:m.default.basename(o),version:""}}let n=e.split("/"),r=n.slice(0,e.startsWith(
"@")?2:1).join("/"),s=[".",...n.slice(r.split("/").length)].join("/");for(let o=m.default.resolve(t);;o=m.default.dirname(o)){let a=m.default.join(o,"node_modules",r);if(E.default.existsSync(m.default.join(a,"package.json")))return he(E.default.realpathSync(a),s);if(o===m.default.dirname(o))throw new Error(`the package ${r} is not installed under ${t}`)}}function En(e){let t=Object.keys(Object(e)).
filter(n=>/^create\w+World$/.test(n));return t.length===1?t:[]}async function bt(e,t,n,r){let s=await import(`${(0,gt.pathToFileURL)(e.entry)}${n}`),o=t.factory===void 0?["createWorld","default"]:[t.factory];r();for(let i of[s,s.default])for(let c of t.factory===void 0?[...o,...En(i)]:o){let f=i?.[c];if(typeof f=="function")return await f(t.options??{});if(typeof f?.events?.create=="function")return f}
let a=Object.keys(s).slice(0,10).join(", ")||"nothing";throw new Error(`${e.name} exports no ${o.join(" or ")} that makes a World; it exports ${a}`)}function Z(e,t){try{return e?.[t]}catch(n){console.warn(`reading ${t} of the World failed:`,n);return}}async function wt(e){try{typeof e?.close=="function"&&await e.close()}catch(t){console.warn("closing the World failed:",t)}}async function me(e,t,n){
if(t.startsWith("stream."))return await(await import("./streams.mjs")).performStream(e,t,n);let r=t.split("."),s=r.pop(),o=r.reduce((a,i)=>a?.[i],e);if(typeof o?.[s]!="function")throw Object.assign(new Error(`the World has no ${t}`),{name:"NotImplemented",code:"NOT_IMPLEMENTED"});return await o[s](...n)}async function kt(e,t){let n=Array.from({length:t},()=>me(e,"runs.get",["wrun_00000000000000000\
000000000"]));return await Promise.allSettled(n)}var y=new K(Number(process.env.WORLD_HOST_IN??3),Number(process.env.WORLD_HOST_OUT??4));delete process.env.WORLD_HOST_IN;delete process.env.WORLD_HOST_OUT;Buffer.poolSize=1024;var O=new Map,St=new Map,Et=!1,ge=new Map,G,On;var An;var Tn,Bn=(e,t,n,r)=>{if(Oe())return;let s=On?.isByDesign(e,t,n)||void 0;r??=O.size===1?[...O.keys()][0]:void 0,y.send({type:"log",level:e,origin:t,text:n,actor:r,byDesign:s})};et(Bn);var Ot={blocking:!0,report(e,t,n){let{call:r}=e;this.blocking||ge.set(t,r.actor);let s=e.describe(),{cuts:o,rest:a,origin:i}=e,c={cut:o,rest:a,...i,passed:n||void 0,clock:I()};y.send({type:"gate",gate:t,call:r.id,actor:r.
actor.name,...s,...c},n)},pass(e){$(I()+e)},wait(e){let t=[];for(;;){let n=y.take();if(n.type==="close"&&At(n.id),n.type==="go"&&n.gate===e)return y.putBack(t),$(n.clock),{cut:n.cut,ahead:n.ahead};t.push(n)}},finish(e){e.stacks&&lt(),St.delete(e.id);let t=Nn(e),n=e.next?.(t),r=n!==void 0;y.send({...t,id:e.id,more:r||void 0,clock:I()},r),n?.()},waits(e){e.gated&&y.send({type:"waits",call:e.id,actor:e.
actor.name})},where:ct};Se(Ot);function Nn({outcome:e,stacks:t}){let{value:n,error:r}=e??{};if(r!==void 0)return{type:"error",error:z(r.thrown,t)};try{return{type:"result",value:T(n)??null}}catch(s){return{type:"error",error:{...z(s,!0),code:"UNSENDABLE"}}}}function At(e){y.send({type:"done",id:e}),process.exit(0)}function Tt(e,t){$(t),Me(String(e));for(let n of O.values())n.random.seed(`${e}:${n.
name}`)}async function $n({id:e,world:t,actors:n,seed:r,clock:s}){try{Ot.blocking=n.length===1;let o=O.size>0;for(let l of n)O.set(l,new H(l,new W("")));Tt(r,s),o||We(),process.env.PGAPPNAME??=`world-host-${process.pid}`;let a=yt(t.module,t.root);at(a),o||await Ye(t,a.folder),Et=t.gates?.includes("call")??!1;let i;for(let l of O.values()){if(i===void 0||!t.shared){let h=()=>y.send({type:"opening",
id:e,doing:"world"}),p=l.name===n[0]?An?.copy()??"":`?actor=${l.name}`;i=await se(l).run(()=>bt(a,t,p,h))}l.world=i,y.send({type:"opening",id:e,doing:"read"}),await se(l).run(()=>kt(i,t.warm??2))}y.send({type:"opening",id:e,doing:"host"}),xt.flushCompileCache?.();let c=Z(i,"specVersion"),f=Object.entries(Z(i,"capabilities")??{}).filter(([,l])=>l===!0);typeof Z(i,"events")?.createBatch=="function"&&
f.push(["createBatch",!0]);let u={type:"opened",id:e,name:a.name,version:a.version,specVersion:Number.isSafeInteger(c)?c:void 0,capabilities:f.map(([l])=>l),platform:`node ${process.versions.node}`,runtime:G&&{version:G.version,dialect:G.dialect,inline:G.inline||void 0}};y.send(u)}catch(o){y.send({type:"failed",id:e,error:z(o,!0)})}}function In({id:e,actor:t,op:n,args:r,gated:s,stacks:o,ahead:a,clock:i},c){$(i);let f=O.get(t);if(f===void 0)return y.send({type:"error",id:e,error:{name:"HostError",message:`no actor ${t} is open here`}});let u=new R(e,f,s===!0,o===!0);u.ahead=a,u.next=c,u.stacks&&ft(),St.set(e,u);let l=n.startsWith("runtime.")?G:void 0;u.ordered=l!==void 0;let h=()=>u.run(()=>(l?.perform(n,r)??me(f.world,n,r)).then(
d=>u.settle({value:d}),d=>u.settle({error:{thrown:d}})));if(!u.gated||!Et||l)return void h();let p={call:u,origin:u.stacks?Tn?.definition(f.world,n):void 0,describe:()=>({label:[n,r[1]?.eventType].filter(Boolean).join(" "),access:"unknown",keys:[]}),perform:()=>{S(p),h()}};U(p)}async function jn(e){for(let{world:t,dead:n}of O.values())n||await wt(t);At(e)}function Ln(e){switch(e.type){case"call":return In(e);case"go":{let t=ge.get(e.gate);return $(e.clock),t===void 0?void 0:(ge.delete(e.gate),$e(t,e.cut))}case"reset":return Tt(e.seed,e.clock),Ue(e.still===!0),y.send({type:"done",id:e.id},!0);case"open":return void Ee(()=>$n(e));case"close":return void jn(e.id);default:}}mt(y,Ln);
}
