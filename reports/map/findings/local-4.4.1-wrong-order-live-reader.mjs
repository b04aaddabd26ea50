/**
 * @workflow/world-local@4.4.1: Every pair of operations, from every state
 *
 * two actors write while a live reader is there; the stream is empty
 *
 * WRONG a live reader gets [B1, A1]; later readers get [A1, B1]
 * RULE  stream.live-order: a live reader is given chunks in the order in which later readers get them
 * KIND  live reader. A reader of a stream that is there while others write is given something else than a
 *       reader that comes later.
 * FIX   Let a notification do nothing but wake the reader. Then read from the store what stands behind the
 *       last chunk that the reader was given, in the order of the stream, until its end is read there.
 * WHERE in the package, in the order of the schedule: src/streamer.ts:159 (dist/streamer.js:87),
 *       src/streamer.ts:171 (dist/streamer.js:92), src/streamer.ts:220 (dist/streamer.js:125)
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
 * How: all actors call one World. Each I/O operation of a racing call waits until it is let go, in this order:
 * aA5bB4A3 (A2B is: an operation of A, another one, one of B; a small letter is where an actor begins).
 * Written by workflow-world-conformance 0.1.0. The suite sees it again with:
 *
 *     pytest --world=local '--world-replay=map/storage/stream.write~stream.write:reading@running+stream-empty+instance/aA4bB3A2'
 */

// ---- What was recorded ----

/** The ids of this run; those that are empty are minted by the World. */
const id = { run1: '', stream1: 'stream_1_100002' };

const WORLD = {
  package: '@workflow/world-local',
  version: '4.4.1',
  options: { dataDir: '{directory}', recoverActiveRuns: false },
  env: {},
  setup: null,
  service: null,
  host: { gates: ['fs'], shared: true },
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
    actor: '-', op: 'events.create', says: 'before: run_started', at: 5,
    args: () => [id.run1, { specVersion: 3, eventType: 'run_started' }],
    answer: 'success',
  },
  {
    actor: '-', op: 'stream.open', says: 'before: stream.open first, from 0', at: 9,
    args: () => [id.stream1, id.run1, 0, 'first'],
    answer: 'success',
  },
];

/** What raced. Above each call: what it did when it was recorded, and where in the package. */
const RACE = {
  A: [
    // readFile streams/runs/run1.json  src/streamer.ts:159
    // open streams/runs/run1.json.tmp.01R0PN75SQSDXTCFA7NH683ZMK  src/streamer.ts:171
    // write streams/runs/run1.json.tmp.01R0PN75SQSDXTCFA7NH683ZMK  src/streamer.ts:171
    // rename streams/runs/run1.json.tmp.01R0PN75SQSDXTCFA7NH683ZMK -> streams/runs/run1.json  src/streamer.ts:171
    // access streams/chunks/stream1-chnk_01R0PN75PJN66QV7VA5GM187JK.bin  src/streamer.ts:220
    // open streams/chunks/stream1-chnk_01R0PN75PJN66QV7VA5GM187JK.bin.tmp.01R0PN7668ZKZXVH31CQPS9WS8  src/streamer.ts:220
    // write streams/chunks/stream1-chnk_01R0PN75PJN66QV7VA5GM187JK.bin.tmp.01R0PN7668ZKZXVH31CQPS9WS8  src/streamer.ts:220
    // rename streams/chunks/stream1-chnk_01R0PN75PJN66QV7VA5GM187JK.bin.tmp.01R0PN7668ZKZXVH31CQPS9WS8 -> streams/chunks/strea … [38 more characters]  src/streamer.ts:220
    {
      actor: 'A', op: 'stream.write', says: 'A: stream.write A1', at: 9,
      args: () => [id.stream1, id.run1, 'A1'],
      answer: 'success',
    },
  ],
  B: [
    // access streams/chunks/stream1-chnk_01R0PN7669T8ZJQNYREBHCEGR2.bin  src/streamer.ts:220
    // open streams/chunks/stream1-chnk_01R0PN7669T8ZJQNYREBHCEGR2.bin.tmp.01R0PN769EY9ERNXN4GH3JCGKD  src/streamer.ts:220
    // write streams/chunks/stream1-chnk_01R0PN7669T8ZJQNYREBHCEGR2.bin.tmp.01R0PN769EY9ERNXN4GH3JCGKD  src/streamer.ts:220
    // rename streams/chunks/stream1-chnk_01R0PN7669T8ZJQNYREBHCEGR2.bin.tmp.01R0PN769EY9ERNXN4GH3JCGKD -> streams/chunks/strea … [38 more characters]  src/streamer.ts:220
    {
      actor: 'B', op: 'stream.write', says: 'B: stream.write B1', at: 512,
      args: () => [id.stream1, id.run1, 'B1'],
      answer: 'success',
    },
  ],
};

/** Whose operation went ahead, in order. */
const SCHEDULE = 'aA5bB4A3';

/** What goes wrong in the race: with which operation, counted over all actors from 0. */
const FAULTS = [];

/** What came after the race, alone. */
const AFTER = [
  {
    actor: '-', op: 'stream.close', says: 'afterwards: stream.close', at: 1214,
    args: () => [id.stream1, id.run1],
    answer: 'success',
  },
  {
    actor: '-', op: 'stream.rest', says: 'afterwards: stream.rest first', at: 1216,
    args: () => [id.stream1, 'first', 1000],
    answer: 'B1, A1, the end',
  },
  {
    actor: '-', op: 'stream.read', says: 'afterwards: stream.read from 0', at: 1216,
    args: () => [id.stream1, id.run1, 0, 1000],
    answer: 'A1, B1, the end',
  },
];

/** What is looked at in the end. */
const RUNS = ['run1'];
const TOKENS = [];

/** The World's logical clock begins here, in ms since 1970. */
const START = 1924905801416;

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
var an=Object.create;var he=Object.defineProperty;var fn=Object.getOwnPropertyDescriptor;var un=Object.getOwnPropertyNames;var dn=Object.getPrototypeOf,ln=Object.prototype.hasOwnProperty;var C=(e,t,n)=>()=>{if(n)throw n[0];try{return e&&(t=e(e=0)),t}catch(r){throw n=[r],r}};var We=(e,t)=>{for(var n in t)he(e,n,{get:t[n],enumerable:!0})},hn=(e,t,n,r)=>{if(t&&typeof t=="object"||typeof t=="function")for(let o of un(t))!ln.call(e,o)&&o!==n&&he(e,o,{get:()=>t[o],enumerable:!(r=fn(t,o))||r.enumerable});return e};var S=(e,t,n)=>(n=e!=null?an(dn(e)):{},hn(t||!e||!e.__esModule?he(n,"default",{value:e,enumerable:!0}):n,e));function Me(e){T=e}function O(){let e=G.getStore();return e?.live===!1&&e.reader?.call?.live?e.reader.call:e?.live?e:void 0}function ne(){return G.getStore()}function _e(e){Ue.push(e)}function Ce(){for(let e of Ue)e()}function re(){return!T.blocking}function He(e){return G.exit(e)}function pe(){return G.getStore()?.actor}function Ge(){return pe()?.dead===!0}function q(e){let t=new H(0,e,!1,!1);return t.
live=!1,t}function I(e){let{call:t}=e,{actor:n}=t;if(t.open++,t.arisen++,!t.gated&&!t.ordered)return L(e,!1),!0;if(!t.gated&&te(n)&&n.held.length===0)return n.inFlight=e,L(e,!1),!0;if(t.stacks&&(e.origin??=T.where()),t.gated&&T.blocking&&te(n)&&n.held.length===0)return Xe(n,e,!1),!0;if(e.first&&n.reported!==0)return L(e,!1),!0;let r=e.first?n.held.findIndex(o=>!o.first):-1;return n.held.splice(r<0?
n.held.length:r,0,e),ze(n),!1}function qe(e,t){let{call:n}=e;return n.stacks&&(e.origin=T.where()),n.open++,T.waits(n),()=>{t(),n.open--}}function me(e,t,n){let{actor:r}=e;if(e.arisen++,!e.gated||!T.blocking||!te(r)||r.held.length>0)return;let o=e.stacks?T.where():void 0;Ve({call:e,describe:t,rest:n,perform:()=>{},origin:o})}function Ve(e){let{call:t}=e,n=++De,{ahead:r}=t;if(r!==void 0&&r.gates>0&&
!e.first){r.gates--,T.report(e,n,!0),T.pass(r.ms);return}T.report(e,n,!1);let o=T.wait(n);return t.ahead=o.ahead,o.cut}function E(e){if(e.answered)return;e.answered=!0;let{call:t}=e,{actor:n}=t;t.close(),n.inFlight===e&&(n.inFlight=null,n.held.length>0&&Je(n,()=>{})),t.check()}function te(e){return e.inFlight===null&&e.turns===0}function Je(e,t){e.turns++,setImmediate(()=>{e.turns--,t(),ze(e)})}function ze(e){
if(!(!te(e)||e.reported!==0||e.held.length===0)){if(!e.held[0].call.gated){e.inFlight=e.held.shift(),L(e.inFlight,!0);return}if(T.blocking){Xe(e,e.held.shift(),!0);return}e.reported=++De,T.report(e.held[0],e.reported,!1)}}function Xe(e,t,n){e.inFlight=t;let r=Ve(t);e.dead||L(t,n,r)}function L(e,t,n){try{e.perform(t,n)}catch(r){throw E(e),r}}function Ke(e,t){let n=e.held.shift();e.reported=0,e.inFlight=
n,L(n,!0,t)}var Le,G,T,De,ee,H,Ue,F=C(()=>{Le=require("node:async_hooks"),G=new Le.AsyncLocalStorage,De=0;ee=class{constructor(t,n){this.name=t,this.random=n,this.world=void 0,this.inFlight=null,this.held=[],this.reported=0,this.turns=0,this.dead=!1}},H=class{constructor(t,n,r,o){this.id=t,this.actor=n,this.gated=r,this.stacks=o,this.next=void 0,this.ahead=void 0,this.ordered=!1,this.whole=!1,this.
reader=void 0,this.also=void 0,this.live=!0,this.open=0,this.arisen=0,this.outcome=null,this.whenIdle=[]}close(){if(this.open--,this.open===0)for(let t of this.whenIdle.splice(0))setImmediate(t)}run(t){return G.run(this,t)}settle(t){this.outcome=t,this.check()}check(){if(this.outcome===null||this.open>0||!this.live||this.actor.dead)return;let t=this.arisen;Je(this.actor,()=>{if(!(!this.live||this.
open>0)){if(this.arisen!==t)return void this.check();this.live=!1,T.finish(this)}})}};Ue=[]});var lt={};We(lt,{patch:()=>An});function jn(e,t,n,r,o){let i=N.default.join(e,`.waiting-${process.pid}`);if(t?.code==="EEXIST"&&o.since<En)return o.since++===0&&$n(i,""),void Tn(n,1);o.since>0&&On(i,{force:!0}),r()}function ft(e){return typeof e=="string"?{encoding:e}:e??{}}function Se(e){if(typeof e=="string")return N.default.resolve(e);if(e instanceof URL&&e.protocol==="file:")return(0,dt.fileURLToPath)(
e);if(Buffer.isBuffer(e))return N.default.resolve(e.toString())}function An(e){let t=e.map(s=>N.default.resolve(s)),n=s=>t.length===0?!s.includes(`${N.default.sep}node_modules${N.default.sep}`):t.some(a=>s===a||s.startsWith(a+N.default.sep)),r=s=>{let a=t.find(b=>s.startsWith(b+N.default.sep));return a===void 0?s:N.default.relative(a,s)};function o(s,a){let[b,m,w]=xe[s],g=a.slice(0,m).map(Se);if(g.
some(y=>y!==void 0&&n(y)))return()=>{let y=g.filter(B=>B!==void 0),k=s in U,A=s==="open"&&typeof a[1]=="string"&&/[wa+]/.test(a[1]),x=w||A?y.map(B=>N.default.dirname(B)):[];return{label:`${k?"open":s} ${y.map(r).join(" -> ")}`,access:A?"write":b,keys:[...new Set([...y,...x].map(r))]}}}function i(s,a,b,m){return new Promise((w,g)=>{let y={call:s,describe:a,rest:m,perform:()=>{b().then(k=>{E(y),w(k)},
k=>{E(y),g(k)})}};I(y)})}let c=ie.default.promises,f=new WeakMap,l;async function u(s,a,[b,m,w]){let g=ft(w),y=await c.open(b,g.flag??U[a],g.mode);try{await i(s,()=>h(b),()=>l.call(y,m,{...g,flag:void 0}),!0)}finally{await y.close()}}function h(s){let a=r(Se(s));return{label:`write ${a}`,access:"write",keys:[a]}}for(let s of Object.keys(xe)){let a=c[s];typeof a=="function"&&(c[s]=function(...b){let m=O(),
w=m&&o(s,b);if(m?.gated&&w&&s in U)return u(m,s,b);let g=()=>a.apply(c,b),y=m&&w?i(m,w,g):g();return s!=="open"||!w?y:y.then(k=>(f.set(k,r(Se(b[0]))),d(Object.getPrototypeOf(k)),k))})}function d(s){if(!s.patchedByHost){Object.defineProperty(s,"patchedByHost",{value:!0}),l=s.writeFile;for(let[a,b]of Object.entries(Nn)){let m=s[a];typeof m=="function"&&(s[a]=function(...w){let g=O(),y=f.get(this);return g===
void 0||y===void 0?m.apply(this,w):i(g,()=>({label:`${a} ${y}`,access:b,keys:[y]}),()=>m.apply(this,w))})}}}let p=ie.default;for(let s of Object.keys(xe)){let a=p[s];typeof a=="function"&&(p[s]=Object.assign(function(...m){let w=O(),g=m.at(-1),y=w&&typeof g=="function"?o(s,m):void 0;if(!w||!y)return a.apply(p,m);if(w.gated&&s in U){let A=x=>process.nextTick(g,x);return void u(w,s,m.slice(0,-1)).then(
()=>A(null),A)}let k={call:w,describe:y,perform:()=>{let A=s==="mkdir"&&w.gated&&t.length>0&&/\.lock$/.test(String(m[0])),x={since:0},B=()=>a.call(p,...m.slice(0,-1),(...ve)=>{let Re=()=>{E(k),g(...ve)};A?jn(t[0],ve[0],B,Re,x):Re()});B()}};I(k)},a));let b=p[`${s}Sync`];typeof b=="function"&&(p[`${s}Sync`]=Object.assign(function(...m){let w=O(),g=w&&o(s,m);if(w&&g&&me(w,g),!w?.gated||!g||!(s in U))
return b.apply(p,m);let y=ft(m[2]),k=Sn(m[0],y.flag??U[s],y.mode);try{me(w,()=>h(m[0]),!0),b.call(p,k,m[1],{...y,flag:void 0})}finally{xn(k)}},b))}(0,ut.syncBuiltinESMExports)()}var ie,ut,N,dt,xn,Sn,On,$n,Tn,En,xe,Nn,U,ht=C(()=>{ie=S(require("node:fs"),1),ut=require("node:module"),N=S(require("node:path"),1),dt=require("node:url");F();({closeSync:xn,openSync:Sn,rmSync:On,writeFileSync:$n}=ie.default),
{setTimeout:Tn}=globalThis,En=2e3;xe={access:["read",1,!1],appendFile:["write",1,!0],chmod:["write",1,!1],copyFile:["write",2,!0],cp:["write",2,!0],link:["write",2,!0],lstat:["read",1,!1],mkdir:["write",1,!0],mkdtemp:["write",1,!0],open:["read",1,!1],opendir:["read",1,!1],readFile:["read",1,!1],readdir:["read",1,!1],readlink:["read",1,!1],realpath:["read",1,!1],rename:["write",2,!0],rm:["write",1,
!0],rmdir:["write",1,!0],stat:["read",1,!1],symlink:["write",2,!0],truncate:["write",1,!1],unlink:["write",1,!0],utimes:["write",1,!1],writeFile:["write",1,!0]},Nn={appendFile:"write",read:"read",readFile:"read",readv:"read",stat:"read",truncate:"write",write:"write",writeFile:"write",writev:"write"},U={writeFile:"w",appendFile:"a"}});function Wt(e){for(let n of["setTimeout","setInterval"]){let r=n==="setInterval",o=Q.default[n],i=(c,f,...l)=>{let u=e();return u===void 0||typeof c!="function"||Number(f)>vt?o(c,f,...l):new Y(u,c,l,r)};for(let c of Object.getOwnPropertySymbols(o))i[c]=o[c];Q.default[n]=i,globalThis[n]=i}for(let n of["clearTimeout","clearInterval"]){let r=Q.default[n],o=i=>{i instanceof Y?i.close():r(i)};Q.default[n]=
o,globalThis[n]=o}let t=Ee.default.setTimeout;Ee.default.setTimeout=(n,r,o)=>{let i=e();return i===void 0||Number(n)>vt||o?.signal?t(n,r,o):new Promise(c=>new Y(i,()=>c(r),[],!1))},(0,Rt.syncBuiltinESMExports)()}var Rt,Q,Ee,vt,Y,fe,Lt=C(()=>{Rt=require("node:module"),Q=S(require("node:timers"),1),Ee=S(require("node:timers/promises"),1),vt=1e3,Y=class{constructor(t,n,r,o){this.all=t,this.code=n,this.
args=r,this.again=o,t.pending.add(this)}ref(){return this}unref(){return this}hasRef(){return!0}refresh(){return this.all.pending.add(this),this}close(){return this.all.pending.delete(this),this}[Symbol.dispose](){this.close()}},fe=class{constructor(){this.pending=new Set}fire(){return[...this.pending].map(t=>{if(this.pending.has(t))return t.again||t.close(),t.code(...t.args)})}clear(){this.pending.
clear()}}});function Kn(){Dt||(Dt=!0,Wt(()=>ne()?.reader?.timers),globalThis.ReadableStream=new Proxy(Xn,{construct(e,[t,...n],r){let o=ne()?.reader?.starts;return Reflect.construct(e,[o?Qn(t,o):t,...n],r)}}),_e(Yn))}function Qn(e,t){return typeof e?.start!="function"?e:new Proxy(e,{get(n,r){if(r!=="start"){let o=Reflect.get(n,r);return typeof o=="function"?o.bind(n):o}return o=>{let i=n.start(o);return t.push(
Promise.resolve(i).catch(()=>{})),i}}})}function Yn(){for(let e of _.values())e.timers.clear(),e.actor.dead||q(e.actor).run(()=>{e.cancel().catch(()=>{})});_.clear()}function ue(e){let t=ne();return t.reader=e??new je(t.actor),t.reader.call=t,re()&&(t.also=({label:n})=>({label:n,access:"unknown",keys:[]})),t}function Ne(e,t){let n=_.get(`${e} ${t}`);if(n===void 0)throw new Error(`no reader ${t} of\
 ${e} is open here`);return n}async function _t(e,t,n){Kn();let r=ue(),o=r.reader;return r.gated&&!r.whole&&await Zn(r,t),o.reader=(await e()).getReader(),_.set(`${t} ${n}`,o),await Ae(r,Promise.all(o.starts)),{}}function Zn(e,t){return new Promise(n=>{let r={call:e,describe:()=>({label:`reader of ${t}`,access:"unknown",keys:[]}),perform:()=>{E(r),n()}};I(r)})}function Ct(e){return new Promise(t=>e<
Ut?zn(t):Mt(t,1))}async function Ae(e,t){let n=!1;t.then(()=>n=!0,()=>n=!0);let r=performance.now(),o=e.arisen;for(let i=0;!n;i++)if(await Ct(i),(e.open>0||e.arisen!==o)&&(r=performance.now()),o=e.arisen,performance.now()-r>Ut)return}async function Ht(e,t){let n=Ne(e,t),r=ue(n);return await Ae(r,Promise.allSettled(n.timers.fire())),{}}async function Gt(e,t,n){let r=Ne(e,t),o=ue(r),i=r.reader;_.delete(
`${e} ${t}`);let c=[],f,l,u=()=>{f=void 0,i.read().then(p=>f=p,p=>l={error:p})};u();let h=Promise.resolve(),d=!1;for(let p=performance.now(),s=0;performance.now()-p<n;s++){if(await Ct(s),l!==void 0)throw l.error;if(f!==void 0){if(f.done)return{chunks:c,done:!0};c.push(de(f.value)),p=performance.now(),s=0,u()}else d||(d=!0,h=Ae(o,Promise.allSettled(r.timers.fire())).finally(()=>Mt(()=>d=!1,1)))}return await h,
r.cancel().catch(()=>{}),{chunks:c,done:!1}}async function qt(e,t){let n=Ne(e,t);return ue(n),_.delete(`${e} ${t}`),await n.cancel(),{}}function de(e){return typeof e=="string"?e:Buffer.from(e).toString("utf8")}var Mt,zn,Xn,Ut,je,_,Dt,Vt=C(()=>{F();Lt();({setTimeout:Mt,setImmediate:zn}=globalThis),Xn=globalThis.ReadableStream,Ut=50,je=class{constructor(t){this.actor=t,this.timers=new fe,this.call=
void 0,this.reader=void 0,this.starts=[]}async cancel(){await this.reader?.cancel(),this.timers.clear()}},_=new Map,Dt=!1});var zt={};We(zt,{performStream:()=>tr});async function tr(e,t,[n,r,...o]){if(t in Jt)return await Jt[t](n,r,o[0]);let[i,c]=er[t]??[],f=typeof e.streams?.[c]=="function"?e.streams:e,l=f===e?i:c;if(typeof f[l]!="function")throw Object.assign(new Error(`the World has no ${t}`),{name:"NotImplemented",code:"NOT_IMPLEMENTED"});let u=f===e?[n,r]:[r,n];if(t==="stream.read"||t==="stream.open"){let[p,s]=o,a=()=>f===
e?f[l](n,p):f[l](r,n,p);return t==="stream.open"?await _t(a,n,s):await rr(await a(),s)}let h=O();h!==void 0&&re()&&t!=="stream.chunks"&&(h.also=p=>nr(p,n));let d=await f[l](...u,...o);return t!=="stream.chunks"?{}:{chunks:d.data.map(p=>de(p.data)),done:d.done===!0}}function nr({label:e,access:t,keys:n,statements:r},o){return t==="read"||n.length===0?{label:e,access:t,keys:n,statements:r}:{label:e,
access:t,keys:[...n,`@readers ${o}`]}}async function rr(e,t){let n=e.getReader(),r=[];for(;;){let o,i=new Promise(f=>o=setTimeout(f,t,void 0)),c=await Promise.race([n.read(),i]);if(clearTimeout(o),c===void 0&&n.cancel().catch(()=>{}),c===void 0||c.done)return{chunks:r,done:c!==void 0};r.push(de(c.value))}}var er,Jt,Xt=C(()=>{F();Vt();er={"stream.write":["writeToStream","write"],"stream.close":["cl\
oseStream","close"],"stream.read":["readFromStream","get"],"stream.open":["readFromStream","get"],"stream.chunks":["getStreamChunks","getChunks"]},Jt={"stream.poll":Ht,"stream.rest":Gt,"stream.cancel":qt}});var tn=S(require("node:module"),1);F();var Ye=S(require("node:crypto"),1),Ze=require("node:module");F();var we=Date,J=0,et=!1;function D(e){e!==void 0&&e>J&&(J=e)}function M(){return J}function tt(e){et=e}function ge(){return et||O()===void 0?J:++J}var z=class{constructor(t){this.seed(t)}seed(t){let n=[2166136261,16777619,3735928559,625341585];for(let r=0;r<t.length;r++)for(let o=0;o<4;o++)n[o]=Math.imul(n[o]^t.charCodeAt(r)+o,16777619);
[this.a,this.b,this.c,this.d]=n;for(let r=0;r<12;r++)this.next()}next(){let{a:t,b:n,c:r,d:o}=this,i=t+n+o|0;return this.d=o+1|0,this.a=n^n>>>9,this.b=r+(r<<3)|0,this.c=(r<<21|r>>>11)+i|0,i>>>0}fraction(){return(this.next()*2**21+(this.next()>>>11))/2**53}fill(t){for(let n=0;n<t.length;n++)t[n]=this.next()&255;return t}},nt=new z("background");function V(){let e=pe();return O()?.actor.random??(e?.dead?
e.random:nt)}function rt(e){nt.seed(`${e}:background`)}function ye(e,t=0,n=void 0){let r=ArrayBuffer.isView(e)?new Uint8Array(e.buffer,e.byteOffset,e.byteLength):new Uint8Array(e);return V().fill(r.subarray(t,n===void 0?void 0:t+n)),e}function Qe(){let e=V().fill(new Uint8Array(16));e[6]=e[6]&15|64,e[8]=e[8]&63|128;let t=Buffer.from(e).toString("hex");return`${t.slice(0,8)}-${t.slice(8,12)}-${t.slice(
12,16)}-${t.slice(16,20)}-${t.slice(20)}`}function pn(){let e=new Proxy(we,{construct:(t,n,r)=>Reflect.construct(t,n.length===0?[ge()]:n,r===e?t:r),apply:()=>new we(ge()).toString(),get:(t,n)=>n==="now"?ge:Reflect.get(t,n)});we.prototype.constructor=e,globalThis.Date=e}function mn(){Math.random=()=>V().fraction();let e=Ye.default;e.randomBytes=(n,r)=>{let o=Buffer.from(V().fill(new Uint8Array(n)));
return r===void 0?o:void process.nextTick(r,null,o)},e.randomFillSync=ye,e.randomFill=(n,...r)=>{let o=r.pop();process.nextTick(o,null,ye(n,...r))},e.randomInt=(...n)=>{let r=typeof n.at(-1)=="function"?n.pop():void 0,[o,i]=n.length>1?n:[0,n[0]],c=o+Math.floor(V().fraction()*(i-o));return r===void 0?c:void process.nextTick(r,null,c)},e.randomUUID=Qe;let t=Object.getPrototypeOf(globalThis.crypto);t.
getRandomValues=ye,t.randomUUID=Qe}function ot(){pn(),mn(),(0,Ze.syncBuiltinESMExports)()}function gn(e){if(typeof e=="number")return e;if(e instanceof Date)return(e.getTime()-M())/1e3}var yn=4;function it(e,t=1){let n=e.cause??(Array.isArray(e.errors)?e.errors[0]:void 0);if(n==null)return;if(typeof n!="object")return String(n);let r=n.code===void 0||String(n.message).includes(n.code)?"":` (${n.code})`,o=t<yn?it(n,t+1):void 0;return n.message===e.message&&!r?o:`${n.name??"Error"}: ${n.
message}${r}${o?`, caused by ${o}`:""}`}function oe(e,t){if(e===null||typeof e!="object")return{name:"Error",message:String(e)};let{status:n,code:r}=e;return{name:String(e.name??"Error"),message:String(e.message??e),status:typeof n=="number"?n:void 0,code:r==null?void 0:String(r),retryAfter:gn(e.retryAfter),cause:it(e),stack:t&&typeof e.stack=="string"?e.stack:void 0}}var Oe=S(require("node:path"),1),pt=require("node:url");var st=S(require("node:net"),1);F();var ct=()=>({request:e=>({replies:1,handshake:!1,describe:()=>({label:`write ${e.length} bytes`,access:"unknown",keys:[]})}),replies:()=>Number.POSITIVE_INFINITY}),be=class{constructor(t,n){this.socket=t,this.talk=n,this.expected=[],this.waiting=0,this.holder=void 0,this.behind=[],this.owner=void 0;let r=t.push;t.push=(o,i)=>o!==null&&this.receive(o)?(this.closed(),
t.destroy(ke()),!1):r.call(t,o,i),t.prependListener("error",()=>this.closed()),t.once("close",()=>this.closed())}call(){return O()??(this.owner?.live?this.owner:void 0)}expect(t,n,r=!1){t.replies>0?this.expected.push({request:t,operation:n,left:t.replies,cut:r}):n!==null&&E(n)}receive(t){if(this.expected.some(r=>r.cut))return!0;let n=this.talk.replies(t);if(typeof n!="number"){for(let r of n)this.
take(this.expected.findIndex(o=>o.request.ids?.includes(r)));return!1}for(let r=n;r>0&&this.expected.length>0;r--)this.take(0);return!1}take(t){if(t<0)return;let n=this.expected[t];--n.left>0||(this.expected.splice(t,1),n.operation!==null&&E(n.operation))}moveUp(){for(;this.waiting===0&&this.behind.length>0;)this.behind.shift()?.()}closed(){for(let{operation:t}of this.expected.splice(0))t!==null&&
E(t)}},R=Symbol("channel");function ke(){return Object.assign(new Error("read ECONNRESET"),{code:"ECONNRESET",errno:-104,syscall:"read"})}function at(e,t){let n=st.default.Socket.prototype,{_writeGeneric:r,write:o,connect:i}=n,c=new Set(e.map(String)),f=Symbol("path");function l(u){if(u[R]!==void 0)return u[R];let h=u[f]??u.remotePort,d=h!==void 0&&(c.size===0||c.has(String(h)));return u[R]=d?new be(u,t()):null,u[R]}n.connect=
function(...h){let d=Array.isArray(h[0])?h[0][0]:h[0],p=typeof d=="string"&&!/^\d+$/.test(d)?d:d?.path;return typeof p=="string"&&(this[f]=p),i.apply(this,h)},n.write=function(...h){return this[R]&&(this[R].owner=O()??this[R].owner),o.apply(this,h)},n._writeGeneric=function(h,d,p,s){if(this.connecting)return r.call(this,h,d,p,s);let a=l(this);if(a===null)return r.call(this,h,d,p,s);let b=a.talk.request(
bn(h,d,p)),m=b.handshake?void 0:a.call(),w=this;if(m===void 0){let x=()=>{a.expect(b,null),r.call(w,h,d,p,s)};a.waiting>0||a.behind.length>0?a.behind.push(x):x();return}let g={call:m,describe:b.describe,cuts:!0,perform:(x,B)=>{if(x&&a.waiting--,w.destroyed){E(g),x&&a.moveUp();return}if(B==="before"){E(g),x||k?w.destroy(ke()):s(ke());return}a.expect(b,g,B==="after"),r.call(w,h,d,p,x||k?y:s),x&&a.moveUp()}},
y=x=>{x&&w.destroy(x)},k=!1,A=()=>{k=!0,s()};if(a.behind.length>0||a.waiting>0&&a.holder!==m.actor){a.behind.push(qe(g,()=>{a.waiting++,a.holder=m.actor,I(g)&&a.waiting--})),A();return}a.waiting++,a.holder=m.actor,I(g)?a.waiting--:A()}}function bn(e,t,n){return e?Buffer.concat(t.map(r=>{let o=r.chunk??r;return typeof o=="string"?Buffer.from(o,r.encoding):o})):typeof t=="string"?Buffer.from(t,n):t}var In={mongodb:async()=>(await import("./mongodb.mjs")).mongodb,postgres:async()=>(await import("./postgres.mjs")).postgres,redis:async()=>(await import("./redis.mjs")).redis};function Bn(e){return Object.values(e).flatMap(t=>typeof t!="string"?[]:t.startsWith("file:///")?[Oe.default.dirname((0,pt.fileURLToPath)(t))]:Oe.default.isAbsolute(t)?[t]:[])}async function mt(e,t){for(let n of e.gates??["\
net"])switch(n){case"net":at(e.ports??[],await In[e.protocol??""]?.()??ct);break;case"fs":(await Promise.resolve().then(()=>(ht(),lt))).patch(e.paths??Bn(e.options??{}));break;case"libsql":await(await import("./libsql.mjs")).patch(t);break;case"call":break;default:throw new Error(`this host has no gates for ${n}`)}}var gt=require("node:util");F();var Fn={log:"info",info:"info",debug:"debug",trace:"debug",dir:"info",warn:"warn",error:"error"},Pn=[[50,"error"],[40,"warn"],[30,"info"],[0,"debug"]];function vn(e,t){let n=/^\{.*"level":\s*(?:(\d+)|"(\w+)")/.exec(e),r=n?.[1];if(r!==void 0)return Pn.find(([i])=>Number(r)>=i)[1];let o=n?.[2]??/\b(?:workflow:[\w-]+:)(debug|info|warn|error)\b/.exec(e)?.[1]??/^\s*\[?(debug|info|warn|warning|error|fatal)\]?[:\s]/i.
exec(e)?.[1];if(o!==void 0){let i=o.toLowerCase();return i==="fatal"||i==="error"?"error":i.startsWith("warn")?"warn":i==="debug"?"debug":"info"}return/^\(node:\d+\) /.test(e)?"warn":/^(?:Uncaught )?\w*Error\b/.test(e)?"error":t}function wt(e,t){return/^\[Workflow\]|\bworkflow:[\w-]+:/.test(e)?"runtime":t}function yt(e){for(let[t,n]of Object.entries(Fn))console[t]=(...r)=>{let o=O(),i=(0,gt.format)(
...r);e(n,wt(i,o===void 0?"console":"world"),i,o?.actor.name)};for(let[t,n]of[[process.stdout,"info"],[process.stderr,"warn"]])t.write=((r,o,i)=>{let c=typeof r=="string"?r:Buffer.from(r).toString("utf8"),f=O()?.actor.name;for(let u of c.split(`
`))u.trim()!==""&&e(vn(u,n),wt(u,"process"),u,f);let l=typeof o=="function"?o:i;return typeof l=="function"&&process.nextTick(l),!0})}var bt=Date;function W(e,t=0){if(e===null||typeof e=="string"||typeof e=="number"||typeof e=="boolean")return e;if(typeof e=="bigint")return Number.isSafeInteger(Number(e))?Number(e):String(e);if(typeof e!="object")return;if(t>200)throw new TypeError("a value is too deep, or holds itself, and cannot be sent");if(e instanceof bt)return Number.isNaN(e.getTime())?null:{$date:bt.prototype.toISOString.
call(e)};if(Array.isArray(e))return e.map(o=>W(o,t+1)??null);if(ArrayBuffer.isView(e))return{$bytes:Buffer.from(e.buffer,e.byteOffset,e.byteLength).toString("base64")};if(e instanceof ArrayBuffer)return{$bytes:Buffer.from(e).toString("base64")};if(typeof e.toJSON=="function")return W(e.toJSON(),t+1);if(e instanceof Map)return W(Object.fromEntries(e),t+1);if(e instanceof Set)return W([...e],t+1);let n={},
r=!1;for(let o of Object.keys(e)){let i=W(e[o],t+1);i!==void 0&&(o.startsWith("$")&&(r=!0),n[o]=i)}return r?{$object:n}:n}function se(e){if(e===null||typeof e!="object")return e;if(Array.isArray(e))return e.map(se);if(typeof e.$bytes=="string")return new Uint8Array(Buffer.from(e.$bytes,"base64"));if(typeof e.$date=="string")return new Date(e.$date);let t=e.$object??e;for(let n of Object.keys(t))t[n]=
se(t[n]);return t}var K=require("node:async_hooks"),xt=S(require("node:path"),1),St=require("node:url"),Wn=60,Ln=400,Dn=8,$e=new Map,X=["",""],ce,Ot=0;function Te(){let e=Error.stackTraceLimit;Error.stackTraceLimit=Wn;let t={};return Error.captureStackTrace(t,Te),Error.stackTraceLimit=e,t}var $t=(0,K.createHook)({init(e,t,n){$e.set(e,{error:Te(),trigger:n,execution:(0,K.executionAsyncId)()})}});function kt(e){return(e??
"").split(`
`).flatMap(Mn)}function Mn(e){let t=X.find(l=>e.includes(l));if(t===void 0)return[];let n=e.slice(e.indexOf(t)+t.length+1),r=/^(.*?)(?:\?[^:]*)?:(\d+):(\d+)/.exec(n);if(r===null||n.includes("node_modules/"))return[];let o=t===X[0]?r[1]:decodeURI(r[1]),i=xt.default.join(X[0],o),c=`${o}:${r[2]}`;return[{line:ce?.original(X[0],i,Number(r[2]),Number(r[3]))??c,compiled:c,helps:ce?.isShared(i)??!1}]}function Tt(){
let e=kt(Te().stack),t=[(0,K.executionAsyncId)()],n=new Set(t);for(let f=t.shift();f!==void 0&&n.size<Ln&&!e.some(u=>!u.helps);f=t.shift()){let l=$e.get(f);if(l!==void 0){e.push(...kt(l.error.stack));for(let u of[l.trigger,l.execution])n.has(u)||t.push(u),n.add(u)}}let r=e.find(f=>!f.helps)??e[0];if(r===void 0)return;let o=e.indexOf(r),i=e.filter((f,l)=>l<=o||!f.helps),c=[...new Set(i.map(({line:f})=>f))].
slice(-Dn);return{where:r.line,compiled:r.line===r.compiled?void 0:r.compiled,frames:c.length>1?c:void 0}}function Et({folder:e,entry:t},n){X=[e,(0,St.pathToFileURL)(e).href],ce=n,ce?.beginAt(t)}function jt(){Ot++===0&&$t.enable()}function Nt(){--Ot>0||($t.disable(),$e.clear())}var Bt=S(require("node:fs"),1),Ft=S(require("node:net"),1);var At=10,{readSync:Un,writeSync:_n,openSync:Cn}=Bt.default,{setTimeout:Hn,clearTimeout:Gn}=globalThis,qn=5;function Vn(e){for(let t of[`/proc/self/fd/${e}`,`/dev/fd/${e}`])try{return Cn(t,"r")}catch{continue}return e}var Jn=new Int32Array(new SharedArrayBuffer(4));function It(){Atomics.wait(Jn,0,0,.2)}var ae=class{constructor(t,n){this.inFd=t,this.outFd=n,this.blockingFd=Vn(t),this.chunk=Buffer.allocUnsafe(
65536),this.rest=[],this.lines=[],this.returned=[],this.scheduled=!1,this.unsent="",this.due=void 0,this.handle=()=>{}}listen(t){this.handle=t;let n=new Ft.default.Socket({fd:this.inFd,readable:!0,writable:!1});n.on("data",o=>{this.feed(o),this.scheduled||this.next()});let r=()=>process.exit(0);n.on("end",r),n.on("error",r)}next(){this.scheduled=!1;let t=this.returned.shift()??this.queued();t!==void 0&&
(this.schedule(),this.handle(t))}schedule(){this.scheduled||this.returned.length+this.lines.length===0||(this.scheduled=!0,setImmediate(()=>this.next()))}putBack(t){this.returned.push(...t),this.schedule()}queued(){let t=this.lines.shift();return t===void 0?void 0:this.parse(t)}take(){for(;;){let t=this.queued();if(t!==void 0)return t;let n=0;try{n=Un(this.blockingFd,this.chunk,0,this.chunk.length,
null)}catch(r){let o=r.code;if(o==="EAGAIN"){It();continue}if(o!=="EOF")throw r}n===0&&process.exit(0),this.feed(this.chunk.subarray(0,n))}}feed(t){let n=0;for(let r=t.indexOf(At);r>=0;r=t.indexOf(At,n)){let o=t.toString("utf8",n,r);this.rest.length>0&&(o=Buffer.concat([...this.rest,t.subarray(n,r)]).toString("utf8"),this.rest=[]),this.lines.push(o),n=r+1}n<t.length&&this.rest.push(Buffer.from(t.subarray(
n)))}parse(t){let n=JSON.parse(t);return t.includes('"$')?se(n):n}send(t,n=!1){this.unsent+=JSON.stringify(t)+`
`,n?this.due??=Hn(()=>this.flush(),qn):this.flush()}flush(){this.due!==void 0&&Gn(this.due),this.due=void 0;let t=Buffer.from(this.unsent);this.unsent="";let n=0;for(;n<t.length;)try{n+=_n(this.outFd,t,n,t.length-n)}catch(r){let o=r.code;if(o==="EPIPE"&&process.exit(0),o!=="EAGAIN")throw r;It()}}};function Pt(e,t){for(let n of["uncaughtException","unhandledRejection"])process.on(n,r=>{let o=r instanceof
Error?r.stack??String(r):String(r);e.send({type:"log",level:"error",origin:"process",text:`${n}: ${o}`})});process.on("SIGINT",()=>{}),e.listen(t)}var P=S(require("node:fs"),1),$=S(require("node:path"),1),Kt=require("node:url");function or(e){return JSON.parse(P.default.readFileSync(e,"utf8"))}function Be(e){if(typeof e=="string")return e;if(Array.isArray(e))return e.map(Be).find(t=>t!==void 0);if(!(e===null||typeof e!="object"))for(let[t,n]of Object.entries(e)){if(!["import","node","module-sync","default"].includes(t))continue;let r=Be(n);if(r!==
void 0)return r}}function ir(e){for(let t=e;;t=$.default.dirname(t)){if(P.default.existsSync($.default.join(t,"package.json")))return t;if(t===$.default.dirname(t))return e}}function Ie(e,t="."){let{name:n,version:r,exports:o,main:i}=or($.default.join(e,"package.json")),f=Object.keys(Object(o)).some(u=>u.startsWith("."))?o[t]:o,l=Be(f)??(t==="."?i??"index.js":t);return{folder:e,entry:$.default.join(
e,l),name:n??$.default.basename(e),version:r??""}}function Qt(e,t=process.cwd()){if($.default.isAbsolute(e)){let i=P.default.realpathSync(e);if(P.default.statSync(i).isDirectory())return Ie(i);let c=ir($.default.dirname(i));return P.default.existsSync($.default.join(c,"package.json"))?{...Ie(c),entry:i}:{folder:c,entry:i,name:$.default.basename(i),version:""}}let n=e.split("/"),r=n.slice(0,e.startsWith(
"@")?2:1).join("/"),o=[".",...n.slice(r.split("/").length)].join("/");for(let i=$.default.resolve(t);;i=$.default.dirname(i)){let c=$.default.join(i,"node_modules",r);if(P.default.existsSync($.default.join(c,"package.json")))return Ie(P.default.realpathSync(c),o);if(i===$.default.dirname(i))throw new Error(`the package ${r} is not installed under ${t}`)}}function sr(e){let t=Object.keys(Object(e)).
filter(n=>/^create\w+World$/.test(n));return t.length===1?t:[]}async function Yt(e,t,n,r){let o=await import(`${(0,Kt.pathToFileURL)(e.entry)}${n}`),i=t.factory===void 0?["createWorld","default"]:[t.factory];r();for(let f of[o,o.default])for(let l of t.factory===void 0?[...i,...sr(f)]:i){let u=f?.[l];if(typeof u=="function")return await u(t.options??{});if(typeof u?.events?.create=="function")return u}
let c=Object.keys(o).slice(0,10).join(", ")||"nothing";throw new Error(`${e.name} exports no ${i.join(" or ")} that makes a World; it exports ${c}`)}function le(e,t){try{return e?.[t]}catch(n){console.warn(`reading ${t} of the World failed:`,n);return}}async function Zt(e){try{typeof e?.close=="function"&&await e.close()}catch(t){console.warn("closing the World failed:",t)}}async function Fe(e,t,n){
if(t.startsWith("stream."))return await(await Promise.resolve().then(()=>(Xt(),zt))).performStream(e,t,n);let r=t.split("."),o=r.pop(),i=r.reduce((c,f)=>c?.[f],e);if(typeof i?.[o]!="function")throw Object.assign(new Error(`the World has no ${t}`),{name:"NotImplemented",code:"NOT_IMPLEMENTED"});return await i[o](...n)}async function en(e,t){let n=Array.from({length:t},()=>Fe(e,"runs.get",["wrun_000\
00000000000000000000000"]));return await Promise.allSettled(n)}var j=new ae(Number(process.env.WORLD_HOST_IN??3),Number(process.env.WORLD_HOST_OUT??4));delete process.env.WORLD_HOST_IN;delete process.env.WORLD_HOST_OUT;Buffer.poolSize=1024;var v=new Map,nn=new Map,rn=!1,Pe=new Map,Z,cr;var ar;var fr,ur=(e,t,n,r)=>{if(Ge())return;let o=cr?.isByDesign(e,t,n)||void 0;r??=v.size===1?[...v.keys()][0]:void 0,j.send({type:"log",level:e,origin:t,text:n,actor:r,byDesign:o})};yt(ur);var on={blocking:!0,report(e,t,n){let{call:r}=e;this.blocking||Pe.set(t,r.actor);let o=e.describe();o=r.also?.(o)??o;let{cuts:i,rest:c,origin:f}=e,l={cut:i,rest:c,...f,passed:n||void 0,clock:M()};j.send({type:"gate",
gate:t,call:r.id,actor:r.actor.name,...o,...l},n)},pass(e){D(M()+e)},wait(e){let t=[];for(;;){let n=j.take();if(n.type==="close"&&sn(n.id),n.type==="go"&&n.gate===e)return j.putBack(t),D(n.clock),{cut:n.cut,ahead:n.ahead};t.push(n)}},finish(e){e.stacks&&Nt(),nn.delete(e.id);let t=dr(e),n=e.next?.(t),r=n!==void 0;j.send({...t,id:e.id,more:r||void 0,clock:M()},r),n?.()},waits(e){e.gated&&j.send({type:"\
waits",call:e.id,actor:e.actor.name})},where:Tt};Me(on);function dr({outcome:e,stacks:t}){let{value:n,error:r}=e??{};if(r!==void 0)return{type:"error",error:oe(r.thrown,t)};try{return{type:"result",value:W(n)??null}}catch(o){return{type:"error",error:{...oe(o,!0),code:"UNSENDABLE"}}}}function sn(e){j.send({type:"done",id:e}),process.exit(0)}function cn(e,t){D(t),rt(String(e)),Ce();for(let n of v.values())
n.random.seed(`${e}:${n.name}`)}async function lr({id:e,world:t,actors:n,seed:r,clock:o}){try{on.blocking=n.length===1;let i=v.size>0;for(let d of n)v.set(d,new ee(d,new z("")));cn(r,o),i||ot(),process.env.PGAPPNAME??=`world-host-${process.pid}`;let c=Qt(t.module,t.root);Et(c),i||await mt(t,c.folder),rn=t.gates?.includes("call")??!1;let f;for(let d of v.values()){if(f===void 0||!t.shared){let p=()=>j.
send({type:"opening",id:e,doing:"world"}),s=d.name===n[0]?ar?.copy()??"":`?actor=${d.name}`;f=await q(d).run(()=>Yt(c,t,s,p))}d.world=f,j.send({type:"opening",id:e,doing:"read"}),await q(d).run(()=>en(f,t.warm??2))}j.send({type:"opening",id:e,doing:"host"}),tn.flushCompileCache?.();let l=le(f,"specVersion"),u=Object.entries(le(f,"capabilities")??{}).filter(([,d])=>d===!0);typeof le(f,"events")?.createBatch==
"function"&&u.push(["createBatch",!0]);let h={type:"opened",id:e,name:c.name,version:c.version,specVersion:Number.isSafeInteger(l)?l:void 0,capabilities:u.map(([d])=>d),platform:`node ${process.versions.node}`,runtime:Z&&{version:Z.version,dialect:Z.dialect,inline:Z.inline||void 0}};j.send(h)}catch(i){j.send({type:"failed",id:e,error:oe(i,!0)})}}function hr({id:e,actor:t,op:n,args:r,gated:o,stacks:i,ahead:c,clock:f},l){D(f);let u=v.get(t);if(u===void 0)return j.send({type:"error",id:e,error:{name:"HostError",message:`no actor ${t} is open here`}});let h=new H(e,u,o===!0,i===!0);h.ahead=c,h.next=l,h.stacks&&jt(),nn.set(e,h);let d=n.startsWith("runtime.")?Z:void 0;h.ordered=d!==void 0;let p=()=>h.run(()=>(d?.perform(n,r)??Fe(u.world,n,r)).then(
a=>h.settle({value:a}),a=>h.settle({error:{thrown:a}})));if(!h.gated||!rn||d)return void p();h.whole=!0;let s={call:h,origin:h.stacks?fr?.definition(u.world,n):void 0,describe:()=>({label:[n,r[1]?.eventType].filter(Boolean).join(" "),access:"unknown",keys:[]}),perform:()=>{E(s),p()}};I(s)}async function pr(e){for(let{world:t,dead:n}of v.values())n||await Zt(t);sn(e)}function mr(e){switch(e.type){case"call":return hr(e);case"calls":return;case"go":{let t=Pe.get(e.gate);return D(e.clock),t===void 0?void 0:(Pe.delete(e.gate),Ke(t,e.cut))}case"halt":return;case"reset":return cn(e.seed,e.clock),tt(e.still===!0),j.send({type:"done",id:e.id},!0);case"die":return;case"open":return void He(()=>lr(e));case"close":return void pr(e.id);case"relay_result":return;default:console.
warn(`the host does not know the message ${e.type}`)}}Pt(j,mr);
}
