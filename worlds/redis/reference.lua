-- The transitions of a run. Redis runs a script alone, so between a guard and its act nothing happens.
--
-- KEYS[1] is the prefix of all keys, ARGV[1] the request as JSON: type, run, id (correlation id), now (ms),
-- to (next state), entry (for the log, as text), set (fields of the entity, as text), started (as text).
-- Of line 5.x also: strict (a step of a run that has ended is not started), created (entry of the creation, of a
-- start that creates its step), once and digest (of what the log holds once), changes (of attributes: {field, text?}).
-- Values are opaque text here; only status, attempt, token and due are looked at.
-- The answer is {word, message} for a refusal, else {word, position in the log from 1, entity as a flat list}.
-- It is {'known', position, entry} for a payload that came again.

local ask = cjson.decode(ARGV[1])
local function key(...) return KEYS[1] .. ':' .. table.concat({...}, ':') end

local run = key('run', ask.run)
local of_run = string.sub(ask.type, 1, 4) == 'run_' or ask.type == 'attr_set'
local entity = of_run and run or key(string.sub(ask.type, 1, 4), ask.run, ask.id)
local log = key('log', ask.run)

local ended = {completed = true, failed = true, cancelled = true}
local function status(of) return redis.call('HGET', of, 'status') end
local function no(word, message) return {word, message} end

-- Guards: nil when the event may be taken, else a refusal, or a word that the act understands. ----------------

local guards = {}

function guards.run_started()
  local now = status(run)
  if now == 'running' then return 'again' end
  if ended[now] then return no('gone', 'the run is ' .. now) end
end

function guards.run_completed()
  if ended[status(run)] then return no('conflict', 'the run is ' .. status(run)) end
end

guards.run_failed = guards.run_completed

function guards.run_cancelled()
  if status(run) == 'cancelled' then return 'again' end
  return guards.run_completed()
end

function guards.step_created()
  if ended[status(run)] then return no('conflict', 'the run is ' .. status(run)) end
  if status(entity) then return no('conflict', ask.id .. ' exists') end
end

guards.wait_created = guards.step_created

function guards.step_completed()
  local now = status(entity)
  if not now then return no('not_found', 'step ' .. ask.id .. ' not found') end
  if ended[now] then return no('conflict', 'the step is ' .. now) end
  if now == 'pending' and ended[status(run)] then return no('conflict', 'the run is ' .. status(run)) end
end

guards.step_failed = guards.step_completed
guards.step_retrying = guards.step_completed

-- A start that brings the input of its step creates it, or is refused.
guards.step_created_and_started = guards.step_created

function guards.step_started()
  -- A step whose creation was refused because the run had ended; its message came late.
  local now = status(entity)
  if ended[status(run)] and (ask.strict or not now or now == 'pending') then
    return no('gone', 'the run is ' .. status(run))
  end
  local refused = guards.step_completed()
  if refused then return refused end
  local due = tonumber(redis.call('HGET', entity, 'due') or 0)
  if due > ask.now then return no('too_early', tostring((due - ask.now) / 1000)) end
end

function guards.wait_completed()
  local now = status(entity)
  if not now then return no('not_found', 'wait ' .. ask.id .. ' not found') end
  if now == 'completed' then return no('conflict', 'the wait is completed') end
  if ended[status(run)] then return no('conflict', 'the run is ' .. status(run)) end
end

function guards.hook_created()
  if ended[status(run)] then return no('conflict', 'the run is ' .. status(run)) end
  if status(entity) then return no('conflict', 'hook ' .. ask.id .. ' exists') end
  if redis.call('EXISTS', key('token', ask.token)) == 1 then return 'hook_conflict' end
end

function guards.hook_disposed()
  if status(entity) ~= 'active' then return no('not_found', 'hook ' .. ask.id .. ' not found') end
end

function guards.hook_received()
  local known = ask.once and redis.call('HGET', key('once', ask.run), ask.once)
  if not known then return guards.hook_disposed() end
  known = cjson.decode(known)
  if known.id ~= ask.id or known.digest ~= ask.digest then
    return no('conflict', 'another payload was handed over under that id')
  end
  return {'known', known.position, redis.call('LINDEX', log, known.position - 1)}
end

function guards.attr_set()
  if ended[status(run)] then return no('conflict', 'the run is ' .. status(run)) end
  if ask.once and redis.call('HEXISTS', key('once', ask.run), ask.once) == 1 then
    return no('conflict', 'the attributes are set')
  end
end

local function guard()
  local now = status(run)
  if ask.type == 'run_created' then
    if now then return no('conflict', 'the run exists') end
  elseif not now then
    return no('not_found', 'run ' .. ask.run .. ' not found')
  else
    return guards[ask.type]()
  end
end

-- Acts: the entity, what depends on it, and the log, in one. ---------------------------------------------------

local function dispose(hook)
  redis.call('DEL', key('token', redis.call('HGET', hook, 'held')))
  redis.call('HSET', hook, 'status', 'disposed')
end

local function move()
  if ask.set then redis.call('HSET', entity, unpack(ask.set)) end
  if ask.type ~= 'attr_set' then redis.call('HSET', entity, 'status', ask.to) end
end

local acts = {}

function acts.run_started()
  redis.call('HSETNX', run, 'startedAt', ask.started)
end

function acts.run_completed()
  for _, hook in ipairs(redis.call('LRANGE', key('hooks', ask.run), 0, -1)) do
    if status(hook) == 'active' then dispose(hook) end
  end
end

acts.run_failed, acts.run_cancelled = acts.run_completed, acts.run_completed

function acts.step_created()
  redis.call('HSET', entity, 'attempt', 0)
  redis.call('RPUSH', key('steps', ask.run), entity)
end

function acts.step_started()
  redis.call('HINCRBY', entity, 'attempt', 1)
  redis.call('HSETNX', entity, 'startedAt', ask.started)
  redis.call('HDEL', entity, 'due', 'retryAfter')
end

function acts.step_created_and_started()
  acts.step_created()
  acts.step_started()
end

function acts.step_retrying()
  if ask.due then redis.call('HSET', entity, 'due', ask.due) end
end

function acts.hook_created()
  redis.call('HSET', entity, 'held', ask.token)
  redis.call('SET', key('token', ask.token), entity)
  redis.call('SET', key('hookid', ask.id), entity)
  redis.call('RPUSH', key('hooks', ask.run), entity)
end

function acts.hook_received(position)
  if not ask.once then return end
  local known = {id = ask.id, digest = ask.digest, position = position}
  redis.call('HSET', key('once', ask.run), ask.once, cjson.encode(known))
end

function acts.attr_set(position)
  for _, change in ipairs(ask.changes) do
    if change[2] then redis.call('HSET', run, change[1], change[2]) else redis.call('HDEL', run, change[1]) end
  end
  acts.hook_received(position)
end

function acts.hook_disposed() dispose(entity) end

local function act(word)
  if word == 'again' then return {'again', -1, redis.call('HGETALL', entity)} end
  if ask.created then redis.call('RPUSH', log, ask.created) end
  local position = redis.call('RPUSH', log, word == 'hook_conflict' and ask.conflict or ask.entry)
  if word ~= 'hook_conflict' then
    move()
    if acts[ask.type] then acts[ask.type](position) end
  end
  return {word, position, redis.call('HGETALL', entity)}
end

local verdict = guard()
if type(verdict) == 'table' then return verdict end
return act(verdict or 'ok')
