-- The queue: a sorted set of message ids by the time they are due, a hash per message.
--
-- KEYS[1] is the prefix of all keys, ARGV[1] what to do, ARGV[2] the queue's name, ARGV[3] the time in ms.

local function key(...) return KEYS[1] .. ':' .. table.concat({...}, ':') end

local what, name, now = ARGV[1], ARGV[2], tonumber(ARGV[3])
local due = key('queue', name)

-- id, body, idempotency key or '', delay in ms. A key belongs to a message until that is done.
if what == 'put' then
  local id, body, once, delay = ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7])
  if once ~= '' and not redis.call('SET', key('once', name, once), id, 'NX') then
    return redis.call('GET', key('once', name, once))
  end
  redis.call('HSET', key('message', id), 'body', body, 'once', once, 'attempt', 0)
  redis.call('ZADD', due, now + delay, id)
  return id
end

-- lease in ms. A message taken is due again when its lease is over, unless it was done by then.
if what == 'take' then
  local id = redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, 1)[1]
  if not id then return nil end
  redis.call('ZADD', due, now + tonumber(ARGV[4]), id)
  local attempt = redis.call('HINCRBY', key('message', id), 'attempt', 1)
  return {id, redis.call('HGET', key('message', id), 'body'), attempt}
end

local message = key('message', ARGV[4])
if what == 'again' then
  redis.call('ZADD', due, 'XX', now + tonumber(ARGV[5]), ARGV[4])
elseif what == 'done' then
  local once = redis.call('HGET', message, 'once')
  if once and once ~= '' then redis.call('DEL', key('once', name, once)) end
  redis.call('DEL', message)
  redis.call('ZREM', due, ARGV[4])
end
return nil
