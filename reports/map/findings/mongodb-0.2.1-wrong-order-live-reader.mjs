/**
 * @workflow-worlds/mongodb@0.2.1: Every pair of operations, from every state
 *
 * two actors write while a live reader is there; the stream is empty
 *
 * WRONG a live reader gets [B1, A1]; later readers get [A1, B1]
 * RULE  stream.live-order: a live reader is given chunks in the order in which later readers get them
 * KIND  live reader. A reader of a stream that is there while others write is given something else than a
 *       reader that comes later.
 * FIX   Let a notification do nothing but wake the reader. Then read from the store what stands behind the
 *       last chunk that the reader was given, in the order of the stream, until its end is read there.
 * WHERE in the package, in the order of the schedule: src/streamer.ts:144 (dist/streamer.js:75),
 *       src/streamer.ts:189 (dist/streamer.js:108)
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
 * How: all actors call one World. Each I/O operation of a racing call waits until it is let go, in this order:
 * aAbB2A (A2B is: an operation of A, another one, one of B; a small letter is where an actor begins).
 * Written by workflow-world-conformance 0.1.0. The suite sees it again with:
 *
 *     pytest --world=mongodb '--world-replay=map/storage/stream.write~stream.write:reading@running+stream-empty+instance/aAbB2A'
 */

// ---- What was recorded ----

/** The ids of this run; those that are empty are minted by the World. */
const id = { run1: '', stream1: 'stream_1_100002' };

const WORLD = {
  package: '@workflow-worlds/mongodb',
  version: '0.2.1',
  options: { mongoUrl: '{service.url}', databaseName: '{namespace}' },
  env: {},
  setup: null,
  service: { variable: 'MONGODB_URL', url: 'mongodb://localhost:27017', port: 27017 },
  host: { gates: ['net'], protocol: 'mongodb', factory: 'createWorld', shared: true, warm: 4 },
  locks: true,
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
    actor: '-', op: 'stream.open', says: 'before: stream.open first, from 0', at: 28,
    args: () => [id.stream1, id.run1, 0, 'first'],
    answer: 'success',
  },
];

/** What raced. Above each call: what it did when it was recorded, and where in the package. */
const RACE = {
  A: [
    // update stream_runs {runId: run1, streamName: stream1}  src/streamer.ts:144
    // insert stream_chunks {chunkId: chnk_01R0PN74X4FKJ76DZV1TVZY1VM, streamName: stream1, data: …}  src/streamer.ts:189
    {
      actor: 'A', op: 'stream.write', says: 'A: stream.write A1', at: 31,
      args: () => [id.stream1, id.run1, 'A1'],
      answer: 'success',
    },
  ],
  B: [
    // update stream_runs {runId: run1, streamName: stream1}  src/streamer.ts:144
    // insert stream_chunks {chunkId: chnk_01R0PN750HKKE1BV8HBP00NPQE, streamName: stream1, data: …}  src/streamer.ts:189
    {
      actor: 'B', op: 'stream.write', says: 'B: stream.write B1', at: 140,
      args: () => [id.stream1, id.run1, 'B1'],
      answer: 'success',
    },
  ],
};

/** Whose operation went ahead, in order. */
const SCHEDULE = 'aAbB2A';

/** What goes wrong in the race: with which operation, counted over all actors from 0. */
const FAULTS = [];

/** What came after the race, alone. */
const AFTER = [
  {
    actor: '-', op: 'stream.close', says: 'afterwards: stream.close', at: 451,
    args: () => [id.stream1, id.run1],
    answer: 'success',
  },
  {
    actor: '-', op: 'stream.rest', says: 'afterwards: stream.rest first', at: 461,
    args: () => [id.stream1, 'first', 1000],
    answer: 'B1, A1, the end',
  },
  {
    actor: '-', op: 'stream.read', says: 'afterwards: stream.read from 0', at: 461,
    args: () => [id.stream1, id.run1, 0, 1000],
    answer: 'A1, B1, the end',
  },
];

/** What is looked at in the end. */
const RUNS = ['run1'];
const TOKENS = [];

/** The World's logical clock begins here, in ms since 1970. */
const START = 1924905800476;

// ---- What would be right ----

/** No list: it is too long, or what is wrong hangs on a fault, the runtime or a stream. */
const ALWAYS = {};
const EITHER = [];

/** As right, unless the first call of each pair is answered before the second begins. */
const OVERLAPPED = [];
const BEFORE = [];

/** What was recorded and no right outcome has. */
const WRONG = {
  'afterwards: stream.rest first': 'B1, A1, the end',
  'afterwards: stream.read from 0': 'A1, B1, the end',
};
const BROKEN = 'a live reader gets [B1, A1]; later readers get [A1, B1]';

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
	STREAMS: if (value?.chunks) return `${value.chunks.join(", ") || "nothing"}, ${value.done ? "the end" : "no end"}`;
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
	STREAMS: if (call.op.startsWith("stream.")) return inWords(answer);
	if (call.op !== "events.create") return answer.error ? inWords(answer) : "found";
	const { eventType } = call.args()[1];
	if (eventType === "run_started") noteStart(answer.value?.run);
	return inWords(answer, eventType);
}
function answered(call, answer) {
	const words = keep(call, answer);
	if (call.op === "events.create") answers[call.says] = words;
	STREAMS: if (answer.value?.chunks || call.op === "stream.rest") answers[call.says] = words;
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
var fn=Object.create;var ue=Object.defineProperty;var an=Object.getOwnPropertyDescriptor;var un=Object.getOwnPropertyNames;var dn=Object.getPrototypeOf,ln=Object.prototype.hasOwnProperty;var $=(e,t,n)=>()=>{if(n)throw n[0];try{return e&&(t=e(e=0)),t}catch(r){throw n=[r],r}};var Re=(e,t)=>{for(var n in t)ue(e,n,{get:t[n],enumerable:!0})},hn=(e,t,n,r)=>{if(t&&typeof t=="object"||typeof t=="function")for(let s of un(t))!ln.call(e,s)&&s!==n&&ue(e,s,{get:()=>t[s],enumerable:!(r=an(t,s))||r.enumerable});return e};var g=(e,t,n)=>(n=e!=null?fn(dn(e)):{},hn(t||!e||!e.__esModule?ue(n,"default",{value:e,enumerable:!0}):n,e));function _e(e){y=e}function x(){let e=C.getStore();return e?.live===!1&&e.reader?.call?.live?e.reader.call:e?.live?e:void 0}function Z(){return C.getStore()}function Fe(e){ve.push(e)}function Ue(){for(let e of ve)e()}function ee(){return!y.blocking}function Ce(e){return C.exit(e)}function le(){return C.getStore()?.actor}function qe(){return le()?.dead===!0}function q(e){let t=new U(0,e,!1,!1);return t.
live=!1,t}function j(e){let{call:t}=e,{actor:n}=t;if(t.open++,t.arisen++,!t.gated&&!t.ordered)return P(e,!1),!0;if(!t.gated&&de(n)&&n.held.length===0)return n.inFlight=e,P(e,!1),!0;if(t.stacks&&(e.origin??=y.where()),t.gated&&y.blocking&&de(n)&&n.held.length===0)return Ve(n,e,!1),!0;if(e.first&&n.reported!==0)return P(e,!1),!0;let r=e.first?n.held.findIndex(s=>!s.first):-1;return n.held.splice(r<0?
n.held.length:r,0,e),ze(n),!1}function He(e,t){let{call:n}=e;return n.stacks&&(e.origin=y.where()),n.open++,y.waits(n),()=>{t(),n.open--}}function pn(e){let{call:t}=e,n=++De,{ahead:r}=t;if(r!==void 0&&r.gates>0&&!e.first){r.gates--,y.report(e,n,!0),y.pass(r.ms);return}y.report(e,n,!1);let s=y.wait(n);return t.ahead=s.ahead,s.cut}function k(e){if(e.answered)return;e.answered=!0;let{call:t}=e,{actor:n}=t;
t.close(),n.inFlight===e&&(n.inFlight=null,n.held.length>0&&Ge(n,()=>{})),t.check()}function de(e){return e.inFlight===null&&e.turns===0}function Ge(e,t){e.turns++,setImmediate(()=>{e.turns--,t(),ze(e)})}function ze(e){if(!(!de(e)||e.reported!==0||e.held.length===0)){if(!e.held[0].call.gated){e.inFlight=e.held.shift(),P(e.inFlight,!0);return}if(y.blocking){Ve(e,e.held.shift(),!0);return}e.reported=
++De,y.report(e.held[0],e.reported,!1)}}function Ve(e,t,n){e.inFlight=t;let r=pn(t);e.dead||P(t,n,r)}function P(e,t,n){try{e.perform(t,n)}catch(r){throw k(e),r}}function Je(e,t){let n=e.held.shift();e.reported=0,e.inFlight=n,P(n,!0,t)}var We,C,y,De,K,U,ve,T=$(()=>{We=require("node:async_hooks"),C=new We.AsyncLocalStorage,De=0;K=class{constructor(t,n){this.name=t,this.random=n,this.world=void 0,this.
inFlight=null,this.held=[],this.reported=0,this.turns=0,this.dead=!1}},U=class{constructor(t,n,r,s){this.id=t,this.actor=n,this.gated=r,this.stacks=s,this.next=void 0,this.ahead=void 0,this.ordered=!1,this.whole=!1,this.reader=void 0,this.also=void 0,this.live=!0,this.open=0,this.arisen=0,this.outcome=null,this.whenIdle=[]}close(){if(this.open--,this.open===0)for(let t of this.whenIdle.splice(0))setImmediate(
t)}run(t){return C.run(this,t)}settle(t){this.outcome=t,this.check()}check(){if(this.outcome===null||this.open>0||!this.live||this.actor.dead)return;let t=this.arisen;Ge(this.actor,()=>{if(!(!this.live||this.open>0)){if(this.arisen!==t)return void this.check();this.live=!1,y.finish(this)}})}};ve=[]});function W(e,t=0){let n=Math.min(t+e.readInt32LE(t),e.length)-1,r={},s=t+4;for(;s<n;){let o=e[s],i=e.indexOf(0,s+1),c=e.toString("utf8",s+1,i),[a,f]=Sn(e,o,i+1);if(r[c]=a,f<0)break;s=i+1+f}return r}function Sn(e,t,n){switch(t){case 1:return[e.readDoubleLE(n),8];case 2:return[e.toString("utf8",n+4,n+3+e.readInt32LE(n)),4+e.readInt32LE(n)];case 3:return[W(e,n),e.readInt32LE(n)];case 4:return[Object.
values(W(e,n)),e.readInt32LE(n)];case 5:return["…",5+e.readInt32LE(n)];case 6:case 10:return[null,0];case 7:return[new S(e.toString("hex",n,n+12)),12];case 8:return[e[n]===1,1];case 9:case 17:return["…",8];case 11:{let r=e.indexOf(0,n),s=e.indexOf(0,r+1);return[`/${e.toString("utf8",n,r)}/`,s+1-n]}case 16:return[e.readInt32LE(n),4];case 18:return[Number(e.readBigInt64LE(n)),8];case 19:return["\
…",16];default:return["…",-1]}}var S,ye=$(()=>{S=class{constructor(t){this.hex=t}toString(){return this.hex}}});function xe(e){if(typeof e=="string"&&e!=="…"&&e.length<=On)return e;if(e instanceof S)return e.hex;if(e!==null&&typeof e=="object"&&Object.keys(e).join()==="$eq")return xe(e.$eq)}function A(e){let t={};if(e===null||typeof e!="object")return t;for(let[n,r]of Object.entries(e)){n==="$and"&&Array.isArray(r)&&Object.assign(t,...r.map(A));let s=n.startsWith("$")?void 0:xe(r);s!==void 0&&(t[n]=s)}return t}
function be(e){let t={};for(let[n,r]of Object.entries(e)){let s=typeof r=="string"||r instanceof S?xe(r):void 0;s!==void 0&&(t[n]=s)}return t}function ct(e,t,n,r){let s=A(t);if(n===null||typeof n!="object"||Array.isArray(n))return[{collection:e,sets:!0}];if(Object.keys(n).some(i=>i.startsWith("$"))){let i=Object.values(n).flatMap(u=>Object.keys(u??{})),c=Object.values(n.$rename??{}).map(String),a=[
...new Set([...i,...c].map(u=>u.split(".")[0]))],f=[{collection:e,filter:s,sets:a}];return r&&f.push({collection:e,document:{...s,...be({...n.$setOnInsert,...n.$set})}}),f}let o="_id"in s?{_id:s._id}:{};return[{collection:e,filter:s,replaces:{...o,...be(n)},upsert:r}]}function ft(e,t,n){let r=[{collection:t}];if([n,...n.updates??[],...n.deletes??[]].some(o=>"collation"in o||"let"in o))return r;switch(e){case"\
find":return[{collection:t,filter:A(n.filter)}];case"count":case"distinct":return[{collection:t,filter:A(n.query)}];case"aggregate":return[{collection:t,filter:A(n.pipeline?.[0]?.$match)}];case"insert":return(n.documents??[]).map(o=>({collection:t,document:be(o)}));case"update":return(n.updates??[]).flatMap(o=>ct(t,o.q,o.u,o.upsert===!0));case"delete":return(n.deletes??[]).map(o=>({collection:t,filter:A(
o.q),removes:!0}));case"findAndModify":case"findandmodify":return n.remove===!0?[{collection:t,filter:A(n.query),removes:!0}]:ct(t,n.query,n.update,n.upsert===!0);default:return r}}var On,at=$(()=>{ye();On=512});var dt={};Re(dt,{mongodb:()=>Mn});function An(e){let t=[];for(let n=0;n+D<=e.length;n+=Math.max(D,e.readInt32LE(n))){let r=Math.min(n+e.readInt32LE(n),e.length),s=e.readInt32LE(n+4),o=e.readInt32LE(n+12),i=o===ke?e.readUInt32LE(n+D):0,c=n+D,a=(i&En)===0;t.push({id:s,answered:a,name:Ln(e,o,c,r),command:()=>Nn(e,o,c,r)})}return t}function Nn(e,t,n,r){if(t===ut){let c=e.indexOf(0,n+4);return W(e,c+9)}
if(t!==ke)return{};let s={},o={},i=n+4;for(;i+5<=r;){let c=e.readInt32LE(i+1);if(e[i]===0)s=W(e,i+1);else{let a=e.indexOf(0,i+5),f=[];for(let u=a+1;u<i+1+c;u+=e.readInt32LE(u))f.push(W(e,u));o[e.toString("utf8",i+5,a)]=f}i+=1+c}return{...s,...o}}function Ln(e,t,n,r){let s=-1;t===ut&&(s=e.indexOf(0,n+4)+9);for(let o=n+4;t===ke&&s<0&&o+5<=r;o+=1+e.readInt32LE(o+1))e[o]===0&&(s=o+1);return s<0?"":e.toString(
"utf8",s+5,e.indexOf(0,s+5))}function Bn(e){if(e===null||typeof e!="object")return"";let t=Object.entries(e).slice(0,3).map(([n,r])=>`${n}: ${r!==null&&typeof r=="object"&&!(r instanceof S)?"{…}":String(r).slice(0,60)}`);return t.length===0?"":` {${t.join(", ")}}`}function Pn({command:e}){let t=e(),n=Object.keys(t)[0]??"unreadable message",r=n==="getMore"?t.collection:t[n],s=t.filter??t.query??t.
updates?.[0]?.q??t.deletes?.[0]?.q??t.pipeline?.[0]?.$match,{_id:o,...i}=t.documents?.[0]??{},a=typeof r=="string"?`${n} ${r}${Bn(n==="insert"?i:s)}`:n,f=In.some(p=>JSON.stringify(t.pipeline??[]).includes(`"${p}":`)),u=t.pipeline?.some(p=>"$out"in p||"$merge"in p),d=jn.has(n)||u?"write":$n.has(n)?"read":"unknown";return!(d!=="unknown"&&typeof r=="string"&&!f&&!("startTransaction"in t))||t.autocommit===
!1?{label:a,access:d,keys:[]}:{label:a,access:d,keys:[r],statements:ft(n,r,t)}}var ut,ke,En,D,$n,jn,Tn,In,Mn,lt=$(()=>{ye();at();ut=2004,ke=2013,En=2,D=16,$n=new Set(["find","aggregate","count","distinct","getMore","listCollections","listIndexes","explain"]),jn=new Set("insert update delete findAndModify findandmodify createIndexes dropIndexes create drop dropDatabase bulkWrite".split(" ")),Tn=new Set(
"hello ismaster isMaster saslStart saslContinue authenticate buildInfo ping endSessions killCursors".split(" ")),In=["$out","$merge","$lookup","$graphLookup","$unionWith"];Mn=()=>{let e=null;return{request(t){let n=An(t),r=n.filter(s=>s.answered).map(s=>s.id);return{replies:r.length,ids:r,handshake:n.every(s=>Tn.has(s.name)),describe:()=>{let s=n.map(Pn);return s.length===1?s[0]:{label:s.map(o=>o.
label).join(", "),access:"unknown",keys:[]}}}},replies(t){let n=e===null?t:Buffer.concat([e,t]);e=null;let r=[],s=0;for(;s+D<=n.length;){let o=Math.max(D,n.readInt32LE(s));if(s+o>n.length)break;r.push(n.readInt32LE(s+8)),s+=o}return s<n.length&&(e=Buffer.from(n.subarray(s))),r}}}});function Rt(e){for(let n of["setTimeout","setInterval"]){let r=n==="setInterval",s=Q.default[n],o=(i,c,...a)=>{let f=e();return f===void 0||typeof i!="function"||Number(c)>Pt?s(i,c,...a):new X(f,i,a,r)};for(let i of Object.getOwnPropertySymbols(s))o[i]=s[i];Q.default[n]=o,globalThis[n]=o}for(let n of["clearTimeout","clearInterval"]){let r=Q.default[n],s=o=>{o instanceof X?o.close():r(o)};Q.default[n]=
s,globalThis[n]=s}let t=$e.default.setTimeout;$e.default.setTimeout=(n,r,s)=>{let o=e();return o===void 0||Number(n)>Pt||s?.signal?t(n,r,s):new Promise(i=>new X(o,()=>i(r),[],!1))},(0,Mt.syncBuiltinESMExports)()}var Mt,Q,$e,Pt,X,oe,Wt=$(()=>{Mt=require("node:module"),Q=g(require("node:timers"),1),$e=g(require("node:timers/promises"),1),Pt=1e3,X=class{constructor(t,n,r,s){this.all=t,this.code=n,this.
args=r,this.again=s,t.pending.add(this)}ref(){return this}unref(){return this}hasRef(){return!0}refresh(){return this.all.pending.add(this),this}close(){return this.all.pending.delete(this),this}[Symbol.dispose](){this.close()}},oe=class{constructor(){this.pending=new Set}fire(){return[...this.pending].map(t=>{if(this.pending.has(t))return t.again||t.close(),t.code(...t.args)})}clear(){this.pending.
clear()}}});function tr(){Dt||(Dt=!0,Rt(()=>Z()?.reader?.timers),globalThis.ReadableStream=new Proxy(er,{construct(e,[t,...n],r){let s=Z()?.reader?.starts;return Reflect.construct(e,[s?nr(t,s):t,...n],r)}}),Fe(rr))}function nr(e,t){return typeof e?.start!="function"?e:new Proxy(e,{get(n,r){if(r!=="start"){let s=Reflect.get(n,r);return typeof s=="function"?s.bind(n):s}return s=>{let o=n.start(s);return t.push(
Promise.resolve(o).catch(()=>{})),o}}})}function rr(){for(let e of _.values())e.timers.clear(),e.actor.dead||q(e.actor).run(()=>{e.cancel().catch(()=>{})});_.clear()}function ie(e){let t=Z();return t.reader=e??new je(t.actor),t.reader.call=t,ee()&&(t.also=({label:n})=>({label:n,access:"unknown",keys:[]})),t}function Te(e,t){let n=_.get(`${e} ${t}`);if(n===void 0)throw new Error(`no reader ${t} of ${e}\
 is open here`);return n}async function Ft(e,t,n){tr();let r=ie(),s=r.reader;return r.gated&&!r.whole&&await sr(r,t),s.reader=(await e()).getReader(),_.set(`${t} ${n}`,s),await Ie(r,Promise.all(s.starts)),{}}function sr(e,t){return new Promise(n=>{let r={call:e,describe:()=>({label:`reader of ${t}`,access:"unknown",keys:[]}),perform:()=>{k(r),n()}};j(r)})}function Ut(e){return new Promise(t=>e<vt?
Zn(t):_t(t,1))}async function Ie(e,t){let n=!1;t.then(()=>n=!0,()=>n=!0);let r=performance.now(),s=e.arisen;for(let o=0;!n;o++)if(await Ut(o),(e.open>0||e.arisen!==s)&&(r=performance.now()),s=e.arisen,performance.now()-r>vt)return}async function Ct(e,t){let n=Te(e,t),r=ie(n);return await Ie(r,Promise.allSettled(n.timers.fire())),{}}async function qt(e,t,n){let r=Te(e,t),s=ie(r),o=r.reader;_.delete(
`${e} ${t}`);let i=[],c,a,f=()=>{c=void 0,o.read().then(l=>c=l,l=>a={error:l})};f();let u=Promise.resolve(),d=!1;for(let l=performance.now(),p=0;performance.now()-l<n;p++){if(await Ut(p),a!==void 0)throw a.error;if(c!==void 0){if(c.done)return{chunks:i,done:!0};i.push(ce(c.value)),l=performance.now(),p=0,f()}else d||(d=!0,u=Ie(s,Promise.allSettled(r.timers.fire())).finally(()=>_t(()=>d=!1,1)))}return await u,
r.cancel().catch(()=>{}),{chunks:i,done:!1}}async function Ht(e,t){let n=Te(e,t);return ie(n),_.delete(`${e} ${t}`),await n.cancel(),{}}function ce(e){return typeof e=="string"?e:Buffer.from(e).toString("utf8")}var _t,Zn,er,vt,je,_,Dt,Gt=$(()=>{T();Wt();({setTimeout:_t,setImmediate:Zn}=globalThis),er=globalThis.ReadableStream,vt=50,je=class{constructor(t){this.actor=t,this.timers=new oe,this.call=
void 0,this.reader=void 0,this.starts=[]}async cancel(){await this.reader?.cancel(),this.timers.clear()}},_=new Map,Dt=!1});var Vt={};Re(Vt,{performStream:()=>ir});async function ir(e,t,[n,r,...s]){if(t in zt)return await zt[t](n,r,s[0]);let[o,i]=or[t]??[],c=typeof e.streams?.[i]=="function"?e.streams:e,a=c===e?o:i;if(typeof c[a]!="function")throw Object.assign(new Error(`the World has no ${t}`),{name:"NotImplemented",code:"NOT_IMPLEMENTED"});let f=c===e?[n,r]:[r,n];if(t==="stream.read"||t==="stream.open"){let[l,p]=s,h=()=>c===
e?c[a](n,l):c[a](r,n,l);return t==="stream.open"?await Ft(h,n,p):await fr(await h(),p)}let u=x();u!==void 0&&ee()&&t!=="stream.chunks"&&(u.also=l=>cr(l,n));let d=await c[a](...f,...s);return t!=="stream.chunks"?{}:{chunks:d.data.map(l=>ce(l.data)),done:d.done===!0}}function cr({label:e,access:t,keys:n,statements:r},s){return t==="read"||n.length===0?{label:e,access:t,keys:n,statements:r}:{label:e,
access:t,keys:[...n,`@readers ${s}`]}}async function fr(e,t){let n=e.getReader(),r=[];for(;;){let s,o=new Promise(c=>s=setTimeout(c,t,void 0)),i=await Promise.race([n.read(),o]);if(clearTimeout(s),i===void 0&&n.cancel().catch(()=>{}),i===void 0||i.done)return{chunks:r,done:i!==void 0};r.push(ce(i.value))}}var or,zt,Jt=$(()=>{T();Gt();or={"stream.write":["writeToStream","write"],"stream.close":["cl\
oseStream","close"],"stream.read":["readFromStream","get"],"stream.open":["readFromStream","get"],"stream.chunks":["getStreamChunks","getChunks"]},zt={"stream.poll":Ct,"stream.rest":qt,"stream.cancel":Ht}});var en=g(require("node:module"),1);T();var Xe=g(require("node:crypto"),1),Ye=require("node:module");T();var he=Date,G=0,Ke=!1;function M(e){e!==void 0&&e>G&&(G=e)}function R(){return G}function Ze(e){Ke=e}function pe(){return Ke||x()===void 0?G:++G}var z=class{constructor(t){this.seed(t)}seed(t){let n=[2166136261,16777619,3735928559,625341585];for(let r=0;r<t.length;r++)for(let s=0;s<4;s++)n[s]=Math.imul(n[s]^t.charCodeAt(r)+s,16777619);
[this.a,this.b,this.c,this.d]=n;for(let r=0;r<12;r++)this.next()}next(){let{a:t,b:n,c:r,d:s}=this,o=t+n+s|0;return this.d=s+1|0,this.a=n^n>>>9,this.b=r+(r<<3)|0,this.c=(r<<21|r>>>11)+o|0,o>>>0}fraction(){return(this.next()*2**21+(this.next()>>>11))/2**53}fill(t){for(let n=0;n<t.length;n++)t[n]=this.next()&255;return t}},et=new z("background");function H(){let e=le();return x()?.actor.random??(e?.dead?
e.random:et)}function tt(e){et.seed(`${e}:background`)}function me(e,t=0,n=void 0){let r=ArrayBuffer.isView(e)?new Uint8Array(e.buffer,e.byteOffset,e.byteLength):new Uint8Array(e);return H().fill(r.subarray(t,n===void 0?void 0:t+n)),e}function Qe(){let e=H().fill(new Uint8Array(16));e[6]=e[6]&15|64,e[8]=e[8]&63|128;let t=Buffer.from(e).toString("hex");return`${t.slice(0,8)}-${t.slice(8,12)}-${t.slice(
12,16)}-${t.slice(16,20)}-${t.slice(20)}`}function mn(){let e=new Proxy(he,{construct:(t,n,r)=>Reflect.construct(t,n.length===0?[pe()]:n,r===e?t:r),apply:()=>new he(pe()).toString(),get:(t,n)=>n==="now"?pe:Reflect.get(t,n)});he.prototype.constructor=e,globalThis.Date=e}function gn(){Math.random=()=>H().fraction();let e=Xe.default;e.randomBytes=(n,r)=>{let s=Buffer.from(H().fill(new Uint8Array(n)));
return r===void 0?s:void process.nextTick(r,null,s)},e.randomFillSync=me,e.randomFill=(n,...r)=>{let s=r.pop();process.nextTick(s,null,me(n,...r))},e.randomInt=(...n)=>{let r=typeof n.at(-1)=="function"?n.pop():void 0,[s,o]=n.length>1?n:[0,n[0]],i=s+Math.floor(H().fraction()*(o-s));return r===void 0?i:void process.nextTick(r,null,i)},e.randomUUID=Qe;let t=Object.getPrototypeOf(globalThis.crypto);t.
getRandomValues=me,t.randomUUID=Qe}function nt(){mn(),gn(),(0,Ye.syncBuiltinESMExports)()}function yn(e){if(typeof e=="number")return e;if(e instanceof Date)return(e.getTime()-R())/1e3}var bn=4;function rt(e,t=1){let n=e.cause??(Array.isArray(e.errors)?e.errors[0]:void 0);if(n==null)return;if(typeof n!="object")return String(n);let r=n.code===void 0||String(n.message).includes(n.code)?"":` (${n.code})`,s=t<bn?rt(n,t+1):void 0;return n.message===e.message&&!r?s:`${n.name??"Error"}: ${n.
message}${r}${s?`, caused by ${s}`:""}`}function te(e,t){if(e===null||typeof e!="object")return{name:"Error",message:String(e)};let{status:n,code:r}=e;return{name:String(e.name??"Error"),message:String(e.message??e),status:typeof n=="number"?n:void 0,code:r==null?void 0:String(r),retryAfter:yn(e.retryAfter),cause:rt(e),stack:t&&typeof e.stack=="string"?e.stack:void 0}}var Se=g(require("node:path"),1),ht=require("node:url");var st=g(require("node:net"),1);T();var ot=()=>({request:e=>({replies:1,handshake:!1,describe:()=>({label:`write ${e.length} bytes`,access:"unknown",keys:[]})}),replies:()=>Number.POSITIVE_INFINITY}),ge=class{constructor(t,n){this.socket=t,this.talk=n,this.expected=[],this.waiting=0,this.holder=void 0,this.behind=[],this.owner=void 0;let r=t.push;t.push=(s,o)=>s!==null&&this.receive(s)?(this.closed(),
t.destroy(we()),!1):r.call(t,s,o),t.prependListener("error",()=>this.closed()),t.once("close",()=>this.closed())}call(){return x()??(this.owner?.live?this.owner:void 0)}expect(t,n,r=!1){t.replies>0?this.expected.push({request:t,operation:n,left:t.replies,cut:r}):n!==null&&k(n)}receive(t){if(this.expected.some(r=>r.cut))return!0;let n=this.talk.replies(t);if(typeof n!="number"){for(let r of n)this.
take(this.expected.findIndex(s=>s.request.ids?.includes(r)));return!1}for(let r=n;r>0&&this.expected.length>0;r--)this.take(0);return!1}take(t){if(t<0)return;let n=this.expected[t];--n.left>0||(this.expected.splice(t,1),n.operation!==null&&k(n.operation))}moveUp(){for(;this.waiting===0&&this.behind.length>0;)this.behind.shift()?.()}closed(){for(let{operation:t}of this.expected.splice(0))t!==null&&
k(t)}},I=Symbol("channel");function we(){return Object.assign(new Error("read ECONNRESET"),{code:"ECONNRESET",errno:-104,syscall:"read"})}function it(e,t){let n=st.default.Socket.prototype,{_writeGeneric:r,write:s,connect:o}=n,i=new Set(e.map(String)),c=Symbol("path");function a(f){if(f[I]!==void 0)return f[I];let u=f[c]??f.remotePort,d=u!==void 0&&(i.size===0||i.has(String(u)));return f[I]=d?new ge(f,t()):null,f[I]}n.connect=
function(...u){let d=Array.isArray(u[0])?u[0][0]:u[0],l=typeof d=="string"&&!/^\d+$/.test(d)?d:d?.path;return typeof l=="string"&&(this[c]=l),o.apply(this,u)},n.write=function(...u){return this[I]&&(this[I].owner=x()??this[I].owner),s.apply(this,u)},n._writeGeneric=function(u,d,l,p){if(this.connecting)return r.call(this,u,d,l,p);let h=a(this);if(h===null)return r.call(this,u,d,l,p);let v=h.talk.request(
xn(u,d,l)),L=v.handshake?void 0:h.call(),F=this;if(L===void 0){let b=()=>{h.expect(v,null),r.call(F,u,d,l,p)};h.waiting>0||h.behind.length>0?h.behind.push(b):b();return}let B={call:L,describe:v.describe,cuts:!0,perform:(b,Me)=>{if(b&&h.waiting--,F.destroyed){k(B),b&&h.moveUp();return}if(Me==="before"){k(B),b||ae?F.destroy(we()):p(we());return}h.expect(v,B,Me==="after"),r.call(F,u,d,l,b||ae?cn:p),b&&
h.moveUp()}},cn=b=>{b&&F.destroy(b)},ae=!1,Pe=()=>{ae=!0,p()};if(h.behind.length>0||h.waiting>0&&h.holder!==L.actor){h.behind.push(He(B,()=>{h.waiting++,h.holder=L.actor,j(B)&&h.waiting--})),Pe();return}h.waiting++,h.holder=L.actor,j(B)?h.waiting--:Pe()}}function xn(e,t,n){return e?Buffer.concat(t.map(r=>{let s=r.chunk??r;return typeof s=="string"?Buffer.from(s,r.encoding):s})):typeof t=="string"?
Buffer.from(t,n):t}var Rn={mongodb:async()=>(await Promise.resolve().then(()=>(lt(),dt))).mongodb,postgres:async()=>(await import("./postgres.mjs")).postgres,redis:async()=>(await import("./redis.mjs")).redis};function Wn(e){return Object.values(e).flatMap(t=>typeof t!="string"?[]:t.startsWith("file:///")?[Se.default.dirname((0,ht.fileURLToPath)(t))]:Se.default.isAbsolute(t)?[t]:[])}async function pt(e,t){for(let n of e.
gates??["net"])switch(n){case"net":it(e.ports??[],await Rn[e.protocol??""]?.()??ot);break;case"fs":(await import("./fs.mjs")).patch(e.paths??Wn(e.options??{}));break;case"libsql":await(await import("./libsql.mjs")).patch(t);break;case"call":break;default:throw new Error(`this host has no gates for ${n}`)}}var gt=require("node:util");T();var Dn={log:"info",info:"info",debug:"debug",trace:"debug",dir:"info",warn:"warn",error:"error"},_n=[[50,"error"],[40,"warn"],[30,"info"],[0,"debug"]];function vn(e,t){let n=/^\{.*"level":\s*(?:(\d+)|"(\w+)")/.exec(e),r=n?.[1];if(r!==void 0)return _n.find(([o])=>Number(r)>=o)[1];let s=n?.[2]??/\b(?:workflow:[\w-]+:)(debug|info|warn|error)\b/.exec(e)?.[1]??/^\s*\[?(debug|info|warn|warning|error|fatal)\]?[:\s]/i.
exec(e)?.[1];if(s!==void 0){let o=s.toLowerCase();return o==="fatal"||o==="error"?"error":o.startsWith("warn")?"warn":o==="debug"?"debug":"info"}return/^\(node:\d+\) /.test(e)?"warn":/^(?:Uncaught )?\w*Error\b/.test(e)?"error":t}function mt(e,t){return/^\[Workflow\]|\bworkflow:[\w-]+:/.test(e)?"runtime":t}function wt(e){for(let[t,n]of Object.entries(Dn))console[t]=(...r)=>{let s=x(),o=(0,gt.format)(
...r);e(n,mt(o,s===void 0?"console":"world"),o,s?.actor.name)};for(let[t,n]of[[process.stdout,"info"],[process.stderr,"warn"]])t.write=((r,s,o)=>{let i=typeof r=="string"?r:Buffer.from(r).toString("utf8"),c=x()?.actor.name;for(let f of i.split(`
`))f.trim()!==""&&e(vn(f,n),mt(f,"process"),f,c);let a=typeof s=="function"?s:o;return typeof a=="function"&&process.nextTick(a),!0})}var yt=Date;function N(e,t=0){if(e===null||typeof e=="string"||typeof e=="number"||typeof e=="boolean")return e;if(typeof e=="bigint")return Number.isSafeInteger(Number(e))?Number(e):String(e);if(typeof e!="object")return;if(t>200)throw new TypeError("a value is too deep, or holds itself, and cannot be sent");if(e instanceof yt)return Number.isNaN(e.getTime())?null:{$date:yt.prototype.toISOString.
call(e)};if(Array.isArray(e))return e.map(s=>N(s,t+1)??null);if(ArrayBuffer.isView(e))return{$bytes:Buffer.from(e.buffer,e.byteOffset,e.byteLength).toString("base64")};if(e instanceof ArrayBuffer)return{$bytes:Buffer.from(e).toString("base64")};if(typeof e.toJSON=="function")return N(e.toJSON(),t+1);if(e instanceof Map)return N(Object.fromEntries(e),t+1);if(e instanceof Set)return N([...e],t+1);let n={},
r=!1;for(let s of Object.keys(e)){let o=N(e[s],t+1);o!==void 0&&(s.startsWith("$")&&(r=!0),n[s]=o)}return r?{$object:n}:n}function ne(e){if(e===null||typeof e!="object")return e;if(Array.isArray(e))return e.map(ne);if(typeof e.$bytes=="string")return new Uint8Array(Buffer.from(e.$bytes,"base64"));if(typeof e.$date=="string")return new Date(e.$date);let t=e.$object??e;for(let n of Object.keys(t))t[n]=
ne(t[n]);return t}var J=require("node:async_hooks"),xt=g(require("node:path"),1),kt=require("node:url"),Un=60,Cn=400,qn=8,Oe=new Map,V=["",""],re,St=0;function Ee(){let e=Error.stackTraceLimit;Error.stackTraceLimit=Un;let t={};return Error.captureStackTrace(t,Ee),Error.stackTraceLimit=e,t}var Ot=(0,J.createHook)({init(e,t,n){Oe.set(e,{error:Ee(),trigger:n,execution:(0,J.executionAsyncId)()})}});function bt(e){return(e??
"").split(`
`).flatMap(Hn)}function Hn(e){let t=V.find(a=>e.includes(a));if(t===void 0)return[];let n=e.slice(e.indexOf(t)+t.length+1),r=/^(.*?)(?:\?[^:]*)?:(\d+):(\d+)/.exec(n);if(r===null||n.includes("node_modules/"))return[];let s=t===V[0]?r[1]:decodeURI(r[1]),o=xt.default.join(V[0],s),i=`${s}:${r[2]}`;return[{line:re?.original(V[0],o,Number(r[2]),Number(r[3]))??i,compiled:i,helps:re?.isShared(o)??!1}]}function Et(){
let e=bt(Ee().stack),t=[(0,J.executionAsyncId)()],n=new Set(t);for(let c=t.shift();c!==void 0&&n.size<Cn&&!e.some(f=>!f.helps);c=t.shift()){let a=Oe.get(c);if(a!==void 0){e.push(...bt(a.error.stack));for(let f of[a.trigger,a.execution])n.has(f)||t.push(f),n.add(f)}}let r=e.find(c=>!c.helps)??e[0];if(r===void 0)return;let s=e.indexOf(r),o=e.filter((c,a)=>a<=s||!c.helps),i=[...new Set(o.map(({line:c})=>c))].
slice(-qn);return{where:r.line,compiled:r.line===r.compiled?void 0:r.compiled,frames:i.length>1?i:void 0}}function $t({folder:e,entry:t},n){V=[e,(0,kt.pathToFileURL)(e).href],re=n,re?.beginAt(t)}function jt(){St++===0&&Ot.enable()}function Tt(){--St>0||(Ot.disable(),Oe.clear())}var Nt=g(require("node:fs"),1),Lt=g(require("node:net"),1);var It=10,{readSync:Gn,writeSync:zn,openSync:Vn}=Nt.default,{setTimeout:Jn,clearTimeout:Qn}=globalThis,Xn=5;function Yn(e){for(let t of[`/proc/self/fd/${e}`,`/dev/fd/${e}`])try{return Vn(t,"r")}catch{continue}return e}var Kn=new Int32Array(new SharedArrayBuffer(4));function At(){Atomics.wait(Kn,0,0,.2)}var se=class{constructor(t,n){this.inFd=t,this.outFd=n,this.blockingFd=Yn(t),this.chunk=Buffer.allocUnsafe(
65536),this.rest=[],this.lines=[],this.returned=[],this.scheduled=!1,this.unsent="",this.due=void 0,this.handle=()=>{}}listen(t){this.handle=t;let n=new Lt.default.Socket({fd:this.inFd,readable:!0,writable:!1});n.on("data",s=>{this.feed(s),this.scheduled||this.next()});let r=()=>process.exit(0);n.on("end",r),n.on("error",r)}next(){this.scheduled=!1;let t=this.returned.shift()??this.queued();t!==void 0&&
(this.schedule(),this.handle(t))}schedule(){this.scheduled||this.returned.length+this.lines.length===0||(this.scheduled=!0,setImmediate(()=>this.next()))}putBack(t){this.returned.push(...t),this.schedule()}queued(){let t=this.lines.shift();return t===void 0?void 0:this.parse(t)}take(){for(;;){let t=this.queued();if(t!==void 0)return t;let n=0;try{n=Gn(this.blockingFd,this.chunk,0,this.chunk.length,
null)}catch(r){let s=r.code;if(s==="EAGAIN"){At();continue}if(s!=="EOF")throw r}n===0&&process.exit(0),this.feed(this.chunk.subarray(0,n))}}feed(t){let n=0;for(let r=t.indexOf(It);r>=0;r=t.indexOf(It,n)){let s=t.toString("utf8",n,r);this.rest.length>0&&(s=Buffer.concat([...this.rest,t.subarray(n,r)]).toString("utf8"),this.rest=[]),this.lines.push(s),n=r+1}n<t.length&&this.rest.push(Buffer.from(t.subarray(
n)))}parse(t){let n=JSON.parse(t);return t.includes('"$')?ne(n):n}send(t,n=!1){this.unsent+=JSON.stringify(t)+`
`,n?this.due??=Jn(()=>this.flush(),Xn):this.flush()}flush(){this.due!==void 0&&Qn(this.due),this.due=void 0;let t=Buffer.from(this.unsent);this.unsent="";let n=0;for(;n<t.length;)try{n+=zn(this.outFd,t,n,t.length-n)}catch(r){let s=r.code;if(s==="EPIPE"&&process.exit(0),s!=="EAGAIN")throw r;At()}}};function Bt(e,t){for(let n of["uncaughtException","unhandledRejection"])process.on(n,r=>{let s=r instanceof
Error?r.stack??String(r):String(r);e.send({type:"log",level:"error",origin:"process",text:`${n}: ${s}`})});process.on("SIGINT",()=>{}),e.listen(t)}var O=g(require("node:fs"),1),m=g(require("node:path"),1),Qt=require("node:url");function ar(e){return JSON.parse(O.default.readFileSync(e,"utf8"))}function Ne(e){if(typeof e=="string")return e;if(Array.isArray(e))return e.map(Ne).find(t=>t!==void 0);if(!(e===null||typeof e!="object"))for(let[t,n]of Object.entries(e)){if(!["import","node","module-sync","default"].includes(t))continue;let r=Ne(n);if(r!==
void 0)return r}}function ur(e){for(let t=e;;t=m.default.dirname(t)){if(O.default.existsSync(m.default.join(t,"package.json")))return t;if(t===m.default.dirname(t))return e}}function Ae(e,t="."){let{name:n,version:r,exports:s,main:o}=ar(m.default.join(e,"package.json")),c=Object.keys(Object(s)).some(f=>f.startsWith("."))?s[t]:s,a=Ne(c)??(t==="."?o??"index.js":t);return{folder:e,entry:m.default.join(
e,a),name:n??m.default.basename(e),version:r??""}}function Xt(e,t=process.cwd()){if(m.default.isAbsolute(e)){let o=O.default.realpathSync(e);if(O.default.statSync(o).isDirectory())return Ae(o);let i=ur(m.default.dirname(o));return O.default.existsSync(m.default.join(i,"package.json"))?{...Ae(i),entry:o}:{folder:i,entry:o,name:m.default.basename(o),version:""}}let n=e.split("/"),r=n.slice(0,e.startsWith(
"@")?2:1).join("/"),s=[".",...n.slice(r.split("/").length)].join("/");for(let o=m.default.resolve(t);;o=m.default.dirname(o)){let i=m.default.join(o,"node_modules",r);if(O.default.existsSync(m.default.join(i,"package.json")))return Ae(O.default.realpathSync(i),s);if(o===m.default.dirname(o))throw new Error(`the package ${r} is not installed under ${t}`)}}function dr(e){let t=Object.keys(Object(e)).
filter(n=>/^create\w+World$/.test(n));return t.length===1?t:[]}async function Yt(e,t,n,r){let s=await import(`${(0,Qt.pathToFileURL)(e.entry)}${n}`),o=t.factory===void 0?["createWorld","default"]:[t.factory];r();for(let c of[s,s.default])for(let a of t.factory===void 0?[...o,...dr(c)]:o){let f=c?.[a];if(typeof f=="function")return await f(t.options??{});if(typeof f?.events?.create=="function")return f}
let i=Object.keys(s).slice(0,10).join(", ")||"nothing";throw new Error(`${e.name} exports no ${o.join(" or ")} that makes a World; it exports ${i}`)}function fe(e,t){try{return e?.[t]}catch(n){console.warn(`reading ${t} of the World failed:`,n);return}}async function Kt(e){try{typeof e?.close=="function"&&await e.close()}catch(t){console.warn("closing the World failed:",t)}}async function Le(e,t,n){
if(t.startsWith("stream."))return await(await Promise.resolve().then(()=>(Jt(),Vt))).performStream(e,t,n);let r=t.split("."),s=r.pop(),o=r.reduce((i,c)=>i?.[c],e);if(typeof o?.[s]!="function")throw Object.assign(new Error(`the World has no ${t}`),{name:"NotImplemented",code:"NOT_IMPLEMENTED"});return await o[s](...n)}async function Zt(e,t){let n=Array.from({length:t},()=>Le(e,"runs.get",["wrun_000\
00000000000000000000000"]));return await Promise.allSettled(n)}var w=new se(Number(process.env.WORLD_HOST_IN??3),Number(process.env.WORLD_HOST_OUT??4));delete process.env.WORLD_HOST_IN;delete process.env.WORLD_HOST_OUT;Buffer.poolSize=1024;var E=new Map,tn=new Map,nn=!1,Be=new Map,Y,lr;var hr;var pr,mr=(e,t,n,r)=>{if(qe())return;let s=lr?.isByDesign(e,t,n)||void 0;r??=E.size===1?[...E.keys()][0]:void 0,w.send({type:"log",level:e,origin:t,text:n,actor:r,byDesign:s})};wt(mr);var rn={blocking:!0,report(e,t,n){let{call:r}=e;this.blocking||Be.set(t,r.actor);let s=e.describe();s=r.also?.(s)??s;let{cuts:o,rest:i,origin:c}=e,a={cut:o,rest:i,...c,passed:n||void 0,clock:R()};w.send({type:"gate",
gate:t,call:r.id,actor:r.actor.name,...s,...a},n)},pass(e){M(R()+e)},wait(e){let t=[];for(;;){let n=w.take();if(n.type==="close"&&sn(n.id),n.type==="go"&&n.gate===e)return w.putBack(t),M(n.clock),{cut:n.cut,ahead:n.ahead};t.push(n)}},finish(e){e.stacks&&Tt(),tn.delete(e.id);let t=gr(e),n=e.next?.(t),r=n!==void 0;w.send({...t,id:e.id,more:r||void 0,clock:R()},r),n?.()},waits(e){e.gated&&w.send({type:"\
waits",call:e.id,actor:e.actor.name})},where:Et};_e(rn);function gr({outcome:e,stacks:t}){let{value:n,error:r}=e??{};if(r!==void 0)return{type:"error",error:te(r.thrown,t)};try{return{type:"result",value:N(n)??null}}catch(s){return{type:"error",error:{...te(s,!0),code:"UNSENDABLE"}}}}function sn(e){w.send({type:"done",id:e}),process.exit(0)}function on(e,t){M(t),tt(String(e)),Ue();for(let n of E.values())
n.random.seed(`${e}:${n.name}`)}async function wr({id:e,world:t,actors:n,seed:r,clock:s}){try{rn.blocking=n.length===1;let o=E.size>0;for(let d of n)E.set(d,new K(d,new z("")));on(r,s),o||nt(),process.env.PGAPPNAME??=`world-host-${process.pid}`;let i=Xt(t.module,t.root);$t(i),o||await pt(t,i.folder),nn=t.gates?.includes("call")??!1;let c;for(let d of E.values()){if(c===void 0||!t.shared){let l=()=>w.
send({type:"opening",id:e,doing:"world"}),p=d.name===n[0]?hr?.copy()??"":`?actor=${d.name}`;c=await q(d).run(()=>Yt(i,t,p,l))}d.world=c,w.send({type:"opening",id:e,doing:"read"}),await q(d).run(()=>Zt(c,t.warm??2))}w.send({type:"opening",id:e,doing:"host"}),en.flushCompileCache?.();let a=fe(c,"specVersion"),f=Object.entries(fe(c,"capabilities")??{}).filter(([,d])=>d===!0);typeof fe(c,"events")?.createBatch==
"function"&&f.push(["createBatch",!0]);let u={type:"opened",id:e,name:i.name,version:i.version,specVersion:Number.isSafeInteger(a)?a:void 0,capabilities:f.map(([d])=>d),platform:`node ${process.versions.node}`,runtime:Y&&{version:Y.version,dialect:Y.dialect,inline:Y.inline||void 0}};w.send(u)}catch(o){w.send({type:"failed",id:e,error:te(o,!0)})}}function yr({id:e,actor:t,op:n,args:r,gated:s,stacks:o,ahead:i,clock:c},a){M(c);let f=E.get(t);if(f===void 0)return w.send({type:"error",id:e,error:{name:"HostError",message:`no actor ${t} is open here`}});let u=new U(e,f,s===!0,o===!0);u.ahead=i,u.next=a,u.stacks&&jt(),tn.set(e,u);let d=n.startsWith("runtime.")?Y:void 0;u.ordered=d!==void 0;let l=()=>u.run(()=>(d?.perform(n,r)??Le(f.world,n,r)).then(
h=>u.settle({value:h}),h=>u.settle({error:{thrown:h}})));if(!u.gated||!nn||d)return void l();u.whole=!0;let p={call:u,origin:u.stacks?pr?.definition(f.world,n):void 0,describe:()=>({label:[n,r[1]?.eventType].filter(Boolean).join(" "),access:"unknown",keys:[]}),perform:()=>{k(p),l()}};j(p)}async function br(e){for(let{world:t,dead:n}of E.values())n||await Kt(t);sn(e)}function xr(e){switch(e.type){case"call":return yr(e);case"calls":return;case"go":{let t=Be.get(e.gate);return M(e.clock),t===void 0?void 0:(Be.delete(e.gate),Je(t,e.cut))}case"halt":return;case"reset":return on(e.seed,e.clock),Ze(e.still===!0),w.send({type:"done",id:e.id},!0);case"die":return;case"open":return void Ce(()=>wr(e));case"close":return void br(e.id);case"relay_result":return;default:console.
warn(`the host does not know the message ${e.type}`)}}Bt(w,xr);
}
