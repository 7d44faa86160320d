-- POSTs transactions, every id its own and anywhere in the key space, as senders' ids are.
-- wrk ... -- PATH RUN [RATE]   RUN: 4 hex digits that no earlier run had; RATE: requests a second, as fast as possible without.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local bit, ffi = require("bit"), require("ffi")
ffi.cdef [[ typedef struct { long s; long ns; } timespec; int clock_gettime(int clock, timespec *t); ]]
local now = ffi.new("timespec")
local head, tails, run, state, count, interval, slot

local function milliseconds()
  ffi.C.clock_gettime(1, now)
  return tonumber(now.s) * 1e3 + tonumber(now.ns) / 1e6
end

function init(args)
  run = args[2]
  -- All but the id is made beforehand: string.format costs wrk more than sending does.
  tails = {}
  for n = 1, 10007 do
    tails[n] = string.format(
      '%s%05d","source_account":"acc_user_%05d","destination_account":"acc_merchant_%03d","amount":%d.50,"currency":"USD"}',
      run, tonumber(number), n, n % 101, n % 9000 + 1000)
  end
  local body = '{"transaction_id":"txn_'
  head = "POST " .. args[1] .. " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\nContent-Type: application/json\r\nContent-Length: "
    .. #body + 8 + #tails[1] .. "\r\n\r\n" .. body
  state = tonumber(number) + 1
  count = 0
  if args[3] then
    interval = 1000 / tonumber(args[3])
    slot = milliseconds()
    delay = function()
      slot = slot + interval
      local wait = slot - milliseconds()
      return wait > 0 and math.floor(wait) or 0
    end
  end
end

function request()
  -- xorshift32 visits every number but 0 once before it repeats.
  state = bit.bxor(state, bit.lshift(state, 13))
  state = bit.bxor(state, bit.rshift(state, 17))
  state = bit.bxor(state, bit.lshift(state, 5))
  count = count + 1
  return head .. bit.tohex(state) .. tails[count % #tails + 1]
end
