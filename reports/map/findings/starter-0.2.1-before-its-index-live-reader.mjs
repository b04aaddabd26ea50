/**
 * @workflow-worlds/starter@0.2.1: Every pair of operations, from every state
 *
 * a live reader comes, from index 1 on, while another actor writes two chunks; the stream is empty
 *
 * WRONG a live reader from 1 on gets chunk B1, which has index 0 of [B1, B2]
 * RULE  stream.live-index: a live reader is given no chunk before its index
 * KIND  live reader. A reader of a stream that is there while others write is given something else than a
 *       reader that comes later.
 * FIX   Let a notification do nothing but wake the reader. Then read from the store what stands behind the
 *       last chunk that the reader was given, in the order of the stream, until its end is read there.
 *
 * Run it beside the installed package:
 *
 *     npm i @workflow-worlds/starter@0.2.1
 *     node repro.mjs
 *
 * Exit status 1: it is wrong, as said above. 0: what came of it is right. 2: it could not be run.
 *
 *     WORLD_PACKAGE=../checkout node repro.mjs     the same against a checkout of the package
 *     SCHEDULE=A node repro.mjs                    the same calls, one actor after the other
 *
 * How: all actors call one World. Each I/O operation of a racing call waits until it is let go, in this order:
 * aAbB2 (A2B is: an operation of A, another one, one of B; a small letter is where an actor begins).
 * Written by workflow-world-conformance 0.1.0. The suite sees it again with:
 *
 *     pytest --world=starter '--world-replay=map/storage/stream.write~stream.open:from-index@running+stream-empty/aAbB2'
 */

// ---- What was recorded ----

/** The ids of this run; those that are empty are minted by the World. */
const id = { run1: '', stream1: 'stream_1_1' };

const WORLD = {
  package: '@workflow-worlds/starter',
  version: '0.2.1',
  options: {},
  env: {},
  setup: null,
  service: null,
  host: { gates: ['call'], factory: 'createWorld', shared: true },
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
    actor: '-', op: 'events.create', says: 'before: run_started', at: 3,
    args: () => [id.run1, { specVersion: 2, eventType: 'run_started' }],
    answer: 'success',
  },
];

/** What raced. Above each call: what it did when it was recorded, and where in the package. */
const RACE = {
  A: [
    // stream.open
    {
      actor: 'A', op: 'stream.open', says: 'A: stream.open first, from 1', at: 5,
      args: () => [id.stream1, id.run1, 1, 'first'],
      answer: 'success',
    },
  ],
  B: [
    // stream.write
    {
      actor: 'B', op: 'stream.write', says: 'B: stream.write B1', at: 105,
      args: () => [id.stream1, id.run1, 'B1'],
      answer: 'success',
    },
    // stream.write
    {
      actor: 'B', op: 'stream.write', says: 'B: stream.write B2', at: 206,
      args: () => [id.stream1, id.run1, 'B2'],
      answer: 'success',
    },
  ],
};

/** Whose operation went ahead, in order. */
const SCHEDULE = 'aAbB2';

/** What goes wrong in the race: with which operation, counted over all actors from 0. */
const FAULTS = [];

/** What came after the race, alone. */
const AFTER = [
  {
    actor: '-', op: 'stream.close', says: 'afterwards: stream.close', at: 307,
    args: () => [id.stream1, id.run1],
    answer: 'success',
  },
  {
    actor: '-', op: 'stream.rest', says: 'afterwards: stream.rest first', at: 308,
    args: () => [id.stream1, 'first', 1000],
    answer: 'B1, B2, the end',
  },
  {
    actor: '-', op: 'stream.read', says: 'afterwards: stream.read from 0', at: 308,
    args: () => [id.stream1, id.run1, 0, 1000],
    answer: 'B1, B2, the end',
  },
];

/** What is looked at in the end. */
const RUNS = ['run1'];
const TOKENS = [];

/** The World's logical clock begins here, in ms since 1970. */
const START = 1767225700000;

// ---- What would be right ----

/** No list: it is too long, or what is wrong hangs on a fault, the runtime or a stream. */
const ALWAYS = {};
const EITHER = [];

/** As right, unless the first call of each pair is answered before the second begins. */
const OVERLAPPED = [];
const BEFORE = [];

/** What was recorded and no right outcome has. */
const WRONG = {
  'afterwards: stream.rest first': 'B1, B2, the end',
  'afterwards: stream.read from 0': 'B1, B2, the end',
};
const BROKEN = 'a live reader from 1 on gets chunk B1, which has index 0 of [B1, B2]';

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
var Vt=Object.create;var ie=Object.defineProperty;var Jt=Object.getOwnPropertyDescriptor;var zt=Object.getOwnPropertyNames;var Xt=Object.getPrototypeOf,Qt=Object.prototype.hasOwnProperty;var J=(e,t,n)=>()=>{if(n)throw n[0];try{return e&&(t=e(e=0)),t}catch(r){throw n=[r],r}};var Yt=(e,t)=>{for(var n in t)ie(e,n,{get:t[n],enumerable:!0})},Kt=(e,t,n,r)=>{if(t&&typeof t=="object"||typeof t=="function")for(let o of zt(t))!Qt.call(e,o)&&o!==n&&ie(e,o,{get:()=>t[o],enumerable:!(r=Jt(t,o))||r.enumerable});return e};var m=(e,t,n)=>(n=e!=null?Vt(Xt(e)):{},Kt(t||!e||!e.__esModule?ie(n,"default",{value:e,enumerable:!0}):n,e));function Ae(e){y=e}function k(){let e=D.getStore();return e?.live===!1&&e.reader?.call?.live?e.reader.call:e?.live?e:void 0}function X(){return D.getStore()}function Be(e){Ie.push(e)}function Pe(){for(let e of Ie)e()}function Q(){return!y.blocking}function ve(e){return D.exit(e)}function ae(){return D.getStore()?.actor}function Re(){return ae()?.dead===!0}function L(e){let t=new W(0,e,!1,!1);return t.
live=!1,t}function T(e){let{call:t}=e,{actor:n}=t;if(t.open++,t.arisen++,!t.gated&&!t.ordered)return I(e,!1),!0;if(!t.gated&&ce(n)&&n.held.length===0)return n.inFlight=e,I(e,!1),!0;if(t.stacks&&(e.origin??=y.where()),t.gated&&y.blocking&&ce(n)&&n.held.length===0)return Le(n,e,!1),!0;if(e.first&&n.reported!==0)return I(e,!1),!0;let r=e.first?n.held.findIndex(o=>!o.first):-1;return n.held.splice(r<0?
n.held.length:r,0,e),De(n),!1}function Fe(e,t){let{call:n}=e;return n.stacks&&(e.origin=y.where()),n.open++,y.waits(n),()=>{t(),n.open--}}function Zt(e){let{call:t}=e,n=++Ne,{ahead:r}=t;if(r!==void 0&&r.gates>0&&!e.first){r.gates--,y.report(e,n,!0),y.pass(r.ms);return}y.report(e,n,!1);let o=y.wait(n);return t.ahead=o.ahead,o.cut}function x(e){if(e.answered)return;e.answered=!0;let{call:t}=e,{actor:n}=t;
t.close(),n.inFlight===e&&(n.inFlight=null,n.held.length>0&&We(n,()=>{})),t.check()}function ce(e){return e.inFlight===null&&e.turns===0}function We(e,t){e.turns++,setImmediate(()=>{e.turns--,t(),De(e)})}function De(e){if(!(!ce(e)||e.reported!==0||e.held.length===0)){if(!e.held[0].call.gated){e.inFlight=e.held.shift(),I(e.inFlight,!0);return}if(y.blocking){Le(e,e.held.shift(),!0);return}e.reported=
++Ne,y.report(e.held[0],e.reported,!1)}}function Le(e,t,n){e.inFlight=t;let r=Zt(t);e.dead||I(t,n,r)}function I(e,t,n){try{e.perform(t,n)}catch(r){throw x(e),r}}function Me(e,t){let n=e.held.shift();e.reported=0,e.inFlight=n,I(n,!0,t)}var je,D,y,Ne,z,W,Ie,E=J(()=>{je=require("node:async_hooks"),D=new je.AsyncLocalStorage,Ne=0;z=class{constructor(t,n){this.name=t,this.random=n,this.world=void 0,this.
inFlight=null,this.held=[],this.reported=0,this.turns=0,this.dead=!1}},W=class{constructor(t,n,r,o){this.id=t,this.actor=n,this.gated=r,this.stacks=o,this.next=void 0,this.ahead=void 0,this.ordered=!1,this.whole=!1,this.reader=void 0,this.also=void 0,this.live=!0,this.open=0,this.arisen=0,this.outcome=null,this.whenIdle=[]}close(){if(this.open--,this.open===0)for(let t of this.whenIdle.splice(0))setImmediate(
t)}run(t){return D.run(this,t)}settle(t){this.outcome=t,this.check()}check(){if(this.outcome===null||this.open>0||!this.live||this.actor.dead)return;let t=this.arisen;We(this.actor,()=>{if(!(!this.live||this.open>0)){if(this.arisen!==t)return void this.check();this.live=!1,y.finish(this)}})}};Ie=[]});function kt(e){for(let n of["setTimeout","setInterval"]){let r=n==="setInterval",o=G.default[n],s=(i,c,...u)=>{let a=e();return a===void 0||typeof i!="function"||Number(c)>yt?o(i,c,...u):new q(a,i,u,r)};for(let i of Object.getOwnPropertySymbols(o))s[i]=o[i];G.default[n]=s,globalThis[n]=s}for(let n of["clearTimeout","clearInterval"]){let r=G.default[n],o=s=>{s instanceof q?s.close():r(s)};G.default[n]=
o,globalThis[n]=o}let t=we.default.setTimeout;we.default.setTimeout=(n,r,o)=>{let s=e();return s===void 0||Number(n)>yt||o?.signal?t(n,r,o):new Promise(i=>new q(s,()=>i(r),[],!1))},(0,bt.syncBuiltinESMExports)()}var bt,G,we,yt,q,te,xt=J(()=>{bt=require("node:module"),G=m(require("node:timers"),1),we=m(require("node:timers/promises"),1),yt=1e3,q=class{constructor(t,n,r,o){this.all=t,this.code=n,this.
args=r,this.again=o,t.pending.add(this)}ref(){return this}unref(){return this}hasRef(){return!0}refresh(){return this.all.pending.add(this),this}close(){return this.all.pending.delete(this),this}[Symbol.dispose](){this.close()}},te=class{constructor(){this.pending=new Set}fire(){return[...this.pending].map(t=>{if(this.pending.has(t))return t.again||t.close(),t.code(...t.args)})}clear(){this.pending.
clear()}}});function Nn(){St||(St=!0,kt(()=>X()?.reader?.timers),globalThis.ReadableStream=new Proxy(jn,{construct(e,[t,...n],r){let o=X()?.reader?.starts;return Reflect.construct(e,[o?An(t,o):t,...n],r)}}),Be(In))}function An(e,t){return typeof e?.start!="function"?e:new Proxy(e,{get(n,r){if(r!=="start"){let o=Reflect.get(n,r);return typeof o=="function"?o.bind(n):o}return o=>{let s=n.start(o);return t.push(
Promise.resolve(s).catch(()=>{})),s}}})}function In(){for(let e of v.values())e.timers.clear(),e.actor.dead||L(e.actor).run(()=>{e.cancel().catch(()=>{})});v.clear()}function ne(e){let t=X();return t.reader=e??new ye(t.actor),t.reader.call=t,Q()&&(t.also=({label:n})=>({label:n,access:"unknown",keys:[]})),t}function be(e,t){let n=v.get(`${e} ${t}`);if(n===void 0)throw new Error(`no reader ${t} of ${e}\
 is open here`);return n}async function Et(e,t,n){Nn();let r=ne(),o=r.reader;return r.gated&&!r.whole&&await Bn(r,t),o.reader=(await e()).getReader(),v.set(`${t} ${n}`,o),await ke(r,Promise.all(o.starts)),{}}function Bn(e,t){return new Promise(n=>{let r={call:e,describe:()=>({label:`reader of ${t}`,access:"unknown",keys:[]}),perform:()=>{x(r),n()}};T(r)})}function $t(e){return new Promise(t=>e<Tt?
$n(t):Ot(t,1))}async function ke(e,t){let n=!1;t.then(()=>n=!0,()=>n=!0);let r=performance.now(),o=e.arisen;for(let s=0;!n;s++)if(await $t(s),(e.open>0||e.arisen!==o)&&(r=performance.now()),o=e.arisen,performance.now()-r>Tt)return}async function jt(e,t){let n=be(e,t),r=ne(n);return await ke(r,Promise.allSettled(n.timers.fire())),{}}async function Nt(e,t,n){let r=be(e,t),o=ne(r),s=r.reader;v.delete(
`${e} ${t}`);let i=[],c,u,a=()=>{c=void 0,s.read().then(l=>c=l,l=>u={error:l})};a();let d=Promise.resolve(),f=!1;for(let l=performance.now(),p=0;performance.now()-l<n;p++){if(await $t(p),u!==void 0)throw u.error;if(c!==void 0){if(c.done)return{chunks:i,done:!0};i.push(re(c.value)),l=performance.now(),p=0,a()}else f||(f=!0,d=ke(o,Promise.allSettled(r.timers.fire())).finally(()=>Ot(()=>f=!1,1)))}return await d,
r.cancel().catch(()=>{}),{chunks:i,done:!1}}async function At(e,t){let n=be(e,t);return ne(n),v.delete(`${e} ${t}`),await n.cancel(),{}}function re(e){return typeof e=="string"?e:Buffer.from(e).toString("utf8")}var Ot,$n,jn,Tt,ye,v,St,It=J(()=>{E();xt();({setTimeout:Ot,setImmediate:$n}=globalThis),jn=globalThis.ReadableStream,Tt=50,ye=class{constructor(t){this.actor=t,this.timers=new te,this.call=
void 0,this.reader=void 0,this.starts=[]}async cancel(){await this.reader?.cancel(),this.timers.clear()}},v=new Map,St=!1});var Pt={};Yt(Pt,{performStream:()=>vn});async function vn(e,t,[n,r,...o]){if(t in Bt)return await Bt[t](n,r,o[0]);let[s,i]=Pn[t]??[],c=typeof e.streams?.[i]=="function"?e.streams:e,u=c===e?s:i;if(typeof c[u]!="function")throw Object.assign(new Error(`the World has no ${t}`),{name:"NotImplemented",code:"NOT_IMPLEMENTED"});let a=c===e?[n,r]:[r,n];if(t==="stream.read"||t==="stream.open"){let[l,p]=o,h=()=>c===
e?c[u](n,l):c[u](r,n,l);return t==="stream.open"?await Et(h,n,p):await Fn(await h(),p)}let d=k();d!==void 0&&Q()&&t!=="stream.chunks"&&(d.also=l=>Rn(l,n));let f=await c[u](...a,...o);return t!=="stream.chunks"?{}:{chunks:f.data.map(l=>re(l.data)),done:f.done===!0}}function Rn({label:e,access:t,keys:n,statements:r},o){return t==="read"||n.length===0?{label:e,access:t,keys:n,statements:r}:{label:e,access:t,
keys:[...n,`@readers ${o}`]}}async function Fn(e,t){let n=e.getReader(),r=[];for(;;){let o,s=new Promise(c=>o=setTimeout(c,t,void 0)),i=await Promise.race([n.read(),s]);if(clearTimeout(o),i===void 0&&n.cancel().catch(()=>{}),i===void 0||i.done)return{chunks:r,done:i!==void 0};r.push(re(i.value))}}var Pn,Bt,vt=J(()=>{E();It();Pn={"stream.write":["writeToStream","write"],"stream.close":["closeStream",
"close"],"stream.read":["readFromStream","get"],"stream.open":["readFromStream","get"],"stream.chunks":["getStreamChunks","getChunks"]},Bt={"stream.poll":jt,"stream.rest":Nt,"stream.cancel":At}});var Mt=m(require("node:module"),1);E();var _e=m(require("node:crypto"),1),Ce=require("node:module");E();var fe=Date,U=0,He=!1;function B(e){e!==void 0&&e>U&&(U=e)}function P(){return U}function Ge(e){He=e}function ue(){return He||k()===void 0?U:++U}var _=class{constructor(t){this.seed(t)}seed(t){let n=[2166136261,16777619,3735928559,625341585];for(let r=0;r<t.length;r++)for(let o=0;o<4;o++)n[o]=Math.imul(n[o]^t.charCodeAt(r)+o,16777619);
[this.a,this.b,this.c,this.d]=n;for(let r=0;r<12;r++)this.next()}next(){let{a:t,b:n,c:r,d:o}=this,s=t+n+o|0;return this.d=o+1|0,this.a=n^n>>>9,this.b=r+(r<<3)|0,this.c=(r<<21|r>>>11)+s|0,s>>>0}fraction(){return(this.next()*2**21+(this.next()>>>11))/2**53}fill(t){for(let n=0;n<t.length;n++)t[n]=this.next()&255;return t}},qe=new _("background");function M(){let e=ae();return k()?.actor.random??(e?.dead?
e.random:qe)}function Ve(e){qe.seed(`${e}:background`)}function de(e,t=0,n=void 0){let r=ArrayBuffer.isView(e)?new Uint8Array(e.buffer,e.byteOffset,e.byteLength):new Uint8Array(e);return M().fill(r.subarray(t,n===void 0?void 0:t+n)),e}function Ue(){let e=M().fill(new Uint8Array(16));e[6]=e[6]&15|64,e[8]=e[8]&63|128;let t=Buffer.from(e).toString("hex");return`${t.slice(0,8)}-${t.slice(8,12)}-${t.slice(
12,16)}-${t.slice(16,20)}-${t.slice(20)}`}function en(){let e=new Proxy(fe,{construct:(t,n,r)=>Reflect.construct(t,n.length===0?[ue()]:n,r===e?t:r),apply:()=>new fe(ue()).toString(),get:(t,n)=>n==="now"?ue:Reflect.get(t,n)});fe.prototype.constructor=e,globalThis.Date=e}function tn(){Math.random=()=>M().fraction();let e=_e.default;e.randomBytes=(n,r)=>{let o=Buffer.from(M().fill(new Uint8Array(n)));
return r===void 0?o:void process.nextTick(r,null,o)},e.randomFillSync=de,e.randomFill=(n,...r)=>{let o=r.pop();process.nextTick(o,null,de(n,...r))},e.randomInt=(...n)=>{let r=typeof n.at(-1)=="function"?n.pop():void 0,[o,s]=n.length>1?n:[0,n[0]],i=o+Math.floor(M().fraction()*(s-o));return r===void 0?i:void process.nextTick(r,null,i)},e.randomUUID=Ue;let t=Object.getPrototypeOf(globalThis.crypto);t.
getRandomValues=de,t.randomUUID=Ue}function Je(){en(),tn(),(0,Ce.syncBuiltinESMExports)()}function rn(e){if(typeof e=="number")return e;if(e instanceof Date)return(e.getTime()-P())/1e3}var on=4;function ze(e,t=1){let n=e.cause??(Array.isArray(e.errors)?e.errors[0]:void 0);if(n==null)return;if(typeof n!="object")return String(n);let r=n.code===void 0||String(n.message).includes(n.code)?"":` (${n.code})`,o=t<on?ze(n,t+1):void 0;return n.message===e.message&&!r?o:`${n.name??"Error"}: ${n.
message}${r}${o?`, caused by ${o}`:""}`}function Y(e,t){if(e===null||typeof e!="object")return{name:"Error",message:String(e)};let{status:n,code:r}=e;return{name:String(e.name??"Error"),message:String(e.message??e),status:typeof n=="number"?n:void 0,code:r==null?void 0:String(r),retryAfter:rn(e.retryAfter),cause:ze(e),stack:t&&typeof e.stack=="string"?e.stack:void 0}}var pe=m(require("node:path"),1),Ke=require("node:url");var Xe=m(require("node:net"),1);E();var Qe=()=>({request:e=>({replies:1,handshake:!1,describe:()=>({label:`write ${e.length} bytes`,access:"unknown",keys:[]})}),replies:()=>Number.POSITIVE_INFINITY}),le=class{constructor(t,n){this.socket=t,this.talk=n,this.expected=[],this.waiting=0,this.holder=void 0,this.behind=[],this.owner=void 0;let r=t.push;t.push=(o,s)=>o!==null&&this.receive(o)?(this.closed(),
t.destroy(he()),!1):r.call(t,o,s),t.prependListener("error",()=>this.closed()),t.once("close",()=>this.closed())}call(){return k()??(this.owner?.live?this.owner:void 0)}expect(t,n,r=!1){t.replies>0?this.expected.push({request:t,operation:n,left:t.replies,cut:r}):n!==null&&x(n)}receive(t){if(this.expected.some(r=>r.cut))return!0;let n=this.talk.replies(t);if(typeof n!="number"){for(let r of n)this.
take(this.expected.findIndex(o=>o.request.ids?.includes(r)));return!1}for(let r=n;r>0&&this.expected.length>0;r--)this.take(0);return!1}take(t){if(t<0)return;let n=this.expected[t];--n.left>0||(this.expected.splice(t,1),n.operation!==null&&x(n.operation))}moveUp(){for(;this.waiting===0&&this.behind.length>0;)this.behind.shift()?.()}closed(){for(let{operation:t}of this.expected.splice(0))t!==null&&
x(t)}},$=Symbol("channel");function he(){return Object.assign(new Error("read ECONNRESET"),{code:"ECONNRESET",errno:-104,syscall:"read"})}function Ye(e,t){let n=Xe.default.Socket.prototype,{_writeGeneric:r,write:o,connect:s}=n,i=new Set(e.map(String)),c=Symbol("path");function u(a){if(a[$]!==void 0)return a[$];let d=a[c]??a.remotePort,f=d!==void 0&&(i.size===0||i.has(String(d)));return a[$]=f?new le(a,t()):null,a[$]}n.connect=
function(...d){let f=Array.isArray(d[0])?d[0][0]:d[0],l=typeof f=="string"&&!/^\d+$/.test(f)?f:f?.path;return typeof l=="string"&&(this[c]=l),s.apply(this,d)},n.write=function(...d){return this[$]&&(this[$].owner=k()??this[$].owner),o.apply(this,d)},n._writeGeneric=function(d,f,l,p){if(this.connecting)return r.call(this,d,f,l,p);let h=u(this);if(h===null)return r.call(this,d,f,l,p);let R=h.talk.request(
sn(d,f,l)),N=R.handshake?void 0:h.call(),F=this;if(N===void 0){let b=()=>{h.expect(R,null),r.call(F,d,f,l,p)};h.waiting>0||h.behind.length>0?h.behind.push(b):b();return}let A={call:N,describe:R.describe,cuts:!0,perform:(b,$e)=>{if(b&&h.waiting--,F.destroyed){x(A),b&&h.moveUp();return}if($e==="before"){x(A),b||se?F.destroy(he()):p(he());return}h.expect(R,A,$e==="after"),r.call(F,d,f,l,b||se?qt:p),b&&
h.moveUp()}},qt=b=>{b&&F.destroy(b)},se=!1,Ee=()=>{se=!0,p()};if(h.behind.length>0||h.waiting>0&&h.holder!==N.actor){h.behind.push(Fe(A,()=>{h.waiting++,h.holder=N.actor,T(A)&&h.waiting--})),Ee();return}h.waiting++,h.holder=N.actor,T(A)?h.waiting--:Ee()}}function sn(e,t,n){return e?Buffer.concat(t.map(r=>{let o=r.chunk??r;return typeof o=="string"?Buffer.from(o,r.encoding):o})):typeof t=="string"?
Buffer.from(t,n):t}var an={mongodb:async()=>(await import("./mongodb.mjs")).mongodb,postgres:async()=>(await import("./postgres.mjs")).postgres,redis:async()=>(await import("./redis.mjs")).redis};function fn(e){return Object.values(e).flatMap(t=>typeof t!="string"?[]:t.startsWith("file:///")?[pe.default.dirname((0,Ke.fileURLToPath)(t))]:pe.default.isAbsolute(t)?[t]:[])}async function Ze(e,t){for(let n of e.gates??["\
net"])switch(n){case"net":Ye(e.ports??[],await an[e.protocol??""]?.()??Qe);break;case"fs":(await import("./fs.mjs")).patch(e.paths??fn(e.options??{}));break;case"libsql":await(await import("./libsql.mjs")).patch(t);break;case"call":break;default:throw new Error(`this host has no gates for ${n}`)}}var tt=require("node:util");E();var un={log:"info",info:"info",debug:"debug",trace:"debug",dir:"info",warn:"warn",error:"error"},dn=[[50,"error"],[40,"warn"],[30,"info"],[0,"debug"]];function ln(e,t){let n=/^\{.*"level":\s*(?:(\d+)|"(\w+)")/.exec(e),r=n?.[1];if(r!==void 0)return dn.find(([s])=>Number(r)>=s)[1];let o=n?.[2]??/\b(?:workflow:[\w-]+:)(debug|info|warn|error)\b/.exec(e)?.[1]??/^\s*\[?(debug|info|warn|warning|error|fatal)\]?[:\s]/i.
exec(e)?.[1];if(o!==void 0){let s=o.toLowerCase();return s==="fatal"||s==="error"?"error":s.startsWith("warn")?"warn":s==="debug"?"debug":"info"}return/^\(node:\d+\) /.test(e)?"warn":/^(?:Uncaught )?\w*Error\b/.test(e)?"error":t}function et(e,t){return/^\[Workflow\]|\bworkflow:[\w-]+:/.test(e)?"runtime":t}function nt(e){for(let[t,n]of Object.entries(un))console[t]=(...r)=>{let o=k(),s=(0,tt.format)(
...r);e(n,et(s,o===void 0?"console":"world"),s,o?.actor.name)};for(let[t,n]of[[process.stdout,"info"],[process.stderr,"warn"]])t.write=((r,o,s)=>{let i=typeof r=="string"?r:Buffer.from(r).toString("utf8"),c=k()?.actor.name;for(let a of i.split(`
`))a.trim()!==""&&e(ln(a,n),et(a,"process"),a,c);let u=typeof o=="function"?o:s;return typeof u=="function"&&process.nextTick(u),!0})}var rt=Date;function j(e,t=0){if(e===null||typeof e=="string"||typeof e=="number"||typeof e=="boolean")return e;if(typeof e=="bigint")return Number.isSafeInteger(Number(e))?Number(e):String(e);if(typeof e!="object")return;if(t>200)throw new TypeError("a value is too deep, or holds itself, and cannot be sent");if(e instanceof rt)return Number.isNaN(e.getTime())?null:{$date:rt.prototype.toISOString.
call(e)};if(Array.isArray(e))return e.map(o=>j(o,t+1)??null);if(ArrayBuffer.isView(e))return{$bytes:Buffer.from(e.buffer,e.byteOffset,e.byteLength).toString("base64")};if(e instanceof ArrayBuffer)return{$bytes:Buffer.from(e).toString("base64")};if(typeof e.toJSON=="function")return j(e.toJSON(),t+1);if(e instanceof Map)return j(Object.fromEntries(e),t+1);if(e instanceof Set)return j([...e],t+1);let n={},
r=!1;for(let o of Object.keys(e)){let s=j(e[o],t+1);s!==void 0&&(o.startsWith("$")&&(r=!0),n[o]=s)}return r?{$object:n}:n}function K(e){if(e===null||typeof e!="object")return e;if(Array.isArray(e))return e.map(K);if(typeof e.$bytes=="string")return new Uint8Array(Buffer.from(e.$bytes,"base64"));if(typeof e.$date=="string")return new Date(e.$date);let t=e.$object??e;for(let n of Object.keys(t))t[n]=
K(t[n]);return t}var H=require("node:async_hooks"),st=m(require("node:path"),1),it=require("node:url"),pn=60,mn=400,gn=8,me=new Map,C=["",""],Z,ct=0;function ge(){let e=Error.stackTraceLimit;Error.stackTraceLimit=pn;let t={};return Error.captureStackTrace(t,ge),Error.stackTraceLimit=e,t}var at=(0,H.createHook)({init(e,t,n){me.set(e,{error:ge(),trigger:n,execution:(0,H.executionAsyncId)()})}});function ot(e){return(e??
"").split(`
`).flatMap(wn)}function wn(e){let t=C.find(u=>e.includes(u));if(t===void 0)return[];let n=e.slice(e.indexOf(t)+t.length+1),r=/^(.*?)(?:\?[^:]*)?:(\d+):(\d+)/.exec(n);if(r===null||n.includes("node_modules/"))return[];let o=t===C[0]?r[1]:decodeURI(r[1]),s=st.default.join(C[0],o),i=`${o}:${r[2]}`;return[{line:Z?.original(C[0],s,Number(r[2]),Number(r[3]))??i,compiled:i,helps:Z?.isShared(s)??!1}]}function ft(){
let e=ot(ge().stack),t=[(0,H.executionAsyncId)()],n=new Set(t);for(let c=t.shift();c!==void 0&&n.size<mn&&!e.some(a=>!a.helps);c=t.shift()){let u=me.get(c);if(u!==void 0){e.push(...ot(u.error.stack));for(let a of[u.trigger,u.execution])n.has(a)||t.push(a),n.add(a)}}let r=e.find(c=>!c.helps)??e[0];if(r===void 0)return;let o=e.indexOf(r),s=e.filter((c,u)=>u<=o||!c.helps),i=[...new Set(s.map(({line:c})=>c))].
slice(-gn);return{where:r.line,compiled:r.line===r.compiled?void 0:r.compiled,frames:i.length>1?i:void 0}}function ut({folder:e,entry:t},n){C=[e,(0,it.pathToFileURL)(e).href],Z=n,Z?.beginAt(t)}function dt(){ct++===0&&at.enable()}function lt(){--ct>0||(at.disable(),me.clear())}var mt=m(require("node:fs"),1),gt=m(require("node:net"),1);var ht=10,{readSync:yn,writeSync:bn,openSync:kn}=mt.default,{setTimeout:xn,clearTimeout:Sn}=globalThis,On=5;function Tn(e){for(let t of[`/proc/self/fd/${e}`,`/dev/fd/${e}`])try{return kn(t,"r")}catch{continue}return e}var En=new Int32Array(new SharedArrayBuffer(4));function pt(){Atomics.wait(En,0,0,.2)}var ee=class{constructor(t,n){this.inFd=t,this.outFd=n,this.blockingFd=Tn(t),this.chunk=Buffer.allocUnsafe(
65536),this.rest=[],this.lines=[],this.returned=[],this.scheduled=!1,this.unsent="",this.due=void 0,this.handle=()=>{}}listen(t){this.handle=t;let n=new gt.default.Socket({fd:this.inFd,readable:!0,writable:!1});n.on("data",o=>{this.feed(o),this.scheduled||this.next()});let r=()=>process.exit(0);n.on("end",r),n.on("error",r)}next(){this.scheduled=!1;let t=this.returned.shift()??this.queued();t!==void 0&&
(this.schedule(),this.handle(t))}schedule(){this.scheduled||this.returned.length+this.lines.length===0||(this.scheduled=!0,setImmediate(()=>this.next()))}putBack(t){this.returned.push(...t),this.schedule()}queued(){let t=this.lines.shift();return t===void 0?void 0:this.parse(t)}take(){for(;;){let t=this.queued();if(t!==void 0)return t;let n=0;try{n=yn(this.blockingFd,this.chunk,0,this.chunk.length,
null)}catch(r){let o=r.code;if(o==="EAGAIN"){pt();continue}if(o!=="EOF")throw r}n===0&&process.exit(0),this.feed(this.chunk.subarray(0,n))}}feed(t){let n=0;for(let r=t.indexOf(ht);r>=0;r=t.indexOf(ht,n)){let o=t.toString("utf8",n,r);this.rest.length>0&&(o=Buffer.concat([...this.rest,t.subarray(n,r)]).toString("utf8"),this.rest=[]),this.lines.push(o),n=r+1}n<t.length&&this.rest.push(Buffer.from(t.subarray(
n)))}parse(t){let n=JSON.parse(t);return t.includes('"$')?K(n):n}send(t,n=!1){this.unsent+=JSON.stringify(t)+`
`,n?this.due??=xn(()=>this.flush(),On):this.flush()}flush(){this.due!==void 0&&Sn(this.due),this.due=void 0;let t=Buffer.from(this.unsent);this.unsent="";let n=0;for(;n<t.length;)try{n+=bn(this.outFd,t,n,t.length-n)}catch(r){let o=r.code;if(o==="EPIPE"&&process.exit(0),o!=="EAGAIN")throw r;pt()}}};function wt(e,t){for(let n of["uncaughtException","unhandledRejection"])process.on(n,r=>{let o=r instanceof
Error?r.stack??String(r):String(r);e.send({type:"log",level:"error",origin:"process",text:`${n}: ${o}`})});process.on("SIGINT",()=>{}),e.listen(t)}var S=m(require("node:fs"),1),g=m(require("node:path"),1),Rt=require("node:url");function Wn(e){return JSON.parse(S.default.readFileSync(e,"utf8"))}function Se(e){if(typeof e=="string")return e;if(Array.isArray(e))return e.map(Se).find(t=>t!==void 0);if(!(e===null||typeof e!="object"))for(let[t,n]of Object.entries(e)){if(!["import","node","module-sync","default"].includes(t))continue;let r=Se(n);if(r!==
void 0)return r}}function Dn(e){for(let t=e;;t=g.default.dirname(t)){if(S.default.existsSync(g.default.join(t,"package.json")))return t;if(t===g.default.dirname(t))return e}}function xe(e,t="."){let{name:n,version:r,exports:o,main:s}=Wn(g.default.join(e,"package.json")),c=Object.keys(Object(o)).some(a=>a.startsWith("."))?o[t]:o,u=Se(c)??(t==="."?s??"index.js":t);return{folder:e,entry:g.default.join(
e,u),name:n??g.default.basename(e),version:r??""}}function Ft(e,t=process.cwd()){if(g.default.isAbsolute(e)){let s=S.default.realpathSync(e);if(S.default.statSync(s).isDirectory())return xe(s);let i=Dn(g.default.dirname(s));return S.default.existsSync(g.default.join(i,"package.json"))?{...xe(i),entry:s}:{folder:i,entry:s,name:g.default.basename(s),version:""}}let n=e.split("/"),r=n.slice(0,e.startsWith(
"@")?2:1).join("/"),o=[".",...n.slice(r.split("/").length)].join("/");for(let s=g.default.resolve(t);;s=g.default.dirname(s)){let i=g.default.join(s,"node_modules",r);if(S.default.existsSync(g.default.join(i,"package.json")))return xe(S.default.realpathSync(i),o);if(s===g.default.dirname(s))throw new Error(`the package ${r} is not installed under ${t}`)}}function Ln(e){let t=Object.keys(Object(e)).
filter(n=>/^create\w+World$/.test(n));return t.length===1?t:[]}async function Wt(e,t,n,r){let o=await import(`${(0,Rt.pathToFileURL)(e.entry)}${n}`),s=t.factory===void 0?["createWorld","default"]:[t.factory];r();for(let c of[o,o.default])for(let u of t.factory===void 0?[...s,...Ln(c)]:s){let a=c?.[u];if(typeof a=="function")return await a(t.options??{});if(typeof a?.events?.create=="function")return a}
let i=Object.keys(o).slice(0,10).join(", ")||"nothing";throw new Error(`${e.name} exports no ${s.join(" or ")} that makes a World; it exports ${i}`)}function oe(e,t){try{return e?.[t]}catch(n){console.warn(`reading ${t} of the World failed:`,n);return}}async function Dt(e){try{typeof e?.close=="function"&&await e.close()}catch(t){console.warn("closing the World failed:",t)}}async function Oe(e,t,n){
if(t.startsWith("stream."))return await(await Promise.resolve().then(()=>(vt(),Pt))).performStream(e,t,n);let r=t.split("."),o=r.pop(),s=r.reduce((i,c)=>i?.[c],e);if(typeof s?.[o]!="function")throw Object.assign(new Error(`the World has no ${t}`),{name:"NotImplemented",code:"NOT_IMPLEMENTED"});return await s[o](...n)}async function Lt(e,t){let n=Array.from({length:t},()=>Oe(e,"runs.get",["wrun_000\
00000000000000000000000"]));return await Promise.allSettled(n)}var w=new ee(Number(process.env.WORLD_HOST_IN??3),Number(process.env.WORLD_HOST_OUT??4));delete process.env.WORLD_HOST_IN;delete process.env.WORLD_HOST_OUT;Buffer.poolSize=1024;var O=new Map,Ut=new Map,_t=!1,Te=new Map,V,Mn;var Un;var _n,Cn=(e,t,n,r)=>{if(Re())return;let o=Mn?.isByDesign(e,t,n)||void 0;r??=O.size===1?[...O.keys()][0]:void 0,w.send({type:"log",level:e,origin:t,text:n,actor:r,byDesign:o})};nt(Cn);var Ct={blocking:!0,report(e,t,n){let{call:r}=e;this.blocking||Te.set(t,r.actor);let o=e.describe();o=r.also?.(o)??o;let{cuts:s,rest:i,origin:c}=e,u={cut:s,rest:i,...c,passed:n||void 0,clock:P()};w.send({type:"gate",
gate:t,call:r.id,actor:r.actor.name,...o,...u},n)},pass(e){B(P()+e)},wait(e){let t=[];for(;;){let n=w.take();if(n.type==="close"&&Ht(n.id),n.type==="go"&&n.gate===e)return w.putBack(t),B(n.clock),{cut:n.cut,ahead:n.ahead};t.push(n)}},finish(e){e.stacks&&lt(),Ut.delete(e.id);let t=Hn(e),n=e.next?.(t),r=n!==void 0;w.send({...t,id:e.id,more:r||void 0,clock:P()},r),n?.()},waits(e){e.gated&&w.send({type:"\
waits",call:e.id,actor:e.actor.name})},where:ft};Ae(Ct);function Hn({outcome:e,stacks:t}){let{value:n,error:r}=e??{};if(r!==void 0)return{type:"error",error:Y(r.thrown,t)};try{return{type:"result",value:j(n)??null}}catch(o){return{type:"error",error:{...Y(o,!0),code:"UNSENDABLE"}}}}function Ht(e){w.send({type:"done",id:e}),process.exit(0)}function Gt(e,t){B(t),Ve(String(e)),Pe();for(let n of O.values())
n.random.seed(`${e}:${n.name}`)}async function Gn({id:e,world:t,actors:n,seed:r,clock:o}){try{Ct.blocking=n.length===1;let s=O.size>0;for(let f of n)O.set(f,new z(f,new _("")));Gt(r,o),s||Je(),process.env.PGAPPNAME??=`world-host-${process.pid}`;let i=Ft(t.module,t.root);ut(i),s||await Ze(t,i.folder),_t=t.gates?.includes("call")??!1;let c;for(let f of O.values()){if(c===void 0||!t.shared){let l=()=>w.
send({type:"opening",id:e,doing:"world"}),p=f.name===n[0]?Un?.copy()??"":`?actor=${f.name}`;c=await L(f).run(()=>Wt(i,t,p,l))}f.world=c,w.send({type:"opening",id:e,doing:"read"}),await L(f).run(()=>Lt(c,t.warm??2))}w.send({type:"opening",id:e,doing:"host"}),Mt.flushCompileCache?.();let u=oe(c,"specVersion"),a=Object.entries(oe(c,"capabilities")??{}).filter(([,f])=>f===!0);typeof oe(c,"events")?.createBatch==
"function"&&a.push(["createBatch",!0]);let d={type:"opened",id:e,name:i.name,version:i.version,specVersion:Number.isSafeInteger(u)?u:void 0,capabilities:a.map(([f])=>f),platform:`node ${process.versions.node}`,runtime:V&&{version:V.version,dialect:V.dialect,inline:V.inline||void 0}};w.send(d)}catch(s){w.send({type:"failed",id:e,error:Y(s,!0)})}}function qn({id:e,actor:t,op:n,args:r,gated:o,stacks:s,ahead:i,clock:c},u){B(c);let a=O.get(t);if(a===void 0)return w.send({type:"error",id:e,error:{name:"HostError",message:`no actor ${t} is open here`}});let d=new W(e,a,o===!0,s===!0);d.ahead=i,d.next=u,d.stacks&&dt(),Ut.set(e,d);let f=n.startsWith("runtime.")?V:void 0;d.ordered=f!==void 0;let l=()=>d.run(()=>(f?.perform(n,r)??Oe(a.world,n,r)).then(
h=>d.settle({value:h}),h=>d.settle({error:{thrown:h}})));if(!d.gated||!_t||f)return void l();d.whole=!0;let p={call:d,origin:d.stacks?_n?.definition(a.world,n):void 0,describe:()=>({label:[n,r[1]?.eventType].filter(Boolean).join(" "),access:"unknown",keys:[]}),perform:()=>{x(p),l()}};T(p)}async function Vn(e){for(let{world:t,dead:n}of O.values())n||await Dt(t);Ht(e)}function Jn(e){switch(e.type){case"call":return qn(e);case"calls":return;case"go":{let t=Te.get(e.gate);return B(e.clock),t===void 0?void 0:(Te.delete(e.gate),Me(t,e.cut))}case"halt":return;case"reset":return Gt(e.seed,e.clock),Ge(e.still===!0),w.send({type:"done",id:e.id},!0);case"die":return;case"open":return void ve(()=>Gn(e));case"close":return void Vn(e.id);case"relay_result":return;default:console.
warn(`the host does not know the message ${e.type}`)}}wt(w,Jn);
}
