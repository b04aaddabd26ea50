/** What the exporter writes into a script, before and behind these files. */

/** One operation of the World, as it was asked for. */
interface Recorded {
  /** who asks; `-` is the one who prepares and looks afterwards */
  actor: string;
  /** the method of the World, by its path */
  op: string;
  args: () => any[];
  /** for people, and the name of its answer among the facts */
  says: string;
  /** logical time, in ms since the beginning */
  at: number;
  /** how it was answered then */
  answer?: string;
  /** which ids the World mints in its answer: their name, and where */
  gives?: Record<string, string>;
}

/** What goes wrong, with which released operation of the race (from 0). See docs/faults.md of the suite. */
interface Fault {
  at: number;
  kind: string;
  /** for people */
  says: string;
  /** the actor who gets the same message */
  adds?: string;
}

/** What came of it; what is not there is `none`. */
type Facts = Record<string, string>;

interface WorldToOpen {
  package: string;
  version: string;
  /** what the host is told of it in `open` (see docs/host-protocol.md) */
  host: { gates: string[]; shared: boolean; factory?: string; protocol?: string; warm?: number };
  /** a call may wait for another: for a lock in the service, or within the process */
  locks: boolean;
  /** each run has a store of its own, so ids may repeat */
  fresh: boolean;
  /** templates */
  options: Record<string, any>;
  /** templates */
  env: Record<string, string>;
  setup: { command: string[]; env: Record<string, string> } | null;
  service: { variable: string; url: string; port: number } | null;
}

declare var asStored: (value: any) => Buffer;
declare const WORLD: WorldToOpen;
declare const id: Record<string, string>;
declare const GIVEN: Recorded[];
declare const RACE: Record<string, Recorded[]>;
declare const FAULTS: Fault[];
declare const AFTER: Recorded[];
declare const SCHEDULE: string;
declare const START: number;
declare const RUNS: string[];
declare const TOKENS: string[];
declare const REFUSALS: { name: string; answer: string; status?: number; message?: string }[];
declare const ALWAYS: Facts;
declare const EITHER: Facts[];
declare const OVERLAPPED: Facts[];
declare const BEFORE: [string, string][];
declare const WRONG: Facts;
declare const BROKEN: string;

/** Be a host: `conformance/hosts/node/main.mjs`. */
declare function host(require: NodeRequire): void;
