/**
 * What Redis does in one step (Lua). A value of another type, without an end, or larger than any that this gateway
 * writes is removed where it is met: it would be in the way for as long as it lives.
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
 * KEYS: lease, answer, failure. ARGV: mark, lease in ms, maxBytes of the answer, and of the others. Returns the mark of the
 * instance that now has the lease, the answer and the failure.
 */
export const leaseScript = `${hasType}
if hasType(KEYS[1], 'string') then
  local left = redis.call('PTTL', KEYS[1])
  if left < 0 or left > tonumber(ARGV[2]) then redis.call('UNLINK', KEYS[1]) end
end
redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
local maxNote = tonumber(ARGV[4])
return { read(KEYS[1], maxNote), read(KEYS[2], tonumber(ARGV[3])), read(KEYS[3], maxNote) }`;

/** KEYS: lease. ARGV: mark. */
export const releaseScript = `
if redis.pcall('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/** KEYS: lease. ARGV: mark, lease in ms. */
export const renewScript = `
if redis.pcall('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`;

/**
 * KEYS: calls in flight, knowledge, notes. ARGV: since, maxNotes, maxBytes of each value. Returns the fields and values of
 * the first, the second, and of each note, the newest first: its id, its sender and its text.
 */
export const newsScript = `${hasType}
local maxBytes = tonumber(ARGV[3])
local airborne = {}
if hasType(KEYS[1], 'hash') then
  if redis.call('HLEN', KEYS[1]) > 10000 then redis.call('UNLINK', KEYS[1])
  else
    for _, text in ipairs(redis.call('HGETALL', KEYS[1])) do
      airborne[#airborne + 1] = #text <= maxBytes and text or ''
    end
  end
end
local notes = {}
if hasType(KEYS[3], 'stream') then
  local newest = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', '1')[1]
  -- After an id of the far future, nothing can be added.
  if newest and tonumber(string.match(newest[1], '^%d+')) > (redis.call('TIME')[1] + 86400) * 1000 then
    redis.call('UNLINK', KEYS[3])
  else
    for _, entry in ipairs(redis.call('XREVRANGE', KEYS[3], '+', ARGV[1], 'COUNT', ARGV[2])) do
      local from, text = entry[2][2] or '', entry[2][4] or ''
      if #from > 100 or #text > maxBytes then from, text = '', '' end
      notes[#notes + 1] = { entry[1], from, text }
    end
  end
end
return { airborne, read(KEYS[2], maxBytes), notes }`;

/** KEYS: answers, of which the last ones go first. ARGV: maxBytes of each, and of all. Returns what there is of them. */
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
 * A token bucket by the clock of Redis, which is the same for all instances. KEYS: bucket. ARGV: max, per millisecond,
 * wanted. Returns how many were granted, and in how many milliseconds there is another one.
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

/** Of a script's reply: none for what is no list. */
export function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}
