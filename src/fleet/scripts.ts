/**
 * Lua scripts, each atomic. A value is removed if it has another type, no expiry, or more bytes than this gateway
 * writes.
 */

/** Whether a key has a value of this type. */
const hasType = `
local function hasType(key, kind)
  local found = redis.call('TYPE', key).ok
  if found ~= kind and found ~= 'none' then redis.call('UNLINK', key) end
  return found == kind
end
local function read(key, maxBytes)
  if not hasType(key, 'string') then return false end
  if redis.call('STRLEN', key) <= maxBytes then return redis.call('GET', key) end
  redis.call('UNLINK', key)
  return false
end`;

/**
 * KEYS: lease, answer, failure. ARGV: mark, lease in ms, maxBytes of the answer, and of the others. Returns the mark
 * that holds the lease, the answer and the failure.
 */
export const leaseScript = `${hasType}
if hasType(KEYS[1], 'string') then
  local left = redis.call('PTTL', KEYS[1])
  if left < 0 or left > tonumber(ARGV[2]) then redis.call('UNLINK', KEYS[1]) end
end
redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
local maxBytes = tonumber(ARGV[4])
return { read(KEYS[1], maxBytes), read(KEYS[2], tonumber(ARGV[3])), read(KEYS[3], maxBytes) }`;

/** KEYS: lease. ARGV: mark. */
export const releaseScript = `
if redis.pcall('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/** KEYS: lease. ARGV: mark, lease in ms. */
export const renewScript = `
if redis.pcall('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`;

/**
 * KEYS: calls in flight, capabilities, events. ARGV: since, maxEvents, maxBytes of each value. Returns fields and
 * values of the calls in flight, the capabilities, and each event's id, sender and text, newest first.
 */
export const eventsScript = `${hasType}
local maxBytes = tonumber(ARGV[3])
local calls = {}
if hasType(KEYS[1], 'hash') then
  if redis.call('HLEN', KEYS[1]) > 10000 then redis.call('UNLINK', KEYS[1])
  else
    for _, text in ipairs(redis.call('HGETALL', KEYS[1])) do
      calls[#calls + 1] = #text <= maxBytes and text or ''
    end
  end
end
local events = {}
if hasType(KEYS[3], 'stream') then
  local newest = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', '1')[1]
  -- After an id of the far future, nothing can be added.
  if newest and tonumber(string.match(newest[1], '^%d+')) > (redis.call('TIME')[1] + 86400) * 1000 then
    redis.call('UNLINK', KEYS[3])
  else
    for _, entry in ipairs(redis.call('XREVRANGE', KEYS[3], '+', ARGV[1], 'COUNT', ARGV[2])) do
      local from, text = entry[2][2] or '', entry[2][4] or ''
      if #from > 100 or #text > maxBytes then from, text = '', '' end
      events[#events + 1] = { entry[1], from, text }
    end
  end
end
return { calls, read(KEYS[2], maxBytes), events }`;

/** KEYS: answers, the last ones first in priority. ARGV: maxBytes of each, and of all. Returns the cached answers. */
export const answersScript = `${hasType}
local maxBytes, left = tonumber(ARGV[1]), tonumber(ARGV[2])
local answers = {}
for index = #KEYS, 1, -1 do
  local text = read(KEYS[index], maxBytes)
  if text and #text > left then text = false end
  if text then left = left - #text end
  answers[index] = text
end
return answers`;

/**
 * Token bucket by the clock of Redis, which is common to all instances. KEYS: bucket. ARGV: max, per millisecond,
 * wanted. Returns the granted tokens, and the milliseconds until the next one.
 */
export const takeScript = `${hasType}
local now = redis.call('TIME')
local at = now[1] * 1000 + now[2] / 1000
local max, perMillisecond, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local function number(text, otherwise)
  local value = tonumber(text)
  if not value or value ~= value then return otherwise end
  return value
end
local bucket = hasType(KEYS[1], 'hash') and redis.call('HMGET', KEYS[1], 'tokens', 'at') or {}
local saved = math.max(0, number(bucket[1] or '', max))
local earned = math.max(0, at - number(bucket[2] or '', at)) * perMillisecond
local tokens = math.min(max, saved + earned)
local granted = math.min(wanted, math.floor(tokens))
tokens = tokens - granted
redis.call('HSET', KEYS[1], 'tokens', string.format('%.9f', tokens), 'at', string.format('%.3f', at))
redis.call('PEXPIRE', KEYS[1], math.ceil((max - tokens) / perMillisecond) + 1000)
local wait = 0
if granted < wanted then wait = (1 - tokens) / perMillisecond end
return { granted, math.ceil(wait) }`;

/** The command that runs a script. */
export function evaluate(
  script: string,
  keys: readonly string[],
  args: readonly (string | number)[],
): readonly string[] {
  return ['EVAL', script, String(keys.length), ...keys, ...args.map(String)];
}

/** Items of a script's reply; empty for any other value. */
export function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}
