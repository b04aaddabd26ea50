/**
 * @workflow-worlds/starter@0.2.1: One caller, every event in every state, and every read
 *
 * One actor plays a program: events and reads, one after another.
 *
 * WRONG A's run_created got success; right is a conflict
 * RULE  run.created-once: a run is created once
 * KIND  no guard. The second write is accepted even when the first finished long before: nothing guards it.
 * FIX   Look at the entity's state before writing, in the same atomic operation as the write.
 * WHERE in the package, in the order of the schedule: src/storage.ts:332 (dist/storage.js:219)
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
 * A2 (A2B is: an operation of A, another one, one of B).
 * Written by workflow-world-conformance 0.1.0. The suite sees it again with:
 *
 *     pytest --world=starter '--world-replay=state_machine/storage/programs?program=run_created~run_created/A2'
 */

// ---- What was recorded ----

/** The ids of this run; those that are empty are minted by the World. */
const id = { run1: '' };

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
const GIVEN = [];

/** What raced. Above each call: what it did when it was recorded, and where in the package. */
const RACE = {
  A: [
    // events.create run_created  src/storage.ts:332
    {
      actor: 'A', op: 'events.create', says: 'A: run_created', at: 0,
      args: () => [
        null,
        {
          specVersion: 2,
          eventType: 'run_created',
          eventData: {
            deploymentId: 'conformance',
            workflowName: 'workflow//./workflows/flows//storage_2',
            input: asStored(Buffer.from('ZGV2bFsieCJd', 'base64')),
            executionContext: { traceCarrier: {}, workflowCoreVersion: '4.8.9', features: { 'a.b': true } },
          },
        },
      ],
      answer: 'success',
      gives: { run1: 'run.runId' },
    },
    // events.create run_created  src/storage.ts:332
    {
      actor: 'A', op: 'events.create', says: 'A: run_created (2)', at: 103,
      args: () => [
        id.run1,
        {
          specVersion: 2,
          eventType: 'run_created',
          eventData: {
            deploymentId: 'conformance',
            workflowName: 'workflow//./workflows/flows//storage_2',
            input: asStored(Buffer.from('ZGV2bFsieCJd', 'base64')),
            executionContext: { traceCarrier: {}, workflowCoreVersion: '4.8.9', features: { 'a.b': true } },
          },
        },
      ],
      answer: 'success',
    },
  ],
};

/** Whose operation went ahead, in order. */
const SCHEDULE = 'A2';

/** What goes wrong in the race: with which operation, counted over all actors from 0. */
const FAULTS = [];

/** What came after the race, alone. */
const AFTER = [];

/** What is looked at in the end. */
const RUNS = ['run1'];
const TOKENS = [];

/** The World's logical clock begins here, in ms since 1970. */
const START = 1767225800000;

// ---- What would be right ----

/** Right is this, together with one of the following: the calls in any order, one by one. */
const ALWAYS = {
  'A: run_created': 'success',
  'A: run_created (2)': 'conflict',
  run1: 'pending',
  'log of run1: run_created': '1 x',
};
const EITHER = [{}];

/** As right, unless the first call of each pair is answered before the second begins. */
const OVERLAPPED = [];
const BEFORE = [];

/** What was recorded and no right outcome has. */
const WRONG = { 'A: run_created (2)': 'success', 'log of run1: run_created': '2 x' };
const BROKEN = "A's run_created got success; right is a conflict";

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
var gt=Object.create;var pe=Object.defineProperty;var yt=Object.getOwnPropertyDescriptor;var wt=Object.getOwnPropertyNames;var bt=Object.getPrototypeOf,kt=Object.prototype.hasOwnProperty;var xt=(e,t,n,r)=>{if(t&&typeof t=="object"||typeof t=="function")for(let o of wt(t))!kt.call(e,o)&&o!==n&&pe(e,o,{get:()=>t[o],enumerable:!(r=yt(t,o))||r.enumerable});return e};var m=(e,t,n)=>(n=e!=null?gt(bt(e)):{},xt(t||!e||!e.__esModule?pe(n,"default",{value:e,enumerable:!0}):n,e));var at=m(require("node:module"),1);var me=require("node:async_hooks"),v=new me.AsyncLocalStorage,b,ge=0;function ye(e){b=e}var C=class{constructor(t,n){this.name=t,this.random=n,this.world=void 0,this.inFlight=null,this.held=[],this.reported=0,this.turns=0,this.dead=!1}},W=class{constructor(t,n,r,o){this.id=t,this.actor=n,this.gated=r,this.stacks=o,this.next=void 0,this.ahead=void 0,this.ordered=!1,this.live=!0,this.open=0,this.arisen=
0,this.outcome=null,this.whenIdle=[]}close(){if(this.open--,this.open===0)for(let t of this.whenIdle.splice(0))setImmediate(t)}run(t){return v.run(this,t)}settle(t){this.outcome=t,this.check()}check(){if(this.outcome===null||this.open>0||!this.live||this.actor.dead)return;let t=this.arisen;xe(this.actor,()=>{if(!(!this.live||this.open>0)){if(this.arisen!==t)return void this.check();this.live=!1,b.
finish(this)}})}};function k(){let e=v.getStore();return e?.live?e:void 0}function we(e){return v.exit(e)}function Q(){return v.getStore()?.actor}function be(){return Q()?.dead===!0}function Z(e){let t=new W(0,e,!1,!1);return t.live=!1,t}function F(e){let{call:t}=e,{actor:n}=t;if(t.open++,t.arisen++,!t.gated&&!t.ordered)return $(e,!1),!0;if(!t.gated&&K(n)&&n.held.length===0)return n.inFlight=e,$(e,!1),!0;if(t.stacks&&(e.origin??=b.where()),t.gated&&b.blocking&&K(n)&&n.held.length===0)return Oe(n,e,!1),!0;if(e.first&&n.reported!==0)return $(e,!1),!0;let r=e.first?n.held.findIndex(o=>!o.first):-1;return n.held.splice(r<0?n.held.length:
r,0,e),Se(n),!1}function ke(e,t){let{call:n}=e;return n.stacks&&(e.origin=b.where()),n.open++,b.waits(n),()=>{t(),n.open--}}function St(e){let{call:t}=e,n=++ge,{ahead:r}=t;b.report(e,n,!1);let o=b.wait(n);return t.ahead=o.ahead,o.cut}function x(e){if(e.answered)return;e.answered=!0;let{call:t}=e,{actor:n}=t;t.close(),n.inFlight===e&&(n.inFlight=null,n.held.length>0&&xe(n,()=>{})),t.check()}function K(e){return e.inFlight===null&&e.turns===0}function xe(e,t){e.turns++,setImmediate(()=>{e.turns--,t(),Se(e)})}function Se(e){
if(!(!K(e)||e.reported!==0||e.held.length===0)){if(!e.held[0].call.gated){e.inFlight=e.held.shift(),$(e.inFlight,!0);return}if(b.blocking){Oe(e,e.held.shift(),!0);return}e.reported=++ge,b.report(e.held[0],e.reported,!1)}}function Oe(e,t,n){e.inFlight=t;let r=St(t);e.dead||$(t,n,r)}function $(e,t,n){try{e.perform(t,n)}catch(r){throw x(e),r}}function Ee(e,t){let n=e.held.shift();e.reported=0,e.inFlight=
n,$(n,!0,t)}var $e=m(require("node:crypto"),1),Ae=require("node:module");var ee=Date,H=16777619,U=0,Ne=!1;function A(e){e!==void 0&&e>U&&(U=e)}function N(){return U}function Te(e){Ne=e}function te(){return Ne||k()===void 0?U:++U}var L=class{constructor(t){this.seed(t)}seed(t){let[n,r,o,i]=[2166136261,16777619,3735928559,625341585];for(let s=0;s<t.length;s++){let c=t.charCodeAt(s);n=Math.imul(n^c,H),r=Math.imul(r^c+1,H),o=Math.imul(o^c+2,H),i=Math.imul(i^c+3,H)}this.a=n,
this.b=r,this.c=o,this.d=i;for(let s=0;s<12;s++)this.next()}next(){let{a:t,b:n,c:r,d:o}=this,i=t+n+o|0;return this.d=o+1|0,this.a=n^n>>>9,this.b=r+(r<<3)|0,this.c=(r<<21|r>>>11)+i|0,i>>>0}fraction(){return(this.next()*2**21+(this.next()>>>11))/2**53}fill(t){for(let n=0;n<t.length;n++)t[n]=this.next()&255;return t}},Be=new L("background");function D(){let e=Q();return k()?.actor.random??(e?.dead?e.
random:Be)}function Ie(e){Be.seed(`${e}:background`)}function ne(e,t=0,n=void 0){let r=ArrayBuffer.isView(e)?new Uint8Array(e.buffer,e.byteOffset,e.byteLength):new Uint8Array(e);return D().fill(r.subarray(t,n===void 0?void 0:t+n)),e}function je(){let e=D().fill(new Uint8Array(16));e[6]=e[6]&15|64,e[8]=e[8]&63|128;let t=Buffer.from(e).toString("hex");return`${t.slice(0,8)}-${t.slice(8,12)}-${t.slice(
12,16)}-${t.slice(16,20)}-${t.slice(20)}`}function Ot(){let e=new Proxy(ee,{construct:(t,n,r)=>Reflect.construct(t,n.length===0?[te()]:n,r===e?t:r),apply:()=>new ee(te()).toString(),get:(t,n)=>n==="now"?te:Reflect.get(t,n)});ee.prototype.constructor=e,globalThis.Date=e}function Et(){Math.random=()=>D().fraction();let e=$e.default;e.randomBytes=(n,r)=>{let o=Buffer.from(D().fill(new Uint8Array(n)));
return r===void 0?o:void process.nextTick(r,null,o)},e.randomFillSync=ne,e.randomFill=(n,...r)=>{let o=r.pop();process.nextTick(o,null,ne(n,...r))},e.randomInt=(...n)=>{let r=typeof n.at(-1)=="function"?n.pop():void 0,[o,i]=n.length>1?n:[0,n[0]],s=o+Math.floor(D().fraction()*(i-o));return r===void 0?s:void process.nextTick(r,null,s)},e.randomUUID=je;let t=Object.getPrototypeOf(globalThis.crypto);t.
getRandomValues=ne,t.randomUUID=je}function We(){Ot(),Et(),(0,Ae.syncBuiltinESMExports)()}function $t(e){if(typeof e=="number")return e;if(e instanceof Date)return(e.getTime()-N())/1e3}var At=4;function Fe(e,t=1){let n=e.cause??(Array.isArray(e.errors)?e.errors[0]:void 0);if(n==null)return;if(typeof n!="object")return String(n);let r=n.code===void 0||String(n.message).includes(n.code)?"":` (${n.code})`,o=t<At?Fe(n,t+1):void 0;return n.message===e.message&&!r?o:`${n.name??"Error"}: ${n.
message}${r}${o?`, caused by ${o}`:""}`}function q(e,t){if(e===null||typeof e!="object")return{name:"Error",message:String(e)};let{status:n,code:r}=e;return{name:String(e.name??"Error"),message:String(e.message??e),status:typeof n=="number"?n:void 0,code:r==null?void 0:String(r),retryAfter:$t(e.retryAfter),cause:Fe(e),stack:t&&typeof e.stack=="string"?e.stack:void 0}}var ie=m(require("node:path"),1),Me=require("node:url");var De=m(require("node:net"),1);var Ue=()=>({request:e=>({replies:1,handshake:!1,describe:()=>({label:`write ${e.length} bytes`,access:"unknown",keys:[]})}),replies:()=>Number.POSITIVE_INFINITY}),re=class{constructor(t,n){this.socket=t,this.talk=n,this.expected=[],this.waiting=0,this.holder=void 0,this.behind=[],this.owner=void 0;let r=t.push;t.push=(o,i)=>o!==null&&this.receive(o)?(this.closed(),t.destroy(oe()),!1):r.call(t,o,i),
t.prependListener("error",()=>this.closed()),t.once("close",()=>this.closed())}call(){return k()??(this.owner?.live?this.owner:void 0)}expect(t,n,r=!1){t.replies>0?this.expected.push({request:t,operation:n,left:t.replies,cut:r}):n!==null&&x(n)}receive(t){if(this.expected.some(r=>r.cut))return!0;let n=this.talk.replies(t);if(typeof n!="number"){for(let r of n)this.take(this.expected.findIndex(o=>o.
request.ids?.includes(r)));return!1}for(let r=n;r>0&&this.expected.length>0;r--)this.take(0);return!1}take(t){if(t<0)return;let n=this.expected[t];--n.left>0||(this.expected.splice(t,1),n.operation!==null&&x(n.operation))}moveUp(){for(;this.waiting===0&&this.behind.length>0;)this.behind.shift()?.()}closed(){for(let{operation:t}of this.expected.splice(0))t!==null&&x(t)}},P=Symbol("channel");function oe(){return Object.assign(new Error("read ECONNRESET"),{code:"ECONNRESET",errno:-104,syscall:"read"})}function Le(e,t){let n=De.default.Socket.prototype,{_writeGeneric:r,write:o,connect:i}=n,s=new Set(e.map(String)),c=Symbol("path");function l(f){if(f[P]!==void 0)return f[P];let u=f[c]??f.remotePort,a=u!==void 0&&(s.size===0||s.has(String(u)));return f[P]=a?new re(f,t()):null,f[P]}n.connect=
function(...u){let a=Array.isArray(u[0])?u[0][0]:u[0],h=typeof a=="string"&&!/^\d+$/.test(a)?a:a?.path;return typeof h=="string"&&(this[c]=h),i.apply(this,u)},n.write=function(u,a,h){let p=this[P];return p&&(p.owner=k()??p.owner),o.call(this,u,a,h)},n._writeGeneric=function(u,a,h,p){if(this.connecting)return r.call(this,u,a,h,p);let d=l(this);if(d===null)return r.call(this,u,a,h,p);let X=d.call(),
T=d.talk.request(Nt(u,a,h,X?.gated)),B=T.handshake?void 0:X,I=this;if(B===void 0){let w=()=>{d.expect(T,null),r.call(I,u,a,h,p)};d.waiting>0||d.behind.length>0?d.behind.push(w):w();return}let j={call:B,describe:T.describe,cuts:!0,perform:(w,he)=>{if(w&&d.waiting--,I.destroyed){x(j),w&&d.moveUp();return}if(he==="before"){x(j),w||Y?I.destroy(oe()):p(oe());return}d.expect(T,j,he==="after"),r.call(I,u,
a,h,w||Y?mt:p),w&&d.moveUp()}},mt=w=>{w&&I.destroy(w)},Y=!1,le=()=>{Y=!0,p()};if(d.behind.length>0||d.waiting>0&&d.holder!==B.actor){d.behind.push(ke(j,()=>{d.waiting++,d.holder=B.actor,F(j)&&d.waiting--})),le();return}d.waiting++,d.holder=B.actor,F(j)?d.waiting--:le()}}function Nt(e,t,n,r){return e?Buffer.concat(t.map(o=>{let i=o.chunk??o;return typeof i=="string"?Buffer.from(i,o.encoding):i})):typeof t!="string"?t:Buffer.from(t,n)}var Pe=async()=>(await import("./mysql.mjs")).mysql,Bt={mariadb:Pe,mongodb:async()=>(await import("./mongodb.mjs")).mongodb,mysql:Pe,postgres:async()=>(await import("./postgres.mjs")).postgres,redis:async()=>(await import("./redis.mjs")).redis};function It(e){return Object.values(e).flatMap(t=>typeof t!="string"?[]:t.startsWith("file:///")?[ie.default.dirname((0,Me.fileURLToPath)(t))]:ie.default.isAbsolute(
t)?[t]:[])}async function Re(e,t){for(let n of e.gates??["net"])switch(n){case"net":Le(e.ports??[],await Bt[e.protocol??""]?.()??Ue);break;case"fs":(await import("./fs.mjs")).patch(e.paths??It(e.options??{}));break;case"libsql":await(await import("./libsql.mjs")).patch(t);break;case"call":break;default:throw new Error(`this host has no gates for ${n}`)}}var Ce=require("node:util");var Wt={log:"info",info:"info",debug:"debug",trace:"debug",dir:"info",warn:"warn",error:"error"},Ft=[[50,"error"],[40,"warn"],[30,"info"],[0,"debug"]];function Dt(e,t){let n=/^\{.*"level":\s*(?:(\d+)|"(\w+)")/.exec(e),r=n?.[1];if(r!==void 0)return Ft.find(([i])=>Number(r)>=i)[1];let o=n?.[2]??/\b(?:workflow:[\w-]+:)(debug|info|warn|error)\b/.exec(e)?.[1]??/^\s*\[?(debug|info|warn|warning|error|fatal)\]?[:\s]/i.
exec(e)?.[1];if(o!==void 0){let i=o.toLowerCase();return i==="fatal"||i==="error"?"error":i.startsWith("warn")?"warn":i==="debug"?"debug":"info"}return/^\(node:\d+\) /.test(e)?"warn":/^(?:Uncaught )?\w*Error\b/.test(e)?"error":t}function _e(e,t){return/^\[Workflow\]|\bworkflow:[\w-]+:/.test(e)?"runtime":t}function ve(e){for(let[t,n]of Object.entries(Wt))console[t]=(...r)=>{let o=k(),i=(0,Ce.format)(
...r);e(n,_e(i,o===void 0?"console":"world"),i,o?.actor.name)};for(let[t,n]of[[process.stdout,"info"],[process.stderr,"warn"]])t.write=((r,o,i)=>{let s=typeof r=="string"?r:Buffer.from(r).toString("utf8"),c=k()?.actor.name;for(let f of s.split(`
`))f.trim()!==""&&e(Dt(f,n),_e(f,"process"),f,c);let l=typeof o=="function"?o:i;return typeof l=="function"&&process.nextTick(l),!0})}var He=Date;function E(e,t=0){if(e===null||typeof e=="string"||typeof e=="number"||typeof e=="boolean")return e;if(typeof e=="bigint")return Number.isSafeInteger(Number(e))?Number(e):String(e);if(typeof e!="object")return;if(t>200)throw new TypeError("a value is too deep, or holds itself, and cannot be sent");if(e instanceof He)return Number.isNaN(e.getTime())?null:{$date:He.prototype.toISOString.
call(e)};if(Array.isArray(e))return e.map(o=>E(o,t+1)??null);if(ArrayBuffer.isView(e))return{$bytes:Buffer.from(e.buffer,e.byteOffset,e.byteLength).toString("base64")};if(e instanceof ArrayBuffer)return{$bytes:Buffer.from(e).toString("base64")};if(typeof e.toJSON=="function")return E(e.toJSON(),t+1);if(e instanceof Map)return E(Object.fromEntries(e),t+1);if(e instanceof Set)return E([...e],t+1);let n,
r=!1;for(let o of Object.keys(e)){let i=E(e[o],t+1);i!==void 0&&o.startsWith("$")&&(r=!0),i!==e[o]&&((n??={...e})[o]=i)}return r?{$object:n??e}:n??e}function G(e){if(e===null||typeof e!="object")return e;if(Array.isArray(e))return e.map(G);if(typeof e.$bytes=="string")return new Uint8Array(Buffer.from(e.$bytes,"base64"));if(typeof e.$date=="string")return new Date(e.$date);let t=e.$object??e;for(let n of Object.
keys(t))t[n]=G(t[n]);return t}var R=require("node:async_hooks"),Ge=m(require("node:path"),1),Ve=require("node:url"),Lt=60,Pt=400,Mt=8,se=new Map,M=["",""],V,Je=0;function ce(){let e=Error.stackTraceLimit;Error.stackTraceLimit=Lt;let t={};return Error.captureStackTrace(t,ce),Error.stackTraceLimit=e,t}var ze=(0,R.createHook)({init(e,t,n){se.set(e,{error:ce(),trigger:n,execution:(0,R.executionAsyncId)()})}});function qe(e){return(e??
"").split(`
`).flatMap(Rt)}function Rt(e){let t=M.find(l=>e.includes(l));if(t===void 0)return[];let n=e.slice(e.indexOf(t)+t.length+1),r=/^(.*?)(?:\?[^:]*)?:(\d+):(\d+)/.exec(n);if(r===null||n.includes("node_modules/"))return[];let o=t===M[0]?r[1]:decodeURI(r[1]),i=Ge.default.join(M[0],o),s=`${o}:${r[2]}`;return[{line:V?.original(M[0],i,Number(r[2]),Number(r[3]))??s,compiled:s,helps:V?.isShared(i)??!1}]}function Xe(){
let e=qe(ce().stack),t=[(0,R.executionAsyncId)()],n=new Set(t);for(let c=t.shift();c!==void 0&&n.size<Pt&&!e.some(f=>!f.helps);c=t.shift()){let l=se.get(c);if(l!==void 0){e.push(...qe(l.error.stack));for(let f of[l.trigger,l.execution])n.has(f)||t.push(f),n.add(f)}}let r=e.find(c=>!c.helps)??e[0];if(r===void 0)return;let o=e.indexOf(r),i=e.filter((c,l)=>l<=o||!c.helps),s=[...new Set(i.map(({line:c})=>c))].
slice(-Mt);return{where:r.line,compiled:r.line===r.compiled?void 0:r.compiled,frames:s.length>1?s:void 0}}function Ye({folder:e,entry:t},n){M=[e,(0,Ve.pathToFileURL)(e).href],V=n,V?.beginAt(t)}function Ke(){Je++===0&&ze.enable()}function Qe(){--Je>0||(ze.disable(),se.clear())}var tt=m(require("node:fs"),1),nt=m(require("node:net"),1);var Ze=10,{readSync:_t,writeSync:Ct,openSync:vt}=tt.default,{setTimeout:Ht}=globalThis,qt=5;function Gt(e){for(let t of[`/proc/self/fd/${e}`,`/dev/fd/${e}`])try{return vt(t,"r")}catch{continue}return e}var Vt=new Int32Array(new SharedArrayBuffer(4));function et(){Atomics.wait(Vt,0,0,.2)}var J=class{constructor(t,n){this.inFd=t,this.outFd=n,this.blockingFd=Gt(t),this.chunk=Buffer.allocUnsafe(65536),
this.rest=[],this.lines=[],this.returned=[],this.scheduled=!1,this.unsent="",this.due=void 0,this.handle=()=>{}}listen(t){this.handle=t;let n=(s,c)=>(this.feed(Buffer.from(c.buffer,c.byteOffset,s)),this.scheduled||this.next(),!0),r={buffer:Buffer.allocUnsafeSlow(65536),callback:n},o=new nt.default.Socket({fd:this.inFd,readable:!0,writable:!1,onread:r}),i=()=>process.exit(0);o.on("end",i),o.on("err\
or",i)}next(){this.scheduled=!1;let t=this.returned.shift()??this.queued();t!==void 0&&(this.schedule(),this.handle(t))}schedule(){this.scheduled||this.returned.length+this.lines.length===0||(this.scheduled=!0,setImmediate(()=>this.next()))}putBack(t){this.returned.push(...t),this.schedule()}queued(){let t=this.lines.shift();return t===void 0?void 0:this.parse(t)}take(){for(;;){let t=this.queued();
if(t!==void 0)return t;let n=0;try{n=_t(this.blockingFd,this.chunk,0,this.chunk.length,null)}catch(r){let o=r.code;if(o==="EAGAIN"){et();continue}if(o!=="EOF")throw r}n===0&&process.exit(0),this.feed(this.chunk.subarray(0,n))}}feed(t){let n=0;for(let r=t.indexOf(Ze);r>=0;r=t.indexOf(Ze,n)){let o=t.toString("utf8",n,r);this.rest.length>0&&(o=Buffer.concat([...this.rest,t.subarray(n,r)]).toString("u\
tf8"),this.rest=[]),this.lines.push(o),n=r+1}n<t.length&&this.rest.push(Buffer.from(t.subarray(n)))}parse(t){let n=JSON.parse(t);return t.includes('"$')?G(n):n}send(t,n=!1){this.unsent+=JSON.stringify(t)+`
`,n?this.due??=Ht(()=>{this.due=void 0,this.flush()},qt):this.flush()}flush(){let t=Buffer.from(this.unsent);this.unsent="";let n=0;for(;n<t.length;)try{n+=Ct(this.outFd,t,n,t.length-n)}catch(r){let o=r.code;if(o==="EPIPE"&&process.exit(0),o!=="EAGAIN")throw r;et()}}};function rt(e,t){for(let n of["uncaughtException","unhandledRejection"])process.on(n,r=>{let o=r instanceof Error?r.stack??String(r):
String(r);e.send({type:"log",level:"error",origin:"process",text:`${n}: ${o}`})});process.on("SIGINT",()=>{}),e.listen(t)}var S=m(require("node:fs"),1),g=m(require("node:path"),1),ot=require("node:url");function Jt(e){return JSON.parse(S.default.readFileSync(e,"utf8"))}function ae(e){if(typeof e=="string")return e;if(Array.isArray(e))return e.map(ae).find(t=>t!==void 0);if(!(e===null||typeof e!="object"))for(let[t,n]of Object.entries(e)){if(!["import","node","module-sync","default"].includes(t))continue;let r=ae(n);if(r!==
void 0)return r}}function zt(e){for(let t=e;;t=g.default.dirname(t)){if(S.default.existsSync(g.default.join(t,"package.json")))return t;if(t===g.default.dirname(t))return e}}function fe(e,t="."){let{name:n,version:r,exports:o,main:i}=Jt(g.default.join(e,"package.json")),c=Object.keys(Object(o)).some(f=>f.startsWith("."))?o[t]:o,l=ae(c)??(t==="."?i??"index.js":t);return{folder:e,entry:g.default.join(
e,l),name:n??g.default.basename(e),version:r??""}}function it(e,t=process.cwd()){if(g.default.isAbsolute(e)){let i=S.default.realpathSync(e);if(S.default.statSync(i).isDirectory())return fe(i);let s=zt(g.default.dirname(i));return S.default.existsSync(g.default.join(s,"package.json"))?{...fe(s),entry:i}:{folder:s,entry:i,name:g.default.basename(i),version:""}}let n=e.split("/"),r=n.slice(0,e.startsWith(
"@")?2:1).join("/"),o=[".",...n.slice(r.split("/").length)].join("/");for(let i=g.default.resolve(t);;i=g.default.dirname(i)){let s=g.default.join(i,"node_modules",r);if(S.default.existsSync(g.default.join(s,"package.json")))return fe(S.default.realpathSync(s),o);if(i===g.default.dirname(i))throw new Error(`the package ${r} is not installed under ${t}`)}}function Xt(e){let t=Object.keys(Object(e)).
filter(n=>/^create\w+World$/.test(n));return t.length===1?t:[]}async function st(e,t,n,r){let o=await import(`${(0,ot.pathToFileURL)(e.entry)}${n}`),i=t.factory===void 0?["createWorld","default"]:[t.factory];r();for(let c of[o,o.default])for(let l of t.factory===void 0?[...i,...Xt(c)]:i){let f=c?.[l];if(typeof f=="function")return await f(t.options??{});if(typeof f?.events?.create=="function")return f}
let s=Object.keys(o).slice(0,10).join(", ")||"nothing";throw new Error(`${e.name} exports no ${i.join(" or ")} that makes a World; it exports ${s}`)}function z(e,t){try{return e?.[t]}catch(n){console.warn(`reading ${t} of the World failed:`,n);return}}async function ct(e){try{typeof e?.close=="function"&&await e.close()}catch(t){console.warn("closing the World failed:",t)}}async function ue(e,t,n){
if(t.startsWith("stream."))return await(await import("./streams.mjs")).performStream(e,t,n);let r=t.split("."),o=r.pop(),i=r.reduce((s,c)=>s?.[c],e);if(typeof i?.[o]!="function")throw Object.assign(new Error(`the World has no ${t}`),{name:"NotImplemented",code:"NOT_IMPLEMENTED"});return await i[o](...n)}async function ft(e,t){let n=Array.from({length:t},()=>ue(e,"runs.get",["wrun_00000000000000000\
000000000"]));return await Promise.allSettled(n)}var y=new J(Number(process.env.WORLD_HOST_IN??3),Number(process.env.WORLD_HOST_OUT??4));delete process.env.WORLD_HOST_IN;delete process.env.WORLD_HOST_OUT;Buffer.poolSize=1024;var O=new Map,ut=new Map,dt=!1,de=new Map,_,Yt;var Kt;var Qt,Zt=(e,t,n,r)=>{if(be())return;let o=Yt?.isByDesign(e,t,n)||void 0;r??=O.size===1?[...O.keys()][0]:void 0,y.send({type:"log",level:e,origin:t,text:n,actor:r,byDesign:o})};ve(Zt);var lt={blocking:!0,report(e,t,n){let{call:r}=e;this.blocking||de.set(t,r.actor);let o=e.describe(),{cuts:i,rest:s,origin:c}=e,l={cut:i,rest:s,...c,passed:n||void 0,clock:N()};y.send({type:"gate",gate:t,call:r.id,actor:r.
actor.name,...o,...l},n)},pass(e){A(N()+e)},wait(e){let t=[];for(;;){let n=y.take();if(n.type==="close"&&ht(n.id),n.type==="go"&&n.gate===e)return y.putBack(t),A(n.clock),{cut:n.cut,ahead:n.ahead};t.push(n)}},finish(e){e.stacks&&Qe(),ut.delete(e.id);let t=en(e),n=e.next?.(t),r=n!==void 0;y.send({...t,id:e.id,more:r||void 0,clock:N()},r),n?.()},waits(e){e.gated&&y.send({type:"waits",call:e.id,actor:e.
actor.name})},where:Xe};ye(lt);function en({outcome:e,stacks:t}){let{value:n,error:r}=e??{};if(r!==void 0)return{type:"error",error:q(r.thrown,t)};try{return{type:"result",value:E(n)??null}}catch(o){return{type:"error",error:{...q(o,!0),code:"UNSENDABLE"}}}}function ht(e){y.send({type:"done",id:e}),process.exit(0)}function pt(e,t){A(t),Ie(String(e));for(let n of O.values())n.random.seed(`${e}:${n.
name}`)}async function tn({id:e,world:t,actors:n,seed:r,clock:o}){try{lt.blocking=n.length===1;let i=O.size>0;for(let a of n)O.set(a,new C(a,new L("")));pt(r,o),i||We(),process.env.PGAPPNAME??=`world-host-${process.pid}`;let s=it(t.module,t.root);Ye(s),i||await Re(t,s.folder),dt=t.gates?.includes("call")??!1;let c;for(let a of O.values()){if(c===void 0||!t.shared){let h=()=>y.send({type:"opening",
id:e,doing:"world"}),p=a.name===n[0]?Kt?.copy()??"":`?actor=${a.name}`;c=await Z(a).run(()=>st(s,t,p,h))}a.world=c,y.send({type:"opening",id:e,doing:"read"}),await Z(a).run(()=>ft(c,t.warm??2))}y.send({type:"opening",id:e,doing:"host"}),at.flushCompileCache?.();let l=z(c,"specVersion"),f=Object.entries(z(c,"capabilities")??{}).filter(([,a])=>a===!0);typeof z(c,"events")?.createBatch=="function"&&f.
push(["createBatch",!0]);let u={type:"opened",id:e,name:s.name,version:s.version,specVersion:Number.isSafeInteger(l)?l:void 0,capabilities:f.map(([a])=>a),platform:`node ${process.versions.node}`,runtime:_&&{version:_.version,dialect:_.dialect,inline:_.inline||void 0}};y.send(u)}catch(i){y.send({type:"failed",id:e,error:q(i,!0)})}}function nn({id:e,actor:t,op:n,args:r,gated:o,stacks:i,ahead:s,clock:c},l){A(c);let f=O.get(t);if(f===void 0)return y.send({type:"error",id:e,error:{name:"HostError",message:`no actor ${t} is open here`}});let u=new W(e,f,o===!0,i===!0);u.ahead=s,u.next=l,u.stacks&&Ke(),ut.set(e,u);let a=n.startsWith("runtime.")?_:void 0;u.ordered=a!==void 0;let h=()=>u.run(()=>(a?.perform(n,r)??ue(f.world,n,r)).then(
d=>u.settle({value:d}),d=>u.settle({error:{thrown:d}})));if(!u.gated||!dt||a)return void h();let p={call:u,origin:u.stacks?Qt?.definition(f.world,n):void 0,describe:()=>({label:[n,r[1]?.eventType].filter(Boolean).join(" "),access:"unknown",keys:[]}),perform:()=>{x(p),h()}};F(p)}async function rn(e){for(let{world:t,dead:n}of O.values())n||await ct(t);ht(e)}function on(e){switch(e.type){case"call":return nn(e);case"go":{let t=de.get(e.gate);return A(e.clock),t===void 0?void 0:(de.delete(e.gate),Ee(t,e.cut))}case"reset":return pt(e.seed,e.clock),Te(e.still===!0),y.send({type:"done",id:e.id},!0);case"open":return void we(()=>tn(e));case"close":return void rn(e.id);default:}}rt(y,on);
}
