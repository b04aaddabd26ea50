// @ts-check
/** Which Redis commands read, which write, and where their keys stand. What is not named is `unknown`. */

const READ = `get mget strlen getrange substr exists type ttl pttl expiretime pexpiretime dump touch randomkey
 hget hmget hgetall hkeys hvals hlen hexists hstrlen hrandfield hscan
 smembers sismember smismember scard srandmember sunion sinter sdiff sintercard sscan
 zrange zrangebyscore zrangebylex zrevrange zrevrangebyscore zrevrangebylex zrank zrevrank zscore zmscore
 zcard zcount zlexcount zscan zunion zinter zdiff zrandmember zintercard
 lrange llen lindex lpos xrange xrevrange xlen xread xinfo xpending
 bitcount bitpos getbit pfcount geopos geodist geohash object memory keys scan dbsize time
 json.get json.mget json.type`;

const WRITE = `set setnx setex psetex mset msetnx append incr incrby incrbyfloat decr decrby getset getdel getex
 setrange setbit bitop bitfield del unlink rename renamenx copy move expire pexpire expireat pexpireat persist
 hset hsetnx hmset hincrby hincrbyfloat hdel
 sadd srem spop smove sunionstore sinterstore sdiffstore
 zadd zrem zincrby zpopmin zpopmax zremrangebyscore zremrangebyrank zremrangebylex zrangestore zunionstore
 zinterstore zdiffstore
 lpush rpush lpushx rpushx lpop rpop lset lrem ltrim linsert lmove rpoplpush
 xadd xdel xtrim xgroup xack xclaim xautoclaim xreadgroup
 pfadd pfmerge geoadd publish flushdb flushall json.set json.del`;

/** @type {Map<string, 'read' | 'write'>} */
const ACCESS = new Map([
  ...READ.split(/\s+/).map((name) => /** @type {const} */ ([name, 'read'])),
  ...WRITE.split(/\s+/).map((name) => /** @type {const} */ ([name, 'write'])),
]);

/** Every word after the first is a key. */
const ALL_KEYS = new Set(
  'del unlink exists touch mget sunion sinter sdiff sunionstore sinterstore sdiffstore watch pfcount pfmerge'.split(' '),
);
const TWO_KEYS = new Set(['rename', 'renamenx', 'copy', 'smove', 'rpoplpush', 'lmove', 'zrangestore']);
/** The number of keys is said first. */
const COUNTED = new Set(['eval', 'evalsha', 'eval_ro', 'evalsha_ro', 'fcall', 'fcall_ro']);
const NO_KEYS = new Set('keys scan dbsize time randomkey flushdb flushall script xread xreadgroup'.split(' '));
const TRANSACTION = new Set(['multi', 'exec', 'discard', 'unwatch']);

/**
 * What a command does; null for those that only frame others.
 * @param {string[]} words @returns {'read' | 'write' | 'unknown' | null}
 */
export function accessOf(words) {
  const name = words[0];
  if (TRANSACTION.has(name)) return null;
  if (name === 'watch' || name === 'eval_ro' || name === 'evalsha_ro' || name === 'fcall_ro') return 'read';
  if (COUNTED.has(name)) return 'write';
  return ACCESS.get(name) ?? 'unknown';
}

/**
 * The keys a command names; empty when they are not known.
 * @param {string[]} words @returns {string[]}
 */
export function keysOf(words) {
  const name = words[0];
  if (NO_KEYS.has(name) || TRANSACTION.has(name)) return [];
  if (ALL_KEYS.has(name)) return words.slice(1);
  if (TWO_KEYS.has(name)) return words.slice(1, 3);
  if (COUNTED.has(name)) return words.slice(3, 3 + Number(words[2]));
  if (name === 'mset' || name === 'msetnx') return words.slice(1).filter((_, index) => index % 2 === 0);
  if (name === 'xgroup' || name === 'xinfo' || name === 'object' || name === 'memory' || name === 'bitop') {
    return words.slice(2, 3);
  }
  if (name === 'zunionstore' || name === 'zinterstore' || name === 'zdiffstore') {
    return [words[1], ...words.slice(3, 3 + Number(words[2]))];
  }
  return ACCESS.has(name) ? words.slice(1, 2) : [];
}
