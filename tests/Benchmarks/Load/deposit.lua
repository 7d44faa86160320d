-- POSTs deposits, every Idempotency-Key its own.
-- wrk ... -- PATH RUN API_KEY   RUN: 4 hex digits that no earlier run had.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local head, bodies, count

function init(args)
  head = "POST " .. args[1] .. " HTTP/1.1\r\nHost: " .. wrk.host .. "\r\nContent-Type: application/json\r\nX-API-Key: " .. args[3]
    .. "\r\nIdempotency-Key: bench-" .. args[2] .. "-" .. tonumber(number) .. "-"
  bodies = {}
  for n = 1, 1009 do
    local body = string.format('{"amount":%d.50,"description":"benchmark"}', n % 900 + 100)
    bodies[n] = "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
  end
  count = 0
end

function request()
  count = count + 1
  return head .. count .. bodies[count % #bodies + 1]
end
