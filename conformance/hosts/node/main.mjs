// @ts-check
/**
 * The Node host: holds one World per actor and lets the engine decide when each I/O operation goes ahead.
 * Protocol: `docs/host-protocol.md`. Start: `WORLD_HOST_IN=3 WORLD_HOST_OUT=4 node main.mjs`.
 */
import * as compiled from 'node:module';

import { Call, ActorState, answered, backgroundOf, begun, go, isDead, outside, submit, useScheduler } from './calls.mjs';
import * as clock from './clock.mjs';
import { errorToWire } from './errors.mjs';
import { connections, patchGates } from './gates/index.mjs';
import * as logs from './logs.mjs';
import { encode } from './values.mjs';
import { follow, lookIn, unfollow, where } from './where.mjs';
import { Wire, handleMessages } from './wire.mjs';
import { closeWorld, findPackage, makeWorld, perform, said, warm } from './world.mjs';

/** @typedef {import('./wire.mjs').Message} Message */

const wire = new Wire(Number(process.env.WORLD_HOST_IN ?? 3), Number(process.env.WORLD_HOST_OUT ?? 4));
delete process.env.WORLD_HOST_IN;
delete process.env.WORLD_HOST_OUT;

// A small buffer is a view on a shared pool, and `structuredClone` of it copies the whole pool: 64 KiB for
// each entity that a World clones. With a small pool a race takes half the time.
Buffer.poolSize = 1024;

/** @type {Map<string, ActorState>} */
const states = new Map();
/** Calls that have no answer. @type {Map<number, Call>} */
const running = new Map();
/** Hold each call as a whole, for a World whose I/O we do not see. */
let holdCalls = false;
/** @type {Map<number, ActorState>} gates that are reported and held, when the process is not blocked by one */
const reported = new Map();
/** @type {import('./runtime/index.mjs').Runtime | undefined} */
let runtime;
/** Loaded with a runtime. @type {typeof import('./runtime/logs.mjs') | undefined} */
let runtimeLogs;
/** Loaded with a runtime. @type {typeof import('./runtime/relay.mjs') | undefined} */
let relay;
// What only the engine asks for is left out of a script to send to others.
/** @type {typeof import('./death.mjs') | undefined} */
let death;
/** @type {typeof import('./plan.mjs') | undefined} */
let plan;
/** Loaded where calls are held as a whole. @type {typeof import('./definition.mjs') | undefined} */
let definitions;

/** @type {logs.Sink} */
const sink = (level, origin, text, actor) => {
  if (isDead()) return;
  const byDesign = runtimeLogs?.isByDesign(level, origin, text) || undefined;
  actor ??= states.size === 1 ? [...states.keys()][0] : undefined;
  wire.send({ type: 'log', level, origin, text, actor, byDesign });
};
logs.patch(sink);

const scheduler = {
  blocking: true,
  /** @param {import('./calls.mjs').Operation} operation @param {number} gate @param {boolean} passed */
  report(operation, gate, passed) {
    const { call } = operation;
    if (!this.blocking) reported.set(gate, call.actor);
    let about = operation.describe();
    STREAMS: about = call.also?.(about) ?? about;
    const { cuts: cut, rest, origin } = operation;
    const more = { cut, rest, ...origin, passed: passed || undefined, clock: clock.peek() };
    wire.send({ type: 'gate', gate, call: call.id, actor: call.actor.name, ...about, ...more }, passed);
  },
  /** @param {number} ms */
  pass(ms) {
    clock.advance(clock.peek() + ms);
  },
  /** @param {number} gate */
  wait(gate) {
    const others = [];
    for (;;) {
      const message = wire.take();
      if (message.type === 'close') finish(message.id);
      ENGINE: if (message.type === 'die') {
        if (!die(message.id)) continue;
        wire.putBack(others);
        return {};
      }
      ENGINE: if (message.type === 'halt') {
        halt(message); // it was taken for blocked, and has come to a gate since
        continue;
      }
      if (message.type === 'go' && message.gate === gate) {
        wire.putBack(others);
        clock.advance(message.clock);
        return { cut: message.cut, ahead: message.ahead };
      }
      others.push(message);
    }
  },
  /** @param {Call} call */
  finish(call) {
    if (call.stacks) unfollow();
    running.delete(call.id);
    const answer = answerOf(call);
    const next = call.next?.(answer);
    const more = next !== undefined;
    wire.send({ ...answer, id: call.id, more: more || undefined, clock: clock.peek() }, more);
    next?.();
  },
  /** @param {Call} call */
  waits(call) {
    if (call.gated) wire.send({ type: 'waits', call: call.id, actor: call.actor.name });
  },
  where,
};
useScheduler(scheduler);

/** @param {Call} call @returns {Message} */
function answerOf({ outcome, stacks }) {
  const { value, error } = outcome ?? {};
  if (error !== undefined) return { type: 'error', error: errorToWire(error.thrown, stacks) };
  try {
    return { type: 'result', value: encode(value) ?? null };
  } catch (problem) {
    return { type: 'error', error: { ...errorToWire(problem, true), code: 'UNSENDABLE' } };
  }
}

/** @param {number} id */
function finish(id) {
  wire.send({ type: 'done', id });
  process.exit(0);
}

/** @param {number | string} seed @param {number} time */
function begin(seed, time) {
  clock.advance(time);
  clock.seedBackground(String(seed));
  STREAMS: begun();
  for (const state of states.values()) state.random.seed(`${seed}:${state.name}`);
}

/** @param {Message} message */
async function open({ id, world, actors, seed, clock: time }) {
  try {
    scheduler.blocking = actors.length === 1;
    const again = states.size > 0; // in the place of one that died
    for (const name of actors) states.set(name, new ActorState(name, new clock.Random('')));
    begin(seed, time);
    if (!again) clock.patch();
    // So that whoever watches the server can tell which of its sessions are this host's.
    process.env.PGAPPNAME ??= `world-host-${process.pid}`;
    // A script to send to others has no runtime and no engine: what has such a label is left out (conformance/repro).
    RUNTIME: if (world.runtime) {
      runtimeLogs = await import('./runtime/logs.mjs');
      relay = await import('./runtime/relay.mjs');
      relay.connect((message) => wire.send({ ...message, clock: clock.peek() }));
    }
    const found = findPackage(world.module, world.root);
    lookIn(found);
    ENGINE: {
      death = await import('./death.mjs');
      plan = await import('./plan.mjs');
      // A script names the lines of the files that are installed.
      lookIn(found, await import('./sources.mjs'));
    }
    if (!again) {
      ENGINE: await death?.watch(world, actors.length, found.folder);
      await patchGates(world, found.folder);
    }
    holdCalls = world.gates?.includes('call') ?? false;
    ENGINE: if (holdCalls) definitions = await import('./definition.mjs');
    /** @type {any} */
    let made;
    for (const state of states.values()) {
      if (made === undefined || !world.shared) {
        const loaded = () => wire.send({ type: 'opening', id, doing: 'world' });
        const copy = state.name === actors[0] ? (death?.copy() ?? '') : `?actor=${state.name}`;
        made = await backgroundOf(state).run(() => makeWorld(found, world, copy, loaded));
      }
      state.world = made;
      wire.send({ type: 'opening', id, doing: 'read' });
      await backgroundOf(state).run(() => warm(made, world.warm ?? 2));
    }
    ENGINE: death?.opened();
    wire.send({ type: 'opening', id, doing: 'host' });
    RUNTIME: if (world.runtime) {
      const { openRuntime } = await import('./runtime/index.mjs');
      const actor = () => /** @type {ActorState} */ (states.values().next().value);
      const send = (/** @type {Message} */ message) => wire.send(message, true);
      const { definition } = definitions ?? {};
      const make = () => openRuntime(/** @type {any} */ (world.runtime), { actor, holdCalls, definition, send, sink });
      // It stays when its World dies, and works on with the next one.
      runtime ??= await (death?.apart(make) ?? make());
    }
    // Node writes its compile cache at an orderly exit, and a host is often killed.
    compiled.flushCompileCache?.();
    const specVersion = said(made, 'specVersion');
    const declared = Object.entries(said(made, 'capabilities') ?? {}).filter(([, value]) => value === true);
    // To have the method is to declare it.
    if (typeof said(made, 'events')?.createBatch === 'function') declared.push(['createBatch', true]);
    /** @type {Message} */
    const opened = {
      type: 'opened',
      id,
      name: found.name,
      version: found.version,
      specVersion: Number.isSafeInteger(specVersion) ? specVersion : undefined,
      capabilities: declared.map(([name]) => name),
      platform: `node ${process.versions.node}`,
      runtime: runtime && { version: runtime.version, dialect: runtime.dialect, inline: runtime.inline || undefined },
    };
    ENGINE: {
      // Reads at once fill a pool, and another connection may be prepared anew: then gates would differ.
      const readsAtOnce = scheduler.blocking && !world.runtime && (world.warm ?? 2) > 1 && connections() === 1;
      const dies = death?.obstacle() === '';
      Object.assign(opened, { goesAhead: true, plays: true, standsStill: true, readsAtOnce: readsAtOnce || undefined, dies: dies || undefined });
    }
    wire.send(opened);
  } catch (error) {
    wire.send({ type: 'failed', id, error: errorToWire(error, true) });
  }
}

/** Calls that are not held: at once, or one after the other, as far as each can be made. @param {Message} message */
function callAll({ actor, calls, atOnce, clock: time }) {
  clock.advance(time);
  if (atOnce) {
    let left = calls.length;
    const more = () => (--left > 0 ? () => {} : undefined);
    for (const asked of calls) call({ ...asked, actor }, more);
    return;
  }
  let made = 0;
  const begin = (/** @type {any} */ { put, after, later, ...asked }) => {
    clock.advance(clock.peek() + (later ?? 0));
    plan?.fill(asked.args, put, clock.peek());
    call({ ...asked, actor }, (answer) => {
      plan?.keep(calls, made, answer);
      const next = calls[++made];
      return plan?.canFollow(next, answer.type) ? () => begin(next) : undefined;
    });
  };
  begin(calls[0]);
}

/** @param {Message} message @param {Call['next']} [next] what follows its answer, as that says */
function call({ id, actor, op, args, gated, stacks, ahead, clock: time }, next) {
  clock.advance(time);
  const state = states.get(actor);
  if (state === undefined) {
    return wire.send({ type: 'error', id, error: { name: 'HostError', message: `no actor ${actor} is open here` } });
  }
  const made = new Call(id, state, gated === true, stacks === true);
  made.ahead = ahead;
  made.next = next;
  if (made.stacks) follow();
  running.set(id, made);
  const handler = op.startsWith('runtime.') ? runtime : undefined;
  // Handlers ask for several things at once: which is answered first must not be up to chance.
  made.ordered = handler !== undefined;
  const begin = () =>
    made.run(() =>
      (handler?.perform(op, args) ?? perform(state.world, op, args)).then(
        (value) => made.settle({ value }),
        (thrown) => made.settle({ error: { thrown } }),
      ),
    );
  if (!made.gated || !holdCalls || handler) return void begin();
  STREAMS: made.whole = true;
  /** @type {import('./calls.mjs').Operation} */
  const operation = {
    call: made,
    origin: made.stacks ? definitions?.definition(state.world, op) : undefined,
    describe: () => ({ label: [op, args[1]?.eventType].filter(Boolean).join(' '), access: 'unknown', keys: [] }),
    perform: () => {
      answered(operation); // what the call does from here on are operations of its own
      void begin();
    },
  };
  submit(operation);
}

/** @param {number} id */
async function close(id) {
  for (const { world, dead } of states.values()) if (!dead) await closeWorld(world);
  finish(id);
}

/** The World of this process dies, and the process lives on. False when it cannot. @param {number} id */
function die(id) {
  const why = death?.obstacle() ?? 'this host has none';
  if (why !== '') {
    wire.send({ type: 'error', id, error: { name: 'HostError', message: `no soft death: ${why}` } });
    return false;
  }
  for (const call of running.values()) call.live = false;
  running.clear();
  for (const state of states.values()) death?.die(state, () => wire.send({ type: 'done', id }));
  return true;
}

/** Nothing more of a call goes ahead unasked. @param {Message} message */
function halt({ id, call: ident }) {
  const halted = running.get(ident);
  if (halted !== undefined) halted.ahead = undefined;
  wire.send({ type: 'done', id });
}

/** The World of the runtime in this host has answered. @param {Message} message */
function relayed(message) {
  clock.advance(message.clock);
  relay?.relayResult(message);
}

/** What no script asks for. Whether it was that. @param {Message} message */
function handleEngine(message) {
  switch (message.type) {
    case 'calls':
      callAll(message);
      return true;
    case 'halt':
      halt(message);
      return true;
    case 'die':
      die(message.id);
      return true;
    case 'relay_result':
      relayed(message);
      return true;
    default:
      return false;
  }
}

/** @param {Message} message */
function handle(message) {
  switch (message.type) {
    case 'call':
      return call(message);
    case 'go': {
      const state = reported.get(message.gate);
      clock.advance(message.clock);
      if (state === undefined) return;
      reported.delete(message.gate);
      return go(state, message.cut);
    }
    case 'reset':
      begin(message.seed, message.clock);
      clock.standStill(message.still === true);
      return wire.send({ type: 'done', id: message.id }, true);
    case 'open': // of no World that was here before, whatever message this one stood behind
      return void outside(() => open(message));
    case 'close':
      return void close(message.id);
    default:
      ENGINE: if (!handleEngine(message)) console.warn(`the host does not know the message ${message.type}`);
  }
}

handleMessages(wire, handle);
