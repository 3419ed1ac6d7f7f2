/**
 * The two scripts that write. Redis runs a script whole and alone, but rolls nothing back: so each checks first, then
 * writes absolute values, and a repeat is harmless.
 *
 * Answers: `ok`; `applied` (this very commit is there already); `fenced` (another writer, or another commit under this
 * number); `gap` (not the next number).
 */

/**
 * commit: KEYS[1] meta hash, KEYS[2] journal stream, KEYS[3] snapshot hash; all keys share the site's hash tag.
 * ARGV: epoch, number, atMs, events, hash, previous hash, key prefix, count of snapshots, then (key, text) each,
 * count of records, then (kind, id, '1' put | '0' delete, value, count of memberships, (name, score)…) each.
 * The journal entry comes last: it is the commit mark.
 */
export const COMMIT = `
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 'fenced' end
local number = tonumber(ARGV[2])
local last = 0
local lastHash = ARGV[6]
if redis.call('EXISTS', KEYS[2]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[2])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then last = tonumber(string.match(info[i + 1], '^(%d+)')) end
  end
  local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
  if newest[1] then lastHash = newest[1][2][6] end
end
if number <= last then
  local there = redis.call('XRANGE', KEYS[2], ARGV[2] .. '-0', ARGV[2] .. '-0')
  if there[1] and there[1][2][6] == ARGV[5] then return 'applied' end
  return 'fenced'
end
if number ~= last + 1 then return 'gap' end
if lastHash ~= ARGV[6] then return 'fenced' end
local prefix = ARGV[7]
local at = 8
local snapshots = tonumber(ARGV[at])
at = at + 1
for _ = 1, snapshots do
  redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 1])
  at = at + 2
end
local records = tonumber(ARGV[at])
at = at + 1
for _ = 1, records do
  local kind, id, put, value, members = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], tonumber(ARGV[at + 4])
  at = at + 5
  local memberKey = prefix .. 'm:' .. kind
  local old = redis.call('HGET', memberKey, id) or ''
  local names = {}
  local stays = {}
  for m = 1, members do
    if put == '1' then
      redis.call('ZADD', prefix .. 'i:' .. kind .. ':' .. ARGV[at], ARGV[at + 1], id)
      names[m] = ARGV[at]
      stays[ARGV[at]] = true
    end
    at = at + 2
  end
  if put == '1' then
    redis.call('HSET', prefix .. 'r:' .. kind, id, value)
  else
    redis.call('HDEL', prefix .. 'r:' .. kind, id)
  end
  local new = table.concat(names, '\\n')
  if new ~= old then
    for name in string.gmatch(old, '[^\\n]+') do
      if not stays[name] then redis.call('ZREM', prefix .. 'i:' .. kind .. ':' .. name, id) end
    end
    if new == '' then redis.call('HDEL', memberKey, id) else redis.call('HSET', memberKey, id, new) end
  end
end
redis.call('XADD', KEYS[2], ARGV[2] .. '-0', 'at', ARGV[3], 'events', ARGV[4], 'hash', ARGV[5])
return 'ok'
`;

/**
 * trim: KEYS as above; ARGV: epoch, first number to keep. Remembers the hash of the last trimmed entry. It may run when
 * memory is used up (script flags need Redis 7): it is what makes room.
 */
export const TRIM = `#!lua flags=allow-oom
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 'fenced' end
local below = tonumber(ARGV[2])
local last = redis.call('XRANGE', KEYS[2], (below - 1) .. '-0', (below - 1) .. '-0')
if not last[1] then return 'ok' end
redis.call('HSET', KEYS[1], 'trimmedNumber', below - 1, 'trimmedHash', last[1][2][6])
redis.call('XTRIM', KEYS[2], 'MINID', ARGV[2] .. '-0')
return 'ok'
`;
